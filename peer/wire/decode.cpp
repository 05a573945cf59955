// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <utility>

#include "net/check.h"
#include "net/clean_path.h"
#include "net/utf8.h"
#include "peer/wire/messages.h"

namespace peer::wire {
namespace {

constexpr std::uint32_t kOwnerBits = 0700;

/// Reads fields, and remembers whether each was in its range. A decoder reads all its fields and checks once.
class FieldReader {
 public:
  explicit FieldReader(net::ByteView payload) : in_(payload) {}

  std::uint8_t u8() { return in_.u8(); }
  std::uint16_t u16() { return in_.u16(); }
  std::uint32_t u32() { return in_.u32(); }
  std::uint64_t u64() { return in_.u64(); }
  net::ByteView rest() { return in_.rest(); }
  std::size_t remaining() const { return in_.remaining(); }
  bool ok() const { return in_.ok(); }

  template <std::size_t N>
  std::array<std::byte, N> array() {
    std::array<std::byte, N> out{};
    const net::ByteView bytes = in_.bytes(N);
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }
  std::string_view bytes16() { return in_.string16(); }
  std::string text(std::size_t limit) {
    const std::string_view text = in_.string16();
    require(text.size() <= limit && net::is_utf8(text));
    return std::string(text);
  }
  bool flag() {
    const std::uint8_t value = in_.u8();
    require(value <= 1);
    return value == 1;
  }
  std::uint8_t level(std::uint8_t limit) {
    const std::uint8_t value = in_.u8();
    require(value <= limit);
    return value;
  }
  files::ContentId unchecked_id() {
    files::ContentId id;
    id.length = in_.u64();
    id.root = array<32>();
    return id;
  }
  files::ContentId id() {
    const files::ContentId id = unchecked_id();
    require(id.valid());
    return id;
  }
  ErrorCode code() { return static_cast<ErrorCode>(in_.u16()); }

  /// A field that ran past the end reads as zero, so its range says nothing: truncation is reported first.
  void require(bool in_range) { in_range_ = in_range_ && in_range; }
  bool in_range() const { return in_range_; }

  net::Result<Message, DecodeError> finish(Message message) const {
    if (!in_.ok()) return net::Failure{DecodeError::kTruncated};
    if (!in_range_) return net::Failure{DecodeError::kBadValue};
    if (!in_.complete()) return net::Failure{DecodeError::kTrailingBytes};
    return message;
  }

