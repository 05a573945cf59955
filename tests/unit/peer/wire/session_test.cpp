// SPDX-License-Identifier: MIT
#include "peer/wire/session.h"

#include <gtest/gtest.h>

#include "net/frame.h"
#include "tests/unit/peer/wire/session_support.h"

namespace peer::wire {
namespace {

using samples::bytes_of;

std::vector<net::Endpoint> two_peers() {
  return {*net::Endpoint::parse("10.0.0.1"), *net::Endpoint::parse("10.0.0.2:2000")};
}

TEST(SessionOpening, ADiallingSideSaysHelloAtOnce) {
  Fixture fixture(Role::kDialled);
  EXPECT_EQ(fixture.sent(), encode(hello_of("own", 1)));
}

TEST(SessionOpening, AnAcceptingSideSendsTheListFirstAndHelloWhenTheOthersHasCome) {
  Fixture fixture(Role::kAccepted, two_peers());
  EXPECT_EQ(fixture.sent(), encode_peer_gossip(two_peers()));
  EXPECT_FALSE(fixture.session.established());
  const auto events = fixture.feed(hello_of("other", 2));
  EXPECT_EQ(events, (std::vector<Event>{HelloReceived{hello_of("other", 2)}}));
  EXPECT_TRUE(fixture.session.established());
  EXPECT_EQ(fixture.sent(), encode(hello_of("own", 1)));
}

TEST(SessionOpening, WithoutAListNothingIsSentBeforeHello) {
  Fixture fixture(Role::kAccepted);
  EXPECT_TRUE(fixture.session.queue().empty());
}

TEST(SessionOpening, ADiallingSideTakesListsBeforeHello) {
  Fixture fixture(Role::kDialled);
  net::Bytes bytes = encode_peer_gossip(two_peers());
  append(bytes,
         "\x11"
         "10.0.0.3,");  // The other byte of older programs, and no LF.
  append(bytes, encode(hello_of("other", 2)));
  const auto events = fixture.feed(bytes);
  EXPECT_EQ(events,
            (std::vector<Event>{PeersReceived{two_peers(), 0}, PeersReceived{{*net::Endpoint::parse("10.0.0.3")}, 0},
                                HelloReceived{hello_of("other", 2)}}));
}

TEST(SessionOpening, OtherDialectsAreClosedWithoutAWord) {
  for (const char* first :
       {"\x16\x03\x01", "req", "q", "GET / HTTP/1.0\r\n\r\n", "HEAD /", "\x10", "\x05", "SSH-2.0", "\xff"}) {
    Fixture fixture(Role::kAccepted);
    EXPECT_EQ(failure_of(fixture.feed(net::as_bytes(first))), ErrorCode::kDialect) << first;
    EXPECT_TRUE(fixture.session.queue().empty());
    EXPECT_TRUE(fixture.session.space().empty());
  }
}

TEST(SessionOpening, TheDialectOfOlderProgramsIsHandedOverWhereItIsSpoken) {
  for (const std::string first : {"req", "q"}) {
    support::ManualClock clock;
    FakeSink sink;
    Session session(Role::kAccepted, hello_of("own", 1), two_peers(), sink, {}, clock.now(), true);
    const net::Bytes list(encode_peer_gossip(two_peers()));
    const net::ByteView bytes = net::as_bytes(first);
    std::copy(bytes.begin(), bytes.end(), session.space().begin());
    session.received(clock.now(), first.size());
    EXPECT_EQ(session.next_event(), Event(LegacyOpened{}));
    EXPECT_EQ(net::as_text(session.unread()), first);
    EXPECT_EQ(session.queue().pending(), list.size());
    EXPECT_FALSE(session.next_event());
    EXPECT_TRUE(session.space().empty());
    EXPECT_FALSE(session.failed());
  }
}

TEST(SessionOpening, AReasonNamesTheDialect) {
  Fixture fixture(Role::kAccepted);
  const auto events = fixture.feed(net::as_bytes("GET / HTTP/1.0\r\n"));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NE(std::get<Failed>(events[0]).reason.find("HTTP"), std::string::npos);
}

TEST(SessionOpening, AMeetingWithOneselfFails) {
  Fixture fixture(Role::kAccepted);
  EXPECT_EQ(failure_of(fixture.feed(hello_of("any", 1))), ErrorCode::kSelf);
}

TEST(SessionState, EveryOtherMessageBeforeHelloFails) {  // T10
  for (const Message& message : samples::all()) {
    const MessageType type = type_of(message);
    if (type == MessageType::kHello) continue;
    Fixture fixture(Role::kDialled);
    fixture.sent();
    const auto events = fixture.feed(message);
    if (type == MessageType::kError || type == MessageType::kBye) {
      EXPECT_EQ(events, std::vector<Event>{MessageReceived{message}}) << name_of(type);
    } else {
      EXPECT_EQ(failure_of(events), ErrorCode::kWrongState) << name_of(type);
      EXPECT_EQ(fixture.sent().at(0), std::byte{0x12}) << "the other end is told";
    }
  }
}

TEST(SessionState, ASecondHelloFails) {  // T10
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  EXPECT_EQ(failure_of(fixture.feed(hello_of("other", 2))), ErrorCode::kWrongState);
}

TEST(SessionState, UnknownTypesBeforeHelloFail) {  // T10
  Fixture fixture(Role::kDialled);
  EXPECT_EQ(failure_of(fixture.feed(net::encode_frame(0x1e, {}))), ErrorCode::kWrongState);
}

TEST(SessionState, AFailureIsTheLastEvent) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  net::Bytes bytes = encode(CatalogChanged{1});
  append(bytes, "\x20");
  append(bytes, encode(CatalogChanged{2}));
  const auto events = fixture.feed(bytes);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(std::get<Failed>(events[1]).code, ErrorCode::kMalformed);
  EXPECT_TRUE(fixture.session.failed());
  EXPECT_EQ(fixture.session.next_event(), std::nullopt);
  EXPECT_EQ(fixture.session.deadline(), std::nullopt);
  fixture.sent();
  fixture.session.send(Ping{1});  // Allowed, and lost.
  EXPECT_TRUE(fixture.session.queue().empty());
}

TEST(SessionFrames, AllMessagesPassOnceEstablished) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  for (const Message& message : samples::all()) {
    const MessageType type = type_of(message);
    if (type == MessageType::kHello || type == MessageType::kChunk) continue;
    const auto events = fixture.feed(message);
    if (type == MessageType::kPing || type == MessageType::kPong) {
      EXPECT_TRUE(events.empty());
    } else {
      EXPECT_EQ(events, std::vector<Event>{MessageReceived{message}}) << name_of(type);
    }
  }
}

