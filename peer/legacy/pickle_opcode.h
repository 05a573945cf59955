// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// The opcodes of Python's pickles, protocols 0 to 5 (Python's Lib/pickletools.py describes each).
namespace peer::legacy {

/// Those that a list of bytes and str is made of.
enum class Op : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kBinString = 'T',
  kShortBinString = 'U',
  kUnicode = 'V',
  kBinUnicode = 'X',
  kEmptyList = ']',
  kAppend = 'a',
  kAppends = 'e',
  kGet = 'g',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kList = 'l',
  kPut = 'p',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kProto = 0x80,
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kBinBytes8 = 0x8e,
  kMemoize = 0x94,
  kFrame = 0x95,
};

struct Opcode {
  /// What follows the opcode.
  enum class Argument : std::uint8_t {
    kRefused,  ///< It is none of Op: not looked at.
    kNone,
    kNumber,  ///< `width` bytes, little-endian.
    kData,    ///< A length of `width` bytes, little-endian, then so many bytes.
    kLine,    ///< Up to the next LF.
  };
  std::uint8_t byte;
  std::string_view name;
  Argument argument = Argument::kRefused;
  unsigned width = 0;
};

/// All opcodes there are.
std::span<const Opcode> opcodes();
/// Null for a byte that is none.
const Opcode* find_opcode(std::uint8_t byte);

}  // namespace peer::legacy
