// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "peer/files/chunk_set.h"

namespace peer::swarm {

/// How often each chunk of one file was handed out by this host, to whomever. What was handed out least is what the
/// others are least likely to have from each other. Pure.
class SentChunks {
 public:
  /// Equal counts are chosen from `start` on, round the end of the file: hosts that have the same file and are asked by
  /// the same peers then do not choose the same. REQUIRES: chunk < chunk_count in every call.
  SentChunks(std::uint32_t chunk_count, std::uint32_t start);

  /// The chunk handed out least often of those that are not in `have`; nothing where that is full.
  /// REQUIRES: have.size() == chunk_count.
  std::optional<std::uint32_t> least(const files::ChunkSet& have) const;
  std::uint32_t times(std::uint32_t chunk) const { return times_[chunk]; }
  void count(std::uint32_t chunk) { ++times_[chunk]; }

 private:
  std::vector<std::uint32_t> times_;
  std::uint32_t start_;
};

}  // namespace peer::swarm
