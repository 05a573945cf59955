// SPDX-License-Identifier: MIT
#include "peer/files/partial_state.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "peer/files/merkle.h"

namespace peer::files {
namespace {

PartialState sample(std::size_t length) {
  TreeHasher hasher;
  hasher.update(net::Bytes(length, std::byte{42}));
  HashedContent hashed = hasher.finish();
  PartialState state{hashed.id, std::move(hashed.layer), ChunkSet(chunk_grid(length).count())};
  for (std::uint32_t i = 0; i < state.have.size(); i += 2) state.have.set(i);
  return state;
}

/// `record` with a checksum that is right again.
net::Bytes sealed(net::Bytes record) {
  record.resize(record.size() - 32);
  const Hash checksum = net::sha256(record);
  record.insert(record.end(), checksum.begin(), checksum.end());
  return record;
}

/// Where things are in a record.
constexpr std::size_t kLengthAt = 12, kRootAt = 20, kChunkSizeAt = 52, kLayerCountAt = 56, kLayerAt = 60;

net::Bytes with_byte(net::Bytes record, std::size_t at, unsigned value) {
  record[at] = static_cast<std::byte>(value);
  return sealed(std::move(record));
}

TEST(PartialState, IsReadBackAsWritten) {
  for (const std::size_t length :
       {std::uint32_t{1}, 16384u, kMinChunkSize, kMinChunkSize + 1, 20 * kMinChunkSize + 3}) {
    const PartialState state = sample(length);
    const auto decoded = decode_partial_state(encode_partial_state(state));
    ASSERT_TRUE(decoded.ok()) << length;
    EXPECT_EQ(*decoded, state);
  }
  EXPECT_TRUE(decode_partial_state(encode_partial_state(PartialState{})).ok());
}

TEST(PartialState, MayLackTheLayer) {
  PartialState state = sample(3 * kMinChunkSize);
  state.layer.clear();
  state.have = ChunkSet(3);
  const auto decoded = decode_partial_state(encode_partial_state(state));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, state);
}

TEST(PartialState, LayoutIsPinned) {
  const net::Bytes record = encode_partial_state(sample(2 * kMinChunkSize + 1));
  EXPECT_EQ(record.size(), kLayerAt + 3 * 32 + 1 + 32);
  EXPECT_EQ(net::as_text(net::ByteView(record).first(8)), "p2p-part");
  EXPECT_EQ(net::to_hex(net::ByteView(record).subspan(8, 12)), "000000010000000000040001");
  EXPECT_EQ(net::to_hex(net::ByteView(record).subspan(kChunkSizeAt, 8)), "0002000000000003");
  EXPECT_EQ(record[kLayerAt + 96], std::byte{0xa0});
}

// T48: a torn record.
TEST(PartialState, EveryTruncationAndExtensionIsRefusedT48) {
  const net::Bytes record = encode_partial_state(sample(5 * kMinChunkSize));
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(decode_partial_state(net::ByteView(record).first(size)).ok()) << size;
  }
  net::Bytes longer = record;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(decode_partial_state(longer).ok());
}

TEST(PartialState, EveryFlippedByteIsRefusedT48) {
  const net::Bytes record = encode_partial_state(sample(2 * kMinChunkSize));
  for (std::size_t at = 0; at < record.size(); ++at) {
    net::Bytes torn = record;
    torn[at] ^= std::byte{0x10};
    EXPECT_FALSE(decode_partial_state(torn).ok()) << at;
  }
}

// T32: a record made to harm, with a checksum that is right.
TEST(PartialState, HostileRecordsAreRefusedT32) {
  using enum PartialStateError;
  const net::Bytes good = encode_partial_state(sample(3 * kMinChunkSize));
  ASSERT_TRUE(decode_partial_state(sealed(good)).ok());
  const auto error_of = [](const net::Bytes& record) {
    const auto decoded = decode_partial_state(record);
    return decoded.ok() ? std::optional<PartialStateError>() : decoded.error();
  };
  EXPECT_EQ(error_of(with_byte(good, 0, 'P')), kNotAState);
  EXPECT_EQ(error_of(with_byte(good, 11, 2)), kNotAState);
  EXPECT_EQ(error_of(with_byte(good, kLengthAt, 0x40)), kBadContent);      // 2^62
  EXPECT_EQ(error_of(with_byte(good, kRootAt, 0x55)), kBadContent);        // layer does not match
  EXPECT_EQ(error_of(with_byte(good, kChunkSizeAt + 1, 0)), kBadContent);  // chunk size 0
  EXPECT_EQ(error_of(with_byte(good, kLayerCountAt, 0xff)), kBadContent);  // 2^32 hashes
  EXPECT_EQ(error_of(with_byte(good, kLayerCountAt + 3, 0)), kTruncated);  // fewer than there are
  EXPECT_EQ(error_of(with_byte(good, kLayerAt, 0x55)), kBadContent);       // another layer
  EXPECT_EQ(error_of(with_byte(good, kLayerAt + 96, 0x1f)), kBadContent);  // spare bits
}

TEST(PartialState, LongestRecordIsThatOfTheLongestFile) {
  EXPECT_EQ(max_partial_state_size(), kLayerAt + (std::size_t{1} << 20) * 32 + (1 << 17) + 32);
}

}  // namespace
}  // namespace peer::files
