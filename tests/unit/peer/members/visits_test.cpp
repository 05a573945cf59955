// SPDX-License-Identifier: MIT
#include "peer/members/visits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/manual_clock.h"

namespace peer::members {
namespace {

using namespace std::chrono_literals;
using Reason = Visits::Reason;

net::IpAddress host(int last) { return *net::IpAddress::parse("10.0.0." + std::to_string(last)); }
net::Endpoint at(int last, std::uint16_t port = 12345) { return {host(last), port}; }

struct VisitsTest : ::testing::Test {
  void add(const net::Endpoint& endpoint, Reason reason, const std::optional<net::IpAddress>& via = std::nullopt) {
    visits.add(clock.now(), endpoint, reason, via);
  }
  /// All who can be visited now.
  std::vector<net::Endpoint> take_all() {
    std::vector<net::Endpoint> taken;
    while (const auto visit = visits.next(clock.now())) taken.push_back(visit->endpoint);
    return taken;
  }
  using Endpoints = std::vector<net::Endpoint>;

  support::ManualClock clock;
  Visits visits{Visits::Limits(), 1};
};

TEST_F(VisitsTest, WhoIsLikeliestThereComesFirst) {
  add(at(1), Reason::kListed);
  add(at(2), Reason::kTold, host(9));
  add(at(3), Reason::kHeard);
  add(at(4), Reason::kKnown);
  add(at(5), Reason::kNeeded);
  EXPECT_EQ(visits.waiting(), 5u);
  EXPECT_EQ(take_all(), (Endpoints{at(5), at(4), at(3), at(2), at(1)}));
  EXPECT_EQ(visits.waiting(), 0u);
  EXPECT_EQ(visits.under_way(), 5u);
}

// Others may visit the same peers at the same time.
TEST_F(VisitsTest, OtherwiseItIsLeftToChance) {
  Endpoints in_order;
  for (int last = 1; last <= 50; ++last) {
    in_order.push_back(at(last));
    add(at(last), Reason::kKnown);
  }
  Endpoints taken = take_all();
  EXPECT_NE(taken, in_order);
  std::sort(taken.begin(), taken.end());
  EXPECT_EQ(taken, in_order);
}

TEST_F(VisitsTest, EachIsVisitedOnceUntilAllAreToBeVisitedAgain) {
  add(at(1), Reason::kTold);
  add(at(1), Reason::kTold);
  EXPECT_EQ(take_all(), Endpoints{at(1)});
  add(at(1), Reason::kKnown);
  EXPECT_TRUE(take_all().empty()) << "it is under way";
  visits.seen(at(1));
  EXPECT_EQ(visits.under_way(), 0u);
  add(at(1), Reason::kKnown);
  EXPECT_TRUE(take_all().empty());
  add(at(1), Reason::kNeeded);
  EXPECT_EQ(take_all(), Endpoints{at(1)}) << "that is something else";
  visits.seen(at(1));
  visits.begin_again();
  add(at(1), Reason::kKnown);
  EXPECT_EQ(take_all(), Endpoints{at(1)});
}

TEST_F(VisitsTest, ABetterReasonBringsItForward) {
  add(at(1), Reason::kTold);
  add(at(2), Reason::kListed);
  add(at(2), Reason::kKnown);
  EXPECT_EQ(visits.waiting(), 2u);
  EXPECT_EQ(take_all(), (Endpoints{at(2), at(1)}));
}

TEST_F(VisitsTest, BeginningAgainForgetsWhoWaitsButForThoseWhoAreNeeded) {
  add(at(1), Reason::kKnown);
  add(at(2), Reason::kNeeded);
  add(at(3), Reason::kNeeded);
  EXPECT_EQ(visits.next(clock.now())->endpoint, at(2));
  visits.begin_again();
  EXPECT_EQ(visits.under_way(), 1u);
  EXPECT_EQ(take_all(), Endpoints{at(3)});
}

TEST_F(VisitsTest, OnlyThoseWhoAreNeeded) {
  add(at(1), Reason::kKnown);
  EXPECT_FALSE(visits.next(clock.now(), true));
  add(at(2), Reason::kNeeded);
  EXPECT_EQ(visits.next(clock.now(), true)->endpoint, at(2));
  EXPECT_FALSE(visits.next(clock.now(), true));
}

// T34, T35: one that tells of a thousand holds up those that another tells of by one each.
TEST_F(VisitsTest, T35_TellersTakeTurns) {
  for (std::uint16_t port = 2000; port < 3000; ++port) {
    add(at(static_cast<int>(100 + port % 100), port), Reason::kTold, host(66));
  }
  for (int last = 1; last <= 3; ++last) add(at(last), Reason::kTold, host(7));
  Endpoints first;
  for (int i = 0; i < 6; ++i) first.push_back(visits.next(clock.now())->endpoint);
  for (int last = 1; last <= 3; ++last) EXPECT_EQ(std::count(first.begin(), first.end(), at(last)), 1) << last;
}

// T35: a host that claims to be many peers, none of which answers, does not take all the places.
TEST_F(VisitsTest, T35_OfOneHostAFewAreVisitedAtATime) {
  for (std::uint16_t port = 2000; port < 2100; ++port) add(at(66, port), Reason::kHeard);
  add(at(1), Reason::kTold);
  const Endpoints taken = take_all();
  EXPECT_EQ(taken.size(), Visits::Limits().under_way_at_address + 1);
  EXPECT_EQ(taken.back(), at(1));
  visits.failed(clock.now(), taken.front());
  EXPECT_EQ(take_all().size(), 1u);
}

TEST_F(VisitsTest, WhoHasNoPlaceIsTriedAgainLaterAndLaterAndThenNoMore) {
  add(at(1), Reason::kKnown);
  net::Duration waited{};
  for (unsigned tries = 1; tries < Visits::Limits().tries; ++tries) {
    ASSERT_EQ(take_all(), Endpoints{at(1)});
    visits.turned_away(clock.now(), at(1));
    EXPECT_TRUE(take_all().empty());
    EXPECT_EQ(visits.waiting(), 1u);
    EXPECT_EQ(visits.expected(), 1u);
    const net::Duration pause = visits.deadline().value() - clock.now();
    EXPECT_GE(pause, std::min(waited, 3 * Visits::Limits().last_retry / 4)) << "with the jitter";
    waited = pause;
    clock.advance(pause);
  }
  ASSERT_EQ(take_all(), Endpoints{at(1)});
  visits.turned_away(clock.now(), at(1));
  EXPECT_EQ(visits.waiting(), 0u);
  EXPECT_EQ(visits.expected(), 0u);
  EXPECT_FALSE(visits.deadline());
}

TEST_F(VisitsTest, OneThatWasDialledOtherwiseAndHadNoPlaceIsVisited) {
  visits.turned_away(clock.now(), at(1));
  clock.advance(1s);
  EXPECT_EQ(take_all(), Endpoints{at(1)});
}

TEST_F(VisitsTest, WhoDidNotAnswerIsLeftInPeaceForAWhile) {
  add(at(1), Reason::kListed);
  take_all();
  visits.failed(clock.now(), at(1));
  visits.begin_again();
  add(at(1), Reason::kNeeded);
  EXPECT_EQ(visits.waiting(), 0u);
  clock.advance(Visits::Limits().failed_pause);
  add(at(1), Reason::kNeeded);
  EXPECT_EQ(take_all(), Endpoints{at(1)});
}

TEST_F(VisitsTest, ExpectedAreThoseThatSomebodyHasSeen) {
  add(at(1), Reason::kListed);
  EXPECT_EQ(visits.expected(), 0u);
  add(at(2), Reason::kTold);
  EXPECT_EQ(visits.expected(), 1u);
  take_all();
  EXPECT_EQ(visits.expected(), 1u);
  visits.seen(at(2));
  EXPECT_EQ(visits.expected(), 0u);
  EXPECT_EQ(visits.under_way(), 1u);
}

TEST_F(VisitsTest, T35_WhatIsRememberedIsBounded) {
  Visits::Limits limits;
  limits.entries = 10;
  Visits few(limits, 1);
  for (int last = 1; last <= 20; ++last) few.add(clock.now(), at(last), Reason::kTold);
  for (int last = 21; last <= 40; ++last) few.turned_away(clock.now(), at(last));
  EXPECT_EQ(few.waiting(), 10u);
}

}  // namespace
}  // namespace peer::members
