// SPDX-License-Identifier: MIT
#include "peer/members/peer_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "tests/support/manual_clock.h"
#include "tests/unit/peer/members/node_support.h"

namespace peer::members {
namespace {

using namespace std::chrono_literals;

net::Endpoint endpoint(std::uint32_t host, std::uint16_t port = net::kPeerPort) { return {address(host), port}; }
bool contains(const std::vector<net::Endpoint>& list, const net::Endpoint& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

class PeerTableTest : public ::testing::Test {
 protected:
  support::ManualClock clock_;
  PeerTable::Limits limits_;

  /// take_due, after checking that deadline() promised exactly what it gives.
  static std::vector<net::Endpoint> due(PeerTable& table, net::TimePoint now, std::size_t budget = 1000) {
    const auto deadline = table.deadline();
    auto result = table.take_due(now, budget);
    EXPECT_EQ(!result.empty(), deadline && *deadline <= now);
    return result;
  }
  /// The clock goes to the next deadline; what is due then.
  std::vector<net::Endpoint> next_due(PeerTable& table) {
    const auto deadline = table.deadline();
    if (!deadline) return {};
    return due(table, clock_.advance_to(*deadline));
  }
  void make_known(PeerTable& table, const net::Endpoint& at) { table.connected(clock_.now(), at); }
};

TEST_F(PeerTableTest, IsEmptyAtFirst) {
  PeerTable table(limits_, 1);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.untested(), 0u);
  EXPECT_FALSE(table.deadline());
  EXPECT_TRUE(table.take_due(clock_.now(), 10).empty());
  EXPECT_TRUE(table.known_endpoints().empty());
}

TEST_F(PeerTableTest, ARumourIsNotWaitedForAndTriedOnce) {
  PeerTable table(limits_, 1);
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(1), HintSource::kRumour, address(9)));
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(2), HintSource::kGossip, address(9)));
  EXPECT_EQ(table.untested(), 1u);
  EXPECT_EQ(table.source(endpoint(1)), HintSource::kRumour);
  EXPECT_EQ(table.source(endpoint(2)), HintSource::kGossip);
  EXPECT_EQ(table.source(endpoint(3)), std::nullopt);
  EXPECT_EQ(due(table, clock_.now()), (std::vector{endpoint(2), endpoint(1)})) << "others come first";
  table.failed(clock_.now(), endpoint(1));
  EXPECT_EQ(table.size(), 1u);
  // What somebody else tells as well, or what has led to a peer, is a rumour no more.
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(1), HintSource::kRumour, address(9)));
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(1), HintSource::kGossip, address(8)));
  EXPECT_EQ(table.source(endpoint(1)), HintSource::kGossip);
  EXPECT_EQ(table.untested(), 2u);
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(3), HintSource::kRumour, address(9)));
  make_known(table, endpoint(3));
  table.disconnected(clock_.now(), endpoint(3));
  EXPECT_EQ(table.source(endpoint(3)), HintSource::kConnection);
  EXPECT_EQ(table.untested(), 2u);
  ASSERT_EQ(next_due(table), std::vector{endpoint(1)});
  ASSERT_EQ(next_due(table), std::vector{endpoint(3)});
  table.failed(clock_.now(), endpoint(3));
  EXPECT_TRUE(contains(table.known_endpoints(), endpoint(3)));
}

TEST_F(PeerTableTest, AHintIsDueAtOnceAndOnlyOnce) {
  PeerTable table(limits_, 1);
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(1), HintSource::kFile));
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(1), HintSource::kFile));
  EXPECT_EQ(table.untested(), 1u);
  EXPECT_EQ(due(table, clock_.now()), std::vector{endpoint(1)});
  EXPECT_EQ(table.untested(), 1u) << "its dial has not ended";
  EXPECT_TRUE(due(table, clock_.now()).empty());
  EXPECT_TRUE(table.known_endpoints().empty()) << "a hint is not a fact";
}

TEST_F(PeerTableTest, TheMoreTrustedHintsAreDialledFirst) {
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kGossip, address(9));
  table.hint(clock_.now(), endpoint(2), HintSource::kFile);
  table.hint(clock_.now(), endpoint(3), HintSource::kUser);
  EXPECT_EQ(due(table, clock_.now(), 2), (std::vector{endpoint(3), endpoint(2)}));
  EXPECT_EQ(due(table, clock_.now(), 2), std::vector{endpoint(1)});
}

