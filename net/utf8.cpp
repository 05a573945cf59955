// SPDX-License-Identifier: MIT
#include "net/utf8.h"

namespace net {
namespace {

struct Form {
  std::size_t length;
  char32_t lead_bits;
  char32_t smallest;  ///< Anything below has a shorter form.
};

std::optional<Form> form_of(unsigned char lead) {
  if (lead < 0x80) return Form{1, lead, 0};
  if (lead < 0xc0) return std::nullopt;
  if (lead < 0xe0) return Form{2, lead & 0x1fu, 0x80};
  if (lead < 0xf0) return Form{3, lead & 0x0fu, 0x800};
  if (lead < 0xf8) return Form{4, lead & 0x07u, 0x10000};
  return std::nullopt;
}

}  // namespace

std::optional<CodePoint> decode_utf8(std::string_view text) {
  if (text.empty()) return std::nullopt;
  auto form = form_of(static_cast<unsigned char>(text[0]));
  if (!form || text.size() < form->length) return std::nullopt;
  char32_t value = form->lead_bits;
  for (std::size_t i = 1; i < form->length; ++i) {
    auto octet = static_cast<unsigned char>(text[i]);
    if ((octet & 0xc0) != 0x80) return std::nullopt;
    value = value << 6 | (octet & 0x3fu);
  }
  bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < form->smallest || value > 0x10ffff || surrogate) return std::nullopt;
  return CodePoint{value, form->length};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto point = decode_utf8(text);
    if (!point) return false;
    text.remove_prefix(point->length);
  }
  return true;
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto point = decode_utf8(text);
    out += point ? text.substr(0, point->length) : std::string_view("\xef\xbf\xbd");
    text.remove_prefix(point ? point->length : 1);
  }
  return out;
}

}  // namespace net