TEST(SessionFrames, APingIsAnswered) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  fixture.feed(Ping{77});
  EXPECT_EQ(fixture.sent(), encode(Pong{77}));
}

TEST(SessionFrames, LengthsBeyondTheLimitFailAtTheHeader) {  // T01, T02
  for (const Message& message : samples::all()) {
    const std::uint8_t type = static_cast<std::uint8_t>(type_of(message));
    for (const std::uint32_t length : {max_payload(type) + 1, 0xffffffffu}) {
      net::ByteWriter header;
      net::encode_frame_header({type, length}, header);
      Fixture established(Role::kDialled);
      established.establish();
      const auto code = failure_of(established.feed(header.view()));
      EXPECT_EQ(code, type == 0x01 ? ErrorCode::kWrongState : ErrorCode::kTooLarge) << int(type);
      Fixture fresh(Role::kDialled);
      const bool early = type == 0x01 || type == 0x12 || type == 0x13;
      EXPECT_EQ(failure_of(fresh.feed(header.view())), early ? ErrorCode::kTooLarge : ErrorCode::kWrongState);
    }
  }
}

TEST(SessionFrames, LengthZeroIsMalformedForEveryMessage) {  // T01
  for (const Message& message : samples::all()) {
    const std::uint8_t type = static_cast<std::uint8_t>(type_of(message));
    if (type == 0x01) continue;
    Fixture fixture(Role::kDialled);
    fixture.establish();
    EXPECT_EQ(failure_of(fixture.feed(net::encode_frame(type, {}))), ErrorCode::kMalformed) << int(type);
  }
}

TEST(SessionFrames, UnknownTypesAreSkippedByLength) {  // T11
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, Session::kBufferSize, std::size_t{kMaxUnknownPayload}}) {
    Fixture fixture(Role::kAccepted);
    fixture.establish();
    net::Bytes bytes = net::encode_frame(0x1f, net::Bytes(size, std::byte{0x41}));
    append(bytes, encode(CatalogChanged{5}));
    EXPECT_EQ(fixture.feed(bytes), std::vector<Event>{MessageReceived{CatalogChanged{5}}}) << size;
  }
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  net::ByteWriter header;
  net::encode_frame_header({0x1e, kMaxUnknownPayload + 1}, header);
  EXPECT_EQ(failure_of(fixture.feed(header.view())), ErrorCode::kTooLarge);
}

TEST(SessionFrames, PayloadsLargerThanTheBufferComeWhole) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  Layer layer{5, {}};
  for (int i = 0; i < static_cast<int>(kMaxLayerHashes); ++i) layer.hashes.push_back(samples::hash_of(i));
  net::Bytes bytes = encode(layer);
  append(bytes, encode(Layer{6, {samples::hash_of(1)}}));
  append(bytes, encode(layer));
  EXPECT_EQ(fixture.feed(bytes),
            (std::vector<Event>{MessageReceived{layer}, MessageReceived{Layer{6, {samples::hash_of(1)}}},
                                MessageReceived{layer}}));
}

