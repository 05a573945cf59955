// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "net/address.h"
#include "net/rate.h"
#include "net/recent_buckets.h"
#include "net/time.h"

namespace peer::members {

/// How many datagrams are read from each address, and from all together. Of the addresses the last kMaxSources are
/// remembered, so that a flood of made-up ones costs no more memory than that. (threat T52)
class SourceLimits {
 public:
  static constexpr double kPerSecond = 20;
  static constexpr double kBurst = 60;
  static constexpr double kPerSecondInAll = 500;
  static constexpr double kBurstInAll = 1000;
  static constexpr std::size_t kMaxSources = 1024;

  explicit SourceLimits(net::TimePoint now) : all_(kPerSecondInAll, kBurstInAll, now) {}

  /// Counts one datagram; false when it is one too many. What an address sends beyond its own allowance does not count
  /// for the others.
  bool allow(net::TimePoint now, const net::IpAddress& source);
  std::size_t remembered() const { return buckets_.size(); }

 private:
  net::TokenBucket all_;
  net::RecentBuckets<net::IpAddress> buckets_{kMaxSources};
};

}  // namespace peer::members