TEST_F(PeerTableTest, BudgetAndDiallingLimitHold) {
  limits_.dialling = 3;
  PeerTable table(limits_, 1);
  for (std::uint32_t i = 1; i <= 10; ++i) table.hint(clock_.now(), endpoint(i), HintSource::kFile);
  EXPECT_EQ(due(table, clock_.now(), 2).size(), 2u);
  EXPECT_EQ(due(table, clock_.now(), 5).size(), 1u);
  EXPECT_FALSE(table.deadline()) << "nothing can be dialled before a dial ends, so there is nothing to wake up for";
  table.failed(clock_.now(), endpoint(1));
  EXPECT_EQ(due(table, clock_.now(), 5).size(), 1u);
}

TEST_F(PeerTableTest, BackOffDoublesUpToItsLimitWithJitterInBounds) {
  PeerTable table(limits_, 7);
  table.hint(clock_.now(), endpoint(1), HintSource::kFile);
  net::Duration expected = limits_.first_retry;
  std::vector<net::Duration> delays;
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(due(table, clock_.now()).size(), 1u);
    table.failed(clock_.now(), endpoint(1));
    ASSERT_TRUE(table.deadline());
    const net::Duration delay = *table.deadline() - clock_.now();
    EXPECT_GE(delay, expected * 3 / 4);
    EXPECT_LE(delay, expected * 5 / 4);
    EXPECT_TRUE(due(table, clock_.now()).empty());
    delays.push_back(delay);
    clock_.advance_to(*table.deadline());
    expected = std::min(expected * 2, limits_.last_retry);
  }
  EXPECT_NE(delays[10], delays[11]) << "no jitter";
}

TEST_F(PeerTableTest, TheSeedDecidesTheJitter) {
  auto delay = [&](std::uint64_t seed) {
    PeerTable table(limits_, seed);
    table.hint(clock_.now(), endpoint(1), HintSource::kFile);
    table.take_due(clock_.now(), 1);
    table.failed(clock_.now(), endpoint(1));
    return *table.deadline() - clock_.now();
  };
  EXPECT_EQ(delay(1), delay(1));
  EXPECT_NE(delay(1), delay(2));
}

TEST_F(PeerTableTest, AHintIsForgottenAfterItsFailuresButNotTheUsersOrTheFiles) {
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kGossip, address(9));
  table.hint(clock_.now(), endpoint(2), HintSource::kFile);
  table.hint(clock_.now(), endpoint(3), HintSource::kUser);
  table.hint(clock_.now(), endpoint(4), HintSource::kAnnouncement, address(4));
  std::size_t dials_of_gossip = 0;
  for (int i = 0; i < 40; ++i) {
    for (const auto& one : next_due(table)) {
      dials_of_gossip += one == endpoint(1);
      table.failed(clock_.now(), one);
    }
  }
  EXPECT_EQ(dials_of_gossip, limits_.failures_to_forget);
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.untested(), 0u);
}

TEST_F(PeerTableTest, AKnownEndpointIsKeptLongerThanAHint) {
  PeerTable table(limits_, 1);
  make_known(table, endpoint(1));
  table.disconnected(clock_.now(), endpoint(1));
  unsigned dials = 0;
  for (int i = 0; i < 40; ++i) {
    for (const auto& one : next_due(table)) {
      ++dials;
      EXPECT_TRUE(contains(table.known_endpoints(), one));
      table.failed(clock_.now(), one);
    }
  }
  EXPECT_EQ(dials, limits_.failures_to_forget * PeerTable::kPatience);
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(PeerTableTest, ConnectedEndpointsAreKnownAndNotDialled) {
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kFile);
  due(table, clock_.now());
  table.connected(clock_.now(), endpoint(1));
  make_known(table, endpoint(2));  // It reached us, and told where it listens.
  EXPECT_EQ(table.untested(), 0u);
  EXPECT_EQ(table.connected_endpoints(), (std::vector{endpoint(1), endpoint(2)}));
  EXPECT_EQ(table.known_endpoints(), (std::vector{endpoint(1), endpoint(2)}));
  EXPECT_FALSE(table.deadline());
  EXPECT_TRUE(due(table, clock_.advance(1h)).empty());
}

TEST_F(PeerTableTest, AfterADisconnectItIsDialledAgainSoon) {
  PeerTable table(limits_, 1);
  make_known(table, endpoint(1));
  table.disconnected(clock_.now(), endpoint(1));
  EXPECT_TRUE(table.connected_endpoints().empty());
  EXPECT_TRUE(contains(table.known_endpoints(), endpoint(1)));
  ASSERT_TRUE(table.deadline());
  EXPECT_GE(*table.deadline() - clock_.now(), limits_.first_retry * 3 / 4);
  EXPECT_LE(*table.deadline() - clock_.now(), limits_.first_retry * 5 / 4);
  EXPECT_EQ(next_due(table), std::vector{endpoint(1)});
}

