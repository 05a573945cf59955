// SPDX-License-Identifier: MIT
// How a large network comes together by peer lists alone, on a virtual network (tests/support/sim_*). Virtual time and
// bytes follow from the seed, so they may be asserted. SIM_SEED=n runs it with another seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/support/sim_network.h"
#include "tests/support/sim_scenario.h"
#include "tests/support/sim_seed.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using support::SimHost;
using support::SimNetwork;

constexpr std::size_t kCrowd = 1000;
constexpr std::size_t kPlaces = 16;
/// A node dials until three of four places are taken, and leaves the others to those who dial it.
constexpr std::size_t kPlacesDialled = kPlaces * 3 / 4;
constexpr net::Duration kGossipRound = 1s;  ///< A node tells of changes at most this often.

SimHost::Spec small_peer() {
  SimHost::Spec spec = support::spec_with_places(kPlaces);
  spec.node.buffer_bytes = 1 << 20;
  return spec;
}

bool everyone_has_places_taken(SimNetwork& network) {
  for (std::size_t i = 0; i < network.size(); ++i) {
    if (network.host(i).node().peers().size() < kPlacesDialled) return false;
  }
  return true;
}

struct Reach {
  std::size_t peers = 0;
  std::size_t hops = 0;  ///< To the farthest.
};

/// Who can be reached from host 0 over open connections, itself included.
Reach reach_of_first(SimNetwork& network) {
  std::map<NodeId, std::size_t> numbers;
  for (std::size_t i = 0; i < network.size(); ++i) numbers[network.host(i).node_id()] = i;
  std::vector<bool> seen(network.size());
  seen[0] = true;
  Reach reach{1, 0};
  for (std::vector<std::size_t> edge{0}; !edge.empty();) {
    std::vector<std::size_t> next;
    for (const std::size_t i : edge) {
      for (const auto& view : network.host(i).node().peers()) {
        const std::size_t other = numbers.at(view.node);
        if (seen[other]) continue;
        seen[other] = true;
        next.push_back(other);
      }
    }
    reach.peers += next.size();
    if (!next.empty()) ++reach.hops;
    edge = std::move(next);
  }
  return reach;
}

struct Sent {
  std::uint64_t messages = 0, bytes = 0;
  std::uint64_t most = 0;  ///< Bytes that one peer sent.
};

Sent sent_of_type(SimNetwork& network, std::size_t type) {
  Sent sum;
  for (std::size_t i = 0; i < network.size(); ++i) {
    const auto& count = network.host(i).sent().by_type[type];
    sum.messages += count.messages;
    sum.bytes += count.bytes;
    sum.most = std::max(sum.most, count.bytes);
  }
  return sum;
}

Sent lists_sent(SimNetwork& network) { return sent_of_type(network, static_cast<std::size_t>(wire::kPeerListByte)); }
Sent rumours_sent(SimNetwork& network) {
  return sent_of_type(network, static_cast<std::size_t>(wire::MessageType::kPeersSeen));
}

/// True when each host has heard of each other one.
bool all_have_heard(SimNetwork& network) {
  for (std::size_t i = 0; i < network.size(); ++i) {
    const Node& node = network.host(i).node();
    for (std::size_t j = 0; j < network.size(); ++j) {
      if (i != j && !node.has_heard_of(SimNetwork::endpoint_of(j))) return false;
    }
  }
  return true;
}

/// Runs whole rounds until `done()`; how many those were.
template <class Done>
std::size_t rounds_until(SimNetwork& network, std::size_t most, Done done) {
  for (std::size_t rounds = 0;; ++rounds) {
    if (done()) return rounds;
    if (rounds == most) return most + 1;
    network.run_for(kGossipRound);
  }
}

