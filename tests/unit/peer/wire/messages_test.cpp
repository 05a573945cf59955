// SPDX-License-Identifier: MIT
#include "peer/wire/messages.h"

#include <gtest/gtest.h>

#include <set>

#include "net/frame.h"
#include "tests/unit/peer/wire/samples.h"

namespace peer::wire {
namespace {

using samples::bytes_of;

struct Frame {
  net::FrameHeader header;
  net::Bytes payload;
};

Frame frame_of(const Message& message) {
  const net::Bytes bytes = encode(message);
  Frame frame{*net::decode_frame_header(bytes), {bytes.begin() + net::FrameHeader::kSize, bytes.end()}};
  EXPECT_EQ(frame.header.length, frame.payload.size());
  return frame;
}

/// The payload of `message` with the bytes at `offset` replaced.
net::Bytes patched(const Message& message, std::size_t offset, std::initializer_list<int> bytes) {
  net::Bytes payload = frame_of(message).payload;
  for (int value : bytes) payload.at(offset++) = static_cast<std::byte>(value);
  return payload;
}

DecodeError error_of(MessageType type, net::ByteView payload) {
  const auto result = decode(static_cast<std::uint8_t>(type), payload);
  EXPECT_FALSE(result.ok());
  return result.ok() ? DecodeError::kUnknownType : result.error();
}

DecodeError error_of_type(const Message& message, net::ByteView payload) { return error_of(type_of(message), payload); }

TEST(Messages, SamplesCoverEveryType) {
  std::set<MessageType> types;
  for (const Message& message : samples::all()) types.insert(type_of(message));
  EXPECT_EQ(types.size(), std::variant_size_v<Message>);
}

TEST(Messages, RoundTrip) {
  for (const Message& message : samples::all()) {
    const Frame frame = frame_of(message);
    SCOPED_TRACE(name_of(type_of(message)));
    EXPECT_EQ(frame.header.type, static_cast<std::uint8_t>(type_of(message)));
    EXPECT_TRUE(net::is_frame_type(frame.header.type));
    EXPECT_LE(frame.header.length, max_payload(frame.header.type));
    const auto decoded = decode(frame.header.type, frame.payload);
    ASSERT_TRUE(decoded.ok()) << text_of(decoded.error());
    EXPECT_EQ(*decoded, message);
  }
}

TEST(Messages, EveryTruncationIsRefused) {  // T01, T06
  for (const Message& message : samples::all()) {
    const Frame frame = frame_of(message);
    SCOPED_TRACE(name_of(frame.header.type == 0 ? MessageType::kBye : type_of(message)));
    for (std::size_t size = 0; size < frame.payload.size(); ++size) {
      const auto decoded = decode(frame.header.type, net::ByteView(frame.payload).first(size));
      // Three messages end in something whose length is that of the payload.
      const bool whole_hashes = std::holds_alternative<Layer>(message) && size >= 4 && (size - 4) % 32 == 0;
      const bool some_data = std::holds_alternative<Chunk>(message) && size > ChunkHeader::kSize;
      EXPECT_EQ(decoded.ok(), whole_hashes || some_data) << "at " << size;
    }
  }
}

TEST(Messages, OneByteTooManyIsRefused) {
  for (const Message& message : samples::all()) {
    if (std::holds_alternative<Chunk>(message)) continue;  // Its data is the rest.
    Frame frame = frame_of(message);
    frame.payload.push_back(std::byte{0});
    SCOPED_TRACE(name_of(type_of(message)));
    EXPECT_FALSE(decode(frame.header.type, frame.payload).ok());
  }
}

TEST(Messages, LimitOfEachTypeIsChecked) {  // T01
  for (const Message& message : samples::all()) {
    const std::uint8_t type = static_cast<std::uint8_t>(type_of(message));
    const net::Bytes payload(max_payload(type) + 1);
    EXPECT_EQ(error_of(type_of(message), payload), DecodeError::kTooLong) << name_of(type_of(message));
  }
}

TEST(Messages, UnknownTypes) {  // T11
  for (int type : {0x00, 0x10, 0x11, 0x16, 0x1f, 0x20, 0xff}) {
    const auto value = static_cast<std::uint8_t>(type);
    EXPECT_FALSE(is_known(value));
    EXPECT_EQ(name_of(static_cast<MessageType>(value)), "unassigned");
    EXPECT_EQ(max_payload(value), kMaxUnknownPayload);
    EXPECT_EQ(error_of(static_cast<MessageType>(value), {}), DecodeError::kUnknownType);
  }
}

TEST(Messages, HelloRanges) {
  const Message hello = samples::hello();
  EXPECT_EQ(error_of_type(hello, patched(hello, 0, {0})), DecodeError::kBadValue);      // version 0
  EXPECT_TRUE(decode(0x01, patched(hello, 0, {2})).ok());                               // a later version
  EXPECT_EQ(error_of_type(hello, patched(hello, 49, {0xff})), DecodeError::kBadValue);  // not UTF-8
  Hello longest = samples::hello();
  longest.name = std::string(kMaxNameSize, 'n');
  EXPECT_EQ(frame_of(longest).payload.size(), max_payload(0x01));
  EXPECT_TRUE(decode(0x01, frame_of(longest).payload).ok());
}

TEST(Messages, NodeIdIsTheHashOfTheKey) {  // T40
  EXPECT_EQ(node_id(samples::hello()), net::sha256(samples::hash_of(0x40)));
}

TEST(Messages, CatalogGetWantsACleanCursor) {  // T23
  for (const char* path : {"../x", "/x", "a//b", ".p2p/key"}) {
    const Message message = CatalogGet{1, 0, path};
    EXPECT_EQ(error_of_type(message, frame_of(message).payload), DecodeError::kBadValue) << path;
  }
  EXPECT_TRUE(decode(0x02, frame_of(CatalogGet{1, 0, ""}).payload).ok());
}

TEST(Messages, BadEntriesAreDroppedAndCounted) {  // T23, T27
  files::CatalogEntry unknown_kind = samples::file("k");
  unknown_kind.kind = static_cast<files::CatalogEntry::Kind>(2);
  files::CatalogEntry too_long = samples::file("l");
  too_long.id.length = files::kMaxFileLength + 1;
  files::CatalogEntry no_root = samples::file("r");
  no_root.id.root = {};
  files::CatalogEntry folder_with_id = samples::folder("f");
  folder_with_id.id = samples::id();
  const std::vector<files::CatalogEntry> bad = {
      samples::file("../../etc/passwd"),
      samples::file("/etc/passwd"),
      samples::file(""),
      samples::file("."),
      samples::file("a/.hidden"),
      samples::file(std::string("nul\0x", 5)),
      samples::file("esc\x1b[2J"),
      samples::file("\xff"),
      unknown_kind,
      too_long,
      no_root,
      folder_with_id,
  };
  Catalog page{1, 2, false, false, false, {samples::file("good")}, 0};
  page.entries.insert(page.entries.end(), bad.begin(), bad.end());
  page.entries.push_back(samples::folder("also good"));
  const auto decoded = decode(0x03, frame_of(page).payload);
  ASSERT_TRUE(decoded.ok());
  const Catalog& catalog = std::get<Catalog>(*decoded);
  EXPECT_EQ(catalog.dropped, bad.size());
  ASSERT_EQ(catalog.entries.size(), 2u);
  EXPECT_EQ(catalog.entries[0].path, "good");
  EXPECT_EQ(catalog.entries[1].path, "also good");
}

TEST(Messages, OnlyTheOwnersPermissionsAreTaken) {
  files::CatalogEntry setuid = samples::file("x");
  setuid.mode = 06755;
  const auto decoded = decode(0x0c, frame_of(Offer{1, {setuid}, 0}).payload);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(std::get<Offer>(*decoded).entries.at(0).mode, 0700u);
}

TEST(Messages, CatalogRanges) {  // T01, T04
  const Message full = Catalog{7, 100, false, true, false, {samples::file("a")}, 0};
  EXPECT_EQ(error_of_type(full, patched(full, 12, {8})), DecodeError::kBadValue);            // an unknown flag
  EXPECT_EQ(error_of_type(full, patched(full, 12, {1})), DecodeError::kBadValue);            // unchanged, with entries
  EXPECT_EQ(error_of_type(full, patched(full, 13, {0xff, 0xff})), DecodeError::kTruncated);  // a count that lies
  EXPECT_EQ(error_of_type(full, patched(full, 13, {0, 0})), DecodeError::kTrailingBytes);
}

TEST(Messages, AFullPageFits) {
  Catalog page{1, 2, false, false, false, {}, 0};
  std::size_t size = 0;
  for (int i = 0;; ++i) {
    files::CatalogEntry entry = samples::file("a/" + std::string(200, 'x') + std::to_string(i));
    if (size + encoded_size(entry) > kMaxEntriesSize) break;
    size += encoded_size(entry);
    page.entries.push_back(std::move(entry));
  }
  const Frame frame = frame_of(page);
  EXPECT_EQ(frame.header.length, size + 15);
  const auto decoded = decode(0x03, frame.payload);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, Message(page));
}

TEST(Messages, LayerGetRanges) {  // T04, T05
  const auto error = [](std::uint8_t level, std::uint32_t first, std::uint32_t count) {
    const Message message = LayerGet{1, samples::id(), level, first, count};
    return decode(0x05, frame_of(message).payload);
  };
  EXPECT_TRUE(error(0, 0, 1).ok());
  EXPECT_TRUE(error(kMaxLayerLevel, 0xffffffff, 1).ok());
  EXPECT_TRUE(error(8, 0, kMaxLayerHashes).ok());
  EXPECT_FALSE(error(8, 0, 0).ok());
  EXPECT_FALSE(error(8, 0, kMaxLayerHashes + 1).ok());
  EXPECT_FALSE(error(8, 0xffffffff, 2).ok());
  EXPECT_FALSE(error(kMaxLayerLevel + 1, 0, 1).ok());
}

TEST(Messages, IdsThatNoFileHasAreRefused) {  // T31
  for (const files::ContentId& id : {files::ContentId{1, {}}, files::ContentId{0, samples::hash_of(1)},
                                     files::ContentId{std::uint64_t{1} << 62, samples::hash_of(1)}}) {
    EXPECT_FALSE(decode(0x05, frame_of(LayerGet{1, id, 0, 0, 1}).payload).ok());
    EXPECT_FALSE(decode(0x07, frame_of(ChunkGet{1, id, 4, 0, {}, 0, 0}).payload).ok());
    EXPECT_FALSE(decode(0x0a, frame_of(Interest{id, 4, true}).payload).ok());
    EXPECT_FALSE(decode(0x0b, frame_of(Have{id, 4, true, {}}).payload).ok());
  }
}

TEST(Messages, ChunkGetRanges) {  // T04, T05
  const auto accepted = [](std::uint8_t level, std::uint32_t chunk, net::Bytes have, std::uint32_t offset,
                           std::uint32_t length) {
    return decode(0x07, frame_of(ChunkGet{1, samples::id(), level, chunk, std::move(have), offset, length}).payload)
        .ok();
  };
  EXPECT_TRUE(accepted(8, 0, {}, 0, kMaxChunkSize));
  EXPECT_TRUE(accepted(8, 0, {}, kMaxChunkSize - 1, 1));
  EXPECT_FALSE(accepted(8, 0, {}, kMaxChunkSize, 0));
  EXPECT_FALSE(accepted(8, 0, {}, 1, kMaxChunkSize));
  EXPECT_FALSE(accepted(8, 0, {}, 0xffffffff, 2));
  EXPECT_FALSE(accepted(8, 0, {}, 1, 0xffffffff));
  EXPECT_FALSE(accepted(kMaxChunkLevel + 1, 0, {}, 0, 0));
  EXPECT_FALSE(accepted(8, 0, bytes_of("x"), 0, 0));  // a bitmap with a chunk named
  EXPECT_TRUE(accepted(8, kYourChoice, net::Bytes(kMaxHaveBitmap), 0, 0));
  EXPECT_TRUE(accepted(8, kYourChoice, {}, 0, 0));
  EXPECT_FALSE(accepted(8, kYourChoice, {}, 1, 0));
  EXPECT_FALSE(accepted(8, kYourChoice, {}, 0, 1));
}

TEST(Messages, HaveRanges) {  // T04, T05
  const auto accepted = [](bool complete, std::vector<ChunkRange> ranges) {
    return decode(0x0b, frame_of(Have{samples::id(), 8, complete, std::move(ranges)}).payload).ok();
  };
  EXPECT_TRUE(accepted(false, {}));
  EXPECT_TRUE(accepted(false, std::vector<ChunkRange>(kMaxHaveRanges, ChunkRange{1, 1})));
  EXPECT_TRUE(accepted(false, {{0xfffffffe, 1}}));
  EXPECT_FALSE(accepted(false, {{0xffffffff, 1}}));
  EXPECT_FALSE(accepted(false, {{1, 0xffffffff}}));
  EXPECT_FALSE(accepted(false, {{1, 0}}));
  EXPECT_FALSE(accepted(true, {{1, 1}}));
  const Message have = Have{samples::id(), 8, false, {}};
  EXPECT_EQ(error_of_type(have, patched(have, 41, {2})), DecodeError::kBadValue);
  EXPECT_EQ(error_of_type(have, patched(have, 42, {0xff, 0xff})), DecodeError::kTruncated);
}

TEST(Messages, FlagsAreZeroOrOne) {
  const Message interest = Interest{samples::id(), 8, true};
  EXPECT_EQ(error_of_type(interest, patched(interest, 41, {2})), DecodeError::kBadValue);
  const Message answer = OfferAnswer{1, true, ErrorCode::kNone};
  EXPECT_EQ(error_of_type(answer, patched(answer, 4, {0xff})), DecodeError::kBadValue);
  EXPECT_EQ(error_of_type(answer, patched(answer, 5, {0, 1})), DecodeError::kBadValue);  // accepted, with a reason
}

TEST(Messages, OfferStatusRanges) {  // T04
  const auto accepted = [](std::uint32_t done, std::uint32_t there, std::uint32_t failed) {
    return decode(0x14, frame_of(OfferStatus{1, false, done, there, failed, 0, 0, ErrorCode::kNone, ""}).payload).ok();
  };
  EXPECT_TRUE(accepted(kMaxOfferEntries, kMaxOfferEntries, 0));
  EXPECT_TRUE(accepted(1, 1, kMaxOfferEntries - 1));
  EXPECT_FALSE(accepted(1, 2, 0));
  EXPECT_FALSE(accepted(kMaxOfferEntries + 1, 0, 0));
  EXPECT_FALSE(accepted(1, 0, kMaxOfferEntries));
  EXPECT_FALSE(accepted(2, 0, 0xffffffff));
  const Message status = OfferStatus{1, true, 1, 0, 0, 5, 5, ErrorCode::kFailed, "x"};
  EXPECT_EQ(error_of_type(status, patched(status, 4, {2})), DecodeError::kBadValue);      // over
  EXPECT_EQ(error_of_type(status, patched(status, 37, {0x80})), DecodeError::kBadValue);  // not UTF-8
  OfferStatus longest{1, true, 0, 0, 1, 0, 0, ErrorCode::kFailed, std::string(kMaxErrorTextSize, 't')};
  EXPECT_TRUE(decode(0x14, frame_of(longest).payload).ok());
}

TEST(Messages, PeersSeenRanges) {  // T01, T05
  const auto decoded_of = [](const PeersSeen& seen) { return decode(0x15, frame_of(seen).payload); };
  const net::Endpoint v4 = *net::Endpoint::parse("10.0.0.1"), v6 = *net::Endpoint::parse("[fd00::1]");
  PeersSeen full;
  full.peers.assign(kMaxSeenPeers, {v6, 0xffff});
  EXPECT_EQ(frame_of(full).payload.size(), max_payload(0x15));
  EXPECT_EQ(*decoded_of(full), Message(full));
  EXPECT_TRUE(decoded_of(PeersSeen{}).ok());
  // Of both families together.
  for (std::size_t i = 0; i < kMaxSeenPeers / 2; ++i) full.peers[i].endpoint = v4;
  EXPECT_EQ(*decoded_of(full), Message(full));
  const Message one = PeersSeen{{{v4, 1}}};
  net::Bytes payload = patched(one, 0, {2, 1});  // More of one family than of both are allowed.
  payload.resize(max_payload(0x15));
  EXPECT_EQ(error_of_type(one, payload), DecodeError::kBadValue);
  full.peers.resize(kMaxSeenPeers);
  payload = frame_of(full).payload;
  const std::size_t ipv6_at = 2 + kMaxSeenPeers / 2 * 8;
  payload[ipv6_at] = std::byte{1};
  payload[ipv6_at + 1] = std::byte{1};  // One more than there is room for.
  payload.resize(payload.size() + 20);
  EXPECT_EQ(error_of_type(one, payload), DecodeError::kBadValue);
  EXPECT_EQ(error_of_type(one, patched(one, 0, {0, 2})), DecodeError::kTruncated);  // a count that lies
  EXPECT_EQ(error_of_type(one, patched(one, 10, {0, 1})), DecodeError::kTruncated);
}

TEST(Messages, AMappedAddressIsNoIpv6Address) {
  const Message seen = PeersSeen{{{*net::Endpoint::parse("[fd00::1]"), 1}}};
  EXPECT_EQ(error_of_type(seen, patched(seen, 6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1})),
            DecodeError::kBadValue);
}