TEST_F(PeerTableTest, ASuccessForgivesTheFailuresBefore) {
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kGossip, address(9));
  for (unsigned i = 0; i + 1 < limits_.failures_to_forget; ++i) {
    ASSERT_EQ(next_due(table).size(), 1u);
    table.failed(clock_.now(), endpoint(1));
  }
  ASSERT_EQ(next_due(table).size(), 1u);
  table.connected(clock_.now(), endpoint(1));
  table.disconnected(clock_.now(), endpoint(1));
  ASSERT_EQ(next_due(table).size(), 1u);
  table.failed(clock_.now(), endpoint(1));
  EXPECT_EQ(table.size(), 1u);
  EXPECT_LE(*table.deadline() - clock_.now(), limits_.first_retry * 5 / 4);
}

// T51: both ends dial at once. The other's connection got through first; the end of our dial must not undo it.
TEST_F(PeerTableTest, T51_AFailedDialDoesNotUndoAConnection) {
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kFile);
  due(table, clock_.now());
  table.connected(clock_.now(), endpoint(1));
  table.failed(clock_.now(), endpoint(1));
  EXPECT_EQ(table.connected_endpoints(), std::vector{endpoint(1)});
  EXPECT_FALSE(table.deadline());
}

TEST_F(PeerTableTest, CallsAboutStrangersMeanNothing) {
  PeerTable table(limits_, 1);
  table.failed(clock_.now(), endpoint(1));
  table.disconnected(clock_.now(), endpoint(1));
  table.suppress(endpoint(1), std::nullopt);
  EXPECT_EQ(table.size(), 0u);
  table.hint(clock_.now(), endpoint(2), HintSource::kFile);
  table.disconnected(clock_.now(), endpoint(2));
  table.failed(clock_.now(), endpoint(2));
  EXPECT_EQ(table.untested(), 1u);
  EXPECT_EQ(due(table, clock_.now()), std::vector{endpoint(2)});
}

TEST_F(PeerTableTest, SuppressedForATimeIsDialledAfterIt) {
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kFile);
  due(table, clock_.now());
  table.suppress(endpoint(1), clock_.now() + 10min);
  EXPECT_EQ(table.untested(), 0u);
  EXPECT_EQ(table.deadline(), clock_.now() + 10min);
  EXPECT_TRUE(due(table, clock_.advance(10min - 1ns)).empty());
  EXPECT_EQ(due(table, clock_.advance(1ns)), std::vector{endpoint(1)});
}

TEST_F(PeerTableTest, OurselvesAreNeverDialledAgainNorTold) {
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kFile);
  due(table, clock_.now());
  table.suppress(endpoint(1), std::nullopt);
  EXPECT_FALSE(table.deadline());
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(1), HintSource::kUser));
  EXPECT_TRUE(due(table, clock_.advance(24h)).empty());
  EXPECT_TRUE(table.known_endpoints().empty());
}

TEST_F(PeerTableTest, WhatTheUserNamesIsDueAtOnceEvenInBackOff) {
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kGossip, address(9));
  due(table, clock_.now());
  table.failed(clock_.now(), endpoint(1));
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(1), HintSource::kFile));
  EXPECT_TRUE(due(table, clock_.now()).empty());
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(1), HintSource::kUser));
  EXPECT_EQ(due(table, clock_.now()), std::vector{endpoint(1)});
}

TEST_F(PeerTableTest, AllThatWaitAreTriedAgainAsIfNew) {
  PeerTable table(limits_, 1);
  for (std::uint32_t host = 1; host <= 4; ++host) table.hint(clock_.now(), endpoint(host), HintSource::kFile);
  EXPECT_EQ(due(table, clock_.now()).size(), 4u);
  table.failed(clock_.now(), endpoint(1));
  table.connected(clock_.now(), endpoint(2));
  table.suppress(endpoint(3), std::nullopt);
  EXPECT_EQ(table.untested(), 1u) << "which is being dialled";
  table.try_all_again(clock_.now(), [](const net::Endpoint&) { return false; });
  EXPECT_EQ(table.untested(), 2u);
  EXPECT_EQ(due(table, clock_.now()), std::vector{endpoint(1)});
  table.failed(clock_.now(), endpoint(1));
  EXPECT_EQ(table.untested(), 1u);
  EXPECT_GE(*table.deadline() - clock_.now(), limits_.first_retry) << "and its failures are not forgotten";
}

