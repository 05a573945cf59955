// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include "net/bytes.h"
#include "net/result.h"
#include "peer/files/chunk_set.h"
#include "peer/files/content_id.h"
#include "peer/files/merkle.h"

namespace peer::files {

/// What is remembered of a download that is not complete.
struct PartialState {
  ContentId id;
  std::vector<Hash> layer;  ///< Checked against id.root; empty while it has not arrived.
  ChunkSet have;            ///< Of chunk_grid(id.length).count() chunks; empty while there is no layer.
  bool operator==(const PartialState&) const = default;
};

enum class PartialStateError {
  kTruncated,    ///< Ends early, or goes on after its end.
  kNotAState,    ///< Another magic number or version.
  kBadChecksum,  ///< Torn or altered.
  kBadContent,   ///< An id, chunk size, layer or bitmap that cannot be.
};

/// The longest record: that of a file of kMaxFileLength.
std::size_t max_partial_state_size();

/// The record (big-endian): magic "p2p-part", version u32 = 1, length u64, root, chunk size u32, layer count u32, layer
/// hashes, bitmap as ChunkSet::to_bytes, SHA-256 of all before it. REQUIRES: what decode would accept.
net::Bytes encode_partial_state(const PartialState& state);

/// Refuses whatever encode_partial_state cannot have written, before it allocates anything for it.
net::Result<PartialState, PartialStateError> decode_partial_state(net::ByteView record);

}  // namespace peer::files
