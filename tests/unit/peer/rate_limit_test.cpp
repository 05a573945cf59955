// SPDX-License-Identifier: MIT
#include "peer/rate_limit.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/manual_clock.h"

namespace peer {
namespace {

using namespace std::chrono_literals;

TEST(ParseRate, BytesInPowersOf1024) {
  EXPECT_EQ(parse_rate("5000"), 5000u);
  EXPECT_EQ(parse_rate("1K"), 1024u);
  EXPECT_EQ(parse_rate("5M"), 5u * 1024 * 1024);
  EXPECT_EQ(parse_rate("1.5m"), 1536u * 1024);
  EXPECT_EQ(parse_rate("2g"), 2u * 1024 * 1024 * 1024);
}

TEST(ParseRate, BitsInPowersOf1000) {
  EXPECT_EQ(parse_rate("8kbit"), 1000u);
  EXPECT_EQ(parse_rate("100Mbit"), 12'500'000u);
  EXPECT_EQ(parse_rate("0.5GBIT"), 62'500'000u);
}

TEST(ParseRate, AnythingElseIsNone) {
  for (const char* text : {"",
                           "M",
                           ".5M",
                           "5.M",
                           "5..1M",
                           "5 M",
                           " 5M",
                           "-5M",
                           "+5M",
                           "1e6",
                           "inf",
                           "nan",
                           "0x10M",
                           "5MB",
                           "5MiB",
                           "5Mbit/s",
                           "5T",
                           "1.2.3M",
                           "999",
                           "0",
                           "7.9kbit",
                           "1001G",
                           "99999999999999999999999",
                           "5M\n"}) {
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_rate(std::string(400, '9')), std::nullopt);
  EXPECT_EQ(parse_rate(std::string_view("5M\0", 3)), std::nullopt);
}

constexpr std::uint64_t kRate = 1'000'000;

/// Connections that move all they may, at the deadlines of the limit.
struct RateLimitTest : ::testing::Test {
  support::ManualClock clock;
  RateLimit limit{kRate, clock.now()};
  std::map<ConnectionId, std::uint64_t> moved;

  void take(ConnectionId connection, std::uint64_t most = UINT64_MAX) {
    const std::uint64_t count = std::min(most, limit.allowance(connection));
    limit.moved(connection, count, clock.now());
    moved[connection] += count;
  }
  /// Each of them takes what it may, in this order, again and again.
  void run(const std::vector<ConnectionId>& connections, net::Duration time) {
    const net::TimePoint end = clock.now() + time;
    while (clock.now() < end) {
      for (ConnectionId connection : connections) take(connection);
      ASSERT_TRUE(limit.deadline());
      clock.advance_to(std::max(clock.now() + 1us, *limit.deadline()));
      limit.refresh(clock.now());
    }
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto& [connection, count] : moved) sum += count;
    return sum;
  }
};

TEST_F(RateLimitTest, OneConnectionHasTheWholeRate) {
  run({1}, 5s);
  EXPECT_NEAR(static_cast<double>(total()), 5.0 * kRate, 0.05 * 5 * kRate);
}

TEST_F(RateLimitTest, ManyShareItEquallyWhoeverComesFirst) {
  std::vector<ConnectionId> connections;
  for (ConnectionId id = 1; id <= 32; ++id) connections.push_back(id);
  run(connections, 1s);
  moved.clear();
  run(connections, 5s);
  EXPECT_NEAR(static_cast<double>(total()), 5.0 * kRate, 0.05 * 5 * kRate);
  for (const auto& [connection, count] : moved) {
    EXPECT_NEAR(static_cast<double>(count), 5.0 * kRate / 32, 0.2 * 5 * kRate / 32) << connection;
  }
}

TEST_F(RateLimitTest, OneThatComesLaterGetsItsShare) {
  run({1}, 2s);
  moved.clear();
  run({1, 2}, 2s);
  EXPECT_NEAR(static_cast<double>(moved[2]), 1.0 * kRate, 0.1 * kRate);
  EXPECT_NEAR(static_cast<double>(total()), 2.0 * kRate, 0.05 * 2 * kRate);
}

TEST_F(RateLimitTest, WhatOthersDoNotNeedIsNotLost) {
  const net::TimePoint end = clock.now() + 5s;
  while (clock.now() < end) {
    for (ConnectionId idle = 2; idle < 60; ++idle) take(idle, 10);
    take(1);
    clock.advance_to(std::max(clock.now() + 1us, limit.deadline().value_or(clock.now() + 5ms)));
    limit.refresh(clock.now());
  }
  EXPECT_NEAR(static_cast<double>(total()), 5.0 * kRate, 0.05 * 5 * kRate);
  EXPECT_GT(moved[1], 4 * kRate);
}

TEST_F(RateLimitTest, NothingIsSavedUpWhileNothingMoves) {
  clock.advance(1h);
  limit.refresh(clock.now());
  run({1}, 1s);
  EXPECT_LE(total(), kRate + kRate / 5);
}

TEST_F(RateLimitTest, MessagesMayGoEarlyForASecondAndArePaidFor) {
  EXPECT_FALSE(limit.overdrawn());
  for (int i = 0; i < 12; ++i) limit.moved(1, kRate / 10, clock.now());
  EXPECT_TRUE(limit.overdrawn());
  EXPECT_EQ(limit.allowance(2), 0u);
  clock.advance(1s);
  limit.refresh(clock.now());
  EXPECT_FALSE(limit.overdrawn());
  EXPECT_EQ(limit.allowance(2), 0u);
  run({2}, 4s);
  EXPECT_NEAR(static_cast<double>(total()), 3.9 * kRate, 0.2 * kRate);
}

TEST_F(RateLimitTest, WakesNobodyWhileNobodyWaits) {
  EXPECT_EQ(limit.deadline(), std::nullopt);
  limit.moved(1, 10, clock.now());
  EXPECT_EQ(limit.deadline(), std::nullopt);
}

TEST_F(RateLimitTest, TheSmallestRateWorks) {
  limit = RateLimit(kMinRate, clock.now());
  run({1, 2, 3}, 5s);
  EXPECT_NEAR(static_cast<double>(total()), 5.0 * kMinRate, 0.05 * 5 * kMinRate);
}

}  // namespace
}  // namespace peer
