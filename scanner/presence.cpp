// SPDX-License-Identifier: MIT
#include "scanner/presence.h"

#include <algorithm>

namespace scanner {

std::string_view name_of(Presence::Kind kind) {
  switch (kind) {
    case Presence::Kind::kJoin:
      return "join";
    case Presence::Kind::kLeave:
      return "leave";
    case Presence::Kind::kChange:
      return "change";
    case Presence::Kind::kConflict:
      return "conflict";
    case Presence::Kind::kMove:
      return "move";
  }
  return "event";
}

std::optional<Presence::Key> Presence::former_address(const Key& host, const net::MacAddress& mac) const {
  std::optional<Key> former;
  for (const auto& [key, known] : known_) {
    if (key == host || key.second != host.second || !known.misses.contains(mac)) continue;
    // A machine with several addresses gets another one; it does not move.
    if (former || !known.settled) return std::nullopt;
    former = key;
  }
  return former;
}

std::optional<Presence::Event> Presence::seen(const Key& host, const net::MacAddress& mac) {
  if (const auto found = known_.find(host); found != known_.end()) {
    auto& now = found->second.now;
    const bool again = std::find(now.begin(), now.end(), mac) != now.end();
    if (!again && now.size() < HostTable::kMaxMacs) now.push_back(mac);
    return std::nullopt;
  }
  if (perhaps_moved_.contains(host)) return std::nullopt;
  if (former_address(host, mac)) {
    perhaps_moved_.emplace(host, Newcomer{mac});
    return std::nullopt;
  }
  known_[host] = {{{mac, 0}}, {mac}, mac};
  return Event{Kind::kJoin, host, mac, {}, {}};
}

std::vector<Presence::Event> Presence::end_sweep() {
  std::vector<Event> events;
  for (auto at = perhaps_moved_.begin(); at != perhaps_moved_.end();) {
    auto& [host, newcomer] = *at;
    const auto former = former_address(host, newcomer.mac);
    const bool both = former && !known_.at(*former).now.empty();
    if (both && !newcomer.waited) {
      // It may have moved in the middle of the sweep.
      newcomer.waited = true;
      ++at;
      continue;
    }
    Event event{Kind::kJoin, host, newcomer.mac, {}, {}};
    if (former && !both) {
      event.kind = Kind::kMove;
      event.old_address = former->first;
      known_.erase(*former);
    }
    known_[host] = {{{newcomer.mac, 0}}, {newcomer.mac}, newcomer.mac};
    events.push_back(std::move(event));
    at = perhaps_moved_.erase(at);
  }
  for (auto at = known_.begin(); at != known_.end();) {
    settle(at->first, at->second, events);
    at = at->second.misses.empty() ? known_.erase(at) : std::next(at);
  }
  return events;
}

void Presence::settle(const Key& host, Known& known, std::vector<Event>& events) {
  const auto is_now = [&](const net::MacAddress& mac) {
    return std::find(known.now.begin(), known.now.end(), mac) != known.now.end();
  };
  const bool old_seen =
      std::any_of(known.misses.begin(), known.misses.end(), [&](const auto& m) { return is_now(m.first); });
  for (const net::MacAddress& mac : known.now) {
    if (known.misses.contains(mac)) continue;
    events.push_back({old_seen ? Kind::kConflict : Kind::kChange, host, mac, known.main, {}});
    if (!old_seen) {
      known.misses.clear();
      known.main = mac;
    }
    known.misses.emplace(mac, 0);
    if (!old_seen) break;
  }
  const net::MacAddress last = known.main;
  for (auto at = known.misses.begin(); at != known.misses.end();) {
    at->second = is_now(at->first) ? 0 : at->second + 1;
    at = at->second >= kMisses ? known.misses.erase(at) : std::next(at);
  }
  known.now.clear();
  known.settled = true;
  if (known.misses.empty()) {
    events.push_back({Kind::kLeave, host, last, {}, {}});
  } else if (!known.misses.contains(known.main)) {
    known.main = known.misses.begin()->first;
  }
}

}  // namespace scanner
