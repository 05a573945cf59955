// SPDX-License-Identifier: MIT
#include <algorithm>
#include <span>

#include "net/check.h"
#include "net/frame.h"
#include "peer/wire/messages.h"

namespace peer::wire {
namespace {

/// Writes the payload of each message; the fields in the order of p2p-protocol(7).
class PayloadWriter {
 public:
  explicit PayloadWriter(net::ByteWriter& out) : out_(out) {}

  void operator()(const Hello& m) {
    CHECK(m.name.size() <= kMaxNameSize);
    out_.u8(m.version).u32(m.features).bytes(m.public_key).u64(m.instance).u16(m.port).string16(m.name);
  }
  void operator()(const CatalogGet& m) { out_.u32(m.request).u64(m.known_revision).string16(m.after); }
  void operator()(const Catalog& m) {
    const int flags = (m.unchanged ? 1 : 0) | (m.last ? 2 : 0) | (m.growing ? 4 : 0);
    out_.u32(m.request).u64(m.revision).u8(static_cast<std::uint8_t>(flags));
    entries(m.entries);
  }
  void operator()(const CatalogChanged& m) { out_.u64(m.revision); }
  void operator()(const LayerGet& m) {
    out_.u32(m.request);
    id(m.id);
    out_.u8(m.level).u32(m.first).u32(m.count);
  }
  void operator()(const Layer& m) {
    CHECK(m.hashes.size() <= kMaxLayerHashes);
    out_.u32(m.request);
    for (const net::Sha256& hash : m.hashes) out_.bytes(hash);
  }
  void operator()(const ChunkGet& m) {
    out_.u32(m.request);
    id(m.id);
    out_.u8(m.level).u32(m.chunk).string16(net::as_text(m.have)).u32(m.offset).u32(m.length);
  }
  void operator()(const Chunk& m) {
    header(m.header);
    out_.bytes(m.data);
  }
  void operator()(const Cancel& m) { out_.u32(m.request); }
  void operator()(const Interest& m) {
    id(m.id);
    out_.u8(m.level).u8(m.on ? 1 : 0);
  }
  void operator()(const Have& m) {
    CHECK(m.ranges.size() <= kMaxHaveRanges);
    id(m.id);
    out_.u8(m.level).u8(m.complete ? 1 : 0).u16(static_cast<std::uint16_t>(m.ranges.size()));
    for (const ChunkRange& range : m.ranges) out_.u32(range.first).u32(range.count);
  }
  void operator()(const Offer& m) {
    out_.u32(m.request);
    entries(m.entries);
  }
  void operator()(const OfferAnswer& m) { out_.u32(m.request).u8(m.accepted ? 1 : 0).u16(code(m.code)); }
  void operator()(const OfferStatus& m) {
    CHECK(m.text.size() <= kMaxErrorTextSize);
    out_.u32(m.request).u8(m.over ? 1 : 0).u32(m.done).u32(m.there).u32(m.failed).u64(m.bytes).u64(m.moved);
    out_.u16(code(m.code)).string16(m.text);
  }
  void operator()(const Ping& m) { out_.u64(m.token); }
  void operator()(const Pong& m) { out_.u64(m.token); }
  void operator()(const Error& m) {
    CHECK(m.text.size() <= kMaxErrorTextSize);
    out_.u32(m.request).u16(code(m.code)).string16(m.text);
  }
  void operator()(const Bye& m) { out_.u16(code(m.reason)); }

  void operator()(const PeersSeen& m) {
    CHECK(m.peers.size() <= kMaxSeenPeers);
    const auto is_ipv4 = [](const SeenPeer& peer) { return peer.endpoint.address.v4() != nullptr; };
    const auto ipv4 = std::count_if(m.peers.begin(), m.peers.end(), is_ipv4);
    out_.u16(static_cast<std::uint16_t>(ipv4));
    for (const SeenPeer& peer : m.peers) {
      if (const net::Ipv4Address* v4 = peer.endpoint.address.v4()) {
        out_.u16(peer.age_s).u32(v4->value).u16(peer.endpoint.port);
      }
    }
    out_.u16(static_cast<std::uint16_t>(m.peers.size() - static_cast<std::size_t>(ipv4)));
    for (const SeenPeer& peer : m.peers) {
      if (const net::Ipv6Address* v6 = peer.endpoint.address.v6()) {
        out_.u16(peer.age_s).bytes(std::as_bytes(std::span(v6->octets))).u16(peer.endpoint.port);
      }
    }
  }

  void header(const ChunkHeader& h) { out_.u32(h.request).u32(h.chunk).u32(h.offset); }

 private:
  static std::uint16_t code(ErrorCode code) { return static_cast<std::uint16_t>(code); }
  void id(const files::ContentId& id) { out_.u64(id.length).bytes(id.root); }
  void entries(const std::vector<files::CatalogEntry>& list) {
    std::size_t size = 0;
    for (const files::CatalogEntry& entry : list) size += encoded_size(entry);
    CHECK(size <= kMaxEntriesSize);
    out_.u16(static_cast<std::uint16_t>(list.size()));
    for (const files::CatalogEntry& entry : list) {
      out_.u8(static_cast<std::uint8_t>(entry.kind)).u16(static_cast<std::uint16_t>(entry.mode));
      out_.u64(static_cast<std::uint64_t>(entry.mtime_s));
      id(entry.id);
      out_.string16(entry.path);
    }
  }

  net::ByteWriter& out_;
};

}  // namespace

net::Bytes encode(const Message& message) {
  const std::uint8_t type = static_cast<std::uint8_t>(type_of(message));
  net::ByteWriter payload;
  std::visit(PayloadWriter(payload), message);
  CHECK(payload.size() <= max_payload(type));
  return net::encode_frame(type, payload.view());
}

net::Bytes encode_chunk_header(const ChunkHeader& header, std::uint32_t size) {
  CHECK(size >= 1 && size <= kMaxChunkSize && header.offset <= kMaxChunkSize - size);
  net::ByteWriter out;
  net::encode_frame_header(
      {static_cast<std::uint8_t>(MessageType::kChunk), static_cast<std::uint32_t>(ChunkHeader::kSize) + size}, out);
  PayloadWriter(out).header(header);
  return std::move(out).take();
}

}  // namespace peer::wire