TEST_F(PeerTableTest, SuppressedOnesAreTriedAgainWhereTheyMay) {
  PeerTable table(limits_, 1);
  for (std::uint32_t host = 1; host <= 3; ++host) table.hint(clock_.now(), endpoint(host), HintSource::kFile);
  EXPECT_EQ(due(table, clock_.now()).size(), 3u);
  table.suppress(endpoint(1), std::nullopt);
  table.suppress(endpoint(2), clock_.now() + 1min);
  table.suppress(endpoint(3), clock_.now() + 1min);
  EXPECT_TRUE(due(table, clock_.now()).empty());
  table.try_all_again(clock_.now(), [](const net::Endpoint& at) { return at != endpoint(2); });
  EXPECT_EQ(table.untested(), 2u);
  EXPECT_EQ(due(table, clock_.now()), (std::vector{endpoint(1), endpoint(3)}));
  EXPECT_EQ(table.deadline(), clock_.now() + 1min);
}

TEST_F(PeerTableTest, AMoreTrustedTellerTakesTheHintOver) {
  limits_.hints_per_teller = 1;
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kGossip, address(9));
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(2), HintSource::kGossip, address(9)));
  table.hint(clock_.now(), endpoint(1), HintSource::kFile);
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(2), HintSource::kGossip, address(9))) << "the first is the file's now";
  for (int i = 0; i < 20; ++i) {
    for (const auto& one : next_due(table)) table.failed(clock_.now(), one);
  }
  EXPECT_EQ(table.size(), 1u);
}

TEST_F(PeerTableTest, T35_ATellersHintsAreCapped) {
  PeerTable table(limits_, 1);
  std::size_t taken = 0;
  for (std::uint32_t i = 1; i <= 10'000; ++i) {
    taken += table.hint(clock_.now(), endpoint(i), HintSource::kGossip, address(99'999));
  }
  EXPECT_EQ(taken, limits_.hints_per_teller);
  EXPECT_EQ(table.size(), limits_.hints_per_teller);
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(20'000), HintSource::kGossip, address(88'888)));
  // Failing does not make room: a teller cannot have us try one endpoint after another (T34).
  const auto first = due(table, clock_.now());
  for (const auto& one : first) table.failed(clock_.now(), one);
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(20'001), HintSource::kGossip, address(99'999)));
  // One that proves good does.
  const auto second = due(table, clock_.now(), 1);
  ASSERT_EQ(second.size(), 1u);
  table.connected(clock_.now(), second[0]);
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(20'001), HintSource::kGossip, address(99'999)));
}

// T35: one teller names 200 sybils; then 200 sybils each tell as much as they can.
TEST_F(PeerTableTest, T35_SybilsDoNotPushOutGoodOnes) {
  PeerTable table(limits_, 1);
  std::vector<net::Endpoint> good;
  for (std::uint32_t i = 1; i <= 50; ++i) {
    good.push_back(endpoint(i));
    make_known(table, good.back());
    if (i % 2 == 0) table.disconnected(clock_.now(), good.back());
  }
  table.hint(clock_.now(), endpoint(60), HintSource::kFile);
  table.hint(clock_.now(), endpoint(61), HintSource::kUser);

  for (std::uint32_t i = 0; i < 200; ++i) {
    table.hint(clock_.now(), endpoint(1'000 + i), HintSource::kGossip, address(900));
  }
  for (std::uint32_t teller = 0; teller < 200; ++teller) {
    for (std::uint32_t i = 0; i < 1'000; ++i) {
      table.hint(clock_.now(), endpoint(100'000 + teller * 1'000 + i), HintSource::kGossip, address(5'000 + teller));
    }
  }
  EXPECT_EQ(table.size(), limits_.entries);
  EXPECT_EQ(table.known_endpoints(), good);
  EXPECT_EQ(table.connected_endpoints().size(), 25u);

  // A good peer that tells of others is heard, and what people and files name gets in.
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(70), HintSource::kGossip, address(1)));
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(71), HintSource::kFile));
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(72), HintSource::kAnnouncement, address(72)));
  EXPECT_EQ(table.size(), limits_.entries);

  // Peers we know are dialled as often as the flood: by turns.
  clock_.advance(10s);
  const auto dialled = due(table, clock_.now());
  EXPECT_EQ(dialled.size(), limits_.dialling);
  EXPECT_EQ(std::count_if(dialled.begin(), dialled.end(), [&](const auto& one) { return contains(good, one); }), 8);
  EXPECT_TRUE(contains(dialled, endpoint(60)));
  EXPECT_TRUE(contains(dialled, endpoint(61)));
}

