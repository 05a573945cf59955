// SPDX-License-Identifier: MIT
// Who is in the network: whom to dial and let in, what HELLO told, what peers tell of each other.
#include <algorithm>

#include "peer/node.h"

namespace peer {
namespace {

/// A dial that has led to nothing after this is given up; a host that is up answers on a LAN within a few ms.
constexpr net::Duration kDialTimeout = std::chrono::seconds(5);
/// Changes of membership are told at most this often.
constexpr net::Duration kGossipInterval = std::chrono::seconds(1);
/// A second way to a node that is connected already is not tried for this long, nor is a node that gave a connection up
/// for a newcomer, or had to give it up.
constexpr net::Duration kOtherWayPause = std::chrono::minutes(10);
/// Nor is who has no place for us.
constexpr net::Duration kBusyPause = std::chrono::minutes(1);
/// Rumours are dialled one at a time, this far apart, and only while there is nobody else to dial: where they are made
/// up, all who believe them would dial the same addresses.
constexpr net::Duration kRumourPause = std::chrono::seconds(1);
/// Connections beyond all limits that are taken to tell a newcomer of others, and that there is no place.
constexpr std::size_t kAtTheDoor = 4;
/// A guest that has not used its connection for so long gives it up to another.
constexpr net::Duration kGuestIdle = std::chrono::seconds(30);
/// So many connections of one address give way to those of others where there is no room: who has not said HELLO, and
/// who has a place.
constexpr std::size_t kCrowdAtTheDoor = 2;
constexpr std::size_t kCrowdInside = 3;

}  // namespace

// --- whom to dial, and whom to let in ---

bool Node::hint(net::TimePoint now, const net::Endpoint& endpoint, members::HintSource source,
                const std::optional<net::IpAddress>& via) {
  if (members::chosen_by_user(source)) {
    const auto& own = config_.policy.own;
    if (endpoint.address.is_unspecified() || endpoint.address.is_multicast() ||
        std::find(own.begin(), own.end(), endpoint) != own.end()) {
      return false;
    }
  } else if (!wire::acceptable(endpoint, config_.policy)) {
    return false;
  }
  const bool is_new = table_.hint(now, endpoint, source, via);
  if (is_new && survey_) consider_visit(now, endpoint, source, false, via);
  return is_new;
}

void Node::try_all_again(net::TimePoint now) {
  failures_.clear();
  table_.try_all_again(now, [this](const net::Endpoint& endpoint) {
    const std::optional<NodeId> node = reached(endpoint);
    return !node || (*node != own_id_ && !connected(*node) && !banned({*node, endpoint.address}));
  });
  dial_due(now);
}

std::size_t Node::dialled_count() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(), [](const auto& entry) {
    return entry.second->connection.dialled.has_value() && !entry.second->connection.visit;
  }));
}

std::size_t Node::dial_budget() const {
  // Some places are left for those who dial us: where everyone's are taken by dialling, nobody new gets in. Where all
  // peers that are heard of have room, each is dialled.
  std::size_t most = config_.max_connections;
  std::size_t limit = places_to_dial();
  const std::size_t taken = places_taken();
  std::size_t count = table_.size() > most ? taken : dialled_count();
  if (count >= limit || taken >= most) return 0;
  return std::min(limit - count, most - taken);
}

void Node::dial_due(net::TimePoint now) {
  if (shut_down_) return;
  std::size_t budget = dial_budget();
  if (budget == 0) return;
  std::vector<net::Endpoint> due = table_.take_due(now, budget);
  if (!due.empty()) rumour_at_ = now + kRumourPause;
  if (due.empty() && hint_of_rumour(now)) due = table_.take_due(now, budget);
  for (const net::Endpoint& endpoint : due) {
    if (const auto until = dial_later(now, endpoint)) {
      table_.suppress(endpoint, until);
      continue;
    }
    Connection& connection = add_connection(endpoint);
    connection.dialled = endpoint;
    connections_[connection.id]->dial_deadline = now + kDialTimeout;
    outbox_.push_back(Dial{connection.id, endpoint});
  }
}

bool Node::hint_of_rumour(net::TimePoint now) {
  if (rumour_at_ > now) return false;
  const auto rumour = rumours_.take_untried();
  if (!rumour) return false;
  rumour_at_ = now + kRumourPause;
  const std::optional<NodeId> node = reached(rumour->endpoint);
  if (node && (*node == own_id_ || connected(*node))) return false;
  return hint(now, rumour->endpoint, members::HintSource::kRumour, rumour->teller);
}