 private:
  net::ByteReader in_;
  bool in_range_ = true;
};

/// One entry; false when it is to be left out: its kind is unknown, its path unsafe, its id impossible.
bool read_entry(FieldReader& in, files::CatalogEntry& entry) {
  const std::uint8_t kind = in.u8();
  entry.mode = in.u16() & kOwnerBits;
  entry.mtime_s = static_cast<std::int64_t>(in.u64());
  entry.id = in.unchecked_id();
  const std::string_view path = in.bytes16();
  if (!in.ok() || kind > static_cast<std::uint8_t>(files::CatalogEntry::Kind::kFolder)) return false;
  entry.kind = static_cast<files::CatalogEntry::Kind>(kind);
  const bool id_fits =
      entry.kind == files::CatalogEntry::Kind::kFolder ? entry.id == files::ContentId{} : entry.id.valid();
  if (!id_fits || !net::is_clean_path(path)) return false;
  entry.path = path;
  return true;
}

std::vector<files::CatalogEntry> read_entries(FieldReader& in, std::size_t& dropped) {
  std::vector<files::CatalogEntry> entries;
  const std::size_t count = in.u16();
  // Each step either takes bytes or makes the reader fail, so a count that lies costs nothing.
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    files::CatalogEntry entry;
    if (read_entry(in, entry)) {
      entries.push_back(std::move(entry));
    } else {
      ++dropped;
    }
  }
  return entries;
}

Hello read_hello(FieldReader& in) {
  Hello m;
  m.version = in.u8();
  in.require(m.version >= 1);
  m.features = in.u32();
  m.public_key = in.array<32>();
  m.instance = in.u64();
  m.port = in.u16();
  m.name = in.text(kMaxNameSize);
  return m;
}

CatalogGet read_catalog_get(FieldReader& in) {
  CatalogGet m;
  m.request = in.u32();
  m.known_revision = in.u64();
  m.after = in.bytes16();
  in.require(m.after.empty() || net::is_clean_path(m.after));
  return m;
}

Catalog read_catalog(FieldReader& in) {
  Catalog m;
  m.request = in.u32();
  m.revision = in.u64();
  const std::uint8_t flags = in.u8();
  in.require(flags <= 7);
  m.unchanged = (flags & 1) != 0;
  m.last = (flags & 2) != 0;
  m.growing = (flags & 4) != 0;
  m.entries = read_entries(in, m.dropped);
  in.require(!m.unchanged || m.entries.size() + m.dropped == 0);
  return m;
}

CatalogChanged read_catalog_changed(FieldReader& in) { return {in.u64()}; }

LayerGet read_layer_get(FieldReader& in) {
  LayerGet m;
  m.request = in.u32();
  m.id = in.id();
  m.level = in.level(kMaxLayerLevel);
  m.first = in.u32();
  m.count = in.u32();
  in.require(m.count >= 1 && m.count <= kMaxLayerHashes && m.first <= 0xffffffff - (m.count - 1));
  return m;
}

Layer read_layer(FieldReader& in) {
  Layer m;
  m.request = in.u32();
  m.hashes.reserve(in.remaining() / 32);
  while (in.ok() && in.remaining() > 0) m.hashes.push_back(in.array<32>());
  return m;
}

ChunkGet read_chunk_get(FieldReader& in) {
  ChunkGet m;
  m.request = in.u32();
  m.id = in.id();
  m.level = in.level(kMaxChunkLevel);
  m.chunk = in.u32();
  const net::ByteView have = net::as_bytes(in.bytes16());
  m.have.assign(have.begin(), have.end());
  m.offset = in.u32();
  m.length = in.u32();
  in.require(m.offset < kMaxChunkSize && m.length <= kMaxChunkSize - m.offset);
  in.require(m.chunk == kYourChoice ? m.offset == 0 && m.length == 0 : m.have.empty());
  return m;
}

ChunkHeader read_chunk_header(FieldReader& in, std::size_t data_size) {
  ChunkHeader h;
  h.request = in.u32();
  h.chunk = in.u32();
  h.offset = in.u32();
  in.require(h.chunk != kYourChoice);
  in.require(data_size >= 1 && data_size <= kMaxChunkSize && h.offset <= kMaxChunkSize - data_size);
  return h;
}

Chunk read_chunk(FieldReader& in) {
  Chunk m;
  const std::size_t size = in.remaining();
  m.header = read_chunk_header(in, size < ChunkHeader::kSize ? 0 : size - ChunkHeader::kSize);
  const net::ByteView data = in.rest();
  m.data.assign(data.begin(), data.end());
  return m;
}

Cancel read_cancel(FieldReader& in) { return {in.u32()}; }

Interest read_interest(FieldReader& in) {
  Interest m;
  m.id = in.id();
  m.level = in.level(kMaxChunkLevel);
  m.on = in.flag();
  return m;
}

Have read_have(FieldReader& in) {
  Have m;
  m.id = in.id();
  m.level = in.level(kMaxChunkLevel);
  m.complete = in.flag();
  const std::size_t count = in.u16();
  in.require(count <= kMaxHaveRanges && !(m.complete && count > 0));
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    ChunkRange range;
    range.first = in.u32();
    range.count = in.u32();
    in.require(range.count >= 1 && range.first <= 0xffffffff - range.count);
    m.ranges.push_back(range);
  }
  return m;
}

Offer read_offer(FieldReader& in) {
  Offer m;
  m.request = in.u32();
  m.entries = read_entries(in, m.dropped);
  return m;
}

OfferAnswer read_offer_answer(FieldReader& in) {
  OfferAnswer m;
  m.request = in.u32();
  m.accepted = in.flag();
  m.code = in.code();
  in.require(!m.accepted || m.code == ErrorCode::kNone);
  return m;
}

Ping read_ping(FieldReader& in) { return {in.u64()}; }
Pong read_pong(FieldReader& in) { return {in.u64()}; }

