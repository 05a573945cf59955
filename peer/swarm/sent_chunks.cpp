// SPDX-License-Identifier: MIT
#include "peer/swarm/sent_chunks.h"

#include "net/check.h"

namespace peer::swarm {

SentChunks::SentChunks(std::uint32_t chunk_count, std::uint32_t start)
    : times_(chunk_count, 0), start_(chunk_count == 0 ? 0 : start % chunk_count) {}

std::optional<std::uint32_t> SentChunks::least(const files::ChunkSet& have) const {
  CHECK(have.size() == times_.size());
  std::optional<std::uint32_t> best;
  auto look = [&](std::uint32_t from, std::uint32_t end) {
    for (auto chunk = have.first_missing(from); chunk && *chunk < end; chunk = have.first_missing(*chunk + 1)) {
      if (!best || times_[*chunk] < times_[*best]) best = chunk;
    }
  };
  look(start_, have.size());
  look(0, start_);
  return best;
}

}  // namespace peer::swarm
