// SPDX-License-Identifier: MIT
#include "peer/node.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "net/check.h"

namespace peer {
namespace {

/// Connections filled at a time. With fewer, whoever receives from several peers at once holds up those that send to
/// it: their other receivers wait, and links stay idle. With more, chunks come later than they could.
constexpr std::size_t kUploadsAtOnce = 4;

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
      rumours_(config_.rumours, config_.seed + 2),
      eviction_(config_.eviction),
      buffers_(config_.buffer_bytes),
      uploads_(kUploadsAtOnce),
      random_(config_.seed + 1),
      visits_(config_.visits, config_.seed + 3) {
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

// --- connections, as the driver sees them ---

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
  connection.heard = now;
  std::optional<std::vector<net::Endpoint>> first_peers;
  if (role == wire::Role::kAccepted) first_peers = neighbour_endpoints();
  wire::Hello hello = config_.hello;
  if (connection.visit) {
    // So that it takes no place there, and nobody tells of it.
    hello.features |= wire::kTransient;
    hello.port = 0;
  }
  connection.session.emplace(role, std::move(hello), std::move(first_peers), connections_[connection.id]->sink,
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
  connection.heard = now;
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
    if (!std::holds_alternative<wire::PeersSeen>(message->message)) connection.used = now;
    return handle_message(now, connection, std::move(message->message));
  }
  connection.used = now;
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
    if (!connection.catalog.page(now, *page, catalog_room(connection))) {
      return close(now, connection.id, wire::ErrorCode::kMalformed);
    }
    ++catalog_pages_;
    ask_catalog(now, connection);
    return connection.visit ? visit_told(now, connection) : tell_transfers(now, connection);
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
  if (auto* seen = std::get_if<wire::PeersSeen>(&message)) return peers_seen(now, connection, *seen);
  if (auto* bye = std::get_if<wire::Bye>(&message)) refused_by_peer(now, connection, bye->reason);
}

std::size_t Node::catalog_room(const Connection& connection) const {
  std::size_t all = 0;
  std::size_t of_address = 0;
  for (const auto& [id, peer] : connections_) {
    if (id == connection.id) continue;
    const std::size_t held = peer->connection.catalog.held();
    all += held;
    if (peer->connection.remote.address == connection.remote.address) of_address += held;
  }
  const RemoteCatalog::Limits& limits = config_.catalogs;
  const auto left = [](std::size_t most, std::size_t taken) { return most > taken ? most - taken : 0; };
  return std::max(limits.least, std::min(left(limits.all, all), left(limits.of_address, of_address)));
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
    if (connection.listening) rumours_.parted(now, *connection.listening);
    rumours_.remove_neighbour(id);
    // It was there for one command; dialling it again would only find it gone.
    if (connection.listening && connection.is_transient()) table_.forget(*connection.listening);
    membership_changed(now, connection);
  } else if (connection.dialled) {
    table_.failed(now, *connection.dialled);
  }
  visit_dropped(now, connection);
  for (auto& [transfer_id, transfer] : transfers_) transfer->drop_source(id);
  if (connection.receiving) release_buffer(now, std::move(connection.receiving->data));
  connection.receiving.reset();
  dropped_.push_back(std::move(peer));
  drive_all(now);
}

void Node::shut_down(net::TimePoint now) {
  shut_down_ = true;
  survey_.reset();
  held_.clear();
  visits_at_.reset();
  std::vector<TransferId> running;
  for (const auto& [id, transfer] : transfers_) running.push_back(id);
  for (TransferId id : running) cancel(now, id);
  while (!connections_.empty()) close(now, connections_.begin()->first, wire::ErrorCode::kLeaving);
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
  if (auto at = rumours_.deadline(); at && *at <= now) tell_rumours(now);
  ledger_.expire(now);
  dial_due(now);
  if (visits_at_ && *visits_at_ <= now) look_after_visits(now);
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
  next = net::earlier(next, rumours_.deadline());
  next = net::earlier(next, visits_at_);
  if (!shut_down_ && dial_budget() > 0) {
    next = net::earlier(next, table_.deadline());
    if (rumours_.untried() > 0) next = net::earlier(next, rumour_at_);
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
    if (connection.stage == Connection::Stage::kOpen && wants_catalog(connection)) {
      next = net::earlier(next, connection.catalog.deadline());
    }
  }
  for (const auto& [id, transfer] : transfers_) next = net::earlier(next, transfer->deadline());
  return next;
}

Outbox Node::take_actions() { return std::exchange(outbox_, Outbox()); }

}  // namespace peer
