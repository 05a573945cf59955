// SPDX-License-Identifier: MIT
#include "tests/support/sim_events.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace support {

bool SimEvents::later(const Planned& a, const Planned& b) {
  return std::tie(a.at, a.tie, a.place) > std::tie(b.at, b.tie, b.place);
}

void SimEvents::at(net::TimePoint when, Event event) {
  std::size_t place = events_.size();
  if (free_.empty()) {
    events_.push_back(std::move(event));
  } else {
    place = free_.back();
    free_.pop_back();
    events_[place] = std::move(event);
  }
  heap_.push_back({std::max(when, now_), random_(), place});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

bool SimEvents::run_next(net::TimePoint limit) {
  if (heap_.empty() || heap_.front().at > limit) {
    now_ = std::max(now_, limit);
    return false;
  }
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Planned next = heap_.back();
  heap_.pop_back();
  now_ = next.at;
  ++executed_;
  const Event event = std::exchange(events_[next.place], nullptr);
  free_.push_back(next.place);
  event();
  return true;
}

net::Duration SimEvents::between(net::Duration low, net::Duration high) {
  if (high <= low) return low;
  return low + net::Duration(static_cast<net::Duration::rep>(below(static_cast<std::uint64_t>((high - low).count()))));
}

}  // namespace support
