// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/bytes.h"

namespace peer::files {

/// A set of chunk numbers 0..size()-1, as a bitmap. Which chunks somebody has.
class ChunkSet {
 public:
  /// `count` consecutive chunks from `first` on.
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    bool operator==(const Range&) const = default;
  };

  ChunkSet() = default;
  /// An empty set of chunks of a file that has `size` chunks.
  explicit ChunkSet(std::uint32_t size);
  /// The set of all `size` chunks.
  static ChunkSet all(std::uint32_t size);

  /// Chunks of the file.
  std::uint32_t size() const { return size_; }
  /// Chunks in the set; O(1).
  std::uint32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  bool full() const { return count_ == size_; }

  /// REQUIRES: index < size(), as for all that take an index.
  bool test(std::uint32_t index) const;
  /// Each returns whether the set changed.
  bool set(std::uint32_t index);
  bool reset(std::uint32_t index);
  /// Adds a range; false, and nothing is done, when it does not lie within the file. For ranges from the wire.
  [[nodiscard]] bool set_range(Range range);

  /// The first chunk >= from that is missing or present; nothing when there is none. Any `from` is allowed.
  std::optional<std::uint32_t> first_missing(std::uint32_t from = 0) const;
  std::optional<std::uint32_t> first_present(std::uint32_t from = 0) const;
  /// Calls visit(index) for each chunk of the set, in order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (auto index = first_present(); index; index = first_present(*index + 1)) visit(*index);
  }
  /// The set as maximal ranges, in order.
  std::vector<Range> ranges() const;

  /// Set algebra. REQUIRES: the same size.
  ChunkSet& operator|=(const ChunkSet& other);
  /// The chunks of this set that are not in `other`.
  ChunkSet without(const ChunkSet& other) const;
  bool operator==(const ChunkSet&) const = default;

  /// As in BitTorrent (BEP 3): chunk 0 is the highest bit of the first byte; spare bits at the end are zero.
  net::Bytes to_bytes() const;
  /// The inverse; nothing unless `bytes` is exactly that long and its spare bits are zero.
  static std::optional<ChunkSet> from_bytes(net::ByteView bytes, std::uint32_t size);

 private:
  std::uint32_t size_ = 0;
  std::uint32_t count_ = 0;
  std::vector<std::uint64_t> words_;  ///< Chunk i is bit i % 64 of word i / 64; bits past size_ are zero.
};

}  // namespace peer::files
