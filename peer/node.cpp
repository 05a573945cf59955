// SPDX-License-Identifier: MIT
#include "peer/node.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "net/check.h"

namespace peer {
namespace {

/// A dial that has led to nothing after this is given up; a host that is up answers on a LAN within a few ms.
constexpr net::Duration kDialTimeout = std::chrono::seconds(5);
/// Changes of membership are told at most this often.
constexpr net::Duration kGossipInterval = std::chrono::seconds(1);
/// A second way to a node that is connected already is not tried for this long.
constexpr net::Duration kOtherWayPause = std::chrono::minutes(10);
/// Nor is who has no place for us.
constexpr net::Duration kBusyPause = std::chrono::minutes(1);
/// Connections beyond the limit that are taken to tell a newcomer of others.
constexpr std::size_t kGuests = 4;
/// Connections filled at a time. With fewer, whoever receives from several peers at once holds up those that send to
/// it: their other receivers wait, and links stay idle. With more, chunks come later than they could.
constexpr std::size_t kUploadsAtOnce = 4;

bool is_transient(const Connection& connection) { return (connection.hello.features & wire::kTransient) != 0; }

/// Null while there is nobody to send to.
net::SendQueue* queue_of(Connection& connection) {
  if (connection.legacy) return &connection.legacy->queue();
  return connection.session ? &connection.session->queue() : nullptr;
}

}  // namespace

Node::Node(Config config, Library& library, net::TimePoint now)
    : config_(std::move(config)),
      library_(library),
      own_id_(wire::node_id(config_.hello)),
      table_(config_.table, config_.seed),
      buffers_(config_.buffer_bytes),
      uploads_(kUploadsAtOnce),
      random_(config_.seed + 1) {
  if (config_.accept_push) inbox_.emplace(config_.accept_push->quota);
  if (!config_.limit) return;
  up_limit_.emplace(*config_.limit, now);
  down_limit_.emplace(*config_.limit, now);
}

// --- the table of connections ---

Ledger::Party Node::party_of(const Connection& connection) {
  return {connection.listening.value_or(connection.remote), connection.hello.name};
}

Connection* Node::find(ConnectionId id) {
  auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second->connection;
}

Connection& Node::get(ConnectionId id) {
  Connection* connection = find(id);
  CHECK(connection != nullptr);
  return *connection;
}

Connection& Node::add_connection(const net::Endpoint& remote) {
  ConnectionId id = ++last_connection_;
  PeerPtr& peer = connections_[id] = std::make_unique<Peer>(*this, id);
  peer->connection.remote = remote;
  return peer->connection;
}

std::size_t Node::dialled_count() const {
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(), [](const auto& entry) {
    return entry.second->connection.dialled.has_value();
  }));
}

// --- connections, as the driver sees them ---

bool Node::hint(net::TimePoint now, const net::Endpoint& endpoint, members::HintSource source,
                const std::optional<net::IpAddress>& via) {
  bool trusted = source == members::HintSource::kUser || source == members::HintSource::kFile;
  if (trusted) {
    const auto& own = config_.policy.own;
    if (endpoint.address.is_unspecified() || endpoint.address.is_multicast() ||
        std::find(own.begin(), own.end(), endpoint) != own.end()) {
      return false;
    }
  } else if (!wire::acceptable(endpoint, config_.policy)) {
    return false;
  }
  return table_.hint(now, endpoint, source, via);
}

void Node::try_all_again(net::TimePoint now) {
  failures_.clear();
  table_.try_all_again(now);
  dial_due(now);
}

void Node::probe(net::TimePoint now, const NodeId& node) {
  if (Connection* connection = open_connection_to(node)) connection->session->probe(now);
}

std::size_t Node::dial_budget() const {
  // Some places are left for those who dial us: where everyone's are taken by dialling, nobody new gets in. Where all
  // peers that are heard of have room, each is dialled.
  std::size_t most = config_.max_connections;
  std::size_t limit = most * 3 / 4;
  std::size_t count = table_.size() > most ? connections_.size() : dialled_count();
  if (count >= limit || connections_.size() >= most) return 0;
  return std::min(limit - count, most - connections_.size());
}

