// SPDX-License-Identifier: MIT
// One file from one peer to many, on a virtual network (tests/support/sim_*): how long it takes, what the first one
// sends, and what is left of that when peers are slow, die or lie. Virtual time follows from the seed, so it may be
// asserted. SIM_SEED=n runs all of it with another seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/sim_network.h"
#include "tests/support/sim_scenario.h"
#include "tests/support/sim_seed.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using support::Download;
using support::kMiB;
using support::SimHost;
using support::SimNetwork;

constexpr double kLink = 12.5e6;

/// A network in which host 0 offers the file, everybody is connected with everybody and nobody fetches yet.
struct Swarm {
  Swarm(std::uint64_t seed, std::size_t receivers, std::uint64_t length, const SimHost::Spec& spec = {})
      : network(seed) {
    support::add_hosts(network, 1 + receivers, spec);
    file = network.memory().generate(length, 1);
    network.host(0).library().add("file", file);
  }
  void meet() {
    support::start_all(network);
    support::introduce_to_one_or_two(network);
    ASSERT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 60s));
  }
  /// The same where there are more than one keeps connections with: a random mesh.
  void meet_in_a_mesh() {
    support::start_all(network);
    support::introduce_to_one_or_two(network);
    const auto met = [&] {
      for (std::size_t i = 0; i < network.size(); ++i) {
        if (network.host(i).node().peers().size() < network.host(i).spec().node.max_connections / 2) return false;
      }
      return true;
    };
    ASSERT_TRUE(network.run_until(met, 60s));
    network.run_for(5s);
  }
  /// The time until every running host has it, over that of one plain download over one link.
  double spread(Download::Begin begin = Download::Begin::kWhenOffered) {
    const net::TimePoint began = network.now();
    Download download(network, file.id, "file", begin);
    EXPECT_TRUE(network.run_until([&] { return download.all_have_it(); }, 10min)) << download.count_having_it();
    EXPECT_EQ(download.failures(), 0u) << download.last_error();
    const double ratio = net::to_seconds(network.now() - began) / (static_cast<double>(file.id.length) / kLink);
    std::printf("    %.3f times as long as one download; the first sent %.3f files\n", ratio, sent_by(0));
    return ratio;
  }
  /// In files.
  double sent_by(std::size_t host) {
    return static_cast<double>(network.host(host).sent().by_type[support::SimTraffic::kChunk].bytes) /
           static_cast<double>(file.id.length);
  }
  /// True when all chunks are with hosts from `first` on that run. Each has one transfer.
  bool one_copy_is_out(std::size_t first) {
    files::ChunkSet out(files::chunk_grid(file.id.length).count());
    for (std::size_t i = first; i < network.size(); ++i) {
      SimHost& host = network.host(i);
      if (!host.running()) continue;
      if (host.library().has(file.id)) return true;
      if (const swarm::Transfer* transfer = host.node().transfer(1)) out |= transfer->have();
    }
    return out.full();
  }

  SimNetwork network;
  support::MemoryContent file;
};

// --- equal links ---

void expect_near_the_bound(std::size_t receivers, double most, const SimHost::Spec& spec = {}) {
  Swarm swarm(support::sim_seed(1), receivers, 64 * kMiB, spec);
  swarm.meet();
  EXPECT_LE(swarm.spread(), most);
  EXPECT_LE(swarm.sent_by(0), 1.2);
}

TEST(SwarmSimulation, EightTakeHardlyLongerThanOne) { expect_near_the_bound(8, 1.10); }
TEST(SwarmSimulation, SixteenTakeHardlyLongerThanOne) { expect_near_the_bound(16, 1.12); }
TEST(SwarmSimulation, ThirtyTwoTakeLittleLongerThanOne) {
  SimHost::Spec spec;  // In larger pieces, which takes half the events.
  spec.quantum = 64 << 10;
  spec.split_bytes = false;
  expect_near_the_bound(32, 1.2, spec);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SIM_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_SANITIZED 1
#endif
#endif
#ifdef SIM_SANITIZED
// Takes several times as long: a third of the file, of which finding its way to the first few is a larger part.
constexpr std::uint64_t kLargeSwarmFile = 16 * kMiB;
constexpr double kLargeSwarmBound = 1.75;
#else
constexpr std::uint64_t kLargeSwarmFile = 64 * kMiB;
constexpr double kLargeSwarmBound = 1.3;
#endif

// Each has 16 connections at most, so that hardly any has one with the first.
TEST(SwarmSimulation, TwoHundredTakeLittleLongerThanOne) {
  SimHost::Spec spec = support::spec_with_places(16);
  spec.quantum = 64 << 10;
  Swarm swarm(support::sim_seed(1), 200, kLargeSwarmFile, spec);
  swarm.meet_in_a_mesh();
  EXPECT_LE(swarm.spread(Download::Begin::kAtOnce), kLargeSwarmBound);
}

TEST(SwarmSimulation, ASmallFileIsNotSentTwice) {
  Swarm swarm(support::sim_seed(1), 8, kMiB);
  swarm.meet();
  swarm.spread();
  double sent = 0;
  for (std::size_t i = 0; i < swarm.network.size(); ++i) sent += swarm.sent_by(i);
  EXPECT_LE(sent, 8 * 1.1);
}

// --- links that differ ---

/// Seconds for one receiver with a fast link to fetch from seeds with these links.
double fetch_from(std::vector<double> links) {
  SimNetwork network(support::sim_seed(1));
  SimHost::Spec receiver;
  receiver.down_bytes_per_second = 4 * kLink;
  network.add_host(receiver);
  const support::MemoryContent file = network.memory().generate(256 * kMiB, 1);
  for (double link : links) {
    SimHost::Spec seed;
    seed.up_bytes_per_second = link;
    network.add_host(seed).library().add("file", file);
  }
  support::start_all(network);
  for (std::size_t i = 1; i < network.size(); ++i) support::introduce(network.host(0), network.host(i));
  EXPECT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 60s));
  const net::TimePoint began = network.now();
  Download download(network, file.id, "file");
  EXPECT_TRUE(network.run_until([&] { return download.all_have_it(); }, 10min));
  const double taken = net::to_seconds(network.now() - began);
  std::printf("    %zu sources: %.1f %% of four links\n", links.size(),
              100 * static_cast<double>(file.id.length) / (4 * kLink) / taken);
  return taken;
}

