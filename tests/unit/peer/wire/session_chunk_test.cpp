// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "net/frame.h"
#include "tests/unit/peer/wire/session_support.h"

namespace peer::wire {
namespace {

net::Bytes data_of(std::size_t size) {
  net::Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::byte>((7 * i + 3) & 255);
  return data;
}

TEST(SessionChunk, ThePayloadLandsInTheOwnersMemory) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const Chunk chunk{{1, 2, 0}, data_of(300'000)};
  net::Bytes bytes = encode(chunk);
  append(bytes, encode(CatalogChanged{4}));
  EXPECT_EQ(fixture.feed(bytes),
            (std::vector<Event>{ChunkReceived{chunk.header, 300'000}, MessageReceived{CatalogChanged{4}}}));
  ASSERT_EQ(fixture.sink.places.size(), 1u);
  EXPECT_EQ(fixture.sink.places[0].first, chunk.header);
  EXPECT_EQ(fixture.sink.places[0].second, chunk.data);
}

TEST(SessionChunk, WhatFollowsTheHeaderIsReadStraightIntoIt) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const net::Bytes bytes = encode(Chunk{{1, 2, 0}, data_of(100'000)});
  fixture.feed(net::ByteView(bytes).first(net::FrameHeader::kSize + ChunkHeader::kSize + 10));
  ASSERT_EQ(fixture.sink.places.size(), 1u);
  const std::span<std::byte> space = fixture.session.space();
  EXPECT_EQ(space.data(), fixture.sink.places[0].second.data() + 10);
  EXPECT_EQ(space.size(), 100'000u - 10);
  EXPECT_EQ(fixture.session.chunk_under_way(), (ChunkHeader{1, 2, 0}));
}

TEST(SessionChunk, OneThatNobodyWaitsForPasses) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  fixture.sink.answer = FakeSink::Answer::kDiscard;
  net::Bytes bytes = encode(Chunk{{1, 2, 0}, data_of(100'000)});
  append(bytes, encode(CatalogChanged{4}));
  EXPECT_EQ(fixture.feed(bytes),
            (std::vector<Event>{ChunkSkipped{{1, 2, 0}, 100'000}, MessageReceived{CatalogChanged{4}}}));
  EXPECT_EQ(fixture.session.chunk_under_way(), std::nullopt);
}

TEST(SessionChunk, WithoutMemoryReadingPausesUntilResumed) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  fixture.sink.answer = FakeSink::Answer::kWait;
  const net::Bytes bytes = encode(Chunk{{1, 2, 0}, data_of(100'000)});
  EXPECT_TRUE(fixture.feed(bytes).empty());
  EXPECT_TRUE(fixture.session.waiting());
  EXPECT_TRUE(fixture.session.space().empty());
  EXPECT_GT(fixture.unread, 0u);
  const std::size_t unread = fixture.unread;
  EXPECT_EQ(fixture.sink.asked, 1);

  fixture.session.resume();  // Still none.
  EXPECT_TRUE(fixture.events().empty());
  EXPECT_TRUE(fixture.session.waiting());
  EXPECT_EQ(fixture.sink.asked, 2);

  fixture.sink.answer = FakeSink::Answer::kPlace;
  fixture.session.resume();
  EXPECT_TRUE(fixture.events().empty());
  EXPECT_EQ(fixture.feed(net::ByteView(bytes).last(unread)), (std::vector<Event>{ChunkReceived{{1, 2, 0}, 100'000}}));
  EXPECT_EQ(fixture.sink.places.at(0).second, data_of(100'000));
}

TEST(SessionChunk, APauseIsNotTakenForSilence) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  fixture.sink.answer = FakeSink::Answer::kWait;
  fixture.feed(net::ByteView(encode(Chunk{{1, 2, 0}, data_of(100)})).first(20));
  ASSERT_TRUE(fixture.session.waiting());
  for (int i = 0; i < 20; ++i) {
    fixture.clock.advance_to(*fixture.session.deadline());
    fixture.session.expire(fixture.clock.now());
  }
  EXPECT_FALSE(fixture.session.failed());
}

TEST(SessionChunk, AnAbandonedOneNoLongerTouchesItsPlace) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const net::Bytes bytes = encode(Chunk{{1, 2, 0}, data_of(100'000)});
  fixture.feed(net::ByteView(bytes).first(50'000));
  fixture.session.abandon_chunk();
  fixture.sink.places.clear();  // The memory is gone: the address sanitizer watches.
  EXPECT_EQ(fixture.feed(net::ByteView(bytes).subspan(50'000)), (std::vector<Event>{ChunkSkipped{{1, 2, 0}, 100'000}}));
  fixture.session.abandon_chunk();  // None is under way.
}

TEST(SessionChunk, OneThatWasAllThereCanStillBeAbandoned) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const net::Bytes bytes = encode(Chunk{{1, 2, 0}, data_of(1000)});
  fixture.feed(net::ByteView(bytes).first(100));
  const net::ByteView rest = net::ByteView(bytes).subspan(100);
  std::copy(rest.begin(), rest.end(), fixture.session.space().begin());
  fixture.session.received(fixture.clock.now(), rest.size());
  fixture.session.abandon_chunk();
  EXPECT_EQ(fixture.events(), (std::vector<Event>{ChunkSkipped{{1, 2, 0}, 1000}}));
}

TEST(SessionChunk, BadHeadersFail) {  // T04, T05
  const auto code_of = [](const ChunkHeader& header, std::uint32_t payload_size) {
    net::ByteWriter out;
    net::encode_frame_header({0x08, payload_size}, out);
    out.u32(header.request).u32(header.chunk).u32(header.offset);
    Fixture fixture(Role::kAccepted);
    fixture.establish();
    const auto code = failure_of(fixture.feed(out.view()));
    EXPECT_EQ(fixture.sink.asked > 0, !code.has_value());
    return code;
  };
  EXPECT_EQ(code_of({1, 2, 0}, 12), ErrorCode::kMalformed);  // no data
  EXPECT_EQ(code_of({1, kYourChoice, 0}, 13), ErrorCode::kMalformed);
  EXPECT_EQ(code_of({1, 2, kMaxChunkSize}, 13), ErrorCode::kMalformed);
  EXPECT_EQ(code_of({1, 2, 0xffffffff}, 14), ErrorCode::kMalformed);
  EXPECT_EQ(code_of({1, 2, 1}, 12 + kMaxChunkSize), ErrorCode::kMalformed);
  EXPECT_EQ(code_of({1, 2, 0}, 13 + kMaxChunkSize), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of({1, 2, 0}, 12 + kMaxChunkSize), std::nullopt);
  EXPECT_EQ(code_of({1, 2, kMaxChunkSize - 1}, 13), std::nullopt);
}

TEST(SessionChunk, AShortFrameFailsAtOnce) {  // T01
  for (std::size_t size = 0; size < ChunkHeader::kSize; ++size) {
    Fixture fixture(Role::kAccepted);
    fixture.establish();
    EXPECT_EQ(failure_of(fixture.feed(net::encode_frame(0x08, net::Bytes(size)))), ErrorCode::kMalformed) << size;
  }
}

TEST(SessionChunk, AnOwnerThatTakesNoEventsStopsTheReading) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  std::size_t total = 0;
  for (int i = 0; i < 10; ++i) {
    const std::span<std::byte> space = fixture.session.space();
    std::fill(space.begin(), space.end(), std::byte{0x0f});
    total += space.size();
    fixture.session.received(fixture.clock.now(), space.size());
  }
  EXPECT_EQ(total, Session::kBufferSize);
}

}  // namespace
}  // namespace peer::wire
