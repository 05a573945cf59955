// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "peer/files/chunk_set.h"

namespace peer::swarm {

/// Which chunk of one file to ask for next: the rarest that a source has. Ties are broken in file order while every
/// source is complete (good for disks and read-ahead), at random as soon as one is not, so that downloaders that see
/// the same counts ask for different chunks and have something to exchange. Pure; O(log n) for each change.
class Picker {
 public:
  Picker(std::uint32_t chunk_count, std::uint64_t seed);

  /// Chunks wanted and not asked for. REQUIRES: chunk < chunk_count in every call.
  bool empty() const { return wanted_.empty(); }
  std::size_t size() const { return wanted_.size(); }
  /// Wanted chunks that no incomplete source has.
  std::size_t unavailable() const { return unavailable_; }
  /// Those among them; O(count).
  files::ChunkSet unavailable_chunks() const;

  /// A source that is not complete got a chunk.
  void source_gained(std::uint32_t chunk);
  void source_lost(std::uint32_t chunk);
  /// Sources that lack something: while there are any, ties are random.
  void set_partial_sources(std::size_t count);

  bool wants(std::uint32_t chunk) const { return is_wanted_[chunk]; }
  /// The best chunk of those in `among` (null: all); it stays wanted until take(). Costs about the square root of
  /// size() where `among` holds only wanted chunks, and O(size()) at most.
  std::optional<std::uint32_t> best(const files::ChunkSet* among) const;
  /// The chunk is asked for or there: not picked any more.
  void take(std::uint32_t chunk);
  /// The chunk is wanted again.
  void put_back(std::uint32_t chunk);

 private:
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;  ///< Availability, tie, chunk.
  Key key_of(std::uint32_t chunk) const;
  std::optional<std::uint32_t> best_of_few(const files::ChunkSet& among) const;
  void insert(std::uint32_t chunk);
  void erase(std::uint32_t chunk);

  bool random_ties_ = false;
  std::vector<std::uint32_t> availability_;  ///< Among the sources that are not complete.
  std::vector<std::uint32_t> ties_;
  std::vector<bool> is_wanted_;
  std::set<Key> wanted_;
  std::size_t unavailable_ = 0;
};

}  // namespace peer::swarm
