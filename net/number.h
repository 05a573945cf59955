// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace net {

/// The number that the whole of `text` is: digits of `base` alone, without a sign or "0x", either case. Nothing for any
/// other text, and for a number that does not fit.
template <std::unsigned_integral Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// The same in decimal, and without zeros in front: one text for each number.
template <std::unsigned_integral Number>
std::optional<Number> parse_exact_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return parse_number<Number>(text);
}

}  // namespace net
