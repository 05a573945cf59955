// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "net/bytes.h"
#include "net/digest.h"
#include "peer/files/content_id.h"

namespace peer::files {

/// The hash tree of BEP 52: leaves are SHA-256 of 16 KiB blocks (the last one short, not padded), padded to a power of
/// two with leaves of zeros; a node is SHA-256(left || right).
inline constexpr std::uint32_t kBlockSize = 16 * 1024;
/// Half as long is a chunk that can be passed on twice as soon, which is what one file to many waits for; shorter ones
/// cost more questions than they save.
inline constexpr std::uint32_t kMinChunkSize = 128 * 1024;
inline constexpr std::uint32_t kMaxChunkSize = 4 * 1024 * 1024;

/// How a file is cut into chunks, the units of request and verification. All chunks have `chunk_size` bytes but the
/// last, which has what is left. Made by chunk_grid() only, so every peer has the same grid for the same length.
struct ChunkGrid {
  std::uint64_t length = 0;
  std::uint32_t chunk_size = kMinChunkSize;

  /// Number of chunks: 0 for an empty file, otherwise 1..2^20.
  std::uint32_t count() const { return static_cast<std::uint32_t>((length + chunk_size - 1) / chunk_size); }
  /// Where chunk `index` begins. REQUIRES: index < count(), as for size().
  std::uint64_t offset(std::uint32_t index) const { return std::uint64_t{index} * chunk_size; }
  /// Bytes of chunk `index`.
  std::uint32_t size(std::uint32_t index) const;
  /// Height of a whole chunk's node above the leaves: log2(chunk_size / kBlockSize).
  unsigned level() const;
  bool operator==(const ChunkGrid&) const = default;
};

/// The grid of a file: the chunk size is the smallest power of two from kMinChunkSize on that gives at most 1024
/// chunks, and at most kMaxChunkSize. REQUIRES: length <= kMaxFileLength.
ChunkGrid chunk_grid(std::uint64_t length);

/// The hash of one chunk: the inner node above its blocks. The last chunk of several is padded with zero leaves to a
/// whole subtree; the only chunk of a file is padded as the file is, so its hash is the root.
/// REQUIRES: 1 <= data.size() <= grid.chunk_size.
Hash hash_chunk(net::Sha256Hasher& hasher, net::ByteView data, const ChunkGrid& grid);

/// The pieces root above a layer of chunk hashes; zeros for an empty file. REQUIRES: layer.size() == grid.count().
Hash root_from_layer(std::span<const Hash> layer, const ChunkGrid& grid);

/// True when `layer` is the chunk layer of the file `id`. Any layer of any size may be asked about. Costs one hash a
/// chunk.
[[nodiscard]] bool layer_matches(std::span<const Hash> layer, const ContentId& id);

/// What hashing a whole file gives.
struct HashedContent {
  ContentId id;
  std::vector<Hash>
      layer;  ///< One hash a chunk of chunk_grid(id.length); {root} for one chunk, empty for an empty file.
  bool operator==(const HashedContent&) const = default;
};

/// Hashes a file from its bytes in order, in pieces of any size, without knowing its length beforehand. Memory is a
/// block, a chunk's leaves and the layer. Pieces that are multiples of 16 KiB are not copied.
class TreeHasher {
 public:
  TreeHasher();

  /// REQUIRES: at most kMaxFileLength bytes in all.
  void update(net::ByteView bytes);
  /// Bytes taken so far.
  std::uint64_t length() const { return length_; }
  /// The result; the object must not be used afterwards.
  HashedContent finish();

 private:
  void add_block(net::ByteView block);
  void double_chunk();

  net::Sha256Hasher hasher_;
  std::uint64_t length_ = 0;
  std::uint32_t chunk_size_ = kMinChunkSize;
  net::Bytes block_;          ///< The block being collected.
  std::vector<Hash> leaves_;  ///< Of the chunk being collected.
  std::vector<Hash> layer_;   ///< Of the chunks that are complete, at chunk_size_.
};

}  // namespace peer::files
