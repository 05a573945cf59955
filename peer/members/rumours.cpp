// SPDX-License-Identifier: MIT
#include "peer/members/rumours.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace peer::members {
namespace {

/// How often it is looked what is too old.
constexpr net::Duration kLookForOldOnes = std::chrono::minutes(1);
/// Whoever has seen an endpoint nearly as lately as we have gains nothing by our news.
constexpr int kNearlyAsFresh = 3;  ///< The part of Limits::fresher_by.

std::uint16_t rounded_up(net::Duration age) {
  constexpr std::chrono::seconds kMost(std::numeric_limits<std::uint16_t>::max());
  return static_cast<std::uint16_t>(std::clamp(std::chrono::ceil<std::chrono::seconds>(age), {}, kMost).count());
}

}  // namespace

// --- neighbours -----------------------------------------------------------------------------------------------------

void Rumours::add_neighbour(net::TimePoint now, ConnectionId id, const net::IpAddress& address,
                            const std::optional<net::Endpoint>& listening) {
  neighbours_[id] = Neighbour{address, listening};
  if (!news_.empty()) tell_soon(now);
}

void Rumours::remove_neighbour(ConnectionId id) { neighbours_.erase(id); }

// --- what is known --------------------------------------------------------------------------------------------------

void Rumours::met(net::TimePoint now, const net::Endpoint& endpoint) {
  const auto [entry, is_new] = entries_.try_emplace(endpoint);
  Entry& e = entry->second;
  if (e.connected) return;
  if (!is_new) discharge(e);
  set_untried(e, false);
  e.connected = true;
  if (is_new || now - e.told >= limits_.fresher_by) return make_news(now, entry);
  again_.emplace(e.told + limits_.renew_after, endpoint);
}

void Rumours::parted(net::TimePoint now, const net::Endpoint& endpoint) {
  const auto entry = entries_.find(endpoint);
  if (entry == entries_.end() || !entry->second.connected) return;
  Entry& e = entry->second;
  again_.erase({e.told + limits_.renew_after, endpoint});
  e.connected = false;
  e.seen = now;
  // Who comes and goes under ever new ports is one teller of them all.
  if (!charge(e, endpoint.address)) return erase(entry);
  look_for_old_ones(now);
}

void Rumours::listed(net::TimePoint now, ConnectionId id, std::span<const net::Endpoint> endpoints) {
  const auto found = neighbours_.find(id);
  if (found == neighbours_.end()) return;
  found->second.connected_with = {endpoints.begin(), endpoints.end()};
  for (const net::Endpoint& endpoint : endpoints) {
    // Not of those that are new: they may live for one command only. Whoever met them knows, and tells of the others.
    if (entries_.contains(endpoint)) hear(now, id, found->second, endpoint, now);
  }
}

void Rumours::heard(net::TimePoint now, ConnectionId id, const net::Endpoint& endpoint, net::Duration age) {
  const auto found = neighbours_.find(id);
  if (found == neighbours_.end() || age > limits_.forget_after) return;
  hear(now, id, found->second, endpoint, now - age);
}

void Rumours::hear(net::TimePoint now, ConnectionId id, const Neighbour& teller, const net::Endpoint& endpoint,
                   net::TimePoint seen) {
  auto entry = entries_.find(endpoint);
  if (entry == entries_.end()) {
    Entry fresh;
    fresh.seen = seen;
    if (!charge(fresh, teller.address)) return;
    set_untried(fresh, true);
    entry = entries_.emplace(endpoint, std::move(fresh)).first;
    look_for_old_ones(now);
    make_news(now, entry);
  } else {
    Entry& e = entry->second;
    e.seen = std::max(e.seen, seen);
    if (seen - e.told >= limits_.fresher_by) {
      if (!e.connected && e.teller->first != teller.address) {
        const net::IpAddress before = e.teller->first;
        discharge(e);
        if (!charge(e, teller.address)) charge(e, before);
      }
      set_untried(e, !e.connected);
      make_news(now, entry);
    } else if (seen + limits_.fresher_by / kNearlyAsFresh < e.told) {
      return;
    }
  }
  std::vector<ConnectionId>& aware = entry->second.aware;
  if (std::find(aware.begin(), aware.end(), id) != aware.end()) return;
  // Then some of them are gone. Who comes again and again, and tells the same each time, must not make this grow.
  if (aware.size() >= neighbours_.size()) {
    std::erase_if(aware, [this](ConnectionId other) { return !neighbours_.contains(other); });
  }
  aware.push_back(id);
}

