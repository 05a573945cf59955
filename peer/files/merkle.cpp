// SPDX-License-Identifier: MIT
#include "peer/files/merkle.h"

#include <algorithm>
#include <bit>

#include "net/check.h"

namespace peer::files {
namespace {

constexpr std::uint32_t kMostChunksWanted = 1024;

/// Levels of a tree that has `leaves` leaves, the leaf level not counted.
unsigned height(std::size_t leaves) { return leaves <= 1 ? 0 : static_cast<unsigned>(std::bit_width(leaves - 1)); }

unsigned level_of(std::uint32_t chunk_size) { return static_cast<unsigned>(std::countr_zero(chunk_size / kBlockSize)); }

/// Replaces each pair of nodes by its parent; one without a right sibling takes `padding`.
void pair_up(net::Sha256Hasher& hasher, std::vector<Hash>& nodes, const Hash& padding) {
  const std::size_t parents = (nodes.size() + 1) / 2;
  for (std::size_t i = 0; i < parents; ++i) {
    const Hash& right = 2 * i + 1 < nodes.size() ? nodes[2 * i + 1] : padding;
    nodes[i] = hasher.hash(nodes[2 * i], right);
  }
  nodes.resize(parents);
}

/// The single node `levels` above `nodes`. `padding` stands for what is missing to the right: it is the subtree of zero
/// leaves as high as the nodes are. Uses up `nodes`.
Hash fold(net::Sha256Hasher& hasher, std::vector<Hash>& nodes, Hash padding, unsigned levels) {
  for (; levels > 0; --levels) {
    pair_up(hasher, nodes, padding);
    padding = hasher.hash(padding, padding);
  }
  CHECK(nodes.size() == 1);
  return nodes.front();
}

/// The root of a subtree of zero leaves that is `levels` high.
Hash zero_subtree(net::Sha256Hasher& hasher, unsigned levels) {
  Hash node{};
  for (; levels > 0; --levels) node = hasher.hash(node, node);
  return node;
}

Hash root_of(net::Sha256Hasher& hasher, std::span<const Hash> layer, const ChunkGrid& grid) {
  CHECK(layer.size() == grid.count());
  if (layer.empty()) return Hash{};
  std::vector<Hash> nodes(layer.begin(), layer.end());
  return fold(hasher, nodes, zero_subtree(hasher, grid.level()), height(layer.size()));
}

}  // namespace

std::uint32_t ChunkGrid::size(std::uint32_t index) const {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(chunk_size, length - offset(index)));
}

unsigned ChunkGrid::level() const { return level_of(chunk_size); }

ChunkGrid chunk_grid(std::uint64_t length) {
  CHECK(length <= kMaxFileLength);
  ChunkGrid grid{length, kMinChunkSize};
  while (grid.chunk_size < kMaxChunkSize && grid.count() > kMostChunksWanted) grid.chunk_size *= 2;
  return grid;
}

Hash hash_chunk(net::Sha256Hasher& hasher, net::ByteView data, const ChunkGrid& grid) {
  CHECK(!data.empty() && data.size() <= grid.chunk_size);
  std::vector<Hash> leaves;
  leaves.reserve((data.size() + kBlockSize - 1) / kBlockSize);
  for (; !data.empty(); data = data.subspan(std::min<std::size_t>(kBlockSize, data.size()))) {
    leaves.push_back(hasher.hash(data.first(std::min<std::size_t>(kBlockSize, data.size()))));
  }
  const unsigned levels = grid.count() == 1 ? height(leaves.size()) : grid.level();
  return fold(hasher, leaves, Hash{}, levels);
}

Hash root_from_layer(std::span<const Hash> layer, const ChunkGrid& grid) {
  net::Sha256Hasher hasher;
  return root_of(hasher, layer, grid);
}

bool layer_matches(std::span<const Hash> layer, const ContentId& id) {
  if (!id.valid()) return false;
  const ChunkGrid grid = chunk_grid(id.length);
  return layer.size() == grid.count() && root_from_layer(layer, grid) == id.root;
}

TreeHasher::TreeHasher() {
  block_.reserve(kBlockSize);
  leaves_.reserve(kMaxChunkSize / kBlockSize);
}

void TreeHasher::update(net::ByteView bytes) {
  CHECK(bytes.size() <= kMaxFileLength - length_);
  length_ += bytes.size();
  if (!block_.empty()) {
    const std::size_t part = std::min<std::size_t>(kBlockSize - block_.size(), bytes.size());
    block_.insert(block_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(part));
    bytes = bytes.subspan(part);
    if (block_.size() < kBlockSize) return;
    add_block(block_);
    block_.clear();
  }
  for (; bytes.size() >= kBlockSize; bytes = bytes.subspan(kBlockSize)) add_block(bytes.first(kBlockSize));
  block_.assign(bytes.begin(), bytes.end());
}

void TreeHasher::add_block(net::ByteView block) {
  if (leaves_.empty() && layer_.size() == kMostChunksWanted && chunk_size_ < kMaxChunkSize) double_chunk();
  leaves_.push_back(hasher_.hash(block));
  if (leaves_.size() < chunk_size_ / kBlockSize) return;
  layer_.push_back(fold(hasher_, leaves_, Hash{}, level_of(chunk_size_)));
  leaves_.clear();
}

/// One chunk more than wanted at this size has begun, so chunk_grid() would choose the next size: what is complete is
/// taken a level up. All of it is in pairs, because their number is even.
void TreeHasher::double_chunk() {
  pair_up(hasher_, layer_, Hash{});
  chunk_size_ *= 2;
}

HashedContent TreeHasher::finish() {
  if (!block_.empty()) add_block(block_);
  if (!leaves_.empty()) {
    const unsigned levels = layer_.empty() ? height(leaves_.size()) : level_of(chunk_size_);
    layer_.push_back(fold(hasher_, leaves_, Hash{}, levels));
  }
  const ChunkGrid grid = chunk_grid(length_);
  CHECK(layer_.size() == grid.count());
  const Hash root = root_of(hasher_, layer_, grid);
  return HashedContent{ContentId{length_, root}, std::move(layer_)};
}

}  // namespace peer::files