TEST(SwarmSimulation, FourSeedsFillALinkOfFourAndASlowFifthCostsNothing) {
  const double bound = 256.0 * kMiB / (4 * kLink);
  const double four = fetch_from({kLink, kLink, kLink, kLink});
  EXPECT_LE(four, bound / 0.95);
  EXPECT_LE(fetch_from({kLink, kLink, kLink, kLink, kLink / 20}), four * 1.03);
}

TEST(SwarmSimulation, ASlowReceiverDelaysItselfOnly) {
  Swarm swarm(support::sim_seed(1), 7, 32 * kMiB);
  SimHost::Spec slow;
  slow.up_bytes_per_second = slow.down_bytes_per_second = kLink / 20;
  swarm.network.add_host(slow);
  swarm.meet();
  const net::TimePoint began = swarm.network.now();
  Download download(swarm.network, swarm.file.id, "file");
  ASSERT_TRUE(swarm.network.run_until([&] { return download.count_having_it() == 8; }, 60s));
  const double ratio =
      net::to_seconds(swarm.network.now() - began) / (static_cast<double>(swarm.file.id.length) / kLink);
  std::printf("    %.3f times as long as one download for the others\n", ratio);
  EXPECT_LE(ratio, 1.25);
  EXPECT_FALSE(swarm.network.host(8).library().has(swarm.file.id));
  EXPECT_TRUE(swarm.network.run_until([&] { return download.all_have_it(); }, 10min));
}

// --- peers that die ---

// T49: a quarter of the receivers is killed half-way, then the seed as soon as one copy is out.
TEST(SwarmSimulation, T49_SurvivorsFinishWithoutTheSeed) {
  Swarm swarm(support::sim_seed(1), 16, 32 * kMiB);
  swarm.meet();
  Download download(swarm.network, swarm.file.id, "file");
  ASSERT_TRUE(swarm.network.run_until([&] { return swarm.sent_by(0) >= 0.5; }, 60s));
  for (std::size_t i = 1; i <= 4; ++i) swarm.network.host(i).kill();
  ASSERT_TRUE(swarm.network.run_until([&] { return swarm.one_copy_is_out(5); }, 60s));
  EXPECT_LT(download.count_having_it(), 17u - 4u) << "the seed is needed no more, and not all are done";
  swarm.network.host(0).kill();
  EXPECT_TRUE(swarm.network.run_until([&] { return download.all_have_it(); }, 60s)) << download.count_having_it();
  EXPECT_EQ(download.failures(), 0u) << download.last_error();
}

// --- a peer that lies ---

// T36: one of two seeds sends wrong bytes for every fourth chunk.
TEST(SwarmSimulation, T36_ALiarCostsItsOwnChunksAndIsBanned) {
  constexpr std::size_t kReceivers = 8;
  Swarm swarm(support::sim_seed(1), kReceivers, 32 * kMiB);
  SimHost& liar = swarm.network.add_host();
  liar.library().add("file", swarm.file);
  for (std::uint32_t chunk = 0; chunk < 256; chunk += 4) liar.library().falsify(swarm.file.id, chunk);
  swarm.meet();
  EXPECT_LE(swarm.spread(), 1.5);
  for (std::size_t i = 1; i <= kReceivers; ++i) {
    SimHost& receiver = swarm.network.host(i);
    EXPECT_LE(receiver.store().bad_chunks(), 3u + 2u) << "three strikes, and what was on its way to the disk";
    EXPECT_EQ(receiver.store().chunks_written(), 256u);
    // Blame is exact: nobody but the liar is missed, and it where it was caught three times.
    const bool banned = receiver.store().bad_chunks() >= 3;
    EXPECT_EQ(receiver.node().connected(liar.node_id()), !banned) << i;
    EXPECT_EQ(receiver.node().peers().size(), banned ? kReceivers : kReceivers + 1) << i;
  }
}

}  // namespace
}  // namespace peer
