// SPDX-License-Identifier: MIT
#include "peer/files/partial_state.h"

#include <algorithm>

#include "net/check.h"
#include "net/digest.h"

namespace peer::files {
namespace {

constexpr std::string_view kMagic = "p2p-part";
constexpr std::uint32_t kStateVersion = 1;
constexpr std::size_t kHashSize = std::tuple_size_v<Hash>;
/// Everything but the layer and the bitmap, with the checksum.
constexpr std::size_t kFixedSize = kMagic.size() + 4 + 8 + kHashSize + 4 + 4 + kHashSize;

std::size_t bitmap_size(std::uint32_t chunks) { return chunks / 8 + (chunks % 8 != 0 ? 1 : 0); }

Hash read_hash(net::ByteReader& in) {
  Hash hash{};
  const net::ByteView bytes = in.bytes(kHashSize);
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace

std::size_t max_partial_state_size() {
  const std::uint32_t chunks = chunk_grid(kMaxFileLength).count();
  return kFixedSize + chunks * kHashSize + bitmap_size(chunks);
}

net::Bytes encode_partial_state(const PartialState& state) {
  const ChunkGrid grid = chunk_grid(state.id.length);
  CHECK(state.layer.empty() || state.layer.size() == grid.count());
  CHECK(state.have.size() == grid.count() && (!state.layer.empty() || state.have.empty()));
  net::ByteWriter out;
  out.bytes(net::as_bytes(kMagic)).u32(kStateVersion);
  out.u64(state.id.length).bytes(state.id.root).u32(grid.chunk_size);
  out.u32(static_cast<std::uint32_t>(state.layer.size()));
  for (const Hash& hash : state.layer) out.bytes(hash);
  out.bytes(state.have.to_bytes());
  out.bytes(net::sha256(out.view()));
  return std::move(out).take();
}

net::Result<PartialState, PartialStateError> decode_partial_state(net::ByteView record) {
  using enum PartialStateError;
  net::ByteReader in(record);
  if (net::as_text(in.bytes(kMagic.size())) != kMagic || in.u32() != kStateVersion) {
    return net::Failure{in.ok() ? kNotAState : kTruncated};
  }
  PartialState state;
  state.id.length = in.u64();
  state.id.root = read_hash(in);
  const std::uint32_t chunk_size = in.u32();
  const std::uint32_t hashes = in.u32();
  if (!in.ok()) return net::Failure{kTruncated};
  if (!state.id.valid()) return net::Failure{kBadContent};
  const ChunkGrid grid = chunk_grid(state.id.length);
  if (chunk_size != grid.chunk_size || (hashes != 0 && hashes != grid.count())) return net::Failure{kBadContent};
  // Only now is it known how long the record must be, and that this is no more than there is.
  if (in.remaining() != std::size_t{hashes} * kHashSize + bitmap_size(grid.count()) + kHashSize) {
    return net::Failure{kTruncated};
  }
  const Hash checksum = net::sha256(record.first(record.size() - kHashSize));
  if (!std::equal(checksum.begin(), checksum.end(), record.end() - kHashSize)) return net::Failure{kBadChecksum};

  state.layer.reserve(hashes);
  for (std::uint32_t i = 0; i < hashes; ++i) state.layer.push_back(read_hash(in));
  const auto have = ChunkSet::from_bytes(in.bytes(bitmap_size(grid.count())), grid.count());
  if (!have || (state.layer.empty() && !have->empty())) return net::Failure{kBadContent};
  if (hashes != 0 && !layer_matches(state.layer, state.id)) return net::Failure{kBadContent};
  state.have = *have;
  return state;
}

}  // namespace peer::files
