// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "net/time.h"

namespace net {

/// A token bucket: units (bytes, packets) accrue at `per_second` up to `burst`. Pure: it is told the time.
class TokenBucket {
 public:
  /// Starts full. REQUIRES: per_second > 0, burst >= 1.
  TokenBucket(double per_second, double burst, TimePoint now);

  /// Changes the rate from `now` on; what has accrued is kept.
  void set_rate(double per_second, TimePoint now);
  double rate() const { return per_second_; }
  /// Units that may be spent at `now`, never more than the burst.
  std::uint64_t available(TimePoint now) const;
  /// Spends units; may go below zero where the caller sends in larger pieces, which delays what follows.
  void spend(std::uint64_t units, TimePoint now);
  /// When `units` (at most the burst) will be available; `now` or earlier when they are.
  TimePoint ready_at(std::uint64_t units, TimePoint now) const;

 private:
  void refill(TimePoint now);

  double per_second_;
  double burst_;
  double tokens_;
  TimePoint filled_at_;
};

/// A measured rate: an exponentially weighted mean of units a second, over about `window`.
class RateMeter {
 public:
  explicit RateMeter(Duration window = std::chrono::seconds(3)) : window_(window) {}
  void add(std::uint64_t units, TimePoint now);
  /// Units a second; falls towards zero while nothing is added.
  double per_second(TimePoint now) const;

 private:
  Duration window_;
  double rate_ = 0;  ///< At updated_, as if the window had always been covered.
  std::optional<TimePoint> started_;
  TimePoint updated_{};
};

}  // namespace net
