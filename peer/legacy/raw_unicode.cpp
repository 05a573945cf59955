// SPDX-License-Identifier: MIT
#include "peer/legacy/raw_unicode.h"

#include <cstdint>

#include "net/number.h"

namespace peer::legacy {
namespace {

constexpr std::uint32_t kHighestCodePoint = 0x10ffff;

/// net/utf8.h refuses surrogates, which stand for themselves here.
void put_code_point(net::Bytes& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<std::byte>(byte)); };
  const auto put_tail = [&](unsigned shift) { put(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put_tail(6);
  } else {
    put(0xf0 | code >> 18);
    put_tail(12);
    put_tail(6);
  }
  put_tail(0);
}

}  // namespace

std::optional<net::Bytes> decode_raw_unicode_escape(std::string_view text) {
  net::Bytes out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (text.front() != '\\' || text.size() == 1) {
      put_code_point(out, static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    const std::size_t digits = text[1] == 'u' ? 4 : text[1] == 'U' ? 8 : 0;
    if (digits == 0) {
      put_code_point(out, '\\');
      put_code_point(out, static_cast<unsigned char>(text[1]));
      text.remove_prefix(2);
      continue;
    }
    if (text.size() < 2 + digits) return std::nullopt;
    const auto code = net::parse_number<std::uint32_t>(text.substr(2, digits), 16);
    if (!code || *code > kHighestCodePoint) return std::nullopt;
    put_code_point(out, *code);
    text.remove_prefix(2 + digits);
  }
  return out;
}

}  // namespace peer::legacy
