// SPDX-License-Identifier: MIT
#include "peer/introducer/limits.h"

namespace peer::introducer {

bool Limits::allow(net::TimePoint now, const Origin& origin) {
  auto found = by_origin_.find(origin);
  if (found == by_origin_.end()) {
    if (by_origin_.size() >= kMaxOrigins) {
      by_origin_.erase(buckets_.back().first);
      buckets_.pop_back();
    }
    const auto weight = static_cast<double>(origin.weight());
    buckets_.emplace_front(origin, net::TokenBucket(kPerSecond * weight, kBurst * weight, now));
    found = by_origin_.emplace(origin, buckets_.begin()).first;
  }
  buckets_.splice(buckets_.begin(), buckets_, found->second);
  net::TokenBucket& bucket = found->second->second;
  if (bucket.available(now) == 0) return false;
  bucket.spend(1, now);
  return true;
}

}  // namespace peer::introducer