/// Makes the entry count for the teller; false when a bound is reached.
bool Rumours::charge(Entry& entry, const net::IpAddress& teller) {
  if (second_hand_ >= limits_.entries) return false;
  const auto account = tellers_.try_emplace(teller, 0).first;
  if (account->second >= limits_.entries_per_teller) return false;
  ++account->second;
  ++second_hand_;
  entry.teller = account;
  return true;
}

void Rumours::discharge(Entry& entry) {
  --second_hand_;
  if (--entry.teller->second == 0) tellers_.erase(entry.teller);
}

void Rumours::set_untried(Entry& entry, bool untried) {
  if (entry.untried == untried) return;
  entry.untried = untried;
  if (untried) {
    ++untried_;
  } else {
    --untried_;
  }
}

void Rumours::erase(Entries::iterator entry) {
  set_untried(entry->second, false);
  news_.erase(entry->second.news);
  entries_.erase(entry);
}

void Rumours::look_for_old_ones(net::TimePoint now) {
  if (!forget_at_) forget_at_ = now + kLookForOldOnes;
}

void Rumours::forget_old(net::TimePoint now) {
  forget_at_.reset();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto here = entry++;
    if (here->second.connected || now - here->second.seen <= limits_.forget_after) continue;
    discharge(here->second);
    erase(here);
  }
  if (second_hand_ > 0) look_for_old_ones(now);
}

std::size_t Rumours::aware_of(const net::Endpoint& endpoint) const {
  const auto entry = entries_.find(endpoint);
  return entry == entries_.end() ? 0 : entry->second.aware.size();
}

// --- telling --------------------------------------------------------------------------------------------------------

void Rumours::tell_soon(net::TimePoint now) {
  if (!tell_at_) tell_at_ = now + limits_.pause;
}

void Rumours::make_news(net::TimePoint now, Entries::iterator entry) {
  Entry& e = entry->second;
  if (e.connected) {
    again_.erase({e.told + limits_.renew_after, entry->first});
    again_.emplace(now + limits_.renew_after, entry->first);
  }
  e.told = e.connected ? now : e.seen;
  news_.erase(e.news);
  e.news = ++last_news_;
  news_.emplace(e.news, entry);
  e.aware.clear();
  if (!neighbours_.empty()) tell_soon(now);
}

std::vector<Rumours::Message> Rumours::take_due(net::TimePoint now) {
  while (!again_.empty() && again_.begin()->first <= now) make_news(now, entries_.find(again_.begin()->second));
  if (forget_at_ && *forget_at_ <= now) forget_old(now);
  std::vector<Message> messages;
  if (!tell_at_ || *tell_at_ > now) return messages;
  tell_at_.reset();
  for (auto& [id, neighbour] : neighbours_) {
    wire::PeersSeen seen = news_for(now, id, neighbour);
    if (!seen.peers.empty()) messages.push_back({id, std::move(seen)});
    if (neighbour.told < last_news_) tell_soon(now);
  }
  return messages;
}

wire::PeersSeen Rumours::news_for(net::TimePoint now, ConnectionId id, Neighbour& neighbour) {
  wire::PeersSeen seen;
  for (auto news = news_.upper_bound(neighbour.told); news != news_.end(); ++news) {
    if (seen.peers.size() == limits_.entries_per_message) return seen;
    neighbour.told = news->first;
    const auto& [endpoint, entry] = *news->second;
    const net::Duration age = entry.connected ? net::Duration{} : now - entry.seen;
    if (age > limits_.forget_after || endpoint == neighbour.listening) continue;
    if (std::find(entry.aware.begin(), entry.aware.end(), id) != entry.aware.end()) continue;
    if (neighbour.connected_with.contains(endpoint)) continue;
    seen.peers.push_back({endpoint, rounded_up(age)});
  }
  neighbour.told = last_news_;
  return seen;
}

std::optional<net::TimePoint> Rumours::deadline() const {
  std::optional<net::TimePoint> next = net::earlier(tell_at_, forget_at_);
  if (!again_.empty()) next = net::earlier(next, again_.begin()->first);
  return next;
}

// --- trying ---------------------------------------------------------------------------------------------------------

std::optional<Rumours::Untried> Rumours::take_untried() {
  if (untried_ == 0) return std::nullopt;
  std::uint64_t to_pass = random_() % untried_;
  const auto chosen = std::find_if(entries_.begin(), entries_.end(),
                                   [&](const auto& entry) { return entry.second.untried && to_pass-- == 0; });
  set_untried(chosen->second, false);
  return Untried{chosen->first, chosen->second.teller->first};
}

std::vector<Rumours::Untried> Rumours::others() const {
  std::vector<Untried> result;
  for (const auto& [endpoint, entry] : entries_) {
    if (!entry.connected) result.push_back({endpoint, entry.teller->first});
  }
  return result;
}

}  // namespace peer::members