TEST_F(PeerTableTest, T35_NoGoodOneIsGivenUpForAHint) {
  limits_.entries = 10;
  PeerTable table(limits_, 1);
  for (std::uint32_t i = 1; i <= 10; ++i) {
    make_known(table, endpoint(i));
    table.disconnected(clock_.now(), endpoint(i));
  }
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(20), HintSource::kUser));
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(21), HintSource::kGossip, address(1)));
  EXPECT_EQ(table.known_endpoints().size(), 10u);
}

TEST_F(PeerTableTest, AFailingHintGivesWayToAFreshOne) {
  limits_.entries = 2;
  PeerTable table(limits_, 1);
  table.hint(clock_.now(), endpoint(1), HintSource::kGossip, address(9));
  table.hint(clock_.now(), endpoint(2), HintSource::kGossip, address(8));
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(3), HintSource::kGossip, address(7)));
  ASSERT_EQ(due(table, clock_.now(), 1), std::vector{endpoint(1)});
  EXPECT_FALSE(table.hint(clock_.now(), endpoint(3), HintSource::kGossip, address(7))) << "one is being tested";
  table.failed(clock_.now(), endpoint(1));
  EXPECT_TRUE(table.hint(clock_.now(), endpoint(3), HintSource::kGossip, address(7)));
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(due(table, clock_.now()).size(), 2u) << "neither is the one that failed";
}

TEST_F(PeerTableTest, AConnectedPeerAlwaysGetsAPlace) {
  limits_.entries = 3;
  PeerTable table(limits_, 1);
  make_known(table, endpoint(1));
  make_known(table, endpoint(2));
  table.disconnected(clock_.now(), endpoint(2));
  table.hint(clock_.now(), endpoint(3), HintSource::kFile);
  make_known(table, endpoint(4));  // In place of the hint.
  EXPECT_EQ(table.known_endpoints(), (std::vector{endpoint(1), endpoint(2), endpoint(4)}));
  make_known(table, endpoint(5));  // In place of the one not connected.
  EXPECT_EQ(table.connected_endpoints(), (std::vector{endpoint(1), endpoint(4), endpoint(5)}));
  EXPECT_EQ(table.untested(), 0u);
}

// T21: no call looks through the table. Work proportional to the table for each hint would be a billion steps.
TEST_F(PeerTableTest, T21_AFloodIsNotQuadratic) {
  limits_.entries = 10'000;
  limits_.dialling = 10'000;
  PeerTable table(limits_, 1);
  for (std::uint32_t i = 0; i < 30'000; ++i) {
    table.hint(clock_.now(), endpoint(1'000 + i), HintSource::kGossip, address(i % 500));
  }
  EXPECT_EQ(table.size(), limits_.entries);
  std::size_t dials = 0;
  while (table.size() > 0) {
    for (const auto& one : next_due(table)) {
      ++dials;
      table.failed(clock_.now(), one);
    }
  }
  EXPECT_EQ(dials, limits_.entries * limits_.failures_to_forget);
}

// Whatever is called in whatever order: bounds hold, deadline() and take_due() agree, counts are right.
TEST_F(PeerTableTest, BoundsHoldOverRandomCalls) {
  limits_.entries = 40;
  limits_.hints_per_teller = 8;
  limits_.dialling = 5;
  std::mt19937_64 random(3);
  PeerTable table(limits_, 1);
  for (int step = 0; step < 50'000; ++step) {
    const net::Endpoint one = endpoint(static_cast<std::uint32_t>(random() % 80 + 1));
    const auto teller = address(static_cast<std::uint32_t>(random() % 10 + 1));
    switch (random() % 8) {
      case 0:
        table.hint(clock_.now(), one, HintSource::kGossip, teller);
        break;
      case 1:
        table.hint(clock_.now(), one, static_cast<HintSource>(random() % 6), teller);
        break;
      case 2:
        table.failed(clock_.now(), one);
        break;
      case 3:
        table.connected(clock_.now(), one);
        break;
      case 4:
        table.disconnected(clock_.now(), one);
        break;
      case 5:
        table.suppress(one, random() % 2 ? std::optional(clock_.now() + 5s) : std::nullopt);
        break;
      case 6:
        clock_.advance(std::chrono::milliseconds(random() % 3000));
        break;
      default:
        EXPECT_LE(due(table, clock_.now(), random() % 4 + 1).size(), limits_.dialling);
        break;
    }
    ASSERT_LE(table.size(), limits_.entries + limits_.dialling);
    ASSERT_LE(table.untested(), table.size());
    ASSERT_LE(table.connected_endpoints().size(), table.known_endpoints().size());
  }
}

}  // namespace
}  // namespace peer::members
