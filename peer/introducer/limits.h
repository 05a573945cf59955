// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "net/recent_buckets.h"
#include "net/time.h"
#include "peer/introducer/origin.h"

namespace peer::introducer {

/// How often each Origin may ask (threat T19). Of the origins that asked, the last kMaxOrigins are remembered: a flood
/// of sources costs no more memory than that.
class Limits {
 public:
  static constexpr double kPerSecond = 5;  ///< Times the origin's weight, as the burst.
  static constexpr double kBurst = 100;
  static constexpr std::size_t kMaxOrigins = 16'384;

  /// Counts one request; false when it is one too many.
  bool allow(net::TimePoint now, const Origin& origin);
  std::size_t remembered() const { return buckets_.size(); }

 private:
  net::RecentBuckets<Origin> buckets_{kMaxOrigins};
};

}  // namespace peer::introducer