/// A host that claims to be many peers gets no more places for being dialled (threat T35). Dials that nobody has
/// answered are counted too, but hold up others of that address only for as long as they can last.
std::optional<net::TimePoint> Node::dial_later(net::TimePoint now, const net::Endpoint& endpoint) const {
  const std::size_t most = config_.max_connections_per_address;
  const std::size_t count = connections_with(endpoint.address, true);
  if (count < most || table_.source(endpoint) == members::HintSource::kUser) return std::nullopt;
  return now + (connections_with(endpoint.address, false) < most ? kDialTimeout : kBusyPause);
}

std::size_t Node::connections_with(const net::IpAddress& address, bool with_dials) const {
  auto same = std::count_if(connections_.begin(), connections_.end(), [&](const auto& entry) {
    const Connection& connection = entry.second->connection;
    return connection.remote.address == address && !connection.visit &&
           (with_dials || connection.stage != Connection::Stage::kDialling);
  });
  return static_cast<std::size_t>(same);
}

std::size_t Node::places_taken() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(), [](const auto& entry) {
    const Connection& connection = entry.second->connection;
    return !connection.visit && (connection.dialled || connection.stage != Connection::Stage::kOpening);
  }));
}

std::optional<ConnectionId> Node::one_of_a_crowd(Connection::Stage stage, std::size_t crowd) const {
  struct Group {
    std::size_t size = 0;
    ConnectionId latest = 0;
  };
  std::map<net::IpAddress, Group> groups;
  for (const auto& [id, peer] : connections_) {
    const Connection& connection = peer->connection;
    if (connection.stage != stage || connection.dialled || connection.is_transient()) continue;
    if (connection.listening && members::chosen_by_user(table_.source(*connection.listening))) continue;
    Group& group = groups[connection.remote.address];
    ++group.size;
    group.latest = id;
  }
  const auto largest = std::max_element(groups.begin(), groups.end(),
                                        [](const auto& a, const auto& b) { return a.second.size < b.second.size; });
  if (largest == groups.end() || largest->second.size < crowd) return std::nullopt;
  return largest->second.latest;
}

std::optional<ConnectionId> Node::accepted(net::TimePoint now, const net::Endpoint& remote) {
  if (shut_down_) return std::nullopt;
  if (connections_with(remote.address, false) >= config_.max_connections_per_address) return std::nullopt;
  const auto holds_place_of_guest = [](const Connection& other) {
    return other.visit || (other.stage == Connection::Stage::kOpen && other.is_transient());
  };
  const auto others = std::count_if(connections_.begin(), connections_.end(),
                                    [&](const auto& entry) { return !holds_place_of_guest(entry.second->connection); });
  if (static_cast<std::size_t>(others) >= config_.max_connections + kAtTheDoor) {
    // A few hosts that connect and say nothing must not keep everybody out (threat T17).
    const auto silent = one_of_a_crowd(Connection::Stage::kOpening, kCrowdAtTheDoor);
    if (!silent) return std::nullopt;
    drop(now, *silent, true);
  }
  Connection& connection = add_connection(remote);
  begin_session(now, connection, wire::Role::kAccepted);
  return connection.id;
}

// --- who is at the other end ---

void Node::refused_by_peer(net::TimePoint now, Connection& connection, wire::ErrorCode reason) {
  const bool open = connection.stage == Connection::Stage::kOpen;
  // Its HELLO has come either way.
  const bool had_place = open && now - connection.opened >= kBusyPause;
  const bool turned_away = !had_place && (reason == wire::ErrorCode::kBusy || reason == wire::ErrorCode::kBanned);
  if (!open || turned_away) note_unreached(connection, std::string(wire::text_of(reason)));
  drop(now, connection.id, true);
  // It is the other end that hears our own HELLO.
  if (reason == wire::ErrorCode::kSelf && connection.dialled) {
    table_.suppress(*connection.dialled, std::nullopt);
    note_reached(*connection.dialled, own_id_);
  }
  if (reason == wire::ErrorCode::kBusy && connection.dialled) {
    table_.suppress(*connection.dialled, now + (had_place ? kOtherWayPause : kBusyPause));
    if (survey_ && !connection.visit) visits_.turned_away(now, *connection.dialled);
  }
  dial_due(now);
}

