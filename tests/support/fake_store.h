// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "net/time.h"
#include "peer/actions.h"
#include "tests/support/chunk_memory.h"
#include "tests/support/fake_library.h"

namespace support {

/// A host's disk as far as downloads go: partial files, which stay when the process dies, and finished ones, which go
/// into the library. Each call does at once what the action asks for; the caller lets the time pass.
class FakeStore {
 public:
  /// How the disk behaves; may be changed at any time.
  struct Behaviour {
    net::Duration latency_min = std::chrono::microseconds(100);
    net::Duration latency_max = std::chrono::milliseconds(2);
    double bytes_per_second = 1e9;
    std::uint64_t space = std::numeric_limits<std::uint64_t>::max();  ///< Bytes left.
    bool fail_open = false;
    bool fail_finish = false;
    std::set<std::uint32_t> fail_chunks;  ///< Writes of these end in an input/output error.
  };

  FakeStore(ChunkMemory& memory, FakeLibrary& library) : memory_(memory), library_(library) {}
  Behaviour behaviour;

  peer::StoreOpened open(const peer::OpenStore& action);
  void set_layer(peer::SetLayer action);
  peer::ChunkStored store(peer::StoreChunk action);
  peer::StoreFinished finish(const peer::FinishStore& action);
  void release(const peer::ReleaseStore& action) { open_.erase(action.transfer); }
  /// The process died: partial files stay, the transfers do not.
  void forget_transfers() { open_.clear(); }

  std::uint64_t chunks_written() const { return chunks_written_; }
  std::uint64_t bad_chunks() const { return bad_chunks_; }

 private:
  struct Partial {
    peer::files::ChunkGrid grid;
    peer::files::ChunkSet have;
    std::vector<peer::files::Hash> layer;
    std::shared_ptr<MemorySource> source;
  };
  std::string free_name(const std::string& path, const peer::files::ContentId& id) const;

  ChunkMemory& memory_;
  FakeLibrary& library_;
  std::map<peer::files::ContentId, Partial> partials_;
  std::map<peer::TransferId, peer::files::ContentId> open_;
  std::uint64_t chunks_written_ = 0;
  std::uint64_t bad_chunks_ = 0;
};

}  // namespace support
