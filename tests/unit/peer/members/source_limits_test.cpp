// SPDX-License-Identifier: MIT
#include "peer/members/source_limits.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/unit/peer/members/node_support.h"

namespace peer::members {
namespace {

int allowed(SourceLimits& limits, net::TimePoint now, const net::IpAddress& source) {
  int count = 0;
  while (limits.allow(now, source)) ++count;
  return count;
}

TEST(SourceLimits, T52AnAddressHasABurstAndARate) {
  support::ManualClock clock;
  SourceLimits limits(clock.now());
  EXPECT_EQ(allowed(limits, clock.now(), address(1)), 60);
  EXPECT_EQ(allowed(limits, clock.now(), address(2)), 60);
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(allowed(limits, clock.now(), address(1)), 20);
}

TEST(SourceLimits, T52AllTogetherHaveToo) {
  support::ManualClock clock;
  SourceLimits limits(clock.now());
  int count = 0;
  for (std::uint32_t i = 0; i < 5000; ++i) count += limits.allow(clock.now(), address(i)) ? 1 : 0;
  EXPECT_EQ(count, 1000);
  EXPECT_LE(limits.remembered(), SourceLimits::kMaxSources);
  clock.advance(std::chrono::seconds(1));
  for (std::uint32_t i = 5000; i < 10'000; ++i) count += limits.allow(clock.now(), address(i)) ? 1 : 0;
  EXPECT_EQ(count, 1500);
  EXPECT_EQ(limits.remembered(), SourceLimits::kMaxSources);
}

TEST(SourceLimits, WhatOneSendsInVainCostsTheOthersNothing) {
  support::ManualClock clock;
  SourceLimits limits(clock.now());
  for (int i = 0; i < 100'000; ++i) limits.allow(clock.now(), address(1));
  EXPECT_EQ(allowed(limits, clock.now(), address(2)), 60);
}

}  // namespace
}  // namespace peer::members