bool Node::keeps_over(const Connection& fresh, const Connection& old) const {
  // Another instance of the node: the old connection is to a process that is gone.
  if (fresh.hello.instance != old.hello.instance) return true;
  if (passes_by(fresh) || passes_by(old)) return passes_by(old);
  bool fresh_is_ours = fresh.dialled.has_value();
  if (fresh_is_ours == old.dialled.has_value()) return false;
  // Both ends decide the same: the connection that the smaller id dialled stays.
  return fresh_is_ours == (own_id_ < fresh.node);
}

/// Of several connections with a node one stays. False when that is another one: this one is closed.
bool Node::replaces_others(net::TimePoint now, Connection& fresh) {
  std::vector<ConnectionId> replaced;
  for (const auto& [id, peer] : connections_) {
    Connection& old = peer->connection;
    if (old.stage != Connection::Stage::kOpen || old.node != fresh.node) continue;
    // Each may visit the other at the same time.
    if (passes_by(fresh) && passes_by(old) && fresh.visit != old.visit) continue;
    if (keeps_over(fresh, old)) {
      replaced.push_back(id);
      continue;
    }
    const std::optional<net::Endpoint> kept = old.listening;
    // It may have dialled again because the other connection is dead without our knowing.
    old.session->probe(now);
    // The endpoint is another way to a node that we have; it is tried again when that one may be gone.
    turn_away(now, fresh, wire::ErrorCode::kDuplicate, now + kOtherWayPause);
    if (kept) table_.connected(now, *kept);
    return false;
  }
  for (const ConnectionId id : replaced) close(now, id, wire::ErrorCode::kDuplicate);
  return true;
}

void Node::handle_hello(net::TimePoint now, Connection& connection, wire::Hello hello) {
  connection.node = wire::node_id(hello);
  connection.hello = std::move(hello);
  if (connection.dialled) {
    failures_.erase(*connection.dialled);
    note_reached(*connection.dialled, connection.node);
  }
  if (connection.node == own_id_) return turn_away(now, connection, wire::ErrorCode::kSelf, std::nullopt);
  if (banned(sender_of(connection))) return turn_away(now, connection, wire::ErrorCode::kBanned, std::nullopt);
  if (connection.dialled) {
    connection.listening = connection.dialled;
  } else if (connection.hello.port != 0) {
    connection.listening = net::Endpoint{connection.remote.address, connection.hello.port};
  }
  if (!replaces_others(now, connection)) return;
  if (!has_place_for(now, connection)) {
    // It has our list already, and may find a place elsewhere.
    return close(now, connection.id, wire::ErrorCode::kBusy);
  }
  opened(now, connection);
}

bool Node::has_place_for(net::TimePoint now, const Connection& connection) {
  if (connection.visit) return true;
  const bool guest = connection.is_transient();
  std::size_t alike = 0, alike_there = 0;
  for (const auto& [id, peer] : connections_) {
    const Connection& other = peer->connection;
    if (id == connection.id || other.visit || other.is_transient() != guest) continue;
    if (!other.dialled && other.stage == Connection::Stage::kOpening) continue;
    ++alike;
    if (other.remote.address == connection.remote.address) ++alike_there;
  }
  if (!connection.dialled && alike_there >= config_.max_connections_per_address) return false;
  // A guest takes any place that is free, but nobody's who is there to stay.
  if (guest) {
    const std::size_t others = places_taken() - (connection.dialled ? 1 : 0);
    return others < config_.max_connections + config_.max_guests || make_place_for_guest(now, connection);
  }
  return alike < config_.max_connections || make_place_for(now, connection);
}

bool Node::make_place_for_guest(net::TimePoint now, const Connection& guest) {
  const Connection* idle = nullptr;
  for (const auto& [id, peer] : connections_) {
    const Connection& other = peer->connection;
    if (!other.is_transient() || id == guest.id || now - other.used < kGuestIdle || !may_be_given_up(other)) continue;
    if (idle == nullptr || other.used < idle->used) idle = &other;
  }
  if (idle == nullptr) return false;
  close(now, idle->id, wire::ErrorCode::kBusy);
  return true;
}

bool Node::make_place_for(net::TimePoint now, const Connection& newcomer) {
  // A host that claims to be many peers drives nobody out but its own.
  if (newcomer.dialled || connections_with(newcomer.remote.address, false) > 1) return false;
  std::vector<members::Eviction::Candidate> candidates;
  for (const auto& [id, peer] : connections_) {
    const Connection& connection = peer->connection;
    if (may_be_given_up(connection)) candidates.push_back({id, connection.node, connection.used, connection.others});
  }
  // Neither use nor modesty keeps a crowd inside: each that goes leaves places to more hosts, so that comes to an end.
  auto evicted = one_of_a_crowd(Connection::Stage::kOpen, kCrowdInside);
  if (!evicted) evicted = eviction_.choose(now, newcomer.node, candidates, places_to_dial());
  if (!evicted) return false;
  const std::optional<net::Endpoint> listening = get(*evicted).listening;
  close(now, *evicted, wire::ErrorCode::kBusy);
  if (listening) table_.suppress(*listening, now + kOtherWayPause);
  return true;
}

