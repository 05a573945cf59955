// SPDX-License-Identifier: MIT
#include "peer/wire/messages.h"

#include <algorithm>
#include <iterator>

#include "net/frame.h"

namespace peer::wire {
namespace {

struct TypeFacts {
  MessageType type;
  std::string_view name;
  std::uint32_t max_payload;
};

constexpr std::uint32_t kIdSize = 8 + 32;
constexpr std::uint32_t kMaxPathSize = 4096;
constexpr std::uint32_t kSeenIpv6Size = 2 + 16 + 2;

constexpr TypeFacts kTypes[] = {
    {MessageType::kHello, "HELLO", 1 + 4 + 32 + 8 + 2 + 2 + kMaxNameSize},
    {MessageType::kCatalogGet, "CATALOG_GET", 4 + 8 + 2 + kMaxPathSize},
    {MessageType::kCatalog, "CATALOG", kMaxCatalogPayload},
    {MessageType::kCatalogChanged, "CATALOG_CHANGED", 8},
    {MessageType::kLayerGet, "LAYER_GET", 4 + kIdSize + 1 + 4 + 4},
    {MessageType::kLayer, "LAYER", 4 + 32 * kMaxLayerHashes},
    {MessageType::kChunkGet, "CHUNK_GET", 4 + kIdSize + 1 + 4 + 2 + kMaxHaveBitmap + 4 + 4},
    {MessageType::kChunk, "CHUNK", ChunkHeader::kSize + kMaxChunkSize},
    {MessageType::kCancel, "CANCEL", 4},
    {MessageType::kInterest, "INTEREST", kIdSize + 1 + 1},
    {MessageType::kHave, "HAVE", kIdSize + 1 + 1 + 2 + 8 * kMaxHaveRanges},
    {MessageType::kOffer, "OFFER", kMaxCatalogPayload},
    {MessageType::kOfferAnswer, "OFFER_ANSWER", 4 + 1 + 2},
    {MessageType::kPing, "PING", 8},
    {MessageType::kPong, "PONG", 8},
    {MessageType::kError, "ERROR", 4 + 2 + 2 + kMaxErrorTextSize},
    {MessageType::kBye, "BYE", 2},
    {MessageType::kOfferStatus, "OFFER_STATUS", 4 + 1 + 3 * 4 + 2 * 8 + 2 + 2 + kMaxErrorTextSize},
    {MessageType::kPeersSeen, "PEERS_SEEN", 2 + 2 + kSeenIpv6Size* kMaxSeenPeers},
};

const TypeFacts* facts_of(std::uint8_t type) {
  const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeFacts& facts) {
    return static_cast<std::uint8_t>(facts.type) == type;
  });
  return found == std::end(kTypes) ? nullptr : found;
}

}  // namespace

net::Sha256 node_id(const Hello& hello) { return net::sha256(hello.public_key); }

MessageType type_of(const Message& message) {
  static_assert(std::variant_size_v<Message> == std::size(kTypes), "the variant and the table are in the same order");
  return kTypes[message.index()].type;
}

std::string_view name_of(MessageType type) {
  const TypeFacts* facts = facts_of(static_cast<std::uint8_t>(type));
  return facts != nullptr ? facts->name : "unassigned";
}

bool is_known(std::uint8_t type) { return facts_of(type) != nullptr; }

std::uint32_t max_payload(std::uint8_t type) {
  const TypeFacts* facts = facts_of(type);
  return facts != nullptr ? facts->max_payload : kMaxUnknownPayload;
}

std::size_t encoded_size(const files::CatalogEntry& entry) { return 1 + 2 + 8 + kIdSize + 2 + entry.path.size(); }

std::string_view text_of(DecodeError error) {
  switch (error) {
    case DecodeError::kUnknownType:
      return "unknown type";
    case DecodeError::kTooLong:
      return "too long";
    case DecodeError::kTruncated:
      return "it ends inside a field";
    case DecodeError::kTrailingBytes:
      return "bytes are left over";
    case DecodeError::kBadValue:
      return "a field is outside its range";
  }
  return "malformed";
}

}  // namespace peer::wire