// With 16 places nobody is connected with all 1,000, and nobody should be: each has as many peers as it dials for (12
// of 16 places), and all hang together with few hops between any two. But each hears of all the others. Seen: 2 rounds
// until all have their peers, 6 until all have heard of all, the last message in the 8th; from each 38 lists of 4.8 kB
// in all, and 70 messages of 90 kB in all that tell of those farther away.
TEST(GossipSimulation, AThousandPeersFindTheirPlacesAndHearOfAllOthersInAFewRounds) {
  SimNetwork network(support::sim_seed(1));
  support::add_hosts(network, kCrowd, small_peer());
  support::start_all(network);
  support::introduce_to_one_or_two(network);

  const std::size_t met = rounds_until(network, 6, [&] { return everyone_has_places_taken(network); });
  EXPECT_LE(met, 5u);
  const std::size_t heard = met + rounds_until(network, 12, [&] { return all_have_heard(network); });
  EXPECT_LE(heard, 10u);
  std::uint64_t before = 0;
  const std::size_t quiet = heard + rounds_until(network, 8, [&] {
                              const std::uint64_t messages =
                                  lists_sent(network).messages + rumours_sent(network).messages;
                              return std::exchange(before, messages) == messages;
                            });
  EXPECT_LE(quiet, 16u);
  const Sent lists = lists_sent(network), rumours = rumours_sent(network);
  EXPECT_LE(lists.bytes / kCrowd, 7'000u);
  EXPECT_LE(lists.most, 15'000u);
  // 8 bytes of each of 1,000, over each of a peer's 14 connections or so, in one direction of it or in both.
  EXPECT_LE(rumours.bytes / kCrowd, 120'000u);
  EXPECT_LE(rumours.most, 160'000u);

  const Reach reach = reach_of_first(network);
  EXPECT_EQ(reach.peers, kCrowd);
  EXPECT_LE(reach.hops, 6u);
  for (std::size_t i = 0; i < kCrowd; ++i) {
    const Node& node = network.host(i).node();
    EXPECT_LE(node.peers().size(), kPlaces) << i;
    EXPECT_GE(node.known_endpoints().size(), kPlacesDialled) << i;
    EXPECT_LE(node.known_endpoints().size(), kCrowd / 8) << i << ": what is only heard of is not known";
    EXPECT_EQ(network.host(i).spins(), 0u) << i;
  }

  // Where nobody comes or goes, nobody tells anything.
  network.run_for(10 * kGossipRound);
  EXPECT_EQ(lists_sent(network).messages, lists.messages);
  EXPECT_EQ(rumours_sent(network).messages, rumours.messages);
  std::printf(
      "    peers found after %zu rounds, all heard of after %zu, quiet after %zu; %zu hops\n"
      "    lists: %.1f of %.0f bytes in all from each peer, %llu at most; rumours: %.1f, %.0f bytes, %llu at most\n",
      met, heard, quiet, reach.hops, static_cast<double>(lists.messages) / kCrowd,
      static_cast<double>(lists.bytes) / kCrowd, static_cast<unsigned long long>(lists.most),
      static_cast<double>(rumours.messages) / kCrowd, static_cast<double>(rumours.bytes) / kCrowd,
      static_cast<unsigned long long>(rumours.most));
}

// The times of rumours are a tenth of the real ones, for the time that the test takes.
TEST(GossipSimulation, WhoHasDiedIsForgottenAndWhoLivesIsNot) {
  constexpr std::size_t kHosts = 300, kDead = 100;
  SimHost::Spec spec = small_peer();
  spec.node.rumours.fresher_by = 15s;
  spec.node.rumours.renew_after = 30s;
  spec.node.rumours.forget_after = 90s;
  SimNetwork network(support::sim_seed(1));
  support::add_hosts(network, kHosts, spec);
  support::start_all(network);
  support::introduce_to_one_or_two(network);
  EXPECT_LE(rounds_until(network, 12, [&] { return all_have_heard(network); }), 12u);

  std::set<std::size_t> dead;
  while (dead.size() < kDead) dead.insert(1 + network.events().below(kHosts - 1));
  for (const std::size_t host : dead) network.host(host).kill();
  // What is told for the last time just before it is too old is forgotten within a minute of being so.
  network.run_for(spec.node.rumours.forget_after + 75s);
  network.add_host(spec).start();
  support::introduce(network.host(kHosts), network.host(0));
  EXPECT_FALSE(dead.contains(0));
  network.run_for(10s);
  for (std::size_t i = 0; i <= kHosts; ++i) {
    if (dead.contains(i)) continue;
    for (std::size_t j = 0; j <= kHosts; ++j) {
      if (i == j) continue;
      ASSERT_NE(network.host(i).node().has_heard_of(SimNetwork::endpoint_of(j)), dead.contains(j)) << i << " of " << j;
    }
    EXPECT_EQ(network.host(i).spins(), 0u) << i;
  }
}

}  // namespace
}  // namespace peer
