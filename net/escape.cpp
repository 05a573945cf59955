// SPDX-License-Identifier: MIT
#include "net/escape.h"

#include <algorithm>
#include <iterator>

#include "net/utf8.h"

namespace net {
namespace {

struct Range {
  char32_t first, last;
};

/// Characters that move the cursor, change the direction of what follows, or cannot be seen (Unicode 15: Cc, Zl, Zp,
/// most of Cf, the fillers, the noncharacters of the basic plane's end). In order.
constexpr Range kUnsafe[] = {{0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},  {0x034f, 0x034f},
                             {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},  {0x180b, 0x180f},
                             {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},  {0x3164, 0x3164},
                             {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},  {0xfffe, 0xffff},
                             {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

bool is_unsafe(char32_t point) {
  const Range* range = std::lower_bound(std::begin(kUnsafe), std::end(kUnsafe), point,
                                        [](const Range& r, char32_t p) { return r.last < p; });
  return range != std::end(kUnsafe) && range->first <= point;
}

std::string hex(char32_t value, int digits) {
  std::string text;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 0xf];
  return text;
}

void append_escaped(char32_t point, std::string& out) {
  if (point < 0x80) {
    out += "\\x" + hex(point, 2);
  } else {
    out += "\\u{" + hex(point, point > 0xffff ? 5 : 4) + '}';
  }
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto point = decode_utf8(text);
    std::size_t length = point ? point->length : 1;
    if (!point) {
      out += "\\x" + hex(static_cast<unsigned char>(text[0]), 2);
    } else if (is_unsafe(point->value)) {
      append_escaped(point->value, out);
    } else {
      if (point->value == '\\') out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace net
