// SPDX-License-Identifier: MIT
#include "peer/ledger.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using TakenState = Ledger::Taken::State;

files::ContentId content(std::uint64_t length, std::uint8_t number = 1) {
  files::ContentId id;
  id.length = length;
  id.root.fill(std::byte{number});
  return id;
}
NodeId node(std::uint8_t number) {
  NodeId id;
  id.fill(std::byte{number});
  return id;
}
Ledger::Party party(const std::string& name) { return {*net::Endpoint::parse("10.0.0.1:12345"), name}; }

struct LedgerTest : ::testing::Test {
  support::ManualClock clock;
  Ledger ledger;

  void queue(ConnectionId connection, const files::ContentId& id, std::uint64_t bytes) {
    ledger.queued(connection, party("taker " + std::to_string(connection)), id, bytes, clock.now());
  }
  /// The only record there is.
  Ledger::Taken record() {
    auto records = ledger.take_taken();
    EXPECT_EQ(records.size(), 1u);
    return records.empty() ? Ledger::Taken() : records.front();
  }
  void wait(net::Duration time) {
    const net::TimePoint end = clock.now() + time;
    while (ledger.deadline() && *ledger.deadline() <= end) {
      clock.advance_to(*ledger.deadline());
      ledger.expire(clock.now());
    }
    clock.advance_to(end);
  }
};

TEST_F(LedgerTest, SourcesAreToldByWhatWasVerified) {
  ledger.came(1, node(1), party("one"), 100, clock.now());
  ledger.came(1, node(2), party("two"), 100, clock.now());
  ledger.came(1, node(3), party("liar"), 100, clock.now());
  ledger.came(2, node(1), party("one"), 7, clock.now());
  ledger.verified(1, node(1), 100);
  ledger.verified(1, node(2), 100);
  ledger.came(1, node(2), party("two"), 50, clock.now());
  ledger.verified(1, node(2), 50);
  ledger.verified(9, node(2), 50);
  auto sources = ledger.sources(1, clock.now());
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[0].party.name, "two");
  EXPECT_EQ(sources[0].bytes, 150u);
  EXPECT_GT(sources[2].rate, 0);
  Ledger::Fetched done;
  done.bytes = 250;
  ledger.end(1, done, clock.now());
  auto records = ledger.take_fetched();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].sources.size(), 2u) << "who sent nothing right is none";
  EXPECT_TRUE(ledger.sources(1, clock.now()).empty());
  EXPECT_TRUE(ledger.take_fetched().empty());
}

TEST_F(LedgerTest, AWholeFileIsRecordedWhenItsLastByteHasGone) {
  queue(1, content(100), 60);
  queue(1, content(100), 40);
  clock.advance(1s);
  ledger.unsent(1, 30, clock.now());
  EXPECT_TRUE(ledger.take_taken().empty());
  ASSERT_EQ(ledger.taken(clock.now()).size(), 1u);
  EXPECT_EQ(ledger.taken(clock.now())[0].bytes, 70u);
  clock.advance(1s);
  ledger.unsent(1, 0, clock.now());
  auto taken = record();
  EXPECT_EQ(taken.state, TakenState::kWhole);
  EXPECT_EQ(taken.bytes, 100u);
  EXPECT_EQ(taken.party.name, "taker 1");
  EXPECT_EQ(taken.took, 2s);
  EXPECT_TRUE(ledger.taken(clock.now()).empty());
}

TEST_F(LedgerTest, PartsEndWithTheInterest) {
  queue(1, content(100), 60);
  ledger.not_interested(1, content(100), clock.now());
  EXPECT_TRUE(ledger.take_taken().empty()) << "it is still being sent";
  ledger.unsent(1, 0, clock.now());
  EXPECT_EQ(record().state, TakenState::kPart);
  ledger.not_interested(1, content(100), clock.now());
  ledger.not_interested(7, content(100), clock.now());
}

TEST_F(LedgerTest, PartsEndWhenNothingMoreIsAskedFor) {
  queue(1, content(100), 60);
  ledger.unsent(1, 0, clock.now());
  wait(9s);
  EXPECT_TRUE(ledger.take_taken().empty());
  wait(12s);
  auto taken = record();
  EXPECT_EQ(taken.state, TakenState::kPart);
  EXPECT_EQ(taken.took, 0s) << "the silence is not counted";
  wait(1h);
  EXPECT_EQ(ledger.deadline(), std::nullopt);
}

TEST_F(LedgerTest, AClosedConnectionEndsAllAndOnlyWhatWentCounts) {
  queue(1, content(100, 1), 100);
  queue(1, content(100, 2), 50);
  queue(1, content(100, 3), 50);
  queue(2, content(100, 1), 10);
  ledger.unsent(1, 70, clock.now());
  ledger.closed(1, clock.now());
  ledger.closed(1, clock.now());
  auto records = ledger.take_taken();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].state, TakenState::kWhole);
  EXPECT_EQ(records[1].state, TakenState::kClosed);
  EXPECT_EQ(records[1].bytes, 30u);
  EXPECT_EQ(ledger.taken(clock.now()).size(), 1u);
}

TEST_F(LedgerTest, WhatGoesOnForLongIsRecordedInParts) {
  std::uint64_t recorded = 0;
  for (int i = 0; i < 25 * 60; ++i) {
    queue(1, content(1'000'000), 10);
    ledger.unsent(1, 0, clock.now());
    wait(1s);
    for (const auto& taken : ledger.take_taken()) {
      EXPECT_EQ(taken.state, TakenState::kRunning);
      EXPECT_LE(taken.took, 11min);
      recorded += taken.bytes;
    }
  }
  EXPECT_GE(recorded, 10u * 60 * 20);
  ledger.closed(1, clock.now());
  EXPECT_EQ(recorded + record().bytes, 10u * 60 * 25);
}

TEST_F(LedgerTest, T19_NoPeerMakesItGrow) {
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    files::ContentId id = content(1000, 1);
    id.length += i;
    queue(1, id, 10);
    ledger.unsent(1, 0, clock.now());
    ledger.came(1, net::Sha256{std::byte(i), std::byte(i >> 8)}, party("many"), 1, clock.now());
    ledger.end(2, {}, clock.now());
  }
  EXPECT_EQ(ledger.taken(clock.now()).size(), Ledger::kMaxTaken);
  EXPECT_EQ(ledger.sources(1, clock.now()).size(), Ledger::kMaxSources);
  for (std::uint32_t i = 0; i < 10'000; ++i) ledger.end(2, {}, clock.now());
  EXPECT_EQ(ledger.take_fetched().size(), Ledger::kMaxRecords);
}

}  // namespace
}  // namespace peer
