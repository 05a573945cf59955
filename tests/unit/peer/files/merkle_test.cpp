// SPDX-License-Identifier: MIT
#include "peer/files/merkle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace peer::files {
namespace {

/// The bytes of the published test vectors: byte i is (7i + 3) mod 256.
net::Bytes vector_bytes(std::size_t length) {
  net::Bytes out(length);
  for (std::size_t i = 0; i < length; ++i) out[i] = static_cast<std::byte>((7 * i + 3) & 255);
  return out;
}

net::Bytes distinct_bytes(std::size_t length) {
  net::Bytes out(length);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < length; ++i) {
    state = state * 1664525 + 1013904223;
    out[i] = static_cast<std::byte>(state >> 24);
  }
  return out;
}

/// BEP 52 word by word: the node over leaves [first, first + width).
Hash reference_node(const std::vector<Hash>& leaves, std::size_t first, std::size_t width) {
  if (width == 1) return first < leaves.size() ? leaves[first] : Hash{};
  const Hash left = reference_node(leaves, first, width / 2);
  const Hash right = reference_node(leaves, first + width / 2, width / 2);
  net::Bytes both(left.begin(), left.end());
  both.insert(both.end(), right.begin(), right.end());
  return net::sha256(both);
}

struct Reference {
  Hash root{};
  std::vector<Hash> layer;
};

Reference reference(const net::Bytes& file) {
  std::vector<Hash> leaves;
  for (std::size_t at = 0; at < file.size(); at += 16384) {
    leaves.push_back(net::sha256(net::ByteView(file).subspan(at, std::min<std::size_t>(16384, file.size() - at))));
  }
  Reference out;
  if (leaves.empty()) return out;
  std::size_t width = 1;
  while (width < leaves.size()) width *= 2;
  out.root = reference_node(leaves, 0, width);
  const ChunkGrid grid = chunk_grid(file.size());
  if (grid.count() == 1) return {out.root, {out.root}};
  const std::size_t blocks = grid.chunk_size / 16384;
  for (std::uint32_t i = 0; i < grid.count(); ++i) out.layer.push_back(reference_node(leaves, i * blocks, blocks));
  return out;
}

HashedContent hash_in_pieces(net::ByteView file, std::size_t piece) {
  TreeHasher hasher;
  for (std::size_t at = 0; at < file.size(); at += piece) {
    hasher.update(file.subspan(at, std::min(piece, file.size() - at)));
  }
  return hasher.finish();
}

TEST(Merkle, PublishedVectors) {
  EXPECT_EQ(net::to_hex(hash_in_pieces(vector_bytes(16384), 16384).id.root),
            "ab571d12466f75ae481bdbbbfec70a0c53bf78e2849862addfa9a049d8f6fbc0");
  EXPECT_EQ(net::to_hex(hash_in_pieces(vector_bytes(16385), 16385).id.root),
            "d7be66e551d58efa5386cef624e4af2eba8f3435a253acd07d8fe2bfd291cfca");
}

TEST(Merkle, EmptyFileHasNoRootAndNoChunks) {
  TreeHasher hasher;
  EXPECT_EQ(hasher.finish(), HashedContent{});
  EXPECT_EQ(chunk_grid(0).count(), 0u);
  EXPECT_EQ(root_from_layer({}, chunk_grid(0)), Hash{});
  EXPECT_TRUE(layer_matches({}, ContentId{}));
}

std::vector<std::size_t> sizes_around_boundaries() {
  std::vector<std::size_t> sizes;
  for (const std::size_t edge : {16384u, 2 * 16384u, 3 * 16384u, 4 * 16384u, 16 * 16384u, 17 * 16384u, 32 * 16384u,
                                 33 * 16384u, 47 * 16384u, 48 * 16384u, 80 * 16384u}) {
    sizes.insert(sizes.end(), {edge - 1, edge, edge + 1});
  }
  sizes.insert(sizes.end(), {1, 2, 100, 1000003});
  return sizes;
}

TEST(Merkle, AgreesWithTheDefinitionAroundBlockAndChunkBoundaries) {
  for (const std::size_t size : sizes_around_boundaries()) {
    const net::Bytes file = distinct_bytes(size);
    const Reference expected = reference(file);
    const ChunkGrid grid = chunk_grid(size);
    const HashedContent hashed = hash_in_pieces(file, 65536);
    EXPECT_EQ(hashed.id, (ContentId{size, expected.root})) << size;
    EXPECT_EQ(hashed.layer, expected.layer) << size;
    EXPECT_TRUE(layer_matches(hashed.layer, hashed.id)) << size;
    net::Sha256Hasher hasher;
    for (std::uint32_t i = 0; i < grid.count(); ++i) {
      EXPECT_EQ(hash_chunk(hasher, net::ByteView(file).subspan(grid.offset(i), grid.size(i)), grid), hashed.layer[i])
          << size << " chunk " << i;
    }
  }
}

