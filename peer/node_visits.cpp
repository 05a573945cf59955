// SPDX-License-Identifier: MIT
// Members that this peer is not connected with: in a network that is larger than its number of connections they are
// visited when somebody wants to know the whole network, and again when one of them is needed for a transfer or a push.
#include <algorithm>
#include <utility>

#include "peer/node.h"

namespace peer {
namespace {

using Reason = members::Visits::Reason;

/// A host that is up answers on a LAN within a few ms; one that is not must not hold up the others.
constexpr net::Duration kVisitDialTimeout = std::chrono::milliseconds(1500);
/// Who says nothing for so long is given up; and who trickles its catalog is after the longer time.
constexpr net::Duration kVisitPatience = std::chrono::seconds(2);
constexpr net::Duration kLongestVisit = std::chrono::seconds(10);
/// How often visits are looked after while there are some.
constexpr net::Duration kLookInterval = std::chrono::milliseconds(100);
/// Where there are places, whoever may be dialled for good is dialled so first.
constexpr net::Duration kPlacesFirst = std::chrono::milliseconds(500);
/// Who is still hashing what it shares is visited again after this, while all are looked for.
constexpr net::Duration kGrowingPause = std::chrono::seconds(2);
/// A download that has fewer sources looks for more among those that were visited.
constexpr std::size_t kEnoughSources = 4;
/// Bytes of catalogs of those that were visited, as they came over the wire.
constexpr std::size_t kMaxVisitedBytes = std::size_t{64} << 20;
/// Catalogs looked into at a time for those that have something.
constexpr std::size_t kMaxLookedInto = 20'000;

Reason reason_of(members::HintSource source, bool known) {
  using members::HintSource;
  if (known) return Reason::kKnown;
  switch (source) {
    case HintSource::kFile:
      return Reason::kListed;
    case HintSource::kGossip:
    case HintSource::kRumour:
      return Reason::kTold;
    default:
      return Reason::kHeard;
  }
}

}  // namespace

// --- looking for all ---

void Node::look_for_all(net::TimePoint now, net::TimePoint since) {
  if (shut_down_) return;
  if (survey_ && survey_->since >= since) {
    survey_->until = now + kSurveyLease;
    return;
  }
  // Who was not seen since then is gone.
  if (survey_) forget_visited([&](const Visited& visited) { return visited.at < survey_->since; });
  survey_ = Survey{since, now, now + kSurveyLease};
  begin_survey(now);
}

void Node::begin_survey(net::TimePoint now) {
  visits_.begin_again();
  visits_changed();
  for (const members::PeerTable::Idle& idle : table_.idle(now)) {
    consider_visit(now, idle.endpoint, idle.source, idle.known, idle.via);
  }
  // While there are places, rumours are dialled one by one: those that are not connected may all be gone.
  if (dial_budget() > 0) return;
  for (const members::Rumours::Untried& other : rumours_.others()) {
    consider_visit(now, other.endpoint, members::HintSource::kRumour, false, other.teller);
  }
}

void Node::consider_visit(net::TimePoint now, const net::Endpoint& endpoint, members::HintSource source, bool known,
                          const std::optional<net::IpAddress>& via) {
  if (!worth_a_visit(endpoint)) return;
  visits_.add(now, endpoint, reason_of(source, known), via);
  visits_changed();
}

bool Node::worth_a_visit(const net::Endpoint& endpoint) const {
  const auto found = reached_.find(endpoint);
  if (found == reached_.end()) return true;
  const NodeId& node = found->second;
  if (node == own_id_ || banned({node, endpoint.address})) return false;
  const Connection* connection = open_connection_to(node);
  return connection == nullptr || connection->visit;
}

bool Node::hold(net::TimePoint now, const net::Endpoint& listening, const NodeId& node) {
  const Connection* connection = open_connection_to(node);
  if (connection != nullptr && !connection->visit) return true;
  if (shut_down_ || (!held_.contains(listening) && held_.size() >= config_.max_needed)) return connection != nullptr;
  held_[listening] = now + kHoldLease;
  if (connection == nullptr) {
    visits_.add(now, listening, Reason::kNeeded);
    visits_changed();
  }
  return true;
}

void Node::let_go(const net::Endpoint& listening) {
  held_.erase(listening);
  visits_changed();
}

void Node::visits_changed() {
  if (survey_ || !held_.empty() || visit_count() > 0) visits_at_ = net::TimePoint{};
}

// --- visiting ---

void Node::look_after_visits(net::TimePoint now) {
  visits_at_.reset();
  if (shut_down_) return;
  std::erase_if(held_, [&](const auto& held) { return held.second <= now; });
  if (survey_ && survey_->until <= now) {
    survey_.reset();
    visits_.begin_again();
    forget_visited([](const Visited&) { return true; });
  }
  std::vector<ConnectionId> ids;
  for (const auto& [id, peer] : connections_) {
    if (peer->connection.visit) ids.push_back(id);
  }
  for (const ConnectionId id : ids) look_after_visit(now, id);
  const bool some_grow = visit_growing(now);
  find_sources(now);
  visit_some(now);
  const bool goes_on = some_grow || !held_.empty() || visits_.waiting() > 0 || visit_count() > 0;
  visits_at_ = goes_on ? now + kLookInterval : survey_ ? std::optional(survey_->until) : std::nullopt;
}

void Node::look_after_visit(net::TimePoint now, ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->stage == Connection::Stage::kDialling) return;
  const bool open = connection->stage == Connection::Stage::kOpen;
  if (open && is_needed(*connection)) return;
  if (open && !wants_catalog(*connection)) {
    connection->visit_over = true;
    return close(now, id, wire::ErrorCode::kNone);
  }
  if (!has_tired_of(now, *connection)) return;
  note_failure(*connection, "no answer");
  close(now, id, wire::ErrorCode::kTimeout);
}

