// SPDX-License-Identifier: MIT
#include "peer/view/format.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "net/escape.h"

namespace peer::view {
namespace {

constexpr std::size_t kShortDigits = 12;
constexpr std::uint64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

template <class... Args>
std::string print(const char* form, Args... args) {
  std::array<char, 64> out{};
  int length = std::snprintf(out.data(), out.size(), form, args...);
  return std::string(out.data(), static_cast<std::size_t>(length));
}

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
  return print("%.*f %s", decimals, value, kUnits[unit]);
}

std::string human_rate(std::uint64_t bytes_per_second) { return human_size(bytes_per_second) + "/s"; }

std::string human_duration(std::uint64_t seconds) {
  using Number = unsigned long long;
  if (seconds >= 10000 * kDay) return ">9999d";
  if (seconds >= kDay)
    return print("%llud %02lluh", static_cast<Number>(seconds / kDay), static_cast<Number>(seconds % kDay / kHour));
  auto minutes = static_cast<Number>(seconds % kHour / kMinute), rest = static_cast<Number>(seconds % kMinute);
  if (seconds >= kHour) return print("%llu:%02llu:%02llu", static_cast<Number>(seconds / kHour), minutes, rest);
  return print("%llu:%02llu", minutes, rest);
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

}  // namespace peer::view
