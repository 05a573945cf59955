// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace net {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

ByteView as_bytes(std::string_view text);
std::string_view as_text(ByteView bytes);

/// A checked, consuming reader of big-endian fields. It does not own the bytes. The first read past the end makes it
/// fail for good: from then on every read gives zero or nothing and ok() is false, so a decoder reads all its fields
/// and checks once. Counts and lengths read from it must be compared with remaining() before anything is allocated.
class ByteReader {
 public:
  explicit ByteReader(ByteView in) : in_(in) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  /// The next `count` bytes, as a view into the input; empty on failure.
  ByteView bytes(std::size_t count);
  /// A string preceded by its length as u16; a view into the input; empty on failure.
  std::string_view string16();
  /// Everything that is left.
  ByteView rest();

  std::size_t remaining() const { return in_.size(); }
  bool ok() const { return ok_; }
  /// True when every read succeeded and nothing is left over.
  bool complete() const { return ok_ && in_.empty(); }

 private:
  std::uint64_t unsigned_be(std::size_t width);

  ByteView in_;
  bool ok_ = true;
};

/// Appends big-endian fields to a byte vector that it owns.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t value);
  ByteWriter& u16(std::uint16_t value);
  ByteWriter& u32(std::uint32_t value);
  ByteWriter& u64(std::uint64_t value);
  ByteWriter& bytes(ByteView value);
  /// Length as u16, then the bytes. REQUIRES: value.size() <= 65535.
  ByteWriter& string16(std::string_view value);

  std::size_t size() const { return out_.size(); }
  const Bytes& view() const { return out_; }
  Bytes take() && { return std::move(out_); }

 private:
  ByteWriter& unsigned_be(std::uint64_t value, std::size_t width);

  Bytes out_;
};

/// Lower-case hexadecimal digits, two a byte.
std::string to_hex(ByteView bytes);
/// The inverse of to_hex (either case). False, and `out` is untouched, when `text` is not exactly 2*out.size() digits.
bool from_hex(std::string_view text, std::span<std::byte> out);

}  // namespace net
