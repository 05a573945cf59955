// SPDX-License-Identifier: MIT
#include "tests/support/sim_events.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace support {

bool SimEvents::later(const Planned& a, const Planned& b) {
  return std::tie(a.at, a.tie, a.number) > std::tie(b.at, b.tie, b.number);
}

void SimEvents::at(net::TimePoint when, Event event) {
  heap_.push_back({std::max(when, now_), random_(), ++planned_, std::move(event)});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

bool SimEvents::run_next(net::TimePoint limit) {
  if (heap_.empty() || heap_.front().at > limit) {
    now_ = std::max(now_, limit);
    return false;
  }
  std::pop_heap(heap_.begin(), heap_.end(), later);
  Planned next = std::move(heap_.back());
  heap_.pop_back();
  now_ = next.at;
  ++executed_;
  next.event();
  return true;
}

net::Duration SimEvents::between(net::Duration low, net::Duration high) {
  if (high <= low) return low;
  return low + net::Duration(static_cast<net::Duration::rep>(below(static_cast<std::uint64_t>((high - low).count()))));
}

}  // namespace support