TEST(Merkle, PiecesOfAnySizeGiveTheSame) {
  const net::Bytes file = distinct_bytes(5 * kMinChunkSize + 12345);
  const HashedContent whole = hash_in_pieces(file, file.size());
  for (const std::size_t piece : {1000u, 16383u, 16384u, 16385u, 100000u, 131072u, 131073u}) {
    EXPECT_EQ(hash_in_pieces(file, piece), whole) << piece;
  }
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    TreeHasher hasher;
    for (std::size_t at = 0; at < file.size();) {
      const std::size_t piece = std::min<std::size_t>(random() % 50000, file.size() - at);
      hasher.update(net::ByteView(file).subspan(at, piece));
      at += piece;
    }
    EXPECT_EQ(hasher.finish(), whole);
  }
}

// Past 1024 chunks of 128 KiB the chunks grow: the layer on the way is taken a level up.
TEST(Merkle, ChunksDoubleWhileAFileOfUnknownLengthGrows) {
  const net::Bytes chunk = vector_bytes(131072);
  for (const std::size_t extra : {0u, 1u, 131072u, 262144u + 5}) {
    TreeHasher hasher;
    for (int i = 0; i < 1024; ++i) hasher.update(chunk);
    hasher.update(net::ByteView(vector_bytes(extra)));
    const HashedContent hashed = hasher.finish();
    const ChunkGrid grid = chunk_grid(hashed.id.length);
    EXPECT_EQ(grid.chunk_size, extra == 0 ? 131072u : 262144u);
    EXPECT_EQ(hashed.layer.size(), grid.count());
    EXPECT_TRUE(layer_matches(hashed.layer, hashed.id));
    net::Sha256Hasher one;
    net::Bytes first = chunk;
    if (extra != 0) first.insert(first.end(), chunk.begin(), chunk.end());
    EXPECT_EQ(hash_chunk(one, first, grid), hashed.layer.front());
  }
}

TEST(Merkle, GridKeepsItsLimits) {
  constexpr std::uint64_t kMiB = 1024 * 1024;
  EXPECT_EQ(chunk_grid(1).count(), 1u);
  EXPECT_EQ(chunk_grid(131072).count(), 1u);
  EXPECT_EQ(chunk_grid(131073).count(), 2u);
  EXPECT_EQ(chunk_grid(128 * kMiB).chunk_size, 131072u);
  EXPECT_EQ(chunk_grid(128 * kMiB).count(), 1024u);
  EXPECT_EQ(chunk_grid(128 * kMiB + 1).chunk_size, 262144u);
  EXPECT_EQ(chunk_grid(4096 * kMiB).chunk_size, 4 * kMiB);
  EXPECT_EQ(chunk_grid(4096 * kMiB + 1).count(), 1025u);
  EXPECT_EQ(chunk_grid(kMaxFileLength).count(), 1u << 20);
  EXPECT_EQ(chunk_grid(131072).level(), 3u);
  EXPECT_EQ(chunk_grid(kMaxFileLength).level(), 8u);
  for (const std::uint64_t length : {1 * kMiB, 300 * kMiB + 17, 5000 * kMiB + 1}) {
    const ChunkGrid grid = chunk_grid(length);
    const std::uint32_t last = grid.count() - 1;
    EXPECT_EQ(grid.offset(last) + grid.size(last), length);
    EXPECT_GE(grid.size(last), 1u);
  }
}

// T06, T36: a layer of the wrong size, order or content is no layer of the file.
TEST(Merkle, WrongLayersAreRefusedT36) {
  const HashedContent good = hash_in_pieces(distinct_bytes(3 * kMinChunkSize), kMinChunkSize);
  std::vector<Hash> layer = good.layer;
  std::swap(layer[0], layer[1]);
  EXPECT_FALSE(layer_matches(layer, good.id));
  layer = good.layer;
  layer[2][5] ^= std::byte{1};
  EXPECT_FALSE(layer_matches(layer, good.id));
  layer = good.layer;
  layer.push_back(Hash{});
  EXPECT_FALSE(layer_matches(layer, good.id));
  layer.resize(2);
  EXPECT_FALSE(layer_matches(layer, good.id));
  EXPECT_FALSE(layer_matches({}, good.id));
  EXPECT_FALSE(layer_matches(good.layer, ContentId{std::uint64_t{1} << 62, good.id.root}));
}

// There is no leaf/node separation in the tree, so the same root may belong to another length: identity is the pair.
TEST(Merkle, SameRootWithAnotherLengthIsAnotherContent) {
  const net::Bytes file = distinct_bytes(32768);
  const Hash left = net::sha256(net::ByteView(file).first(16384));
  const Hash right = net::sha256(net::ByteView(file).last(16384));
  net::Bytes forged(left.begin(), left.end());
  forged.insert(forged.end(), right.begin(), right.end());
  const HashedContent a = hash_in_pieces(file, 32768);
  const HashedContent b = hash_in_pieces(forged, 64);
  EXPECT_EQ(a.id.root, b.id.root);
  EXPECT_NE(a.id, b.id);
}

}  // namespace
}  // namespace peer::files
