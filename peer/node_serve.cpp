// SPDX-License-Identifier: MIT
// What other peers ask of this one.
#include <algorithm>
#include <utility>

#include "net/check.h"
#include "peer/node.h"

namespace peer {
namespace {

/// Entries looked at for one page; the page holds as many as fit.
constexpr std::size_t kPageEntries = 1024;
/// Contents that one connection may be interested in.
constexpr std::size_t kMaxInterests = 4096;
/// Contents whose sent chunks are counted; the counts of others begin anew.
constexpr std::size_t kMaxCountedContents = 64;
/// HAVEs, of 32 KiB each, that tell a peer of what is there of one content: far from what may wait for it in memory.
constexpr std::size_t kMaxHaves = 16;

}  // namespace

void Node::refuse(Connection& connection, std::uint32_t request, wire::ErrorCode code) {
  connection.session->send(wire::Error{request, code, std::string(wire::text_of(code))});
}

void Node::answer(net::TimePoint, Connection& connection, const wire::CatalogGet& question) {
  const files::Catalog& catalog = library_.catalog();
  wire::Catalog page;
  page.request = question.request;
  page.revision = catalog.revision();
  page.growing = connection.told_growing = library_.growing();
  if (question.known_revision != 0 && question.known_revision == catalog.revision()) {
    page.unchanged = true;
    page.last = true;
    return connection.session->send(page);
  }
  std::vector<const files::CatalogEntry*> following = catalog.page(question.after, kPageEntries);
  std::size_t size = 0;
  for (const files::CatalogEntry* entry : following) {
    size += wire::encoded_size(*entry);
    if (size > wire::kMaxEntriesSize) break;
    page.entries.push_back(*entry);
  }
  page.last = page.entries.size() == following.size() && following.size() < kPageEntries;
  connection.session->send(page);
}

swarm::Transfer* Node::offering(const files::ContentId& id) {
  for (auto& [transfer_id, transfer] : transfers_) {
    if (transfer->request().id == id && transfer->offers()) return transfer.get();
  }
  return nullptr;
}

void Node::answer(net::TimePoint, Connection& connection, const wire::LayerGet& question) {
  files::ChunkGrid grid = files::chunk_grid(question.id.length);
  // Only the layer of the chunks is kept; others would have to be hashed for the asker.
  if (question.level != grid.level() || question.first >= grid.count() ||
      question.count > grid.count() - question.first) {
    return refuse(connection, question.request, wire::ErrorCode::kBadRange);
  }
  std::shared_ptr<const std::vector<files::Hash>> kept = library_.layer(question.id);
  const std::vector<files::Hash>* layer = kept.get();
  if (layer == nullptr) {
    const swarm::Transfer* transfer = offering(question.id);
    if (transfer != nullptr && transfer->layer_known()) layer = &transfer->layer();
  }
  if (layer == nullptr) return refuse(connection, question.request, wire::ErrorCode::kNotFound);
  CHECK(layer->size() == grid.count());
  auto begin = layer->begin() + question.first;
  connection.session->send(wire::Layer{question.request, {begin, begin + question.count}});
}

void Node::answer(net::TimePoint now, Connection& connection, const wire::ChunkGet& question) {
  files::ChunkGrid grid = files::chunk_grid(question.id.length);
  if (question.level != grid.level()) return refuse(connection, question.request, wire::ErrorCode::kBadRange);
  swarm::UploadRequest request;
  request.connection = connection.id;
  request.request = question.request;
  request.id = question.id;
  request.chunk = question.chunk;
  if (question.chunk == wire::kYourChoice) {
    if (!library_.has(question.id)) {
      return refuse(connection, question.request, wire::ErrorCode::kNotFound);
    }
    auto have = files::ChunkSet::from_bytes(question.have, grid.count());
    if (!have) return refuse(connection, question.request, wire::ErrorCode::kBadRange);
    const swarm::SentChunks& sent = sent_chunks(question.id);
    auto least = sent.least(*have);
    if (!least) return refuse(connection, question.request, wire::ErrorCode::kNothingToGive);
    request.choice = swarm::UploadChoice{std::move(*have), sent.times(*least)};
    if (!uploads_.add(request)) return refuse(connection, question.request, wire::ErrorCode::kBusy);
    return pump_uploads(now);
  }
  if (request.chunk >= grid.count() || question.offset >= grid.size(request.chunk) ||
      question.length > grid.size(request.chunk) - question.offset) {
    return refuse(connection, question.request, wire::ErrorCode::kBadRange);
  }
  if (const swarm::Transfer* transfer = offering(question.id)) request.asker_has = transfer->chunks_of(connection.id);
  request.chunk_offset = question.offset;
  request.file_offset = grid.offset(request.chunk) + question.offset;
  request.size = question.length != 0 ? question.length : grid.size(request.chunk) - question.offset;
  if (!uploads_.add(request)) return refuse(connection, question.request, wire::ErrorCode::kBusy);
  pump_uploads(now);
}

std::string Node::path_of(const files::ContentId& id) const {
  if (auto entries = library_.catalog().find_content(id); !entries.empty()) return entries.front()->path;
  for (const auto& [transfer_id, transfer] : transfers_) {
    if (transfer->request().id == id) return transfer->request().path;
  }
  return library_.path_beside(id);
}

std::shared_ptr<const net::SendSource> Node::source_of(const swarm::UploadRequest& request) {
  if (auto source = library_.open(request.id)) return source;
  const swarm::Transfer* transfer = offering(request.id);
  if (transfer == nullptr || !transfer->have().test(request.chunk)) return nullptr;
  return transfer->source_file();
}

swarm::SentChunks& Node::sent_chunks(const files::ContentId& id) {
  if (times_sent_.size() >= kMaxCountedContents && !times_sent_.contains(id)) times_sent_.clear();
  auto found = times_sent_.find(id);
  if (found == times_sent_.end()) {
    swarm::SentChunks nothing(files::chunk_grid(id.length).count(), static_cast<std::uint32_t>(random_()));
    found = times_sent_.emplace(id, std::move(nothing)).first;
  }
  return found->second;
}

void Node::pump_uploads(net::TimePoint now) {
  while (auto request = uploads_.next(now)) {
    Connection& connection = get(request->connection);
    send_chunk(now, connection, std::move(*request));
    // A small chunk frees its place at once, so that many small files follow each other without a pause.
    uploads_.sent(connection.id, 0, connection.session->queue().pending(), now);
  }
}

void Node::send_chunk(net::TimePoint now, Connection& connection, swarm::UploadRequest request) {
  files::ChunkGrid grid = files::chunk_grid(request.id.length);
  if (request.choice) {
    const swarm::SentChunks& sent = sent_chunks(request.id);
    auto least = sent.least(request.choice->have);
    // Everything that it lacked when it asked has gone out since. It may have got any of that from others by now, so it
    // is to look again.
    if (!least || sent.times(*least) > request.choice->at_least) {
      return refuse(connection, request.request, wire::ErrorCode::kNothingToGive);
    }
    request.chunk = *least;
    request.file_offset = grid.offset(*least);
    request.size = grid.size(*least);
  }
  auto source = source_of(request);
  if (!source) return refuse(connection, request.request, wire::ErrorCode::kNotFound);
  if (grid.count() > 1) sent_chunks(request.id).count(request.chunk);
  wire::ChunkHeader header{request.request, request.chunk, request.chunk_offset};
  connection.session->send_chunk(header, net::FileRange{source, request.file_offset, request.size});
  connection.used = now;
  ledger_.queued(connection.id, party_of(connection), request.id, request.size, now);
}

void Node::answer(net::TimePoint now, Connection& connection, const wire::Interest& interest) {
  if (!interest.on) {
    connection.interests.erase(interest.id);
    ledger_.not_interested(connection.id, interest.id, now);
    return;
  }
  files::ChunkGrid grid = files::chunk_grid(interest.id.length);
  if (interest.level != grid.level() || connection.interests.size() >= kMaxInterests) return;
  connection.interests.insert(interest.id);
  if (library_.has(interest.id)) {
    connection.session->send(wire::Have{interest.id, interest.level, true, {}});
  } else if (const swarm::Transfer* transfer = offering(interest.id)) {
    for (const wire::Have& have : haves_of(*transfer)) connection.session->send(have);
  }
  for (auto& [id, transfer] : transfers_) {
    if (transfer->ended() || transfer->request().id != interest.id) continue;
    transfer->source_interested(connection.id);
    drive(now, id);
  }
}

std::vector<wire::Have> Node::haves_of(const swarm::Transfer& transfer) {
  std::vector<wire::Have> haves;
  for (const files::ChunkSet::Range& range : transfer.have().ranges()) {
    if (haves.empty() || haves.back().ranges.size() == wire::kMaxHaveRanges) {
      if (haves.size() == kMaxHaves) break;
      haves.push_back({transfer.request().id, static_cast<std::uint8_t>(transfer.grid().level()), false, {}});
    }
    haves.back().ranges.push_back(range);
  }
  return haves;
}

void Node::tell_interested(const files::ContentId& id, const wire::Have& have) {
  for (auto& [connection_id, peer] : connections_) {
    if (peer->connection.interests.contains(id)) peer->connection.session->send(have);
  }
}

void Node::library_changed(net::TimePoint) {
  const std::uint64_t revision = library_.catalog().revision();
  const bool changed = std::exchange(told_revision_, revision) != revision;
  for (auto& [id, peer] : connections_) {
    Connection& connection = peer->connection;
    const bool knows = connection.told_growing == library_.growing();
    if (connection.stage != Connection::Stage::kOpen || (!changed && knows)) continue;
    if (!library_.growing()) connection.told_growing = false;
    connection.session->send(wire::CatalogChanged{revision});
  }
}

}  // namespace peer