/// True while there are some whose catalogs grow.
bool Node::visit_growing(net::TimePoint now) {
  bool any = false;
  for (auto& [node, visited] : visited_) {
    if (!visited.growing) continue;
    any = true;
    if (visited.outdated || now - visited.at < kGrowingPause) continue;
    visited.outdated = true;
    visits_.add(now, visited.endpoint, Reason::kNeeded);
  }
  return any;
}

void Node::visit_some(net::TimePoint now) {
  const bool places_first = survey_ && now < survey_->began + kPlacesFirst && dial_budget() > 0;
  for (;;) {
    const bool may_look = survey_ && !places_first && visits_.under_way() < config_.max_looks;
    if (visit_count() >= config_.max_looks + config_.max_needed) return;
    const auto next = visits_.next(now, !may_look);
    if (!next) return;
    if (!visit(now, *next)) visits_.seen(next->endpoint);
  }
}

bool Node::visit(net::TimePoint now, const members::Visits::Visit& visit) {
  if (!worth_a_visit(visit.endpoint)) return false;
  if (!table_.source(visit.endpoint)) hint(now, visit.endpoint, members::HintSource::kRumour, visit.via);
  if (!table_.take(visit.endpoint)) return false;
  Connection& connection = add_connection(visit.endpoint);
  connection.dialled = visit.endpoint;
  connection.visit = true;
  connection.heard = connection.began = now;
  connections_[connection.id]->dial_deadline = now + kVisitDialTimeout;
  outbox_.push_back(Dial{connection.id, visit.endpoint});
  return true;
}

// --- what a visit shows ---

void Node::visit_opened(net::TimePoint now, Connection& connection) {
  if (wants_catalog(connection)) return ask_catalog(now, connection);
  visits_.seen(*connection.dialled);
  tell_transfers_anew(now, connection);
  visits_changed();
}

void Node::visit_told(net::TimePoint now, Connection& connection) {
  if (!connection.catalog.complete()) return;
  Visited& visited = visited_[connection.node];
  visited_bytes_ -= visited.bytes;
  visited.endpoint = *connection.dialled;
  visited.name = connection.hello.name;
  visited.transient = connection.is_transient();
  visited.bytes = connection.catalog.bytes();
  visited.growing = connection.catalog.growing();
  visited.outdated = false;
  visited.catalog = connection.catalog.take();
  visited.at = now;
  visited_bytes_ += visited.bytes;
  visits_.seen(visited.endpoint);
  make_room_for_visited();
  tell_transfers_anew(now, connection);
  visits_changed();
}

/// What is largest goes first: whoever tells of too much harms nobody but itself.
void Node::make_room_for_visited() {
  while (visited_bytes_ > kMaxVisitedBytes) {
    const auto largest = std::max_element(visited_.begin(), visited_.end(),
                                          [](const auto& a, const auto& b) { return a.second.bytes < b.second.bytes; });
    visited_bytes_ -= std::exchange(largest->second.bytes, 0);
    largest->second.catalog.clear();
  }
}

template <class Unwanted>
void Node::forget_visited(Unwanted unwanted) {
  std::erase_if(visited_, [&](const auto& entry) {
    if (!unwanted(entry.second)) return false;
    visited_bytes_ -= entry.second.bytes;
    return true;
  });
  ++catalog_pages_;
}

