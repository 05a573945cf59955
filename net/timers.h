// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "net/time.h"

namespace net {

/// Deadlines by key, for pure code: the owner asks for the next deadline and, when told the time, for the keys that are
/// due. Keys are ordered and unique; setting a key again moves it.
template <class Key>
class Timers {
 public:
  void set(const Key& key, TimePoint at) {
    cancel(key);
    by_key_.emplace(key, at);
    by_time_.emplace(at, key);
  }
  void cancel(const Key& key) {
    auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    by_time_.erase({found->second, key});
    by_key_.erase(found);
  }
  bool armed(const Key& key) const { return by_key_.contains(key); }
  std::optional<TimePoint> deadline() const {
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first;
  }
  /// Takes out and returns one key that is due at `now`, the earliest first; nothing when none is.
  std::optional<Key> pop_due(TimePoint now) {
    if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
    Key key = by_time_.begin()->second;
    cancel(key);
    return key;
  }

 private:
  std::map<Key, TimePoint> by_key_;
  std::set<std::pair<TimePoint, Key>> by_time_;
};

}  // namespace net
