// SPDX-License-Identifier: MIT
// One host that claims to be many peers, on a virtual network (tests/support/sim_*). SIM_SEED=n runs all of it with
// another seed.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
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

constexpr std::size_t kHonest = 12;
constexpr std::size_t kSybils = 200;

/// The one host behind all sybils. Its endpoints sort before the honest ones': it gains what that may be worth.
net::Endpoint sybil_endpoint(std::size_t number) {
  return {*net::IpAddress::parse("10.76.0.1"), static_cast<std::uint16_t>(20000 + number)};
}

/// Honest peers, hosts 0 to 11, all connected with all; host 0 offers a file.
struct HonestPeers {
  explicit HonestPeers(std::uint64_t seed) : network(seed) {
    support::add_hosts(network, kHonest);
    file = network.memory().generate(16 << 20, 1);
    network.host(0).library().add("file", file);
    support::start_all(network);
    support::introduce_to_one_or_two(network);
    EXPECT_TRUE(network.run_until([&] { return know_each_other(); }, 60s));
  }
  bool know_each_other() {
    for (std::size_t i = 0; i < kHonest; ++i) {
      const std::vector<net::Endpoint> known = network.host(i).node().known_endpoints();
      const std::set<net::Endpoint> all(known.begin(), known.end());
      for (std::size_t j = 0; j < kHonest; ++j) {
        if (i == j) continue;
        if (!network.host(i).node().connected(network.host(j).node_id())) return false;
        if (!all.contains(SimNetwork::endpoint_of(j))) return false;
      }
    }
    return true;
  }
  /// Every one but host 0 asks for the file.
  void fetch_file() {
    for (std::size_t i = 1; i < kHonest; ++i) {
      network.host(i).use([id = file.id](Node& node, net::TimePoint now) {
        swarm::FetchRequest request;
        request.id = id;
        request.path = "file";
        node.fetch(now, std::move(request));
      });
    }
  }
  bool all_have_file() {
    for (std::size_t i = 0; i < kHonest; ++i) {
      if (!network.host(i).library().has(file.id)) return false;
    }
    return true;
  }
  /// Connections of an honest peer with sybils.
  std::size_t sybils_at(std::size_t host) {
    std::size_t count = 0;
    for (const auto& view : network.host(host).node().peers()) {
      count += view.remote.address == sybil_endpoint(0).address;
    }
    return count;
  }

  SimNetwork network;
  support::MemoryContent file;
};

/// All sybils are real nodes with ids of their own. They dial every honest peer and the first of them, which so tells
/// everybody of all the others.
void let_sybils_loose(HonestPeers& honest) {
  SimHost::Spec spec;
  spec.up_bytes_per_second = 0;
  spec.down_bytes_per_second = 0;
  spec.split_bytes = false;
  spec.node.max_connections = 2 * kSybils;
  spec.node.max_connections_per_address = 2 * kSybils;
  spec.node.dial_gossip = false;
  for (std::size_t i = 0; i < kSybils; ++i) {
    spec.listens = sybil_endpoint(i);
    SimHost& sybil = honest.network.add_host(spec);
    sybil.start();
    if (i > 0) support::introduce(sybil, honest.network.host(kHonest));
    for (std::size_t j = 0; j < kHonest; ++j) support::introduce(sybil, honest.network.host(j));
  }
}

// T34, T35: sybils get the few places that one host may have; no connection that is there gives way to them, and one
// that breaks comes again.
TEST(SybilSimulation, T35_TwoHundredSybilsOfOneHostDisplaceNobody) {
  HonestPeers honest(support::sim_seed(1));
  let_sybils_loose(honest);
  honest.network.run_for(500ms);
  honest.fetch_file();
  bool together = true;
  const auto look = [&] {
    together = together && honest.know_each_other();
    return honest.all_have_file();
  };
  EXPECT_TRUE(honest.network.run_until(look, 60s));
  const double took = std::chrono::duration<double>(honest.network.elapsed()).count();
  EXPECT_FALSE(honest.network.run_until([&] { return !honest.know_each_other(); }, 30s));
  EXPECT_TRUE(together);
  EXPECT_TRUE(honest.know_each_other());
  for (std::size_t i = 0; i < kHonest; ++i) {
    const std::size_t sybils = honest.sybils_at(i);
    EXPECT_GE(sybils, 1u) << i << ": they came";
    EXPECT_LE(sybils, Node::Config().max_connections_per_address) << i;
    std::printf("%s%zu", i == 0 ? "    connections with sybils: " : " ", sybils);
  }
  std::printf("; all had the file after %.2f s\n", took);
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(honest.network.reset_some_connection());
    honest.network.run_for(50ms);
  }
  const net::TimePoint broken = honest.network.now();
  EXPECT_TRUE(honest.network.run_until([&] { return honest.know_each_other(); }, 60s));
  std::printf("    together again after %.2f s\n",
              std::chrono::duration<double>(honest.network.now() - broken).count());
}

// The same claims, with nobody behind them, and connections that break meanwhile: honest peers find each other again.
TEST(SybilSimulation, T34_TwoHundredClaimsWithNobodyBehindThemKeepNobodyApart) {
  HonestPeers honest(support::sim_seed(1));
  for (std::size_t i = 0; i < kHonest; ++i) {
    honest.network.host(i).use([](Node& node, net::TimePoint now) {
      for (std::size_t j = 0; j < kSybils; ++j) {
        node.hint(now, sybil_endpoint(j), members::HintSource::kGossip, sybil_endpoint(0).address);
      }
    });
  }
  honest.network.run_for(1s);
  honest.fetch_file();
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(honest.network.reset_some_connection());
    honest.network.run_for(50ms);
  }
  EXPECT_TRUE(honest.network.run_until([&] { return honest.all_have_file(); }, 60s));
  EXPECT_TRUE(honest.network.run_until([&] { return honest.know_each_other(); }, 60s));
  std::printf("    together again after %.2f s\n", std::chrono::duration<double>(honest.network.elapsed()).count());
}

}  // namespace
}  // namespace peer
