// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "peer/files/merkle.h"
#include "peer/swarm/transfer.h"
#include "tests/support/chunk_memory.h"
#include "tests/support/manual_clock.h"

namespace peer::swarm {

using State = Transfer::State;
using Outcome = ChunkStored::Outcome;

inline constexpr std::uint64_t kChunk = files::kMinChunkSize;

/// A transfer with its clock; sources are numbers.
struct TransferFixture {
  explicit TransferFixture(std::uint64_t chunks, std::uint64_t more = 0, bool waits_for_room = false)
      : content(memory.generate(chunks * kChunk + more, 1)), transfer(request(waits_for_room), 1, clock.now()) {}

  FetchRequest request(bool waits_for_room) const {
    FetchRequest wanted;
    wanted.id = content.id;
    wanted.path = "file";
    wanted.waits_for_room = waits_for_room;
    return wanted;
  }
  /// The store has opened the file, the layer is known.
  void open(files::ChunkSet have = {}) {
    StoreOpened result;
    result.have = std::move(have);
    if (content.layer->size() > 1) result.layer = *content.layer;
    transfer.opened(std::move(result), clock.now());
  }
  /// Plans and keeps the orders; every deadline must lie ahead then.
  Plan plan() {
    Plan plan = transfer.plan(clock.now());
    if (auto at = transfer.deadline()) {
      EXPECT_GT(*at, clock.now()) << "the loop would spin";
    }
    return plan;
  }
  /// Chunks asked of each source in the next plan.
  std::map<ConnectionId, std::vector<std::uint32_t>> asked() {
    std::map<ConnectionId, std::vector<std::uint32_t>> result;
    for (const ChunkOrder& order : plan().chunks) result[order.source].push_back(order.chunk);
    return result;
  }
  /// The chunk comes whole and is handed to the store.
  void come(ConnectionId source, std::uint32_t chunk) {
    ASSERT_TRUE(transfer.wants_chunk(source, chunk));
    transfer.begin_chunk(source, chunk, clock.now());
    transfer.heard(source, kChunk, clock.now());
    transfer.chunk_came(source, chunk, clock.now());
  }
  bool stored(std::uint32_t chunk, Outcome outcome = Outcome::kWritten) {
    ChunkStored result;
    result.chunk = chunk;
    result.outcome = outcome;
    result.error = "the reason";
    return transfer.stored(result, clock.now());
  }
  void deliver(ConnectionId source, std::uint32_t chunk) {
    come(source, chunk);
    EXPECT_TRUE(stored(chunk));
  }

  support::ManualClock clock;
  support::ChunkMemory memory;
  support::MemoryContent content;
  Transfer transfer;
};

inline bool has_order(const std::vector<CancelOrder>& orders, ConnectionId source, std::uint32_t chunk) {
  return std::any_of(orders.begin(), orders.end(),
                     [&](const CancelOrder& order) { return order.source == source && order.chunk == chunk; });
}

}  // namespace peer::swarm