TEST(SessionFrames, ListsMayComeBetweenFramesAtAnyTime) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  net::Bytes bytes = encode(CatalogChanged{1});
  append(bytes, encode_peer_gossip(two_peers()));
  append(bytes, encode_peer_gossip({}));
  append(bytes, encode(CatalogChanged{2}));
  EXPECT_EQ(fixture.feed(bytes), (std::vector<Event>{MessageReceived{CatalogChanged{1}}, PeersReceived{two_peers(), 0},
                                                     PeersReceived{}, MessageReceived{CatalogChanged{2}}}));
}

TEST(SessionFrames, AListWithoutAnEndFailsButItsEntriesCount) {  // T08
  Fixture fixture(Role::kDialled);
  net::Bytes bytes = bytes_of(
      "\x10"
      "10.0.0.1,");
  bytes.resize(bytes.size() + PeerGossipParser::kMaxLength, std::byte{'x'});
  const auto events = fixture.feed(bytes);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(std::get<PeersReceived>(events[0]).endpoints.size(), 1u);
  EXPECT_EQ(std::get<Failed>(events[1]).code, ErrorCode::kTooLarge);
}

TEST(SessionEnd, AtABoundaryAndInside) {
  Fixture boundary(Role::kAccepted);
  boundary.establish();
  boundary.session.end_of_input();
  EXPECT_EQ(boundary.events(), (std::vector<Event>{Failed{ErrorCode::kClosed, "closed by the other end"}}));

  Fixture inside(Role::kAccepted);
  inside.establish();
  inside.feed(net::ByteView(encode(Ping{1})).first(7));
  inside.session.end_of_input();
  EXPECT_EQ(inside.events(), (std::vector<Event>{Failed{ErrorCode::kClosed, "closed in the middle of a message"}}));
}

TEST(SessionEnd, AnAncestorsListWithoutLfCountsWhenItCloses) {
  Fixture fixture(Role::kDialled);
  EXPECT_TRUE(fixture
                  .feed(net::as_bytes("\x10"
                                      "10.0.0.1,10.0.0.2:2000,"))
                  .empty());
  fixture.session.end_of_input();
  const auto events = fixture.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0], Event(PeersReceived{two_peers(), 0}));
  EXPECT_EQ(failure_of(events), ErrorCode::kClosed);
}

TEST(SessionEnd, WhatCameBeforeIsStillGiven) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const net::Bytes bytes = encode(CatalogChanged{1});
  std::copy(bytes.begin(), bytes.end(), fixture.session.space().begin());
  fixture.session.received(fixture.clock.now(), bytes.size());
  fixture.session.end_of_input();
  const auto events = fixture.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0], Event(MessageReceived{CatalogChanged{1}}));
}

TEST(SessionSending, APeerThatDoesNotReadIsGivenUp) {  // T18
  SessionLimits limits;
  limits.send_queue = 1000;
  Fixture fixture(Role::kAccepted, std::nullopt, limits);
  fixture.establish();
  for (int i = 0; i < 100 && !fixture.session.failed(); ++i) fixture.session.send(Ping{1});
  EXPECT_TRUE(fixture.session.failed());
  EXPECT_LE(fixture.session.queue().buffered(), 1000u);
  EXPECT_EQ(failure_of(fixture.events()), ErrorCode::kOverflow);
}

TEST(SessionSending, AFloodOfPingsThatNobodyReadsIsGivenUp) {  // T18, T19
  SessionLimits limits;
  limits.send_queue = 10'000;
  Fixture fixture(Role::kAccepted, std::nullopt, limits);
  fixture.establish();
  net::Bytes flood;
  for (int i = 0; i < 2000; ++i) append(flood, encode(Ping{1}));
  EXPECT_EQ(failure_of(fixture.feed(flood)), ErrorCode::kOverflow);
  EXPECT_LE(fixture.session.queue().buffered(), 10'000u);
}

TEST(SessionSending, AChunkIsAHeaderAndAFileRange) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const auto source = std::make_shared<net::SendSource>();
  fixture.session.send_chunk({1, 2, 3}, {source, 4096, 100});
  auto& queue = fixture.session.queue();
  const auto front = queue.front();
  const net::ByteView header = std::get<net::ByteView>(front);
  EXPECT_EQ(net::Bytes(header.begin(), header.end()), encode_chunk_header({1, 2, 3}, 100));
  queue.consume(header.size());
  const auto range = std::get<net::FileRange>(queue.front());
  EXPECT_EQ(range.source, source);
  EXPECT_EQ(range.offset, 4096u);
  EXPECT_EQ(range.length, 100u);
}

TEST(SessionSending, ListsGoOutAtAnyTime) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  fixture.session.send_peers(two_peers());
  EXPECT_EQ(fixture.sent(), encode_peer_gossip(two_peers()));
}

}  // namespace
}  // namespace peer::wire
