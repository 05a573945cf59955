// SPDX-License-Identifier: MIT
#include "peer/byte_size.h"

#include <charconv>
#include <limits>

namespace peer {

std::optional<std::uint64_t> parse_byte_size(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number == 0 || end - stop > 1) return std::nullopt;
  if (stop == end) return number;
  constexpr std::string_view kLower = "kmgt", kUpper = "KMGT";
  std::size_t power = kLower.find(*stop);
  if (power == std::string_view::npos) power = kUpper.find(*stop);
  if (power == std::string_view::npos) return std::nullopt;
  const std::uint64_t unit = std::uint64_t{1} << (10 * (power + 1));
  if (number > std::numeric_limits<std::uint64_t>::max() / unit) return std::nullopt;
  return number * unit;
}

}  // namespace peer
