// SPDX-License-Identifier: MIT
#include "tests/support/chunk_memory.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include "net/check.h"

namespace support {

MemorySource::Part MemorySource::part(std::uint64_t offset, std::size_t most) const {
  const auto index = static_cast<std::uint32_t>(offset / grid_.chunk_size);
  const auto within = static_cast<std::size_t>(offset % grid_.chunk_size);
  CHECK(index < chunks_.size() && chunks_[index] && within < chunks_[index]->size());
  return {chunks_[index], within, std::min(most, chunks_[index]->size() - within)};
}

void MemorySource::read(std::uint64_t offset, std::span<std::byte> into) const {
  while (!into.empty()) {
    const Part some = part(offset, into.size());
    std::memcpy(into.data(), some.of->data() + some.offset, some.count);
    into = into.subspan(some.count);
    offset += some.count;
  }
}

MemoryContent ChunkMemory::generate(std::uint64_t length, std::uint64_t seed) {
  const peer::files::ChunkGrid grid = peer::files::chunk_grid(length);
  std::mt19937_64 random(seed);
  peer::files::TreeHasher tree;
  MemoryContent content;
  content.source = std::make_shared<MemorySource>(grid);
  for (std::uint32_t i = 0; i < grid.count(); ++i) {
    auto bytes = std::make_shared<net::Bytes>(grid.size(i));
    for (std::size_t at = 0; at < bytes->size(); at += 8) {
      const std::uint64_t word = random();
      std::memcpy(bytes->data() + at, &word, std::min<std::size_t>(8, bytes->size() - at));
    }
    tree.update(*bytes);
    content.source->put(i, std::move(bytes));
  }
  peer::files::HashedContent hashed = tree.finish();
  content.id = hashed.id;
  for (std::uint32_t i = 0; i < grid.count(); ++i) chunks_.emplace(hashed.layer[i], content.source->chunk(i));
  content.layer = std::make_shared<std::vector<peer::files::Hash>>(std::move(hashed.layer));
  return content;
}

MemoryContent ChunkMemory::zeros(std::uint64_t length) {
  const peer::files::ChunkGrid grid = peer::files::chunk_grid(length);
  CHECK(grid.count() >= 2 && length % grid.chunk_size == 0);
  auto bytes = std::make_shared<net::Bytes>(grid.chunk_size);
  const peer::files::Hash hash = peer::files::hash_chunk(hasher_, *bytes, grid);
  const std::vector<peer::files::Hash> layer(grid.count(), hash);
  MemoryContent content;
  content.id = {length, peer::files::root_from_layer(layer, grid)};
  content.layer = std::make_shared<std::vector<peer::files::Hash>>(layer);
  content.source = std::make_shared<MemorySource>(grid);
  const ChunkBytes chunk = chunks_.emplace(hash, std::move(bytes)).first->second;
  for (std::uint32_t i = 0; i < grid.count(); ++i) content.source->put(i, chunk);
  return content;
}

ChunkBytes ChunkMemory::verify(net::ByteView data, const peer::files::Hash& expected,
                               const peer::files::ChunkGrid& grid) {
  if (auto found = chunks_.find(expected); found != chunks_.end()) {
    const net::Bytes& known = *found->second;
    return data.size() == known.size() && std::memcmp(data.data(), known.data(), data.size()) == 0 ? found->second
                                                                                                   : nullptr;
  }
  if (peer::files::hash_chunk(hasher_, data, grid) != expected) return nullptr;
  return chunks_.emplace(expected, std::make_shared<net::Bytes>(data.begin(), data.end())).first->second;
}

}  // namespace support
