// SPDX-License-Identifier: MIT
#include "peer/members/source_limits.h"

namespace peer::members {

bool SourceLimits::allow(net::TimePoint now, const net::IpAddress& source) {
  // Looked at first: who is refused anyway takes nobody's place among those remembered.
  if (all_.available(now) == 0) return false;
  net::TokenBucket& own = buckets_.of(source, kPerSecond, kBurst, now);
  if (own.available(now) == 0) return false;
  own.spend(1, now);
  all_.spend(1, now);
  return true;
}

}  // namespace peer::members
