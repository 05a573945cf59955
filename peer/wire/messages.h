// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "net/digest.h"
#include "net/result.h"
#include "peer/files/catalog.h"
#include "peer/files/chunk_set.h"
#include "peer/files/content_id.h"
#include "peer/files/merkle.h"
#include "peer/wire/error_code.h"

/// The messages of p2p-protocol(7) and their bytes. Pure. Content ids are valid() ones, others are refused. All
/// integers are big-endian; a content id is its length (u64) followed by its root (32 bytes).
namespace peer::wire {

enum class MessageType : std::uint8_t {
  kHello = 0x01,
  kCatalogGet = 0x02,
  kCatalog = 0x03,
  kCatalogChanged = 0x04,
  kLayerGet = 0x05,
  kLayer = 0x06,
  kChunkGet = 0x07,
  kChunk = 0x08,
  kCancel = 0x09,
  kInterest = 0x0a,
  kHave = 0x0b,
  kOffer = 0x0c,
  kOfferAnswer = 0x0d,
  kPing = 0x0e,
  kPong = 0x0f,
  kError = 0x12,
  kBye = 0x13,
  kOfferStatus = 0x14,
  kPeersSeen = 0x15,
};

inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kMaxNameSize = 64;        ///< Bytes of a peer's name.
inline constexpr std::size_t kMaxErrorTextSize = 256;  ///< Bytes of an ERROR's text.
inline constexpr std::size_t kMaxCatalogPayload = 64u << 10;
inline constexpr std::uint32_t kMaxLayerHashes = 4096;  ///< In one LAYER.
inline constexpr std::uint8_t kMaxLayerLevel = 28;      ///< 2^28 blocks of 16 KiB are files::kMaxFileLength.
inline constexpr std::uint8_t kMaxChunkLevel = 8;       ///< 2^8 blocks of 16 KiB are 4 MiB.
inline constexpr std::uint32_t kMaxChunkSize = files::kMaxChunkSize;
inline constexpr std::size_t kMaxHaveRanges = 4096;   ///< In one HAVE.
inline constexpr std::size_t kMaxHaveBitmap = 65535;  ///< Bytes of a CHUNK_GET's bitmap.
inline constexpr std::uint32_t kYourChoice = 0xffffffff;
inline constexpr std::uint32_t kMaxOfferEntries = 65535;  ///< What its list16 can hold.
inline constexpr std::size_t kMaxSeenPeers = 512;         ///< In one PEERS_SEEN.
/// Frames of a type we do not know are skipped up to this length, and an error beyond.
inline constexpr std::uint32_t kMaxUnknownPayload = 1u << 20;
/// The longest payload before HELLO, of any type.
inline constexpr std::uint32_t kMaxPayloadBeforeHello = 4096;

/// Feature bit: the sender lives for one command only. It can be fetched from meanwhile, but is nothing to remember.
inline constexpr std::uint32_t kTransient = 1u << 0;

/// The first frame of either side.
struct Hello {
  std::uint8_t version = kVersion;         ///< The highest one the sender speaks; never 0.
  std::uint32_t features = 0;              ///< kTransient; unknown bits are ignored.
  std::array<std::byte, 32> public_key{};  ///< Ed25519.
  std::uint64_t instance = 0;              ///< Random for each process, so that a connection to oneself is noticed.
  std::uint16_t port = 0;                  ///< TCP port the sender listens on; 0: none.
  std::string name;  ///< For people; UTF-8, at most kMaxNameSize bytes. To be escaped before it is shown.
  bool operator==(const Hello&) const = default;
};

/// Who a peer says it is: SHA-256 of its public key.
net::Sha256 node_id(const Hello& hello);

/// Asks for a page of the catalog.
struct CatalogGet {
  std::uint32_t request = 0;
  std::uint64_t known_revision = 0;  ///< 0: none is known.
  std::string after;  ///< Entries whose path sorts after this one (bytewise); empty: from the start. Clean.
  bool operator==(const CatalogGet&) const = default;
};

/// A page of the catalog, sorted by path (bytewise).
struct Catalog {
  std::uint32_t request = 0;
  std::uint64_t revision = 0;
  bool unchanged = false;  ///< The asker's known revision is current; there are no entries then.
  bool last = false;       ///< Nothing follows this page.
  bool growing = false;    ///< The sender is still looking for files or hashing them.
  std::vector<files::CatalogEntry> entries;
  /// Decoding only: entries that were left out because of their path, kind or id. Not encoded.
  std::size_t dropped = 0;
  bool operator==(const Catalog&) const = default;
};

/// A hint that the catalog has a new revision, or is growing now or no longer.
struct CatalogChanged {
  std::uint64_t revision = 0;
  bool operator==(const CatalogChanged&) const = default;
};

/// Asks for hashes [first, first + count) of the tree's nodes that have 2^level blocks each under them.
struct LayerGet {
  std::uint32_t request = 0;
  files::ContentId id;
  std::uint8_t level = 0;   ///< 0..kMaxLayerLevel.
  std::uint32_t first = 0;  ///< first + count <= 2^32.
  std::uint32_t count = 0;  ///< 1..kMaxLayerHashes.
  bool operator==(const LayerGet&) const = default;
};

struct Layer {
  std::uint32_t request = 0;
  std::vector<net::Sha256> hashes;  ///< At most kMaxLayerHashes.
  bool operator==(const Layer&) const = default;
};

/// Asks for a chunk or for a part of one.
struct ChunkGet {
  std::uint32_t request = 0;
  files::ContentId id;
  std::uint8_t level = 0;             ///< A chunk is 2^level blocks of 16 KiB; 0..kMaxChunkLevel.
  std::uint32_t chunk = kYourChoice;  ///< Counted from 0, or kYourChoice: one that the asker lacks.
  /// With kYourChoice only: what the asker has or has asked for elsewhere, as files::ChunkSet::to_bytes gives it
  /// (whether it fits the file is for the receiver to see). At most kMaxHaveBitmap bytes: of larger files chunks are
  /// asked by name.
  net::Bytes have;
  std::uint32_t offset = 0;  ///< Inside the chunk; 0 with kYourChoice. offset + length <= kMaxChunkSize.
  std::uint32_t length = 0;  ///< 0: from offset to the chunk's end; 0 with kYourChoice.
  bool operator==(const ChunkGet&) const = default;
};

/// The fields of a CHUNK that come before the data.
struct ChunkHeader {
  std::uint32_t request = 0;
  std::uint32_t chunk = 0;   ///< Never kYourChoice.
  std::uint32_t offset = 0;  ///< Where the data begins inside the chunk. offset + size of the data <= kMaxChunkSize.
  static constexpr std::size_t kSize = 12;
  bool operator==(const ChunkHeader&) const = default;
};

/// A CHUNK with its data in memory. A Session neither builds nor gives one: it sends data from files and receives it
/// into the owner's buffers.
struct Chunk {
  ChunkHeader header;
  net::Bytes data;  ///< 1..kMaxChunkSize bytes.
  bool operator==(const Chunk&) const = default;
};

/// The answer to this request is no longer wanted; it may still come.
struct Cancel {
  std::uint32_t request = 0;
  bool operator==(const Cancel&) const = default;
};

/// "Tell me what you have of this file, and as you get more", or no longer.
struct Interest {
  files::ContentId id;
  std::uint8_t level = 0;  ///< The chunk grid in which the HAVEs are to be; 0..kMaxChunkLevel.
  bool on = true;
  bool operator==(const Interest&) const = default;
};

/// count >= 1 and first + count <= 2^32 - 1; whether it lies within the file is for the receiver to see.
using ChunkRange = files::ChunkSet::Range;

/// What the sender has of a file. Adds to earlier ones; nothing is taken back.
struct Have {
  files::ContentId id;
  std::uint8_t level = 0;
  bool complete = false;           ///< It has everything; there are no ranges then.
  std::vector<ChunkRange> ranges;  ///< At most kMaxHaveRanges.
  bool operator==(const Have&) const = default;
};

/// "Please fetch these from me." A CANCEL with its number withdraws it.
struct Offer {
  std::uint32_t request = 0;
  std::vector<files::CatalogEntry> entries;
  std::size_t dropped = 0;  ///< As in Catalog.
  bool operator==(const Offer&) const = default;
};

struct OfferAnswer {
  std::uint32_t request = 0;
  bool accepted = false;
  ErrorCode code = ErrorCode::kNone;  ///< Why not.
  bool operator==(const OfferAnswer&) const = default;
};

/// How far an offer is that was accepted. Told as it changes, from time to time while it does not, and once when it is
/// over, which is the last word on the offer.
struct OfferStatus {
  std::uint32_t request = 0;
  bool over = false;
  std::uint32_t done = 0;             ///< Entries that are there now.
  std::uint32_t there = 0;            ///< Of those, the ones that were there before.
  std::uint32_t failed = 0;           ///< Entries that were given up. done + failed <= kMaxOfferEntries.
  std::uint64_t bytes = 0;            ///< Of all entries: what is there and verified.
  std::uint64_t moved = 0;            ///< What came over the network, for entries that failed too.
  ErrorCode code = ErrorCode::kNone;  ///< Why the first of the failed ones failed; with none failed: why it waits.
  std::string text;  ///< The same for people; UTF-8, at most kMaxErrorTextSize bytes. To be escaped before it is shown.
  bool operator==(const OfferStatus&) const = default;
};

struct Ping {
  std::uint64_t token = 0;
  bool operator==(const Ping&) const = default;
};

struct Pong {
  std::uint64_t token = 0;  ///< The PING's.
  bool operator==(const Pong&) const = default;
};

struct Error {
  std::uint32_t request = 0;  ///< The request that failed; 0: the connection, which the sender then closes.
  ErrorCode code = ErrorCode::kNone;
  std::string text;  ///< For people; UTF-8, at most kMaxErrorTextSize bytes. To be escaped before it is shown.
  bool operator==(const Error&) const = default;
};

/// The sender closes the connection in an orderly way.
struct Bye {
  ErrorCode reason = ErrorCode::kNone;
  bool operator==(const Bye&) const = default;
};

/// An endpoint at which somebody was connected with a peer.
struct SeenPeer {
  net::Endpoint endpoint;   ///< Without a zone.
  std::uint16_t age_s = 0;  ///< Seconds since then, rounded up; 0: the sender is connected with it.
  bool operator==(const SeenPeer&) const = default;
};

/// What the sender has seen or was told of others. Hints, like the entries of a peer list.
struct PeersSeen {
  std::vector<SeenPeer> peers;  ///< At most kMaxSeenPeers. Decoded, those with IPv4 addresses come first.
  bool operator==(const PeersSeen&) const = default;
};

using Message = std::variant<Hello, CatalogGet, Catalog, CatalogChanged, LayerGet, Layer, ChunkGet, Chunk, Cancel,
                             Interest, Have, Offer, OfferAnswer, Ping, Pong, Error, Bye, OfferStatus, PeersSeen>;

MessageType type_of(const Message& message);
/// "HELLO", "CATALOG_GET" ...; "unassigned" for the types that have no message.
std::string_view name_of(MessageType type);

/// True for the types that have a message.
bool is_known(std::uint8_t type);
/// The longest payload of a type, in bytes; kMaxUnknownPayload for the unassigned ones. To be checked before anything
/// is allocated for a frame. (threats T01, T11)
std::uint32_t max_payload(std::uint8_t type);

/// Why a payload is not a message.
enum class DecodeError : std::uint8_t {
  kUnknownType,    ///< No message has this type.
  kTooLong,        ///< Longer than max_payload().
  kTruncated,      ///< The payload ends inside a field.
  kTrailingBytes,  ///< Bytes are left over.
  kBadValue,       ///< A field outside its range.
};
std::string_view text_of(DecodeError error);

/// A whole frame. REQUIRES: the fields keep the limits given above (of entries: kMaxEntriesSize).
net::Bytes encode(const Message& message);
/// Frame header and first fields of a CHUNK whose `size` bytes of data follow. REQUIRES: 1 <= size, header.offset +
/// size <= kMaxChunkSize.
net::Bytes encode_chunk_header(const ChunkHeader& header, std::uint32_t size);
/// The fields at the front of a CHUNK's payload, of which `in` holds at least these; `payload_size` counts the data
/// too.
net::Result<ChunkHeader, DecodeError> decode_chunk_header(net::ByteView in, std::uint32_t payload_size);

/// Bytes that one entry takes in a CATALOG or OFFER.
std::size_t encoded_size(const files::CatalogEntry& entry);
/// The entries of one CATALOG or OFFER take at most this together.
inline constexpr std::size_t kMaxEntriesSize = kMaxCatalogPayload - 15;

/// The payload of one frame as a message. Never throws; allocates no more than in proportion to `payload`.
net::Result<Message, DecodeError> decode(std::uint8_t type, net::ByteView payload);

}  // namespace peer::wire
