// SPDX-License-Identifier: MIT
#include "peer/introducer/directory.h"

#include <algorithm>

#include "net/check.h"

namespace peer::introducer {

bool Directory::join(net::TimePoint now, const Peer& peer) {
  const net::IpAddress& address = peer.endpoint.address;
  Entries& entries = entries_of(address);
  const Key key{address, peer.id};
  auto known = by_key_.find(key);
  // With another port it may take the place of another peer.
  if (known != by_key_.end() && known->second->peer != peer) {
    forget(known->second);
    known = by_key_.end();
  }
  if (known == by_key_.end()) {
    const Origin origin = Origin::of(address);
    make_room(origin, peer.endpoint);
    if (by_key_.size() >= config_.max_peers) return false;
    entries.push_front({peer, now, 0});
    known = by_key_.emplace(key, entries.begin()).first;
    by_origin_[origin].push_back(entries.begin());
  }
  Entry& entry = *known->second;
  CHECK(entry.contact <= now);
  entry.contact = now;
  entry.number = ++contacts_;
  entries.splice(entries.begin(), entries, known->second);
  changes_.push_back({peer});
  return true;
}

/// Takes out whoever was at the endpoint, and the oldest entry of the origin where it has all it may have.
void Directory::make_room(const Origin& origin, const net::Endpoint& endpoint) {
  auto found = by_origin_.find(origin);
  if (found == by_origin_.end()) return;
  auto& positions = found->second;
  auto same = std::find_if(positions.begin(), positions.end(),
                           [&](const Position& position) { return position->peer.endpoint == endpoint; });
  if (same != positions.end()) return forget(*same);
  if (positions.size() < kPerOrigin * origin.weight()) return;
  forget(*std::min_element(positions.begin(), positions.end(),
                           [](const Position& a, const Position& b) { return a->number < b->number; }));
}

void Directory::leave(const std::string& id, const net::IpAddress& address) {
  auto found = by_key_.find({address, id});
  if (found != by_key_.end()) forget(found->second);
}

void Directory::forget(Position position) {
  const net::IpAddress& address = position->peer.endpoint.address;
  auto origin = by_origin_.find(Origin::of(address));
  CHECK(origin != by_origin_.end());
  std::erase(origin->second, position);
  if (origin->second.empty()) by_origin_.erase(origin);
  by_key_.erase({address, position->peer.id});
  Entries& entries = entries_of(address);
  changes_.push_back({std::move(position->peer), true});
  entries.erase(position);
}

std::vector<Peer> Directory::newest(net::TimePoint now, const std::string& except, const net::IpAddress& asker,
                                    std::size_t count) const {
  std::vector<const Entry*> chosen, spare;
  std::map<Origin, std::size_t> of_origin;
  std::array<Entries::const_iterator, 3> next{scopes_[0].begin(), scopes_[1].begin(), scopes_[2].begin()};
  for (std::size_t looked = 0; looked < kMaxLooked && chosen.size() < count; ++looked) {
    // The newest of the fronts of those lists that the asker can use.
    std::size_t best = scopes_.size();
    for (auto scope = static_cast<std::size_t>(scope_of(asker)); scope < scopes_.size(); ++scope) {
      if (next[scope] == scopes_[scope].end()) continue;
      if (best == scopes_.size() || next[scope]->number > next[best]->number) best = scope;
    }
    if (best == scopes_.size()) break;
    const Entry& entry = *next[best]++;
    if (entry.peer.id == except || now - entry.contact >= config_.ttl) continue;
    if (++of_origin[Origin::of(entry.peer.endpoint.address)] <= kPerAnswer) {
      chosen.push_back(&entry);
    } else if (spare.size() < count) {
      spare.push_back(&entry);
    }
  }
  spare.resize(std::min(spare.size(), count - chosen.size()));
  chosen.insert(chosen.end(), spare.begin(), spare.end());
  std::sort(chosen.begin(), chosen.end(), [](const Entry* a, const Entry* b) { return a->number > b->number; });
  std::vector<Peer> peers;
  peers.reserve(chosen.size());
  for (const Entry* entry : chosen) peers.push_back(entry->peer);
  return peers;
}

void Directory::expire(net::TimePoint now) {
  std::size_t left = kMaxExpired;
  for (Entries& entries : scopes_) {
    for (; left != 0 && !entries.empty() && now - entries.back().contact >= config_.ttl; --left) {
      forget(std::prev(entries.end()));
    }
  }
}

std::optional<net::TimePoint> Directory::deadline() const {
  std::optional<net::TimePoint> at;
  for (const Entries& entries : scopes_) {
    if (!entries.empty()) at = net::earlier(at, entries.back().contact + config_.ttl);
  }
  return at;
}

}  // namespace peer::introducer
