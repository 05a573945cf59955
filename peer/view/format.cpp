// SPDX-License-Identifier: MIT
#include "peer/view/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/escape.h"

namespace peer::view {
namespace {

constexpr std::size_t kShortDigits = 12;
constexpr std::uint64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

}  // namespace

std::string human_size(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  std::size_t unit = 0;
  auto value = static_cast<double>(bytes);
  // 999.5 would be written as 1000, a fourth digit.
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, kUnits[unit]);
}

std::string human_rate(std::uint64_t bytes_per_second) { return human_size(bytes_per_second) + "/s"; }

std::string human_duration(std::uint64_t seconds) {
  if (seconds >= 10000 * kDay) return ">9999d";
  if (seconds >= kDay) return fmt::format("{}d {:02}h", seconds / kDay, seconds % kDay / kHour);
  const std::uint64_t minutes = seconds % kHour / kMinute, rest = seconds % kMinute;
  if (seconds >= kHour) return fmt::format("{}:{:02}:{:02}", seconds / kHour, minutes, rest);
  return fmt::format("{}:{:02}", minutes, rest);
}

std::string short_id(std::string_view id) {
  auto digits = id.starts_with("p2p:") ? id.substr(4, id.find(':', 4) - 4) : id;
  auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (digits.size() < kShortDigits || !std::all_of(digits.begin(), digits.end(), is_hex)) return net::escape(id);
  return std::string(digits.substr(0, kShortDigits));
}

unsigned percent(std::uint64_t done, std::uint64_t total) {
  if (done >= total) return 100;
  // Divided first where the product would not fit.
  auto share = total > UINT64_MAX / 100 ? done / (total / 100) : done * 100 / total;
  return static_cast<unsigned>(std::min<std::uint64_t>(share, 99));
}

std::string bar(unsigned percents, std::size_t width) {
  const std::size_t inner = width - 2, filled = percents * inner / 100;
  return '[' + std::string(filled, '#') + std::string(inner - filled, '-') + ']';
}

}  // namespace peer::view
