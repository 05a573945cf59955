// SPDX-License-Identifier: MIT
#include "peer/members/source_limits.h"

namespace peer::members {

bool SourceLimits::allow(net::TimePoint now, const net::IpAddress& source) {
  auto found = by_source_.find(source);
  if (found == by_source_.end()) {
    if (all_.available(now) == 0) return false;
    if (by_source_.size() >= kMaxSources) {
      by_source_.erase(buckets_.back().first);
      buckets_.pop_back();
    }
    buckets_.emplace_front(source, net::TokenBucket(kPerSecond, kBurst, now));
    found = by_source_.emplace(source, buckets_.begin()).first;
  }
  buckets_.splice(buckets_.begin(), buckets_, found->second);
  net::TokenBucket& own = found->second->second;
  if (own.available(now) == 0 || all_.available(now) == 0) return false;
  own.spend(1, now);
  all_.spend(1, now);
  return true;
}

}  // namespace peer::members
