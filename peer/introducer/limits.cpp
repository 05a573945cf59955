// SPDX-License-Identifier: MIT
#include "peer/introducer/limits.h"

namespace peer::introducer {

bool Limits::allow(net::TimePoint now, const Origin& origin) {
  const auto weight = static_cast<double>(origin.weight());
  net::TokenBucket& bucket = buckets_.of(origin, kPerSecond * weight, kBurst * weight, now);
  if (bucket.available(now) == 0) return false;
  bucket.spend(1, now);
  return true;
}

}  // namespace peer::introducer