void Node::visit_dropped(net::TimePoint now, const Connection& connection) {
  if (!connection.dialled) return;
  const net::Endpoint& endpoint = *connection.dialled;
  if (!connection.visit) {
    // It was there, but closed the connection at once: it has too many.
    if (!survey_ || connection.stage != Connection::Stage::kOpening || !worth_a_visit(endpoint)) return;
    visits_.turned_away(now, endpoint);
    return visits_changed();
  }
  const bool shown = connection.stage == Connection::Stage::kOpen && !wants_catalog(connection);
  const bool silent = connection.stage == Connection::Stage::kDialling || (!shown && has_tired_of(now, connection));
  if (connection.visit_over || !worth_a_visit(endpoint)) {
    visits_.seen(endpoint);
  } else if (silent && !held_.contains(endpoint)) {
    visits_.failed(now, endpoint);
    forget_visited([&](const Visited& visited) { return visited.endpoint == endpoint; });
  } else {
    visits_.turned_away(now, endpoint);
  }
  visits_changed();
}

// --- what visits are for ---

bool Node::wants_catalog(const Connection& connection) const {
  if (!connection.visit) return true;
  if (!survey_) return false;
  const auto found = visited_.find(connection.node);
  return found == visited_.end() || found->second.outdated || found->second.at < survey_->since;
}

bool Node::is_needed(const Connection& connection) const {
  if (held_.contains(*connection.dialled)) return true;
  const auto goes_on = [&](const auto& sent) {
    return sent.second.connection == connection.id && !sent.second.ended();
  };
  if (std::any_of(sent_offers_.begin(), sent_offers_.end(), goes_on)) return true;
  return std::any_of(transfers_.begin(), transfers_.end(), [&](const auto& entry) {
    return !entry.second->ended() && entry.second->has_source(connection.id);
  });
}

/// Those that have what is fetched and not had from enough others are visited again, and that lasts as long as it is
/// needed.
void Node::find_sources(net::TimePoint now) {
  if (visited_.empty()) return;
  std::size_t needed = held_.size(), looked_into = 0;
  for (const auto& [id, transfer] : transfers_) {
    if (transfer->ended()) continue;
    const std::size_t enough = transfer->grid().count() > 1 ? kEnoughSources : 1;
    std::size_t sources = transfer->source_count();
    // Not always the same, or all would ask the same.
    auto at = visited_.begin();
    if (sources < enough) std::advance(at, static_cast<std::ptrdiff_t>(random_() % visited_.size()));
    for (std::size_t i = 0; i < visited_.size() && sources < enough; ++i) {
      if (needed >= config_.max_needed || ++looked_into > kMaxLookedInto) return;
      if (at == visited_.end()) at = visited_.begin();
      const auto& [node, visited] = *at++;
      if (!visited.catalog.has_content(transfer->request().id) || connected(node)) continue;
      visits_.add(now, visited.endpoint, Reason::kNeeded);
      ++sources;
      ++needed;
    }
  }
}

bool Node::has_tired_of(net::TimePoint now, const Connection& visit) {
  return now - visit.heard >= kVisitPatience || now - visit.began >= kLongestVisit;
}

// --- what is known ---

bool Node::is_visitor(const Connection& connection) {
  return !connection.dialled && connection.is_transient() && connection.hello.port == 0;
}

std::size_t Node::visit_count() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [](const auto& entry) { return entry.second->connection.visit; }));
}

const files::Catalog& Node::catalog_of(const Connection& connection) const {
  const auto visited = connection.visit ? visited_.find(connection.node) : visited_.end();
  return visited != visited_.end() ? visited->second.catalog : connection.catalog.catalog();
}

bool Node::catalog_known(const Connection& connection) const {
  return connection.visit ? !wants_catalog(connection) : connection.catalog.complete();
}

Node::PeerView Node::view_of(const Connection& connection) const {
  const auto visited = connection.visit ? visited_.find(connection.node) : visited_.end();
  const bool growing = visited != visited_.end() ? visited->second.growing : connection.catalog.growing();
  return {connection.id,         connection.remote,       connection.listening,      connection.node,
          connection.hello.name, &catalog_of(connection), catalog_known(connection), growing,
          connection.bytes_in,   connection.bytes_out,    connection.is_transient(), connection.visit};
}

std::vector<Node::PeerView> Node::everybody() const {
  std::vector<PeerView> views;
  std::set<NodeId> there;
  for (const auto& [id, peer] : connections_) {
    if (peer->connection.stage != Connection::Stage::kOpen || is_visitor(peer->connection)) continue;
    views.push_back(view_of(peer->connection));
    there.insert(peer->connection.node);
  }
  for (const auto& [node, visited] : visited_) {
    if (there.contains(node)) continue;
    views.push_back({0, visited.endpoint, visited.endpoint, node, visited.name, &visited.catalog, true, visited.growing,
                     0, 0, visited.transient, true});
  }
  return views;
}

}  // namespace peer
