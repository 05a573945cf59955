// SPDX-License-Identifier: MIT
#include "peer/members/rumours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/support/manual_clock.h"
#include "tests/unit/peer/members/node_support.h"

namespace peer::members {
namespace {

using namespace std::chrono_literals;

net::Endpoint at(std::uint32_t host, std::uint16_t port = net::kPeerPort) { return {address(host), port}; }

struct RumoursTest : ::testing::Test {
  void neighbour(ConnectionId id) { rumours.add_neighbour(clock.now(), id, address(id), at(id)); }
  void hear(ConnectionId from, const net::Endpoint& endpoint, net::Duration age = 0s) {
    rumours.heard(clock.now(), from, endpoint, age);
  }
  /// Goes from deadline to deadline; what was sent to each.
  std::map<ConnectionId, std::vector<wire::SeenPeer>> told_within(net::Duration time) {
    std::map<ConnectionId, std::vector<wire::SeenPeer>> told;
    const net::TimePoint end = clock.now() + time;
    while (rumours.deadline() && *rumours.deadline() <= end) {
      clock.advance_to(*rumours.deadline());
      for (const Rumours::Message& message : rumours.take_due(clock.now())) {
        EXPECT_FALSE(message.seen.peers.empty());
        EXPECT_LE(message.seen.peers.size(), limits.entries_per_message);
        ++messages;
        auto& of = told[message.to];
        of.insert(of.end(), message.seen.peers.begin(), message.seen.peers.end());
      }
    }
    clock.advance_to(end);
    return told;
  }

