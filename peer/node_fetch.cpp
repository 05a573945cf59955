// SPDX-License-Identifier: MIT
// What this peer asks of others: catalogs and downloads.
#include <algorithm>
#include <utility>

#include "net/check.h"
#include "peer/node.h"

namespace peer {
namespace {

/// How long a chunk may hold memory while others wait for some.
constexpr net::Duration kLongestReceipt = std::chrono::seconds(10);
/// The error of a download that was stopped.
constexpr const char* kCancelled = "cancelled";

/// Whether what comes is a whole chunk as it was asked for: the named one, or any.
bool as_asked(const swarm::Transfer& transfer, std::uint32_t asked, const wire::ChunkHeader& header,
              std::uint32_t size) {
  if (asked != wire::kYourChoice && header.chunk != asked) return false;
  return header.chunk < transfer.grid().count() && header.offset == 0 && size == transfer.grid().size(header.chunk);
}

}  // namespace

// --- catalogs ---

void Node::ask_catalog(net::TimePoint now, Connection& connection) {
  if (!wants_catalog(connection)) return;
  if (auto question = connection.catalog.ask(now, connection.last_request + 1)) {
    connection.next_request();
    connection.session->send(*question);
  }
}

void Node::tell_transfers(net::TimePoint now, Connection& connection) {
  if (connection.catalog.version() == connection.seen_catalog_version) return;
  connection.seen_catalog_version = connection.catalog.version();
  tell_transfers_anew(now, connection);
}

void Node::tell_transfers_anew(net::TimePoint now, const Connection& connection) {
  const files::Catalog& catalog = catalog_of(connection);
  for (auto& [id, transfer] : transfers_) {
    if (transfer->ended()) continue;
    const files::ContentId& content = transfer->request().id;
    if (catalog.has_content(content) || offered_by(connection, content)) {
      transfer->source_complete(connection.id);
    } else {
      transfer->withdraw_source(connection.id);
    }
    drive(now, id);
  }
}

void Node::error_received(net::TimePoint now, Connection& connection, const wire::Error& error) {
  if (error.request == 0) return refused_by_peer(now, connection, error.code);
  if (auto asked = connection.asked_chunks.find(error.request); asked != connection.asked_chunks.end()) {
    Connection::AskedChunk chunk = asked->second;
    connection.asked_chunks.erase(asked);
    if (swarm::Transfer* transfer = find_transfer(chunk.transfer)) {
      if (error.code == wire::ErrorCode::kNothingToGive) {
        transfer->choice_failed(connection.id);
      } else {
        transfer->refused(connection.id, chunk.chunk, now);
      }
      drive(now, chunk.transfer);
    }
    return;
  }
  for (auto& [id, asked] : connection.asked_layers) {
    if (asked.request != error.request) continue;
    TransferId transfer_id = id;
    connection.asked_layers.erase(id);
    if (swarm::Transfer* transfer = find_transfer(transfer_id)) {
      transfer->layer_refused(connection.id, now);
      drive(now, transfer_id);
    }
    return;
  }
  if (offer_refused(connection, error)) return;
  connection.catalog.refused(now, error.request);
}

// --- transfers, as their user sees them ---

swarm::Transfer* Node::find_transfer(TransferId id) {
  auto found = transfers_.find(id);
  return found == transfers_.end() ? nullptr : found->second.get();
}

const swarm::Transfer* Node::transfer(TransferId id) const {
  auto found = transfers_.find(id);
  return found == transfers_.end() ? nullptr : found->second.get();
}

std::vector<TransferId> Node::transfers() const {
  std::vector<TransferId> ids;
  for (const auto& [id, transfer] : transfers_) ids.push_back(id);
  return ids;
}

std::size_t Node::running_transfers() const {
  return static_cast<std::size_t>(
      std::count_if(transfers_.begin(), transfers_.end(), [](const auto& entry) { return !entry.second->ended(); }));
}

TransferId Node::fetch(net::TimePoint now, swarm::FetchRequest request) {
  TransferId id = ++last_transfer_;
  files::ContentId content = request.id;
  // Of nothing there is nothing to wait for.
  bool begun = content.length > 0 && fetches(content);
  fetching_.insert(content);
  auto& transfer = transfers_[id] = std::make_unique<swarm::Transfer>(std::move(request), random_(), now);
  for (auto& [connection_id, peer] : connections_) {
    if (peer->connection.stage != Connection::Stage::kOpen) continue;
    if (catalog_of(peer->connection).has_content(content) || offered_by(peer->connection, content)) {
      transfer->source_complete(connection_id);
    }
    if (peer->connection.interests.contains(content)) transfer->source_interested(connection_id);
    express_interest(peer->connection, *transfer, true);
  }
  visits_changed();
  if (begun) {
    not_opened_.insert(id);
  } else {
    outbox_.push_back(open_store(id));
  }
  return id;
}

OpenStore Node::open_store(TransferId id) const {
  const swarm::FetchRequest& wanted = transfers_.at(id)->request();
  return {id,           wanted.id, wanted.folder, wanted.path, wanted.mtime_s, wanted.mode, library_.find(wanted.id),
          wanted.pushed};
}

bool Node::fetches(const files::ContentId& content) const { return fetching_.contains(content); }

void Node::express_interest(Connection& connection, const swarm::Transfer& transfer, bool on) {
  // A file of one chunk is had whole or not at all, and whoever has it whole says so in the catalog. Who is visited for
  // a file has it whole, too.
  if (connection.visit || transfer.grid().count() < 2) return;
  connection.session->send(
      wire::Interest{transfer.request().id, static_cast<std::uint8_t>(transfer.grid().level()), on});
}

void Node::cancel(net::TimePoint now, TransferId id) {
  if (swarm::Transfer* transfer = find_transfer(id); transfer != nullptr && !transfer->ended()) {
    transfer->fail(kCancelled);
    drive(now, id);
  }
}

void Node::forget(TransferId id) {
  auto found = transfers_.find(id);
  if (found == transfers_.end()) return;
  CHECK(found->second->ended());
  transfers_.erase(found);
}

// --- the store's answers ---

void Node::store_opening(net::TimePoint now, TransferId id, const StoreOpening& progress) {
  if (swarm::Transfer* transfer = find_transfer(id)) transfer->opening(progress, now);
}

void Node::store_opened(net::TimePoint now, TransferId id, StoreOpened result) {
  dropped_.clear();
  swarm::Transfer* transfer = find_transfer(id);
  if (transfer == nullptr || transfer->ended()) return;
  transfer->opened(std::move(result), now);
  // Who asked before it was open has not been told of what is in it.
  if (transfer->grid().count() > 1) {
    for (const wire::Have& have : haves_of(*transfer)) tell_interested(transfer->request().id, have);
  }
  drive(now, id);
}

void Node::chunk_stored(net::TimePoint now, TransferId id, ChunkStored result) {
  dropped_.clear();
  auto sender = storing_.find({id, result.chunk});
  CHECK(sender != storing_.end());
  const Sender from = sender->second;
  storing_.erase(sender);
  Buffer data = std::move(result.data);
  if (swarm::Transfer* transfer = find_transfer(id); transfer != nullptr && !transfer->ended()) {
    bool fresh = transfer->stored(result, now);
    if (fresh) ledger_.verified(id, from.first, transfer->grid().size(result.chunk));
    if (fresh && transfer->grid().count() > 1) {
      tell_of_chunk(*transfer, result.chunk);
    }
    drive(now, id);
  }
  if (result.outcome == ChunkStored::Outcome::kBadHash) strike(now, from);
  release_buffer(now, std::move(data));
}

void Node::tell_of_chunk(const swarm::Transfer& transfer, std::uint32_t chunk) {
  const files::ContentId& id = transfer.request().id;
  const wire::Message have = wire::Have{id, static_cast<std::uint8_t>(transfer.grid().level()), false, {{chunk, 1}}};
  for (auto& [connection_id, peer] : connections_) {
    // Who has it wants to know of no others: of the many messages of a large swarm these are half.
    if (!peer->connection.interests.contains(id) || transfer.has_chunk(connection_id, chunk)) continue;
    peer->connection.session->send(have);
  }
}

void Node::store_finished(net::TimePoint now, TransferId id, StoreFinished result) {
  dropped_.clear();
  swarm::Transfer* transfer = find_transfer(id);
  if (transfer == nullptr) return;
  transfer->finished(std::move(result));
  drive(now, id);
}

void Node::release_buffer(net::TimePoint now, Buffer buffer) {
  buffers_.release(std::move(buffer));
  give_buffers(now);
}

void Node::give_buffers(net::TimePoint now) {
  // Each gets one try; those that still find nothing put themselves back.
  for (ConnectionId id : std::exchange(waiting_for_buffers_, {})) {
    if (Connection* connection = find(id)) {
      connection->session->resume();
      process(now, id);
    }
  }
}

// --- carrying out a transfer's plan ---

void Node::drive_all(net::TimePoint now) {
  std::vector<TransferId> ids;
  for (const auto& [id, transfer] : transfers_) ids.push_back(id);
  for (TransferId id : ids) drive(now, id);
}

void Node::drive(net::TimePoint now, TransferId id) {
  swarm::Transfer* transfer = find_transfer(id);
  if (transfer == nullptr) return;
  bool was_told = transfer->told_end();
  swarm::Plan plan = transfer->plan(now);
  for (const swarm::CancelOrder& order : plan.cancels) {
    if (Connection* connection = find(order.source)) cancel_chunk(*connection, id, order.chunk);
  }
  if (plan.layer_from) ask_layer(get(*plan.layer_from), id, *transfer);
  for (const swarm::ChunkOrder& order : plan.chunks) ask_chunk(get(order.source), id, *transfer, order.chunk);
  for (ConnectionId source : plan.choices) ask_chunk(get(source), id, *transfer, wire::kYourChoice);
  if (transfer->take_finish()) {
    ++finishing_transfers_;
    const swarm::FetchRequest& wanted = transfer->request();
    outbox_.push_back(FinishStore{id, wanted.folder, wanted.path, wanted.mtime_s, wanted.mode});
  }
  if (transfer->ended() && !was_told) end_transfer(now, id, *transfer);
}

void Node::ask_chunk(Connection& connection, TransferId id, const swarm::Transfer& transfer, std::uint32_t chunk) {
  wire::ChunkGet question;
  question.request = connection.next_request();
  question.id = transfer.request().id;
  question.level = static_cast<std::uint8_t>(transfer.grid().level());
  question.chunk = chunk;
  if (chunk == wire::kYourChoice) {
    question.have = files::ChunkSet::all(transfer.grid().count()).without(transfer.choice_among()).to_bytes();
  }
  connection.asked_chunks[question.request] = {id, chunk};
  connection.session->send(question);
}

void Node::record_end(net::TimePoint now, TransferId id, const swarm::Transfer& transfer) {
  const swarm::FetchRequest& wanted = transfer.request();
  const bool failed = transfer.state() == swarm::Transfer::State::kFailed;
  Ledger::Fetched record;
  record.id = wanted.id;
  record.path = place_of(wanted.folder, failed ? wanted.path : transfer.result().path);
  record.bytes = transfer.bytes_fetched();
  record.took = now - transfer.started();
  if (failed) {
    record.outcome = transfer.error() == kCancelled ? Ledger::Outcome::kCancelled : Ledger::Outcome::kFailed;
    if (record.outcome == Ledger::Outcome::kFailed) record.error = transfer.error();
  } else if (transfer.result().already_there) {
    record.outcome = Ledger::Outcome::kAlreadyThere;
  }
  ledger_.end(id, std::move(record), now);
}

void Node::end_transfer(net::TimePoint now, TransferId id, swarm::Transfer& transfer) {
  transfer.set_told_end();
  visits_changed();
  ++ended_transfers_;
  record_end(now, id, transfer);
  forget_layers(id);
  if (pushed_.contains(id)) push_at_ = net::TimePoint{};
  const files::ContentId& content = transfer.request().id;
  fetching_.erase(fetching_.find(content));
  if (not_opened_.erase(id) > 0) return;
  outbox_.push_back(ReleaseStore{id});
  // A small content that is there now is taken from there: all the others can have it at once.
  const bool one_at_a_time = transfer.state() != swarm::Transfer::State::kDone || transfer.grid().count() > 1;
  bool any = false;
  for (auto next = not_opened_.begin(); next != not_opened_.end() && !(any && one_at_a_time);) {
    if (transfers_.at(*next)->request().id != content) {
      ++next;
      continue;
    }
    outbox_.push_back(open_store(*next));
    next = not_opened_.erase(next);
    any = true;
  }
  if (any) return;
  for (auto& [connection_id, peer] : connections_) {
    if (peer->connection.stage == Connection::Stage::kOpen) express_interest(peer->connection, transfer, false);
  }
}

void Node::cancel_chunk(Connection& connection, TransferId id, std::uint32_t chunk) {
  bool any = false;
  for (auto asked = connection.asked_chunks.begin(); asked != connection.asked_chunks.end();) {
    if (asked->second.transfer != id || asked->second.chunk != chunk) {
      ++asked;
      continue;
    }
    any = true;
    connection.session->send(wire::Cancel{asked->first});
    asked = connection.asked_chunks.erase(asked);
  }
  if (!any) return;
  if (connection.receiving && connection.receiving->transfer == id && connection.receiving->chunk == chunk) {
    stop_receiving(connection);
  }
}

void Node::stop_receiving(Connection& connection) {
  connection.session->abandon_chunk();
  buffers_.release(std::move(connection.receiving->data));
  connection.receiving.reset();
}

void Node::relieve_waiting(net::TimePoint now) {
  relieve_at_.reset();
  if (waiting_for_buffers_.empty()) return;
  // Whoever has held memory for too long gives it up to those who wait: a peer that trickles must not stop all others.
  for (auto& [id, peer] : connections_) {
    Connection& connection = peer->connection;
    if (!connection.receiving || now - connection.receiving->since < kLongestReceipt) continue;
    TransferId transfer_id = connection.receiving->transfer;
    std::uint32_t chunk = connection.receiving->chunk;
    cancel_chunk(connection, transfer_id, chunk);
    if (swarm::Transfer* transfer = find_transfer(transfer_id)) transfer->refused(id, chunk, now);
  }
  give_buffers(now);
  if (!waiting_for_buffers_.empty()) relieve_at_ = now + kRelieveInterval;
}

void Node::ask_layer(Connection& connection, TransferId id, const swarm::Transfer& transfer) {
  // Where it was asked before, its answer is still under way: asking again would only begin it anew.
  auto [asked, is_new] = connection.asked_layers.try_emplace(id);
  if (is_new) ask_layer_part(connection, asked->second, transfer);
}

void Node::ask_layer_part(Connection& connection, Connection::AskedLayer& asked, const swarm::Transfer& transfer) {
  asked.request = connection.next_request();
  auto first = static_cast<std::uint32_t>(asked.hashes.size());
  wire::LayerGet question;
  question.request = asked.request;
  question.id = transfer.request().id;
  question.level = static_cast<std::uint8_t>(transfer.grid().level());
  question.first = first;
  question.count = std::min(transfer.grid().count() - first, wire::kMaxLayerHashes);
  connection.session->send(question);
}

void Node::layer_received(net::TimePoint now, Connection& connection, wire::Layer layer) {
  auto asked = std::find_if(connection.asked_layers.begin(), connection.asked_layers.end(),
                            [&](const auto& entry) { return entry.second.request == layer.request; });
  if (asked == connection.asked_layers.end()) return;  // Its transfer has ended.
  TransferId id = asked->first;
  swarm::Transfer* transfer = find_transfer(id);
  if (transfer == nullptr || transfer->ended()) {
    connection.asked_layers.erase(asked);
    return;
  }
  std::vector<files::Hash>& hashes = asked->second.hashes;
  std::size_t missing = transfer->grid().count() - hashes.size();
  bool as_asked = layer.hashes.size() == std::min<std::size_t>(missing, wire::kMaxLayerHashes);
  hashes.insert(hashes.end(), layer.hashes.begin(), layer.hashes.end());
  if (as_asked && hashes.size() < transfer->grid().count()) {
    transfer->layer_part_came(connection.id, now);
    return ask_layer_part(connection, asked->second, *transfer);
  }

  std::vector<files::Hash> whole = std::move(hashes);
  const Sender from = sender_of(connection);
  connection.asked_layers.erase(asked);
  bool was_known = transfer->layer_known();
  bool right = transfer->layer_came(connection.id, std::move(whole), now);
  if (right && !was_known && transfer->layer_known()) {
    outbox_.push_back(SetLayer{id, transfer->layer()});
    forget_layers(id);
  }
  if (!right) strike(now, from);
  drive(now, id);
}

void Node::forget_layers(TransferId id) {
  for (auto& [connection_id, peer] : connections_) peer->connection.asked_layers.erase(id);
}

void Node::have_received(net::TimePoint now, Connection& connection, const wire::Have& have) {
  for (auto& [id, transfer] : transfers_) {
    if (transfer->request().id != have.id || transfer->ended() || have.level != transfer->grid().level()) continue;
    if (have.complete) transfer->source_complete(connection.id);
    // Ranges that do not overlap have no more chunks together than the file (threat T21).
    std::uint64_t left = transfer->grid().count();
    for (const wire::ChunkRange& range : have.ranges) {
      if (range.count > left) break;
      left -= range.count;
      transfer->source_has(connection.id, range.first, range.count);
    }
    // Each chunk of each peer is told to all: where the teller has enough to do, there is nothing to plan.
    if (have.complete || transfer->may_ask(connection.id, now)) drive(now, id);
  }
}

// --- chunks coming in ---

wire::Placement Node::Sink::place(const wire::ChunkHeader& header, std::uint32_t size) {
  return node_.place(connection_, header, size);
}

wire::Placement Node::place(ConnectionId id, const wire::ChunkHeader& header, std::uint32_t size) {
  Connection& connection = get(id);
  auto asked = connection.asked_chunks.find(header.request);
  if (asked == connection.asked_chunks.end()) return wire::Discard{};
  auto [transfer_id, chunk] = asked->second;
  swarm::Transfer* transfer = find_transfer(transfer_id);
  if (transfer == nullptr || !as_asked(*transfer, chunk, header, size)) return wire::Discard{};
  bool choice = chunk == wire::kYourChoice;
  bool wanted = choice ? transfer->wants_choice(id, header.chunk) : transfer->wants_chunk(id, header.chunk);
  if (!wanted) return wire::Discard{};
  auto buffer = buffers_.acquire(size);
  if (!buffer) return wire::Wait{};
  if (choice) transfer->chose(id, header.chunk, heard_at_);
  asked->second.chunk = header.chunk;
  transfer->begin_chunk(id, header.chunk, heard_at_);
  connection.receiving = Connection::Receiving{transfer_id, header.chunk, std::move(*buffer), heard_at_};
  return wire::Place{connection.receiving->data.bytes()};
}

void Node::chunk_received(net::TimePoint now, Connection& connection, const wire::ChunkReceived& chunk) {
  CHECK(connection.receiving);
  Connection::Receiving received = std::move(*connection.receiving);
  connection.receiving.reset();
  connection.asked_chunks.erase(chunk.header.request);
  swarm::Transfer* transfer = find_transfer(received.transfer);
  if (transfer == nullptr || !transfer->wants_chunk(connection.id, received.chunk)) {
    if (transfer != nullptr) transfer->unwanted(connection.id, received.chunk);
    return release_buffer(now, std::move(received.data));
  }
  transfer->chunk_came(connection.id, received.chunk, now);
  ledger_.came(received.transfer, connection.node, party_of(connection), received.data.size, now);
  storing_[{received.transfer, received.chunk}] = sender_of(connection);
  outbox_.push_back(
      StoreChunk{received.transfer, received.chunk, transfer->expected(received.chunk), std::move(received.data)});
  drive(now, received.transfer);
}

void Node::chunk_skipped(net::TimePoint now, Connection& connection, const wire::ChunkSkipped& chunk) {
  auto asked = connection.asked_chunks.find(chunk.header.request);
  if (asked == connection.asked_chunks.end()) return;
  auto [transfer_id, number] = asked->second;
  connection.asked_chunks.erase(asked);
  swarm::Transfer* transfer = find_transfer(transfer_id);
  if (transfer == nullptr) return;
  if (as_asked(*transfer, number, chunk.header, chunk.size)) {
    if (number == wire::kYourChoice) {
      transfer->choice_failed(connection.id);
    } else {
      transfer->unwanted(connection.id, number);
    }
  } else {
    transfer->refused(connection.id, number, now);
    // Without this, one that is the only source could keep the user waiting for ever.
    strike(now, sender_of(connection));
  }
  drive(now, transfer_id);
}

}  // namespace peer