void Node::dial_due(net::TimePoint now) {
  if (shut_down_) return;
  std::size_t budget = dial_budget();
  if (budget == 0) return;
  for (const net::Endpoint& endpoint : table_.take_due(now, budget)) {
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

/// A host that claims to be many peers gets no more places for being dialled (threat T35). Dials that nobody has
/// answered are counted too, but hold up others of that address only for as long as they can last.
std::optional<net::TimePoint> Node::dial_later(net::TimePoint now, const net::Endpoint& endpoint) const {
  const std::size_t most = config_.max_connections_per_address;
  const std::size_t count = connections_with(endpoint.address, true);
  if (count < most || table_.named_by_user(endpoint)) return std::nullopt;
  return now + (connections_with(endpoint.address, false) < most ? kDialTimeout : kBusyPause);
}

std::size_t Node::connections_with(const net::IpAddress& address, bool with_dials) const {
  auto same = std::count_if(connections_.begin(), connections_.end(), [&](const auto& entry) {
    const Connection& connection = entry.second->connection;
    return connection.remote.address == address && (with_dials || connection.stage != Connection::Stage::kDialling);
  });
  return static_cast<std::size_t>(same);
}

std::optional<ConnectionId> Node::accepted(net::TimePoint now, const net::Endpoint& remote) {
  if (shut_down_ || connections_.size() >= config_.max_connections + kGuests) return std::nullopt;
  if (connections_with(remote.address, false) >= config_.max_connections_per_address) return std::nullopt;
  Connection& connection = add_connection(remote);
  begin_session(now, connection, wire::Role::kAccepted);
  return connection.id;
}

void Node::dialled(net::TimePoint now, ConnectionId id) {
  Connection* connection = find(id);
  if (connection != nullptr && connection->stage == Connection::Stage::kDialling) {
    begin_session(now, *connection, wire::Role::kDialled);
  }
}

void Node::dial_failed(net::TimePoint now, ConnectionId id, const std::string& reason) {
  if (Connection* connection = find(id)) {
    note_failure(*connection, reason);
    drop(now, id, false);
  }
  dial_due(now);
}

void Node::begin_session(net::TimePoint now, Connection& connection, wire::Role role) {
  connection.stage = Connection::Stage::kOpening;
  std::optional<std::vector<net::Endpoint>> first_peers;
  if (role == wire::Role::kAccepted) first_peers = table_.connected_endpoints();
  connection.session.emplace(role, config_.hello, std::move(first_peers), connections_[connection.id]->sink,
                             wire::SessionLimits{}, now, config_.legacy);
}

std::span<std::byte> Node::space(ConnectionId id) {
  Connection& connection = get(id);
  if (!connection.session && !connection.legacy) return {};
  std::span<std::byte> space = connection.legacy ? connection.legacy->space() : connection.session->space();
  // What is not read fills the socket, and TCP stops the sender.
  return down_limit_ ? space.first(std::min<std::uint64_t>(space.size(), down_limit_->allowance(id))) : space;
}

void Node::received(net::TimePoint now, ConnectionId id, std::size_t count) {
  dropped_.clear();
  Connection& connection = get(id);
  connection.bytes_in += count;
  bytes_in_ += count;
  rate_in_.add(count, now);
  heard_at_ = now;
  if (down_limit_) down_limit_->moved(id, count, now);
  if (connection.receiving) {
    if (swarm::Transfer* transfer = find_transfer(connection.receiving->transfer)) transfer->heard(id, count, now);
  }
  if (connection.legacy) {
    connection.legacy->received(count);
    return process_legacy(now, id);
  }
  connection.session->received(now, count);
  process(now, id);
}

net::SendQueue& Node::queue(ConnectionId id) {
  static net::SendQueue nothing(0);
  net::SendQueue* queue = queue_of(get(id));
  return queue != nullptr ? *queue : nothing;
}

std::uint64_t Node::may_send(ConnectionId id) {
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  if (!up_limit_) return kAll;
  // Small messages go first, as others wait for them: our own questions would otherwise stand behind what we send.
  // Large ones take their turn, or whoever asks for page after page would keep file data from everybody.
  constexpr std::size_t kSmallMessage = 2048;
  const net::SendQueue::Front front = queue(id).front();
  const auto* message = std::get_if<net::ByteView>(&front);
  if (message == nullptr || message->size() > kSmallMessage || up_limit_->overdrawn()) return up_limit_->allowance(id);
  return std::max<std::uint64_t>(up_limit_->allowance(id), message->size());
}

void Node::sent(net::TimePoint now, ConnectionId id, std::uint64_t count) {
  dropped_.clear();
  Connection& connection = get(id);
  connection.bytes_out += count;
  bytes_out_ += count;
  rate_out_.add(count, now);
  const net::SendQueue& queued = *queue_of(connection);
  ledger_.unsent(id, queued.pending() - queued.buffered(), now);
  if (up_limit_) up_limit_->moved(id, count, now);
  if (connection.legacy) return legacy_sent(now, connection);
  uploads_.sent(id, count, queued.pending(), now);
  pump_uploads(now);
}

void Node::closed(net::TimePoint now, ConnectionId id, const std::string& reason) {
  dropped_.clear();
  Connection* connection = find(id);
  if (connection == nullptr) return;
  // What came before the end is still good.
  if (connection->session) {
    connection->session->end_of_input();
    process(now, id);
  }
  if ((connection = find(id)) != nullptr) {
    note_failure(*connection, reason);
    drop(now, id, true);
  }
  dial_due(now);
}

void Node::note_failure(const Connection& connection, const std::string& reason) {
  if (connection.stage == Connection::Stage::kOpen || !connection.dialled) return;
  if (failures_.size() >= config_.table.entries) failures_.clear();
  failures_[*connection.dialled] = reason;
}

// --- events of a session ---

void Node::process(net::TimePoint now, ConnectionId id) {
  while (Connection* connection = find(id)) {
    if (!connection->session) return;
    std::optional<wire::Event> event = connection->session->next_event();
    if (!event) {
      if (connection->session->waiting()) {
        waiting_for_buffers_.insert(id);
        if (!relieve_at_) relieve_at_ = now + kRelieveInterval;
      }
      return;
    }
    handle(now, *connection, std::move(*event));
  }
}

void Node::handle(net::TimePoint now, Connection& connection, wire::Event event) {
  if (auto* list = std::get_if<wire::PeersReceived>(&event)) return handle_peers(now, connection, *list);
  if (auto* hello = std::get_if<wire::HelloReceived>(&event)) {
    return handle_hello(now, connection, std::move(hello->hello));
  }
  if (auto* message = std::get_if<wire::MessageReceived>(&event)) {
    return handle_message(now, connection, std::move(message->message));
  }
  if (auto* chunk = std::get_if<wire::ChunkReceived>(&event)) return chunk_received(now, connection, *chunk);
  if (auto* chunk = std::get_if<wire::ChunkSkipped>(&event)) return chunk_skipped(now, connection, *chunk);
  if (std::holds_alternative<wire::LegacyOpened>(event)) return begin_legacy(now, connection);
  // Failed: what is queued tells the other end why.
  const auto& failed = std::get<wire::Failed>(event);
  note_failure(connection, failed.reason);
  if (failed.code == wire::ErrorCode::kSelf && connection.dialled) note_reached(*connection.dialled, own_id_);
  drop(now, connection.id, true);
  dial_due(now);
}

void Node::handle_message(net::TimePoint now, Connection& connection, wire::Message message) {
  if (auto* question = std::get_if<wire::CatalogGet>(&message)) return answer(now, connection, *question);
  if (auto* question = std::get_if<wire::LayerGet>(&message)) return answer(now, connection, *question);
  if (auto* question = std::get_if<wire::ChunkGet>(&message)) return answer(now, connection, *question);
  if (auto* interest = std::get_if<wire::Interest>(&message)) return answer(now, connection, *interest);
  if (auto* cancel = std::get_if<wire::Cancel>(&message)) {
    uploads_.cancel(connection.id, cancel->request);
    if (!inbox_) return;
    inbox_->withdrawn(connection.id, cancel->request);
    push_at_ = net::TimePoint{};
    return;
  }
  if (auto* layer = std::get_if<wire::Layer>(&message)) return layer_received(now, connection, std::move(*layer));
  if (auto* have = std::get_if<wire::Have>(&message)) return have_received(now, connection, *have);
  if (auto* error = std::get_if<wire::Error>(&message)) return error_received(now, connection, *error);
  if (auto* page = std::get_if<wire::Catalog>(&message)) {
    if (!connection.catalog.page(now, *page)) return close(now, connection.id, wire::ErrorCode::kMalformed);
    ++catalog_pages_;
    ask_catalog(now, connection);
    return tell_transfers(now, connection);
  }
  if (auto* changed = std::get_if<wire::CatalogChanged>(&message)) {
    connection.catalog.changed(changed->revision);
    return ask_catalog(now, connection);
  }
  if (auto* offer = std::get_if<wire::Offer>(&message)) return answer(now, connection, *offer);
  if (auto* reply = std::get_if<wire::OfferAnswer>(&message)) return offer_answered(now, connection, *reply);
  if (auto* status = std::get_if<wire::OfferStatus>(&message)) {
    return offer_status_came(now, connection, std::move(*status));
  }
  if (auto* bye = std::get_if<wire::Bye>(&message)) refused_by_peer(now, connection, bye->reason);
}

void Node::refused_by_peer(net::TimePoint now, Connection& connection, wire::ErrorCode reason) {
  note_failure(connection, std::string(wire::text_of(reason)));
  drop(now, connection.id, true);
  // It is the other end that hears our own HELLO.
  if (reason == wire::ErrorCode::kSelf && connection.dialled) {
    table_.suppress(*connection.dialled, std::nullopt);
    note_reached(*connection.dialled, own_id_);
  }
  if (reason == wire::ErrorCode::kBusy && connection.dialled) table_.suppress(*connection.dialled, now + kBusyPause);
  dial_due(now);
}

bool Node::keeps_over(const Connection& fresh, const Connection& old) const {
  // Another instance of the node: the old connection is to a process that is gone.
  if (fresh.hello.instance != old.hello.instance) return true;
  bool fresh_is_ours = fresh.dialled.has_value();
  if (fresh_is_ours == old.dialled.has_value()) return false;
  // Both ends decide the same: the connection that the smaller id dialled stays.
  return fresh_is_ours == (own_id_ < fresh.node);
}

void Node::handle_hello(net::TimePoint now, Connection& connection, wire::Hello hello) {
  connection.node = wire::node_id(hello);
  connection.hello = std::move(hello);
  if (connection.dialled) {
    failures_.erase(*connection.dialled);
    note_reached(*connection.dialled, connection.node);
  }
  if (connection.node == own_id_) return turn_away(now, connection, wire::ErrorCode::kSelf, std::nullopt);
  if (banned(connection.node)) return turn_away(now, connection, wire::ErrorCode::kBanned, std::nullopt);
  if (connection.dialled) {
    connection.listening = connection.dialled;
  } else if (connection.hello.port != 0) {
    connection.listening = net::Endpoint{connection.remote.address, connection.hello.port};
  }
  if (Connection* other = open_connection_to(connection.node)) {
    if (!keeps_over(connection, *other)) {
      std::optional<net::Endpoint> kept = other->listening;
      // It may have dialled again because the other connection is dead without our knowing.
      other->session->probe(now);
      // The endpoint is another way to a node that we have; it is tried again when that one may be gone.
      turn_away(now, connection, wire::ErrorCode::kDuplicate, now + kOtherWayPause);
      if (kept) table_.connected(now, *kept, connection.node);
      return;
    }
    close(now, other->id, wire::ErrorCode::kDuplicate);
  }
  // It has our list already, and may find a place elsewhere.
  if (connections_.size() > config_.max_connections) return close(now, connection.id, wire::ErrorCode::kBusy);
  opened(now, connection);
}

void Node::note_reached(const net::Endpoint& endpoint, const NodeId& node) {
  if (reached_.size() >= config_.table.entries) reached_.clear();
  reached_[endpoint] = node;
}

void Node::turn_away(net::TimePoint now, Connection& connection, wire::ErrorCode reason,
                     std::optional<net::TimePoint> until) {
  close(now, connection.id, reason);
  if (connection.dialled) table_.suppress(*connection.dialled, until);
}

Connection* Node::open_connection_to(const NodeId& node) {
  for (auto& [id, peer] : connections_) {
    if (peer->connection.stage == Connection::Stage::kOpen && peer->connection.node == node) return &peer->connection;
  }
  return nullptr;
}

bool Node::banned(const NodeId& node) const {
  auto found = strikes_.find(node);
  return found != strikes_.end() && found->second >= kStrikesToBan;
}

void Node::opened(net::TimePoint now, Connection& connection) {
  connection.stage = Connection::Stage::kOpen;
  if (connection.listening) failures_.erase(*connection.listening);
  if (connection.listening) table_.connected(now, *connection.listening, connection.node);
  membership_changed(now);
  ask_catalog(now, connection);
  for (const auto& [id, transfer] : transfers_) {
    if (!transfer->ended()) express_interest(connection, *transfer, true);
  }
}

void Node::handle_peers(net::TimePoint now, Connection& connection, const wire::PeersReceived& list) {
  if (!config_.dial_gossip) return;
  for (const net::Endpoint& endpoint : list.endpoints) {
    if (!wire::acceptable(endpoint, config_.policy)) continue;
    table_.hint(now, endpoint, members::HintSource::kGossip, connection.remote.address);
  }
  dial_due(now);
}

// --- the end of a connection ---

void Node::close(net::TimePoint now, ConnectionId id, wire::ErrorCode reason) {
  Connection& connection = get(id);
  if (connection.session && (connection.session->established() || connection.session->failed())) {
    connection.session->send(wire::Bye{reason});
  }
  drop(now, id, true);
}

void Node::drop(net::TimePoint now, ConnectionId id, bool tell_driver) {
  auto found = connections_.find(id);
  PeerPtr peer = std::move(found->second);
  connections_.erase(found);
  Connection& connection = peer->connection;

  if (tell_driver) {
    net::SendQueue* queue = queue_of(connection);
    outbox_.push_back(Close{id, queue != nullptr ? std::move(*queue) : net::SendQueue(0)});
  }
  waiting_for_buffers_.erase(id);
  uploads_.drop(id);
  lose_offers(id);
  ledger_.closed(id, now);
  if (connection.stage == Connection::Stage::kOpen) {
    if (connection.listening) table_.disconnected(now, *connection.listening);
    // It was there for one command; dialling it again would only find it gone.
    if (connection.listening && is_transient(connection)) table_.forget(*connection.listening);
    membership_changed(now);
  } else if (connection.dialled) {
    table_.failed(now, *connection.dialled);
  }
  for (auto& [transfer_id, transfer] : transfers_) transfer->drop_source(id);
  if (connection.receiving) release_buffer(now, std::move(connection.receiving->data));
  connection.receiving.reset();
  dropped_.push_back(std::move(peer));
  drive_all(now);
}

void Node::strike(net::TimePoint now, const NodeId& node) {
  // Somebody who takes a new identity for each lie must not make this grow for ever.
  if (strikes_.size() >= kMaxStruck && !strikes_.contains(node)) strikes_.erase(strikes_.begin());
  ++strikes_[node];
  if (!banned(node)) return;
  if (Connection* guilty = open_connection_to(node)) {
    std::optional<net::Endpoint> listening = guilty->listening;
    close(now, guilty->id, wire::ErrorCode::kBanned);
    if (listening) table_.suppress(*listening, std::nullopt);
  }
}

void Node::shut_down(net::TimePoint now) {
  shut_down_ = true;
  std::vector<TransferId> running;
  for (const auto& [id, transfer] : transfers_) running.push_back(id);
  for (TransferId id : running) cancel(now, id);
  while (!connections_.empty()) close(now, connections_.begin()->first, wire::ErrorCode::kLeaving);
}

// --- gossip ---

void Node::membership_changed(net::TimePoint now) {
  ++membership_revision_;
  if (!gossip_at_) gossip_at_ = std::max(now, last_gossip_ + kGossipInterval);
}

void Node::send_gossip(net::TimePoint now) {
  gossip_at_.reset();
  last_gossip_ = now;
  std::vector<net::Endpoint> endpoints = table_.connected_endpoints();
  for (auto& [id, peer] : connections_) {
    Connection& connection = peer->connection;
    if (connection.stage != Connection::Stage::kOpen) continue;
    std::vector<net::Endpoint> others = endpoints;
    std::erase_if(others, [&](const net::Endpoint& endpoint) { return endpoint == connection.listening; });
    connection.session->send_peers(others);
  }
}

// --- time ---

void Node::expire(net::TimePoint now) {
  dropped_.clear();
  if (up_limit_) up_limit_->refresh(now);
  if (down_limit_) down_limit_->refresh(now);
  std::vector<ConnectionId> ids;
  for (const auto& [id, peer] : connections_) ids.push_back(id);
  for (ConnectionId id : ids) expire_connection(now, id);
  if (gossip_at_ && *gossip_at_ <= now) send_gossip(now);
  ledger_.expire(now);
  dial_due(now);
  if (relieve_at_ && *relieve_at_ <= now) relieve_waiting(now);
  drive_all(now);
  if (push_at_ && *push_at_ <= now) look_at_inbox(now);
  pump_uploads(now);
}

void Node::expire_connection(net::TimePoint now, ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  if (connection->stage == Connection::Stage::kDialling) {
    if (connections_[id]->dial_deadline > now) return;
    note_failure(*connection, "no answer");
    return drop(now, id, true);
  }
  if (connection->legacy) return expire_legacy(now, *connection);
  if (auto at = connection->session->deadline(); at && *at <= now) connection->session->expire(now);
  // It may also have failed when something was queued for it: by another's chunk, a change of the library, gossip.
  if (connection->session->failed()) process(now, id);
  connection = find(id);
  if (connection != nullptr && connection->stage == Connection::Stage::kOpen) ask_catalog(now, *connection);
}

std::optional<net::TimePoint> Node::deadline() const {
  std::optional<net::TimePoint> next = gossip_at_;
  next = net::earlier(next, relieve_at_);
  next = net::earlier(next, ledger_.deadline());
  if (up_limit_) next = net::earlier(next, up_limit_->deadline());
  if (down_limit_) next = net::earlier(next, down_limit_->deadline());
  next = net::earlier(next, push_at_);
  if (!shut_down_ && dial_budget() > 0) {
    next = net::earlier(next, table_.deadline());
  }
  next = net::earlier(next, uploads_.deadline());
  for (const auto& [id, peer] : connections_) {
    const Connection& connection = peer->connection;
    if (connection.session && connection.session->failed()) {
      return net::TimePoint{};  // At once: nothing else would end it.
    } else if (connection.session) {
      next = net::earlier(next, connection.session->deadline());
    } else if (connection.legacy) {
      next = net::earlier(next, connection.legacy->deadline());
    } else {
      next = net::earlier(next, peer->dial_deadline);
    }
    if (connection.stage == Connection::Stage::kOpen) next = net::earlier(next, connection.catalog.deadline());
  }
  for (const auto& [id, transfer] : transfers_) next = net::earlier(next, transfer->deadline());
  return next;
}

Outbox Node::take_actions() { return std::exchange(outbox_, Outbox()); }

// --- what is known ---

bool Node::connected(const NodeId& node) const {
  return std::any_of(connections_.begin(), connections_.end(), [&](const auto& entry) {
    const Connection& connection = entry.second->connection;
    return connection.stage == Connection::Stage::kOpen && connection.node == node;
  });
}

std::vector<Node::PeerView> Node::peers() const {
  std::vector<PeerView> views;
  for (const auto& [id, peer] : connections_) {
    const Connection& connection = peer->connection;
    if (connection.stage != Connection::Stage::kOpen) continue;
    views.push_back({id, connection.remote, connection.listening, connection.node, connection.hello.name,
                     &connection.catalog.catalog(), connection.catalog.complete(), connection.bytes_in,
                     connection.bytes_out, is_transient(connection)});
  }
  return views;
}

std::vector<net::Endpoint> Node::known_endpoints() const {
  std::vector<net::Endpoint> known = table_.known_endpoints();
  for (const auto& [id, peer] : connections_) {
    const Connection& connection = peer->connection;
    if (connection.stage == Connection::Stage::kOpen && is_transient(connection))
      std::erase(known, connection.listening);
  }
  return known;
}

bool Node::settled() const {
  if (hints_expected_ || table_.untested() > 0) return false;
  return std::all_of(connections_.begin(), connections_.end(), [](const auto& entry) {
    const Connection& connection = entry.second->connection;
    // An older program offers nothing.
    return connection.stage == Connection::Stage::kLegacy ||
           (connection.stage == Connection::Stage::kOpen && connection.catalog.complete());
  });
}

}  // namespace peer