  support::ManualClock clock;
  Rumours::Limits limits;
  Rumours rumours{limits, 1};
  std::size_t messages = 0;
};

using Told = std::map<ConnectionId, std::vector<wire::SeenPeer>>;

TEST_F(RumoursTest, NobodyHasAnythingToTellAtFirst) {
  neighbour(1);
  EXPECT_FALSE(rumours.deadline());
  EXPECT_TRUE(rumours.take_due(clock.now()).empty());
  EXPECT_FALSE(rumours.take_untried());
}

TEST_F(RumoursTest, NewsAreToldASecondLaterToThoseWhoDoNotKnow) {
  for (ConnectionId id : {1u, 2u, 3u, 4u}) neighbour(id);
  rumours.listed(clock.now(), 4, std::vector{at(9)});
  EXPECT_FALSE(rumours.knows(at(9))) << "it may live for one command only";
  hear(1, at(9), 5s);
  hear(2, at(9), 4s);
  EXPECT_TRUE(rumours.knows(at(9)));
  EXPECT_TRUE(told_within(999ms).empty());
  EXPECT_EQ(told_within(1ms), (Told{{3, {{at(9), 5}}}})) << "the lower age has become one second more";
  EXPECT_TRUE(told_within(4min).empty());
}

TEST_F(RumoursTest, NobodyIsToldOfItself) {
  for (ConnectionId id : {1u, 2u}) neighbour(id);
  hear(1, at(2));
  EXPECT_TRUE(told_within(10s).empty());
}

TEST_F(RumoursTest, WhoComesIsToldOfEverything) {
  neighbour(1);
  rumours.met(clock.now(), at(1));
  hear(1, at(7), 10s);
  hear(1, at(8), 20s);
  EXPECT_TRUE(told_within(10s).empty());
  neighbour(2);
  const Told told = told_within(2s);
  ASSERT_EQ(told.size(), 1u);
  const std::vector<wire::SeenPeer> expected{{at(1), 0}, {at(7), 21}, {at(8), 31}};
  EXPECT_EQ(told.at(2), expected);
}

TEST_F(RumoursTest, WhoComesAgainAndAgainIsNotKeptInMindT21) {
  neighbour(1);
  for (ConnectionId id = 2; id < 1000; ++id) {
    neighbour(id);
    hear(id, at(9));
    rumours.remove_neighbour(id);
  }
  EXPECT_LE(rumours.aware_of(at(9)), 2u);
  EXPECT_EQ(told_within(2s).at(1), (std::vector<wire::SeenPeer>{{at(9), 1}})) << "it was told by those that are gone";
}

TEST_F(RumoursTest, MessagesAreBoundedAndOneASecond) {
  limits.entries_per_message = 100;
  rumours = Rumours(limits, 1);
  neighbour(1);
  neighbour(2);
  for (std::uint32_t i = 100; i < 350; ++i) hear(1, at(i));
  EXPECT_EQ(told_within(1s).at(2).size(), 100u);
  EXPECT_TRUE(told_within(999ms).empty());
  EXPECT_EQ(told_within(1ms).at(2).size(), 100u);
  EXPECT_EQ(told_within(1s).at(2).size(), 50u);
  EXPECT_EQ(messages, 3u);
}

TEST_F(RumoursTest, WhatIsLittleFresherIsNoNews) {
  for (ConnectionId id : {1u, 2u, 3u}) neighbour(id);
  hear(1, at(9));
  told_within(149s);
  hear(1, at(9));
  EXPECT_TRUE(told_within(1s).empty());
  hear(2, at(9));  // 150 seconds later than what was told.
  const Told told = told_within(1s);
  EXPECT_EQ(told, (Told{{1, {{at(9), 1}}}, {3, {{at(9), 1}}}})) << "1 has told of an earlier time";
}

TEST_F(RumoursTest, OldAgesMakeNothingYounger) {
  for (ConnectionId id : {1u, 2u}) neighbour(id);
  hear(1, at(9), 10s);
  hear(1, at(9), 500s);
  EXPECT_EQ(told_within(1s).at(2), (std::vector<wire::SeenPeer>{{at(9), 11}}));
}

TEST_F(RumoursTest, WhoIsConnectedIsNewsEveryFiveMinutes) {
  neighbour(1);
  rumours.met(clock.now(), at(5));
  rumours.met(clock.now(), at(5));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(told_within(1s), (Told{{1, {{at(5), 0}}}}));
    EXPECT_TRUE(told_within(299s).empty());
  }
}

TEST_F(RumoursTest, WhatOthersMakeNewsIsNotMadeNewsAgain) {
  for (ConnectionId id : {1u, 2u}) neighbour(id);
  rumours.met(clock.now(), at(5));
  EXPECT_EQ(told_within(298s).size(), 2u);
  hear(1, at(5));
  EXPECT_EQ(told_within(1s), (Told{{2, {{at(5), 0}}}}));
  EXPECT_TRUE(told_within(298s).empty());
  EXPECT_EQ(told_within(2s).size(), 2u);
}

TEST_F(RumoursTest, WhoHasTheEndpointInItsListIsNotToldAgain) {
  for (ConnectionId id : {1u, 2u}) neighbour(id);
  rumours.met(clock.now(), at(5));
  rumours.listed(clock.now(), 1, std::vector{at(5), at(6)});
  EXPECT_EQ(told_within(10min).count(1), 0u);
  rumours.listed(clock.now(), 1, std::vector{at(6)});
  EXPECT_EQ(told_within(10min).count(1), 1u);
}

TEST_F(RumoursTest, WhatNobodySeesIsForgotten) {
  neighbour(1);
  rumours.met(clock.now(), at(5));
  hear(1, at(9), 60s);
  hear(1, at(10), 901s);
  EXPECT_FALSE(rumours.knows(at(10)));
  told_within(10min);
  rumours.parted(clock.now(), at(5));
  told_within(4min);
  EXPECT_TRUE(rumours.knows(at(9)));
  told_within(2min);
  EXPECT_FALSE(rumours.knows(at(9)));
  EXPECT_TRUE(rumours.knows(at(5)));
  told_within(11min);
  EXPECT_FALSE(rumours.knows(at(5)));
  EXPECT_EQ(rumours.size(), 0u);
  EXPECT_EQ(rumours.untried(), 0u);
  EXPECT_FALSE(rumours.deadline());
}

TEST_F(RumoursTest, WhatIsTooOldIsNotTold) {
  neighbour(1);
  hear(1, at(9), 890s);
  told_within(11s);
  EXPECT_TRUE(rumours.knows(at(9))) << "it is looked every minute";
  neighbour(2);
  EXPECT_TRUE(told_within(2s).empty());
}

TEST_F(RumoursTest, WhoComesBackSoonIsNoNews) {
  neighbour(1);
  rumours.met(clock.now(), at(5));
  told_within(10s);
  rumours.parted(clock.now(), at(5));
  rumours.parted(clock.now(), at(5));
  EXPECT_TRUE(told_within(10s).empty());
  rumours.met(clock.now(), at(5));
  EXPECT_TRUE(told_within(279s).empty());
  EXPECT_EQ(told_within(2s).size(), 1u) << "five minutes after the first time";
}

TEST_F(RumoursTest, EachIsTriedOnceForEachTimeThatItIsNews) {
  neighbour(1);
  rumours.met(clock.now(), at(1));
  EXPECT_FALSE(rumours.take_untried()) << "who is connected was tried";
  for (std::uint32_t i = 10; i < 20; ++i) hear(1, at(i));
  std::set<net::Endpoint> taken;
  while (const auto untried = rumours.take_untried()) {
    EXPECT_EQ(untried->teller, address(1));
    EXPECT_TRUE(taken.insert(untried->endpoint).second);
  }
  EXPECT_EQ(taken.size(), 10u);
  clock.advance(150s);
  hear(1, at(10));
  hear(1, at(11), 1s);
  EXPECT_EQ(rumours.untried(), 1u);
  EXPECT_EQ(rumours.take_untried()->endpoint, at(10));
  hear(1, at(30));
  rumours.met(clock.now(), at(30));
  EXPECT_EQ(rumours.untried(), 0u);
}

TEST_F(RumoursTest, StrangersAreNotHeard) {
  neighbour(1);
  rumours.remove_neighbour(1);
  hear(1, at(9));
  rumours.listed(clock.now(), 1, std::vector{at(9)});
  EXPECT_EQ(rumours.size(), 0u);
}

// T35: whoever tells much fills its own part of the table, under however many connections.
TEST_F(RumoursTest, T35_OneAddressHasAPartOfTheTable) {
  rumours.add_neighbour(clock.now(), 1, address(1), at(1));
  rumours.add_neighbour(clock.now(), 2, address(1), at(1, 2000));
  neighbour(3);
  for (std::uint32_t i = 0; i < 10'000; ++i) hear(1 + i % 2, at(1000 + i));
  EXPECT_EQ(rumours.size(), limits.entries_per_teller);
  hear(3, at(9));
  EXPECT_TRUE(rumours.knows(at(9)));
  // What another makes news counts for that one.
  clock.advance(150s);
  for (std::uint32_t i = 0; i < 100; ++i) hear(3, at(1000 + i));
  for (std::uint32_t i = 0; i < 1000; ++i) hear(1, at(20'000 + i));
  EXPECT_EQ(rumours.size(), limits.entries_per_teller + 101);
}

TEST_F(RumoursTest, T35_WhatIsThereDoesNotGiveWay) {
  limits.entries = 1000;
  rumours = Rumours(limits, 1);
  for (ConnectionId id : {1u, 2u, 3u}) neighbour(id);
  for (std::uint32_t i = 0; i < 400; ++i) hear(1, at(100 + i));
  for (std::uint32_t i = 0; i < 10'000; ++i) hear(2 + i % 2, at(1000 + i));
  EXPECT_EQ(rumours.size(), 1000u);
  for (std::uint32_t i = 0; i < 400; ++i) EXPECT_TRUE(rumours.knows(at(100 + i)));
  rumours.met(clock.now(), at(50'000));
  EXPECT_TRUE(rumours.knows(at(50'000))) << "but whom we are connected with is always known";
}

TEST_F(RumoursTest, T35_WhoComesAndGoesUnderManyPortsIsOneTeller) {
  for (std::uint16_t port = 2000; port < 4000; ++port) {
    rumours.met(clock.now(), at(1, port));
    rumours.parted(clock.now(), at(1, port));
  }
  EXPECT_EQ(rumours.size(), limits.entries_per_teller);
}

// --- a network ---

/// Many of them, each with a few neighbours; what is told arrives at once.
struct Mesh {
  explicit Mesh(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) nodes.emplace_back(Rumours::Limits{}, i);
    for (std::size_t i = 0; i < count; ++i) {
      for (const std::size_t step : {std::size_t{1}, std::size_t{7}}) connect(i, (i + step) % count);
    }
  }
  static ConnectionId id_of(std::size_t node) { return static_cast<ConnectionId>(node + 1); }
  static net::Endpoint endpoint_of(std::size_t node) { return at(id_of(node)); }
  void connect(std::size_t a, std::size_t b) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      nodes[from].add_neighbour(clock.now(), id_of(to), endpoint_of(to).address, endpoint_of(to));
      nodes[from].met(clock.now(), endpoint_of(to));
    }
  }
  void run_for(net::Duration time) {
    for (const net::TimePoint end = clock.now() + time; clock.now() < end; clock.advance(100ms)) {
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (const Rumours::Message& message : nodes[i].take_due(clock.now())) {
          if (message.to > nodes.size()) continue;  // A liar.
          entries_told += message.seen.peers.size();
          for (const wire::SeenPeer& peer : message.seen.peers) {
            if (peer.endpoint == endpoint_of(message.to - 1)) ADD_FAILURE() << "it was told of itself";
            nodes[message.to - 1].heard(clock.now(), id_of(i), peer.endpoint, std::chrono::seconds(peer.age_s));
          }
        }
      }
    }
  }
  bool all_know_all() {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (std::size_t j = 0; j < nodes.size(); ++j) {
        if (i != j && !nodes[i].knows(endpoint_of(j))) return false;
      }
    }
    return true;
  }

  support::ManualClock clock;
  std::vector<Rumours> nodes;
  std::size_t entries_told = 0;
};

TEST(RumoursMesh, EveryoneHearsOfEveryoneAndKeepsHearing) {
  Mesh mesh(60);
  mesh.run_for(12s);
  EXPECT_TRUE(mesh.all_know_all());
  const std::size_t first = mesh.entries_told;
  mesh.run_for(4min);
  EXPECT_EQ(mesh.entries_told, first) << "told twice without news";
  mesh.run_for(56min);
  EXPECT_TRUE(mesh.all_know_all());
  // News of each cross each of the 120 connections once or twice, twelve times an hour.
  EXPECT_LE(mesh.entries_told, std::size_t{13} * 60 * 120 * 2);
}

// T34, T35: made-up endpoints that are always new cost the good ones nothing, and go no farther than the bounds let
// them.
TEST(RumoursMesh, T35_ALiarGainsItsPartOfTheTablesAndNoMore) {
  Mesh mesh(60);
  mesh.run_for(12s);
  ASSERT_TRUE(mesh.all_know_all());
  const std::size_t before = mesh.entries_told;
  constexpr ConnectionId kLiar = 1000;
  for (const std::size_t victim : {std::size_t{0}, std::size_t{30}}) {
    mesh.nodes[victim].add_neighbour(mesh.clock.now(), kLiar, address(kLiar), at(kLiar));
  }
  constexpr int kMinutes = 30;
  for (int second = 0; second < kMinutes * 60; ++second) {
    for (const std::size_t victim : {std::size_t{0}, std::size_t{30}}) {
      for (std::uint32_t i = 0; i < 500; ++i) {
        const std::uint32_t number = (static_cast<std::uint32_t>(second) * 500 + i) % 10'000;
        mesh.nodes[victim].heard(mesh.clock.now(), kLiar, at(100'000 + number), 0s);
      }
    }
    mesh.run_for(1s);
  }
  EXPECT_TRUE(mesh.all_know_all());
  // Two victims believe 512 each.
  for (const Rumours& node : mesh.nodes) EXPECT_LE(node.size(), std::size_t{59 + 2 * 512});
  // Each of them is news every 150 seconds at most and crosses each of 120 connections once or twice.
  EXPECT_LE(mesh.entries_told - before, std::size_t{kMinutes * 60 / 150 + 1} * (60 + 2 * 512) * 120 * 2);
  for (const std::size_t victim : {std::size_t{0}, std::size_t{30}}) mesh.nodes[victim].remove_neighbour(kLiar);
  mesh.run_for(17min);
  for (const Rumours& node : mesh.nodes) EXPECT_EQ(node.size(), 59u) << "the lies are forgotten";
  EXPECT_TRUE(mesh.all_know_all());
}

}  // namespace
}  // namespace peer::members
