// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace net {

/// A code point at the beginning of some text and the bytes it takes.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;
};

/// The first code point of `text` by RFC 3629: no surrogates, no overlong forms, nothing past U+10FFFF. Nothing when
/// the first byte does not begin one, or when `text` is empty.
std::optional<CodePoint> decode_utf8(std::string_view text);

/// True when `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

/// Replaces each byte that is not part of well-formed UTF-8 by U+FFFD, so that the text can stand in JSON.
std::string to_valid_utf8(std::string_view text);

}  // namespace net
