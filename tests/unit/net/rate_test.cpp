// SPDX-License-Identifier: MIT
#include "net/rate.h"

#include <gtest/gtest.h>

namespace net {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

const TimePoint kStart{hours(1)};

TEST(TokenBucket, StartsFullAndNeverHoldsMoreThanTheBurst) {
  TokenBucket bucket(10, 5, kStart);
  EXPECT_EQ(bucket.available(kStart), 5u);
  EXPECT_EQ(bucket.available(kStart + hours(1000)), 5u);
}

TEST(TokenBucket, RefillsAtItsRate) {
  TokenBucket bucket(10, 5, kStart);
  bucket.spend(5, kStart);
  EXPECT_EQ(bucket.available(kStart), 0u);
  EXPECT_EQ(bucket.available(kStart + milliseconds(99)), 0u);
  EXPECT_EQ(bucket.available(kStart + milliseconds(100)), 1u);
  EXPECT_EQ(bucket.available(kStart + milliseconds(350)), 3u);
}

TEST(TokenBucket, WhatIsReadyIsAvailable) {
  for (double rate : {0.3, 1.0, 3.0, 7.0, 1000.0, 123456.789, 1e9}) {
    TokenBucket bucket(rate, 64, kStart);
    TimePoint now = kStart;
    for (std::uint64_t units : {64u, 1u, 3u, 64u, 17u, 2u, 64u}) {
      now = bucket.ready_at(units, now);
      ASSERT_GE(bucket.available(now), units) << rate;
      bucket.spend(units, now);
    }
  }
}

TEST(TokenBucket, KeepsTheRateOverTime) {
  TokenBucket bucket(1000, 1, kStart);
  TimePoint now = kStart;
  for (int i = 0; i < 10'001; ++i) {
    now = bucket.ready_at(1, now);
    bucket.spend(1, now);
  }
  EXPECT_GE(now - kStart, seconds(10) - microseconds(1));
  EXPECT_LE(now - kStart, seconds(10) + milliseconds(1));
}

TEST(TokenBucket, ADebtDelaysWhatFollows) {
  TokenBucket bucket(10, 1, kStart);
  bucket.spend(11, kStart);
  EXPECT_EQ(bucket.available(kStart + seconds(1)), 0u);
  EXPECT_GE(bucket.ready_at(1, kStart), kStart + milliseconds(1100));
  EXPECT_LE(bucket.ready_at(1, kStart), kStart + milliseconds(1101));
}

TEST(TokenBucket, MoreThanTheBurstIsReadyWithTheBurst) {
  TokenBucket bucket(10, 5, kStart);
  EXPECT_EQ(bucket.ready_at(1000, kStart), kStart);
}

TEST(TokenBucket, ANewRateKeepsWhatHasAccrued) {
  TokenBucket bucket(10, 100, kStart);
  bucket.spend(100, kStart);
  bucket.set_rate(1, kStart + seconds(2));
  EXPECT_EQ(bucket.rate(), 1);
  EXPECT_EQ(bucket.available(kStart + seconds(2)), 20u);
  EXPECT_EQ(bucket.available(kStart + seconds(3)), 21u);
}

TEST(TokenBucket, TimeThatGoesBackGivesNothing) {
  TokenBucket bucket(10, 5, kStart);
  bucket.spend(5, kStart);
  EXPECT_EQ(bucket.available(kStart - hours(1)), 0u);
  EXPECT_GT(bucket.ready_at(1, kStart - seconds(1)), kStart);
}

TEST(TokenBucket, ATinyRateDoesNotOverflowTheClock) {
  TokenBucket bucket(1e-300, 5, kStart);
  bucket.spend(5, kStart);
  EXPECT_GT(bucket.ready_at(5, kStart), kStart + hours(24));
  bucket.spend(~std::uint64_t{0}, kStart);
  EXPECT_GT(bucket.ready_at(5, kStart), kStart + hours(24));
}

TEST(RateMeter, SettlesAtTheRateAndFallsWhenIdle) {
  RateMeter meter(seconds(3));
  EXPECT_EQ(meter.per_second(kStart), 0);
  TimePoint now = kStart;
  for (int i = 0; i < 600; ++i, now += milliseconds(50)) meter.add(50, now);
  EXPECT_NEAR(meter.per_second(now), 1000, 30);
  EXPECT_LT(meter.per_second(now + seconds(3)), 400);
  EXPECT_LT(meter.per_second(now + seconds(60)), 1);
}

TEST(RateMeter, AYoungTransferIsNotShownTooSlow) {
  RateMeter meter(seconds(3));
  TimePoint now = kStart;
  for (int i = 0; i < 20; ++i, now += milliseconds(50)) meter.add(50, now);
  EXPECT_NEAR(meter.per_second(now), 1000, 100);
}

TEST(RateMeter, OneBurstIsFinite) {
  RateMeter meter(seconds(3));
  meter.add(1000, kStart);
  EXPECT_GT(meter.per_second(kStart), 0);
  EXPECT_LE(meter.per_second(kStart), 4000);
  EXPECT_GT(meter.per_second(kStart - seconds(5)), 0);
}

}  // namespace
}  // namespace net
