// SPDX-License-Identifier: MIT
#include "net/rate.h"

#include <algorithm>
#include <cmath>

#include "net/check.h"

namespace net {
namespace {

/// Whole units are compared with a sum of products of doubles, which falls short of them by less than this.
constexpr double kRounding = 1e-6;

/// Rounded up, so that what was waited for is there; bounded, so that a tiny rate does not overflow the clock.
Duration duration_of(double count) {
  constexpr double kLongest = 365.0 * 86400;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::ceil(std::min(count, kLongest) * 1e9)));
}

}  // namespace

TokenBucket::TokenBucket(double per_second, double burst, TimePoint now)
    : per_second_(per_second), burst_(burst), tokens_(burst), filled_at_(now) {
  CHECK(per_second > 0);
  CHECK(burst >= 1);
}

void TokenBucket::refill(TimePoint now) {
  if (now <= filled_at_) return;
  tokens_ = std::min(burst_, tokens_ + to_seconds(now - filled_at_) * per_second_);
  filled_at_ = now;
}

void TokenBucket::set_rate(double per_second, TimePoint now) {
  CHECK(per_second > 0);
  refill(now);
  per_second_ = per_second;
}

std::uint64_t TokenBucket::available(TimePoint now) const {
  TokenBucket filled = *this;
  filled.refill(now);
  return static_cast<std::uint64_t>(std::max(0.0, filled.tokens_ + kRounding));
}

void TokenBucket::spend(std::uint64_t units, TimePoint now) {
  refill(now);
  tokens_ -= static_cast<double>(units);
}

TimePoint TokenBucket::ready_at(std::uint64_t units, TimePoint now) const {
  TokenBucket filled = *this;
  filled.refill(now);
  double missing = std::min(static_cast<double>(units), burst_) - filled.tokens_;
  if (missing <= kRounding) return now;
  // Counted from the last refill, where `now` may lie before it.
  return std::max(now, filled.filled_at_ + duration_of(missing / per_second_));
}

void RateMeter::add(std::uint64_t units, TimePoint now) {
  if (!started_) started_ = updated_ = now;
  double age = to_seconds(std::max(Duration::zero(), now - updated_));
  rate_ = rate_ * std::exp(-age / to_seconds(window_)) + static_cast<double>(units) / to_seconds(window_);
  updated_ = std::max(updated_, now);
}

double RateMeter::per_second(TimePoint now) const {
  if (!started_) return 0;
  double window = to_seconds(window_);
  double decayed = rate_ * std::exp(-to_seconds(std::max(Duration::zero(), now - updated_)) / window);
  // The mean so far covers only part of its window at first; without this a young transfer would look slow. The floor
  // keeps a first burst from looking infinitely fast.
  double covered = std::max(to_seconds(now - *started_), window / 10);
  return decayed / (1 - std::exp(-covered / window));
}

}  // namespace net
