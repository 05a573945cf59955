// SPDX-License-Identifier: MIT
// Newcomers in a network in which places are taken, on a virtual network (tests/support/sim_*). SIM_SEED=n runs it with
// another seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "tests/support/sim_network.h"
#include "tests/support/sim_scenario.h"
#include "tests/support/sim_seed.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using support::SimHost;
using support::SimNetwork;

constexpr std::size_t kResidents = 40;
constexpr std::size_t kFewPlaces = 8;
constexpr std::size_t kNewcomers = 12;

std::uint64_t goodbyes(SimNetwork& network) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < network.size(); ++i) {
    count += network.host(i).sent().by_type[static_cast<std::size_t>(wire::MessageType::kBye)].messages;
  }
  return count;
}

struct CrowdedNetwork {
  explicit CrowdedNetwork(std::uint64_t seed) : network(seed) {
    support::add_hosts(network, kResidents, spec);
    support::start_all(network);
    support::introduce_to_one_or_two(network);
    network.run_for(2min);
  }
  /// Knows nobody but the host.
  SimHost& newcomer_to(std::size_t host) {
    SimHost& newcomer = network.add_host(spec);
    newcomer.start();
    support::introduce(newcomer, network.host(host));
    return newcomer;
  }
  bool connected(std::size_t host, const SimHost& with) { return network.host(host).node().connected(with.node_id()); }

  SimHost::Spec spec = support::spec_with_places(kFewPlaces);
  SimNetwork network;
};

// One after another comes to the same host, whose places are soon all taken: each gets one all the same, of somebody
// who has enough others, and keeps it for as long as it has not. When nobody comes any more, nobody goes.
TEST(PlacesSimulation, ANewcomerIsLetInAndGoodbyesComeToAnEnd) {
  CrowdedNetwork crowd(support::sim_seed(1));
  SimNetwork& network = crowd.network;
  std::size_t let_in = 0, full = 0;
  for (std::size_t i = 0; i < kNewcomers; ++i) {
    full += network.host(0).node().peers().size() == kFewPlaces;
    const SimHost& newcomer = crowd.newcomer_to(0);
    network.run_for(20s);
    let_in += crowd.connected(0, newcomer);
    network.run_for(70s);
    EXPECT_LE(network.host(0).node().peers().size(), kFewPlaces);
  }
  EXPECT_GE(full, kNewcomers / 2) << "all places were taken";
  EXPECT_GE(let_in, kNewcomers * 3 / 4);
  for (std::size_t i = 0; i < network.size(); ++i)
    EXPECT_GE(network.host(i).node().peers().size(), kFewPlaces / 2) << i;

  network.run_for(10min);
  const std::uint64_t before = goodbyes(network);
  network.run_for(10min);
  const std::uint64_t after = goodbyes(network);
  std::printf(
      "    %zu of %zu newcomers let in, %zu of them for another; %llu goodbyes in all, %llu in the last 10 min\n",
      let_in, kNewcomers, full, static_cast<unsigned long long>(after),
      static_cast<unsigned long long>(after - before));
  EXPECT_LE(after - before, 10u) << "one a minute in the whole network";
  for (std::size_t i = 0; i < network.size(); ++i) EXPECT_EQ(network.host(i).spins(), 0u) << i;
}

}  // namespace
}  // namespace peer
