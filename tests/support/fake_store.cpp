// SPDX-License-Identifier: MIT
#include "tests/support/fake_store.h"

#include <utility>

#include "net/check.h"

namespace support {

peer::StoreOpened FakeStore::open(const peer::OpenStore& action) {
  peer::StoreOpened result;
  if (behaviour.fail_open) {
    result.error = "cannot create the partial file: Permission denied";
    return result;
  }
  auto [found, is_new] = partials_.try_emplace(action.id);
  Partial& partial = found->second;
  if (is_new) {
    partial.grid = peer::files::chunk_grid(action.id.length);
    partial.have = peer::files::ChunkSet(partial.grid.count());
    partial.source = std::make_shared<MemorySource>(partial.grid);
  }
  open_[action.transfer] = action.id;
  result.have = partial.have;
  result.layer = partial.layer;
  result.source = partial.source;
  return result;
}

void FakeStore::set_layer(peer::SetLayer action) {
  auto transfer = open_.find(action.transfer);
  if (transfer != open_.end()) partials_.at(transfer->second).layer = std::move(action.layer);
}

peer::ChunkStored FakeStore::store(peer::StoreChunk action) {
  using Outcome = peer::ChunkStored::Outcome;
  peer::ChunkStored result;
  result.chunk = action.chunk;
  auto transfer = open_.find(action.transfer);
  if (transfer == open_.end()) {
    result.error = "released";
  } else {
    Partial& partial = partials_.at(transfer->second);
    const std::uint64_t size = action.data.size;
    CHECK(size == partial.grid.size(action.chunk));
    ChunkBytes kept = memory_.verify(action.data.bytes(), action.expected, partial.grid);
    if (!kept) {
      result.outcome = Outcome::kBadHash;
      ++bad_chunks_;
    } else if (behaviour.fail_chunks.contains(action.chunk)) {
      result.error = "Input/output error";
    } else if (behaviour.space < size) {
      result.outcome = Outcome::kNoSpace;
      result.error = "No space left on device";
    } else {
      behaviour.space -= size;
      ++chunks_written_;
      partial.source->put(action.chunk, std::move(kept));
      partial.have.set(action.chunk);
      result.outcome = Outcome::kWritten;
    }
  }
  result.data = std::move(action.data);
  return result;
}

peer::StoreFinished FakeStore::finish(const peer::FinishStore& action) {
  peer::StoreFinished result;
  auto transfer = open_.find(action.transfer);
  if (transfer == open_.end() || behaviour.fail_finish) {
    result.error = "fsync: Input/output error";
    return result;
  }
  const peer::files::ContentId id = transfer->second;
  Partial& partial = partials_.at(id);
  CHECK(partial.have.full());  // Finished before every chunk was written.
  const peer::files::CatalogEntry* there = library_.catalog().find(action.path);
  result.already_there = there && there->id == id;
  result.path = free_name(action.path, id);
  std::vector<peer::files::Hash> layer = partial.layer;
  if (layer.empty() && partial.grid.count() == 1) layer = {id.root};
  library_.add(result.path, {id, std::make_shared<std::vector<peer::files::Hash>>(std::move(layer)), partial.source});
  partials_.erase(id);
  open_.erase(transfer);
  return result;
}

std::string FakeStore::free_name(const std::string& path, const peer::files::ContentId& id) const {
  std::string name = path;
  for (int i = 1;; ++i) {
    const peer::files::CatalogEntry* there = library_.catalog().find(name);
    if (!there || there->id == id) return name;
    name = path + "." + std::to_string(i);
  }
}

}  // namespace support