bool Node::may_be_given_up(const Connection& connection) const {
  // Whom we dialled was chosen by us: nobody can take all of our places by coming often enough.
  if (connection.stage != Connection::Stage::kOpen || connection.dialled) return false;
  if (connection.listening && members::chosen_by_user(table_.source(*connection.listening))) return false;
  const bool waits = !connection.asked_chunks.empty() || !connection.asked_layers.empty() ||
                     !connection.interests.empty() || !connection.session->queue().empty() ||
                     uploads_.serves(connection.id);
  if (waits) return false;
  return std::none_of(transfers_.begin(), transfers_.end(), [&](const auto& entry) {
    return !entry.second->ended() && entry.second->has_source(connection.id);
  });
}

void Node::turn_away(net::TimePoint now, Connection& connection, wire::ErrorCode reason,
                     std::optional<net::TimePoint> until) {
  close(now, connection.id, reason);
  if (connection.dialled) table_.suppress(*connection.dialled, until);
}

void Node::opened(net::TimePoint now, Connection& connection) {
  connection.stage = Connection::Stage::kOpen;
  connection.opened = connection.used = now;
  if (connection.listening) failures_.erase(*connection.listening);
  if (connection.listening) table_.connected(now, *connection.listening);
  membership_changed(now, connection);
  if (connection.visit) return visit_opened(now, connection);
  // It need not be visited any more.
  if (connection.listening) visits_.seen(*connection.listening);
  if (exchanges_rumours_with(connection)) {
    rumours_.add_neighbour(now, connection.id, connection.remote.address, connection.listening);
    if (connection.listening && is_worth_telling(*connection.listening)) rumours_.met(now, *connection.listening);
  }
  ask_catalog(now, connection);
  for (const auto& [id, transfer] : transfers_) {
    if (!transfer->ended()) express_interest(connection, *transfer, true);
  }
}

void Node::note_reached(const net::Endpoint& endpoint, const NodeId& node) {
  if (reached_.size() >= config_.table.entries) reached_.clear();
  reached_[endpoint] = node;
}

void Node::note_failure(const Connection& connection, const std::string& reason) {
  if (connection.stage != Connection::Stage::kOpen) note_unreached(connection, reason);
}

void Node::note_unreached(const Connection& connection, const std::string& reason) {
  if (!connection.dialled || is_rumour(connection)) return;
  if (failures_.size() >= config_.table.entries) failures_.clear();
  failures_[*connection.dialled] = reason;
}

Connection* Node::open_connection_to(const NodeId& node) const {
  for (const auto& [id, peer] : connections_) {
    Connection& connection = peer->connection;
    if (connection.stage == Connection::Stage::kOpen && connection.node == node && !is_visitor(connection)) {
      return &connection;
    }
  }
  return nullptr;
}

void Node::probe(net::TimePoint now, const NodeId& node) {
  if (Connection* connection = open_connection_to(node)) connection->session->probe(now);
}

bool Node::banned(const Sender& sender) const {
  auto found = strikes_.find(sender);
  return found != strikes_.end() && found->second >= kStrikesToBan;
}

void Node::strike(net::TimePoint now, const Sender& sender) {
  // Somebody who takes a new identity for each lie must not make this grow for ever.
  if (strikes_.size() >= kMaxStruck && !strikes_.contains(sender)) strikes_.erase(strikes_.begin());
  ++strikes_[sender];
  if (!banned(sender)) return;
  std::vector<ConnectionId> guilty;
  for (const auto& [id, peer] : connections_) {
    if (peer->connection.stage == Connection::Stage::kOpen && sender_of(peer->connection) == sender)
      guilty.push_back(id);
  }
  for (const ConnectionId id : guilty) {
    const std::optional<net::Endpoint> listening = get(id).listening;
    close(now, id, wire::ErrorCode::kBanned);
    if (listening) table_.suppress(*listening, std::nullopt);
  }
}

// --- gossip ---

