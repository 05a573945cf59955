// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <utility>

#include "net/rate.h"
#include "net/time.h"

namespace net {

/// A token bucket for each of many sources, of whom the last few that asked are remembered: a flood of made-up ones
/// costs no more memory than that. Pure.
template <class Source>
class RecentBuckets {
 public:
  /// REQUIRES: most >= 1.
  explicit RecentBuckets(std::size_t most) : most_(most) {}

  /// The source's bucket; a new one, full, where none is remembered. Good until the next call.
  TokenBucket& of(const Source& source, double per_second, double burst, TimePoint now) {
    auto found = by_source_.find(source);
    if (found == by_source_.end()) {
      if (by_source_.size() >= most_) {
        by_source_.erase(buckets_.back().first);
        buckets_.pop_back();
      }
      buckets_.emplace_front(source, TokenBucket(per_second, burst, now));
      found = by_source_.emplace(source, buckets_.begin()).first;
    }
    buckets_.splice(buckets_.begin(), buckets_, found->second);
    return found->second->second;
  }
  std::size_t size() const { return by_source_.size(); }

 private:
  using Buckets = std::list<std::pair<Source, TokenBucket>>;

  std::size_t most_;
  Buckets buckets_;  ///< Who asked last is at the front.
  std::map<Source, typename Buckets::iterator> by_source_;
};

}  // namespace net
