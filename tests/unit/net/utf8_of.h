// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace net {

/// UTF-8 by RFC 3629, written apart from the code under test.
inline std::string utf8_of(char32_t point) {
  auto tail = [&](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3f)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xc0 | point >> 6), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xe0 | point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | point >> 18), tail(12), tail(6), tail(0)};
}

}  // namespace net