Error read_error(FieldReader& in) {
  Error m;
  m.request = in.u32();
  m.code = in.code();
  m.text = in.text(kMaxErrorTextSize);
  return m;
}

Bye read_bye(FieldReader& in) { return {in.code()}; }

OfferStatus read_offer_status(FieldReader& in) {
  OfferStatus m;
  m.request = in.u32();
  m.over = in.flag();
  m.done = in.u32();
  m.there = in.u32();
  m.failed = in.u32();
  in.require(m.done <= kMaxOfferEntries && m.failed <= kMaxOfferEntries - m.done && m.there <= m.done);
  m.bytes = in.u64();
  m.moved = in.u64();
  m.code = in.code();
  m.text = in.text(kMaxErrorTextSize);
  return m;
}

/// A list of endpoints of one family. Nothing is reserved for a count, as it may lie.
template <class ReadAddress>
void read_seen_peers(FieldReader& in, std::vector<SeenPeer>& peers, ReadAddress read_address) {
  const std::size_t count = in.u16();
  in.require(count <= kMaxSeenPeers - peers.size());
  for (std::size_t i = 0; i < count && in.ok() && in.in_range(); ++i) {
    SeenPeer peer;
    peer.age_s = in.u16();
    peer.endpoint.address = read_address();
    peer.endpoint.port = in.u16();
    peers.push_back(std::move(peer));
  }
}

PeersSeen read_peers_seen(FieldReader& in) {
  PeersSeen m;
  read_seen_peers(in, m.peers, [&] { return net::Ipv4Address{in.u32()}; });
  read_seen_peers(in, m.peers, [&] {
    net::Ipv6Address address;
    const std::array<std::byte, 16> octets = in.array<16>();
    std::transform(octets.begin(), octets.end(), address.octets.begin(),
                   [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); });
    in.require(!address.mapped_ipv4());
    return address;
  });
  return m;
}

Message read_message(MessageType type, FieldReader& in) {
  switch (type) {
    case MessageType::kHello:
      return read_hello(in);
    case MessageType::kCatalogGet:
      return read_catalog_get(in);
    case MessageType::kCatalog:
      return read_catalog(in);
    case MessageType::kCatalogChanged:
      return read_catalog_changed(in);
    case MessageType::kLayerGet:
      return read_layer_get(in);
    case MessageType::kLayer:
      return read_layer(in);
    case MessageType::kChunkGet:
      return read_chunk_get(in);
    case MessageType::kChunk:
      return read_chunk(in);
    case MessageType::kCancel:
      return read_cancel(in);
    case MessageType::kInterest:
      return read_interest(in);
    case MessageType::kHave:
      return read_have(in);
    case MessageType::kOffer:
      return read_offer(in);
    case MessageType::kOfferAnswer:
      return read_offer_answer(in);
    case MessageType::kPing:
      return read_ping(in);
    case MessageType::kPong:
      return read_pong(in);
    case MessageType::kError:
      return read_error(in);
    case MessageType::kBye:
      return read_bye(in);
    case MessageType::kOfferStatus:
      return read_offer_status(in);
    case MessageType::kPeersSeen:
      return read_peers_seen(in);
  }
  net::check_failed("a known type", __FILE__, __LINE__);
}

}  // namespace

net::Result<Message, DecodeError> decode(std::uint8_t type, net::ByteView payload) {
  if (!is_known(type)) return net::Failure{DecodeError::kUnknownType};
  if (payload.size() > max_payload(type)) return net::Failure{DecodeError::kTooLong};
  FieldReader in(payload);
  // The order of evaluation matters: the fields are read before finish() looks whether all went well.
  Message message = read_message(static_cast<MessageType>(type), in);
  return in.finish(std::move(message));
}

net::Result<ChunkHeader, DecodeError> decode_chunk_header(net::ByteView in, std::uint32_t payload_size) {
  if (payload_size < ChunkHeader::kSize || in.size() < ChunkHeader::kSize) {
    return net::Failure{DecodeError::kTruncated};
  }
  FieldReader fields(in.first(ChunkHeader::kSize));
  const ChunkHeader header = read_chunk_header(fields, payload_size - ChunkHeader::kSize);
  if (!fields.in_range()) return net::Failure{DecodeError::kBadValue};
  return header;
}

}  // namespace peer::wire
