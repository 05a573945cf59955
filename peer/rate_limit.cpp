// SPDX-License-Identifier: MIT
#include "peer/rate_limit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace peer {
namespace {

/// What may be saved up while nobody moves anything, in seconds of the rate: 2 % of what 5 s give.
constexpr double kBurstSeconds = 0.1;
/// Newcomers may begin with this part of a round.
constexpr std::uint64_t kGrantShare = 8;
constexpr net::Duration kMaxDebt = std::chrono::seconds(1);

constexpr std::array<std::pair<std::string_view, double>, 7> kUnits = {{
    {"", 1},
    {"k", 1024.0},
    {"m", 1024.0 * 1024},
    {"g", 1024.0 * 1024 * 1024},
    {"kbit", 1e3 / 8},
    {"mbit", 1e6 / 8},
    {"gbit", 1e9 / 8},
}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::uint64_t per_round(std::uint64_t bytes_per_second) {
  return bytes_per_second * static_cast<std::uint64_t>(RateLimit::kRound / std::chrono::milliseconds(1)) / 1000;
}

}  // namespace

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  // from_chars would also read a sign, an exponent, "inf" and "nan".
  std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  if (end == 0 || text.front() == '.' || text[end - 1] == '.') return std::nullopt;
  double number = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + end, number, std::chars_format::fixed);
  if (error != std::errc() || stop != text.data() + end) return std::nullopt;
  std::string unit(text.substr(end));
  std::transform(unit.begin(), unit.end(), unit.begin(), lower);
  auto found = std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& known) { return known.first == unit; });
  if (found == kUnits.end()) return std::nullopt;
  double rate = std::round(number * found->second);
  if (!(rate >= static_cast<double>(kMinRate) && rate <= static_cast<double>(kMaxRate))) return std::nullopt;
  return static_cast<std::uint64_t>(rate);
}

RateLimit::RateLimit(std::uint64_t bytes_per_second, net::TimePoint now)
    : quantum_(per_round(bytes_per_second)),
      bucket_(static_cast<double>(bytes_per_second), static_cast<double>(bytes_per_second) * kBurstSeconds, now),
      round_ends_(now) {
  refresh(now);
}

std::uint64_t RateLimit::allowance(ConnectionId connection) const {
  if (paused_) return 0;
  auto found = used_.find(connection);
  std::uint64_t used = found == used_.end() ? 0 : found->second;
  std::uint64_t most = std::max(std::min(share_, used + left_), std::max<std::uint64_t>(1, quantum_ / kGrantShare));
  return most - std::min(most, used);
}

void RateLimit::moved(ConnectionId connection, std::uint64_t count, net::TimePoint now) {
  if (count == 0) return;
  refresh(now);
  bucket_.spend(count, now);
  used_[connection] += count;
  left_ -= std::min(left_, count);
  if (allowance(connection) == 0) hungry_.insert(connection);
  net::TimePoint paid = bucket_.ready_at(1, now);
  overdrawn_ = paid - now > kMaxDebt;
  if (!overdrawn_) return;
  paused_ = true;
  round_ends_ = paid - kMaxDebt;
}

void RateLimit::refresh(net::TimePoint now) {
  if (now < round_ends_) return;
  overdrawn_ = bucket_.ready_at(1, now) - now > kMaxDebt;
  std::uint64_t available = bucket_.available(now);
  paused_ = available < quantum_;
  if (paused_) {
    round_ends_ = bucket_.ready_at(quantum_, now);
    return;
  }
  left_ = available;
  share_ = available / std::max<std::size_t>(1, hungry_.size());
  used_.clear();
  hungry_.clear();
  round_ends_ = now + kRound;
}

std::optional<net::TimePoint> RateLimit::deadline() const {
  if (!paused_ && hungry_.empty() && left_ > 0) return std::nullopt;
  return round_ends_;
}

}  // namespace peer
