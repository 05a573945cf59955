// SPDX-License-Identifier: MIT
// The simulated network's own promises: what simulations conclude rests on them.
#include "tests/support/sim_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "tests/support/sim_events.h"
#include "tests/support/sim_link.h"
#include "tests/support/sim_traffic.h"

namespace support {
namespace {

using namespace std::chrono_literals;

/// Writes as many bytes as asked for, reads all that comes.
struct Transfer {
  Transfer(SimEvents& events, SimLink& up, SimLink& down, std::size_t bytes)
      : stream(std::make_shared<SimStream>(events, up, down, 1ms)), left(bytes) {
    stream->on_writable = [this] { write(); };
    stream->on_readable = [this, &events] { read(events); };
    write();
  }
  void write() {
    const std::size_t count = std::min(left, stream->room());
    net::Bytes bytes(count);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(written++ * 31);
    stream->write(bytes);
    left -= count;
    if (left == 0) stream->finish();
  }
  void read(SimEvents& events) {
    if (!reading) return;
    net::Bytes bytes(stream->readable());
    stream->read(bytes);
    for (const std::byte byte : bytes) in_order &= byte == static_cast<std::byte>(read_bytes++ * 31);
    if (stream->at_end()) ended_after = events.elapsed();
  }

  std::shared_ptr<SimStream> stream;
  std::size_t left;
  std::size_t written = 0, read_bytes = 0;
  bool in_order = true;
  bool reading = true;
  net::Duration ended_after{};
};

class SimStreamTest : public ::testing::Test {
 protected:
  SimEvents events_{1};
  void run(net::Duration time) {
    const net::TimePoint end = events_.now() + time;
    while (events_.run_next(end)) {
    }
  }
};

TEST_F(SimStreamTest, BytesArriveInOrderAtTheRateOfTheSlowerLink) {
  SimLink up(events_, 1e6), down(events_, 5e5);
  Transfer one(events_, up, down, 1'000'000);
  run(1900ms);
  EXPECT_FALSE(one.stream->at_end());
  run(200ms);
  EXPECT_TRUE(one.stream->at_end());
  EXPECT_EQ(one.read_bytes, 1'000'000u);
  EXPECT_TRUE(one.in_order);
  EXPECT_GE(one.ended_after, 2s);
}

TEST_F(SimStreamTest, ALinkIsSharedFairly) {
  SimLink up(events_, 1e6), first_down(events_, 0), second_down(events_, 0);
  Transfer first(events_, up, first_down, 4'000'000);
  Transfer second(events_, up, second_down, 4'000'000);
  run(2s);
  const auto difference =
      static_cast<std::ptrdiff_t>(first.read_bytes) - static_cast<std::ptrdiff_t>(second.read_bytes);
  EXPECT_LE(std::abs(difference), static_cast<std::ptrdiff_t>(2 * SimLink::kQuantum));
  EXPECT_NEAR(static_cast<double>(up.carried()), 2e6, 5e4);
}

TEST_F(SimStreamTest, AReaderThatDoesNotReadStopsTheWriter) {
  SimLink up(events_, 0), down(events_, 0);
  Transfer one(events_, up, down, 10'000'000);
  one.reading = false;
  run(10s);
  EXPECT_LE(one.written, SimStream::kSendBuffer + SimStream::kWindow);
  EXPECT_EQ(one.stream->room(), 0u);
  EXPECT_EQ(one.stream->readable(), SimStream::kWindow);
  one.reading = true;
  one.read(events_);
  run(10s);
  EXPECT_EQ(one.read_bytes, 10'000'000u);
  EXPECT_TRUE(one.in_order);
}

TEST_F(SimStreamTest, AnEmptyStreamEnds) {
  SimLink up(events_, 0), down(events_, 0);
  Transfer one(events_, up, down, 0);
  EXPECT_FALSE(one.stream->at_end());
  run(10ms);
  EXPECT_TRUE(one.stream->at_end());
}

TEST_F(SimStreamTest, NothingComesOverACutConnection) {
  SimLink up(events_, 1e6), down(events_, 1e6);
  Transfer one(events_, up, down, 1'000'000);
  run(100ms);
  one.stream->cut();
  const std::size_t before = one.read_bytes;
  run(10s);
  EXPECT_EQ(one.read_bytes, before);
  EXPECT_EQ(one.stream->room(), 0u);
}

TEST_F(SimStreamTest, ALinkThatIsDownHoldsBytesUntilItIsUp) {
  SimLink up(events_, 1e6), down(events_, 1e6);
  Transfer one(events_, up, down, 100'000);
  down.set_up(false);
  run(10s);
  EXPECT_EQ(one.read_bytes, 0u);
  down.set_up(true);
  run(10s);
  EXPECT_EQ(one.read_bytes, 100'000u);
}

TEST_F(SimStreamTest, WhatNobodyReadsIsThrownAway) {
  SimLink up(events_, 0), down(events_, 0);
  Transfer one(events_, up, down, 3'000'000);
  one.stream->stop_reading();
  run(10s);
  EXPECT_EQ(one.left, 0u);
  EXPECT_EQ(one.stream->readable(), 0u);
}

TEST(SimEvents, TheOrderOfSimultaneousEventsFollowsFromTheSeed) {
  auto order = [](std::uint64_t seed) {
    SimEvents events(seed);
    std::vector<int> result;
    for (int i = 0; i < 20; ++i) {
      events.after(1s, [&result, i] { result.push_back(i); });
    }
    while (events.run_next(events.now() + 2s)) {
    }
    return result;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
}

TEST(SimTrafficMeter, CountsListsAndFramesInPiecesOfAnySize) {
  net::Bytes stream;
  const auto add = [&](net::ByteView bytes) { stream.insert(stream.end(), bytes.begin(), bytes.end()); };
  add(
      net::as_bytes("\x10"
                    "10.0.0.1,\n"));
  add(net::encode_frame(0x01, net::as_bytes("hello")));
  add(net::encode_frame(0x0e, {}));
  add(net::as_bytes("\x10\n"));
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    SimTraffic traffic;
    SimTrafficMeter meter;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      meter.bytes(net::ByteView(stream).subspan(at, std::min(piece, stream.size() - at)), traffic);
    }
    EXPECT_EQ(traffic.by_type[0x10].messages, 2u);
    EXPECT_EQ(traffic.by_type[0x10].bytes, 13u);
    EXPECT_EQ(traffic.by_type[0x01].messages, 1u);
    EXPECT_EQ(traffic.by_type[0x01].bytes, 10u);
    EXPECT_EQ(traffic.by_type[0x0e].bytes, 5u);
    EXPECT_EQ(traffic.bytes(), stream.size());
  }
}

}  // namespace
}  // namespace support