void Node::handle_peers(net::TimePoint now, Connection& connection, const wire::PeersReceived& list) {
  connection.others = list.endpoints.size();
  if (!config_.dial_gossip) return;
  std::vector<net::Endpoint> worth_telling;
  for (const net::Endpoint& endpoint : list.endpoints) {
    if (!wire::acceptable(endpoint, config_.policy)) continue;
    table_.hint(now, endpoint, members::HintSource::kGossip, connection.remote.address);
    if (survey_) consider_visit(now, endpoint, members::HintSource::kGossip, false, connection.remote.address);
    if (is_worth_telling(endpoint)) worth_telling.push_back(endpoint);
  }
  rumours_.listed(now, connection.id, worth_telling);
  dial_due(now);
}

bool Node::exchanges_rumours_with(const Connection& connection) const {
  // Who lives for one command has no time for them, nor would it be there when it is dialled.
  return config_.dial_gossip && !connection.visit && !connection.is_transient() &&
         (config_.hello.features & wire::kTransient) == 0;
}

bool Node::is_worth_telling(const net::Endpoint& endpoint) const {
  // Farther than one link goes a link-local address means somebody else, or nobody.
  return !endpoint.address.is_link_local() && wire::acceptable(endpoint, config_.policy);
}

void Node::peers_seen(net::TimePoint now, const Connection& connection, const wire::PeersSeen& message) {
  for (const wire::SeenPeer& peer : message.peers) {
    if (!is_worth_telling(peer.endpoint)) continue;
    rumours_.heard(now, connection.id, peer.endpoint, std::chrono::seconds(peer.age_s));
  }
}

void Node::tell_rumours(net::TimePoint now) {
  for (members::Rumours::Message& message : rumours_.take_due(now)) {
    get(message.to).session->send(std::move(message.seen));
  }
}

bool Node::is_rumour(const Connection& connection) const {
  return connection.dialled && table_.source(*connection.dialled) == members::HintSource::kRumour;
}

void Node::membership_changed(net::TimePoint now, const Connection& connection) {
  ++membership_revision_;
  // Of a visit, and of one that does not listen, there is nothing to tell.
  if (connection.visit || !connection.listening) return;
  if (!gossip_at_) gossip_at_ = std::max(now, last_gossip_ + kGossipInterval);
}

/// With whom we are connected, but for visits.
std::vector<net::Endpoint> Node::neighbour_endpoints() const {
  std::vector<net::Endpoint> endpoints = table_.connected_endpoints();
  for (const auto& [id, peer] : connections_) {
    if (peer->connection.visit) std::erase(endpoints, peer->connection.listening);
  }
  return endpoints;
}

void Node::send_gossip(net::TimePoint now) {
  gossip_at_.reset();
  last_gossip_ = now;
  const std::vector<net::Endpoint> endpoints = neighbour_endpoints();
  for (auto& [id, peer] : connections_) {
    Connection& connection = peer->connection;
    if (connection.stage != Connection::Stage::kOpen || connection.visit) continue;
    std::vector<net::Endpoint> others = endpoints;
    std::erase_if(others, [&](const net::Endpoint& endpoint) { return endpoint == connection.listening; });
    connection.session->send_peers(others);
  }
}

// --- what is known ---

bool Node::connected(const NodeId& node) const { return open_connection_to(node) != nullptr; }

std::vector<Node::PeerView> Node::peers() const {
  std::vector<PeerView> views;
  for (const auto& [id, peer] : connections_) {
    const Connection& connection = peer->connection;
    if (connection.stage == Connection::Stage::kOpen && !connection.visit) views.push_back(view_of(connection));
  }
  return views;
}

std::vector<net::Endpoint> Node::known_endpoints() const {
  std::vector<net::Endpoint> known = table_.known_endpoints();
  for (const auto& [id, peer] : connections_) {
    const Connection& connection = peer->connection;
    if (connection.stage == Connection::Stage::kOpen && connection.is_transient())
      std::erase(known, connection.listening);
  }
  return known;
}

bool Node::settled() const {
  if (hints_expected_ || table_.untested() > 0) return false;
  if (survey_ && visits_.waiting() + visits_.under_way() > 0) return false;
  return std::all_of(connections_.begin(), connections_.end(), [this](const auto& entry) {
    const Connection& connection = entry.second->connection;
    // An older program offers nothing.
    return connection.visit || connection.stage == Connection::Stage::kLegacy || is_rumour(connection) ||
           (connection.stage == Connection::Stage::kOpen && connection.catalog.complete());
  });
}

}  // namespace peer
