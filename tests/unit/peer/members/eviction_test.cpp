// SPDX-License-Identifier: MIT
#include "peer/members/eviction.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "tests/support/manual_clock.h"
#include "tests/unit/peer/members/node_support.h"

namespace peer::members {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kEnough = 48;

struct EvictionTest : ::testing::Test {
  Eviction::Candidate candidate(std::uint8_t number, net::Duration idle, std::size_t others = kEnough) {
    return {number, node(number), clock.now() - idle, others};
  }
  std::optional<ConnectionId> choose(std::uint8_t newcomer, const std::vector<Eviction::Candidate>& candidates) {
    return eviction.choose(clock.now(), node(newcomer), candidates, kEnough);
  }

  support::ManualClock clock;
  Eviction eviction{Eviction::Limits()};
};

TEST_F(EvictionTest, TheLongestIdleGoes) {
  EXPECT_EQ(choose(99, {candidate(1, 2min), candidate(2, 5min), candidate(3, 3min)}), 2u);
}

TEST_F(EvictionTest, NobodyGoesWhoUsesItsPlaceOrHasTooFewOthers) {
  EXPECT_FALSE(choose(99, {}));
  EXPECT_FALSE(choose(99, {candidate(1, 59s), candidate(2, 1h, kEnough - 1)}));
  EXPECT_EQ(choose(99, {candidate(1, 60s), candidate(2, 1h, kEnough - 1)}), 1u) << "what was refused costs no turn";
}

TEST_F(EvictionTest, OneInTenSeconds) {
  EXPECT_EQ(choose(99, {candidate(1, 2min)}), 1u);
  clock.advance(10s - 1ns);
  EXPECT_FALSE(choose(98, {candidate(2, 2min)}));
  clock.advance(1ns);
  EXPECT_EQ(choose(98, {candidate(2, 2min)}), 2u);
}

TEST_F(EvictionTest, WhoWasEvictedTakesNobodysPlaceForHalfAnHour) {
  EXPECT_EQ(choose(99, {candidate(1, 2min)}), 1u);
  clock.advance(30min - 1ns);
  EXPECT_FALSE(choose(1, {candidate(2, 2min)}));
  clock.advance(1ns);
  EXPECT_EQ(choose(1, {candidate(2, 2min)}), 2u);
}

}  // namespace
}  // namespace peer::members