TEST(Messages, ChunkHeaderFields) {  // T04, T05
  const net::Bytes frame = encode_chunk_header({1, 2, 3}, 4);
  EXPECT_EQ(net::to_hex(frame), "0800000010000000010000000200000003");
  const net::ByteView fields = net::ByteView(frame).subspan(net::FrameHeader::kSize);
  const auto header = decode_chunk_header(fields, ChunkHeader::kSize + 4);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(*header, (ChunkHeader{1, 2, 3}));
  EXPECT_EQ(decode_chunk_header(fields, ChunkHeader::kSize).error(), DecodeError::kBadValue);
  EXPECT_EQ(decode_chunk_header(fields, ChunkHeader::kSize - 1).error(), DecodeError::kTruncated);
  EXPECT_EQ(decode_chunk_header(fields.first(11), 100).error(), DecodeError::kTruncated);
  EXPECT_TRUE(decode_chunk_header(fields, ChunkHeader::kSize + kMaxChunkSize - 3).ok());
  EXPECT_EQ(decode_chunk_header(fields, ChunkHeader::kSize + kMaxChunkSize - 2).error(), DecodeError::kBadValue);
  EXPECT_EQ(decode_chunk_header(fields, 0xffffffff).error(), DecodeError::kBadValue);
}

TEST(Messages, ErrorTextHasALimitAndIsUtf8) {
  Error longest{1, ErrorCode::kBusy, std::string(kMaxErrorTextSize, 't')};
  EXPECT_TRUE(decode(0x12, frame_of(longest).payload).ok());
  const Message error = Error{1, ErrorCode::kBusy, "x"};
  EXPECT_EQ(error_of_type(error, patched(error, 8, {0x80})), DecodeError::kBadValue);
  EXPECT_TRUE(decode(0x12, patched(error, 4, {0xff, 0xff})).ok());  // codes of later versions pass
}

TEST(Messages, EveryLayerSizeButWholeHashesIsRefused) {  // T06
  Layer layer{1, std::vector<net::Sha256>(kMaxLayerHashes)};
  EXPECT_EQ(frame_of(layer).payload.size(), max_payload(0x06));
  EXPECT_TRUE(decode(0x06, frame_of(layer).payload).ok());
  EXPECT_EQ(error_of(MessageType::kLayer, net::Bytes(4 + 31)), DecodeError::kTruncated);
  EXPECT_EQ(error_of(MessageType::kLayer, net::Bytes(4 + 33)), DecodeError::kTruncated);
}

TEST(ErrorCodes, HaveTexts) {
  for (std::uint16_t code = 0; code <= 21; ++code) {
    EXPECT_NE(text_of(static_cast<ErrorCode>(code)), "unknown error") << code;
  }
  EXPECT_EQ(text_of(static_cast<ErrorCode>(22)), "unknown error");
}

}  // namespace
}  // namespace peer::wire
