// SPDX-License-Identifier: MIT
#include "peer/members/visits.h"

#include <algorithm>
#include <utility>

namespace peer::members {

void Visits::set_state(Entries::iterator entry, State state) {
  auto& [endpoint, e] = *entry;
  if (expected(e)) --expected_;
  if (e.state == State::kQueued) queue_.erase(turn_of(endpoint, e));
  if (e.state == State::kAgain) again_.erase({e.due, endpoint});
  if (e.state == State::kUnderWay) {
    --under_way_;
    const auto there = under_way_at_.find(endpoint.address);
    if (--there->second == 0) under_way_at_.erase(there);
  }
  e.state = state;
  if (expected(e)) ++expected_;
  if (state == State::kQueued) queue_.insert(turn_of(endpoint, e));
  if (state == State::kAgain) again_.emplace(e.due, endpoint);
  if (state == State::kUnderWay) {
    ++under_way_;
    ++under_way_at_[endpoint.address];
  }
}

void Visits::begin_again() {
  told_.clear();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto here = entry++;
    if (here->second.state == State::kUnderWay) continue;
    if (here->second.state != State::kOver && here->second.reason == Reason::kNeeded) continue;
    set_state(here, State::kOver);
    entries_.erase(here);
  }
}

void Visits::add(net::TimePoint now, const net::Endpoint& endpoint, Reason reason,
                 const std::optional<net::IpAddress>& via) {
  auto entry = entries_.find(endpoint);
  if (entry != entries_.end()) {
    Entry& e = entry->second;
    const bool again = e.state == State::kOver && reason == Reason::kNeeded;
    if (!again && (e.state != State::kQueued || reason >= e.reason)) return;
  }
  if (const auto found = failed_.find(endpoint); found != failed_.end() && found->second > now) return;
  if (entry == entries_.end()) {
    if (entries_.size() >= limits_.entries) return;
    entry = entries_.try_emplace(endpoint).first;
  } else {
    set_state(entry, State::kOver);
  }
  Entry fresh;
  fresh.reason = reason;
  if (via) fresh.nth = told_[{reason, *via}]++;
  fresh.lot = random_();
  fresh.via = via;
  entry->second = std::move(fresh);
  set_state(entry, State::kQueued);
}

std::optional<Visits::Visit> Visits::next(net::TimePoint now, bool only_needed) {
  while (!again_.empty() && again_.begin()->first <= now) {
    set_state(entries_.find(again_.begin()->second), State::kQueued);
  }
  for (const auto& [reason, nth, lot, endpoint] : queue_) {
    if (only_needed && reason != Reason::kNeeded) return std::nullopt;
    const auto there = under_way_at_.find(endpoint.address);
    if (there != under_way_at_.end() && there->second >= limits_.under_way_at_address) continue;
    const auto entry = entries_.find(endpoint);
    set_state(entry, State::kUnderWay);
    return Visit{entry->first, entry->second.reason, entry->second.via};
  }
  return std::nullopt;
}

void Visits::seen(const net::Endpoint& endpoint) {
  failed_.erase(endpoint);
  if (const auto entry = entries_.find(endpoint); entry != entries_.end()) set_state(entry, State::kOver);
}

void Visits::turned_away(net::TimePoint now, const net::Endpoint& endpoint) {
  auto entry = entries_.find(endpoint);
  if (entry == entries_.end()) {
    if (entries_.size() >= limits_.entries) return;
    entry = entries_.try_emplace(endpoint).first;
    entry->second.reason = Reason::kKnown;
  }
  Entry& e = entry->second;
  if (++e.tries >= limits_.tries) return failed(now, endpoint);
  set_state(entry, State::kOver);
  net::Duration pause = limits_.first_retry;
  for (unsigned i = 1; i < e.tries && pause < limits_.last_retry; ++i) pause *= 2;
  pause = std::min(pause, limits_.last_retry);
  e.due = now + pause * (750 + static_cast<net::Duration::rep>(random_() % 501)) / 1000;
  set_state(entry, State::kAgain);
}

void Visits::failed(net::TimePoint now, const net::Endpoint& endpoint) {
  if (failed_.size() >= limits_.entries) std::erase_if(failed_, [&](const auto& one) { return one.second <= now; });
  if (failed_.size() < limits_.entries) failed_[endpoint] = now + limits_.failed_pause;
  if (const auto entry = entries_.find(endpoint); entry != entries_.end()) set_state(entry, State::kOver);
}

std::optional<net::TimePoint> Visits::deadline() const {
  if (again_.empty()) return std::nullopt;
  return again_.begin()->first;
}

}  // namespace peer::members
