// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/bytes.h"
#include "net/digest.h"
#include "net/send_queue.h"
#include "peer/files/content_id.h"
#include "peer/files/merkle.h"

namespace support {

using ChunkBytes = std::shared_ptr<const net::Bytes>;

/// A file in memory, whole or in part, that chunks can be sent from.
class MemorySource : public net::SendSource {
 public:
  explicit MemorySource(const peer::files::ChunkGrid& grid) : grid_(grid), chunks_(grid.count()) {}

  void put(std::uint32_t chunk, ChunkBytes bytes) { chunks_.at(chunk) = std::move(bytes); }
  const ChunkBytes& chunk(std::uint32_t index) const { return chunks_.at(index); }
  /// Bytes of one chunk.
  struct Part {
    ChunkBytes of;
    std::size_t offset = 0, count = 0;
  };
  /// From `offset` in the file on, `most` bytes or up to the chunk's end. REQUIRES: the chunk was put.
  Part part(std::uint64_t offset, std::size_t most) const;
  /// REQUIRES: the range lies within chunks that were put.
  void read(std::uint64_t offset, std::span<std::byte> into) const;

 private:
  peer::files::ChunkGrid grid_;
  std::vector<ChunkBytes> chunks_;
};

/// A whole file with its real hashes.
struct MemoryContent {
  peer::files::ContentId id;
  std::shared_ptr<const std::vector<peer::files::Hash>> layer;
  std::shared_ptr<MemorySource> source;
};

/// Each chunk once in memory, however many hosts of a simulation have it. Also saves hashing it for each of them.
class ChunkMemory {
 public:
  /// A file of bytes that follow from the seed.
  MemoryContent generate(std::uint64_t length, std::uint64_t seed);
  /// A file of zeros, which takes no more memory than one chunk. REQUIRES: `length` is whole chunks, and two or more.
  MemoryContent zeros(std::uint64_t length);
  /// The bytes as they are kept, where `data` has the hash `expected` as a chunk of `grid`; null where it has not.
  ChunkBytes verify(net::ByteView data, const peer::files::Hash& expected, const peer::files::ChunkGrid& grid);

 private:
  std::map<peer::files::Hash, ChunkBytes> chunks_;
  net::Sha256Hasher hasher_;
};

}  // namespace support
