// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <random>

#include "net/frame.h"
#include "tests/unit/peer/wire/session_support.h"

namespace peer::wire {
namespace {

/// What came of some bytes: the events, the payloads, and what was answered.
struct Outcome {
  std::vector<Event> events;
  std::deque<std::pair<ChunkHeader, net::Bytes>> payloads;
  net::Bytes answers;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome(Role role, net::ByteView bytes, const std::function<std::size_t()>& step) {
  Fixture fixture(role);
  Outcome out;
  out.events = fixture.feed(bytes, step);
  fixture.session.end_of_input();
  for (Event& event : fixture.events()) out.events.push_back(std::move(event));
  out.payloads = std::move(fixture.sink.places);
  out.answers = fixture.sent();
  return out;
}

std::size_t everything() { return std::size_t{1} << 30; }

/// A conversation with a bit of everything.
net::Bytes conversation(std::size_t chunk_size) {
  net::Bytes bytes;
  append(bytes, encode(hello_of("other", 2)));
  for (const Message& message : samples::all()) {
    if (!std::holds_alternative<Hello>(message)) append(bytes, encode(message));
  }
  append(bytes,
         "\x10"
         "10.0.0.1,junk,[fd00::1]:99,\n");
  append(bytes,
         "\x11"
         "10.0.0.2,half");
  append(bytes, net::encode_frame(0x1e, net::Bytes(100, std::byte{1})));
  append(bytes, encode(Chunk{{20, 1, 2}, net::Bytes(chunk_size, std::byte{7})}));
  append(bytes, encode(Ping{5}));
  return bytes;
}

TEST(SessionSplit, EveryTwoPieces) {  // T03
  const net::Bytes bytes = conversation(50);
  const Outcome whole = outcome(Role::kAccepted, bytes, everything);
  EXPECT_EQ(whole.payloads.size(), 2u);
  EXPECT_EQ(failure_of(whole.events), ErrorCode::kClosed);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    bool first = true;
    const auto split =
        outcome(Role::kAccepted, bytes, [&] { return std::exchange(first, false) ? cut : everything(); });
    ASSERT_EQ(split, whole) << "cut at " << cut;
  }
}

TEST(SessionSplit, PiecesOfEachSize) {  // T03
  const net::Bytes bytes = conversation(50);
  for (const Role role : {Role::kAccepted, Role::kDialled}) {
    const Outcome whole = outcome(role, bytes, everything);
    for (std::size_t size = 1; size < 200; ++size) {
      ASSERT_EQ(outcome(role, bytes, [&] { return size; }), whole) << size;
    }
  }
}

TEST(SessionSplit, RandomPiecesOfLargePayloads) {  // T03
  std::mt19937 random(7);
  net::Bytes bytes = conversation(100'000);
  append(bytes, encode(Layer{5, std::vector<net::Sha256>(1500)}));
  append(bytes, encode(Chunk{{21, 1, 0}, net::Bytes(20'000, std::byte{9})}));
  append(bytes, encode(Layer{6, std::vector<net::Sha256>(600)}));
  const Outcome whole = outcome(Role::kAccepted, bytes, everything);
  for (int round = 0; round < 100; ++round) {
    const std::size_t largest = std::size_t{1} << (random() % 16);
    const auto split = outcome(Role::kAccepted, bytes, [&] { return random() % largest + 1; });
    ASSERT_EQ(split, whole) << round;
  }
}

TEST(SessionSplit, WrongBytesFailAlikeHoweverTheyCome) {  // T03, T10
  std::mt19937 random(11);
  const net::Bytes good = conversation(50);
  for (int round = 0; round < 300; ++round) {
    net::Bytes bytes = good;
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    const Role role = random() % 2 == 0 ? Role::kAccepted : Role::kDialled;
    const Outcome whole = outcome(role, bytes, everything);
    ASSERT_EQ(outcome(role, bytes, [] { return std::size_t{1}; }), whole) << round;
    ASSERT_EQ(outcome(role, bytes, [&] { return random() % 40 + 1; }), whole) << round;
  }
}

TEST(SessionSplit, EveryTruncationEndsInOneFailure) {
  const net::Bytes bytes = conversation(50);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const Outcome cut = outcome(Role::kAccepted, net::ByteView(bytes).first(size), everything);
    ASSERT_EQ(failure_of(cut.events), ErrorCode::kClosed) << size;
  }
}

}  // namespace
}  // namespace peer::wire
