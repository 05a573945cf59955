// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "net/rate.h"
#include "net/time.h"

namespace scanner {

/// Decides when the next request may go: an even pace that grows towards a cap while nothing is lost, and shrinks when
/// the kernel drops frames, the send queue is full, or answers turn out to have been lost. Pure: it is told the time.
class Pacer {
 public:
  /// REQUIRES: 0 < rate <= cap.
  Pacer(double rate, double cap, net::TimePoint now);

  /// How many requests may go now. Never more than what accrues in 20 ms (at least 2, at most 32), or in 5 ms where
  /// that is more: a late wake-up is made up for without a burst that would overrun a switch or a host. What lateness
  /// cost beyond that, up to 100 ms of it, is made up for at one and a half times the rate.
  std::size_t allowance(net::TimePoint now);
  void spent(net::TimePoint now, std::size_t count);
  /// There is nothing to send at the moment: what might have gone until the next request is no lateness.
  void idle() { idle_ = true; }
  /// When the next request may go.
  net::TimePoint ready_at(net::TimePoint now) const;

  /// The send queue was full: nothing goes for 2 ms, and the rate falls.
  void blocked(net::TimePoint now);
  /// The kernel dropped frames that we should have seen, or answers were lost.
  void lost(net::TimePoint now);

  double rate() const { return bucket_.rate(); }

 private:
  void back_off(net::TimePoint now, double factor);
  void set_rate(double rate, net::TimePoint now);

  net::TokenBucket bucket_;
  net::TokenBucket peak_;
  bool idle_ = false;
  double floor_;
  double cap_;
  net::TimePoint grow_at_;
  net::TimePoint shrink_at_;  ///< Not again before this: what was sent at the old rate still comes back.
  net::TimePoint paused_until_;
};

}  // namespace scanner
