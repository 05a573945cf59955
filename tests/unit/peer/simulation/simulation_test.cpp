// SPDX-License-Identifier: MIT
// Whole peers on a virtual network (tests/support/sim_*): what holds for many of them together, from one seed.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/support/sim_network.h"
#include "tests/support/sim_scenario.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using support::Download;
using support::kMiB;
using support::SimHost;
using support::SimNetwork;

support::SimTraffic sent_by_all(SimNetwork& network) {
  support::SimTraffic sum;
  for (std::size_t i = 0; i < network.size(); ++i) sum += network.host(i).sent();
  return sum;
}

/// No host's loop was woken for nothing.
void expect_no_spinning(SimNetwork& network) {
  for (std::size_t i = 0; i < network.size(); ++i) EXPECT_EQ(network.host(i).spins(), 0u) << "host " << i;
}

struct SwarmRun {
  std::uint64_t hash = 0;
  std::string text;
};

/// A few peers find each other and one file reaches all of them.
SwarmRun small_swarm(std::uint64_t seed) {
  SimNetwork network(seed);
  network.trace().record_text();
  support::add_hosts(network, 6);
  const auto file = network.memory().generate(3 * kMiB + 17, 1);
  network.host(0).library().add("file", file);
  support::start_all(network);
  support::introduce_to_one_or_two(network);
  Download download(network, file.id, "file");
  EXPECT_TRUE(network.run_until([&] { return support::all_know_all(network) && download.all_have_it(); }, 60s));
  return {network.trace().hash(), network.trace().text()};
}

TEST(Simulation, OneSeedGivesOneTraceByteForByte) {
  const SwarmRun first = small_swarm(7);
  const SwarmRun again = small_swarm(7);
  EXPECT_FALSE(first.text.empty());
  EXPECT_EQ(first.text, again.text);
  EXPECT_EQ(first.hash, again.hash);
}

TEST(Simulation, AnotherSeedGivesAnotherTrace) { EXPECT_NE(small_swarm(7).hash, small_swarm(8).hash); }

TEST(Simulation, ManySeedsEndWell) {
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    SCOPED_TRACE(seed);
    small_swarm(seed);
  }
}

/// 50 peers, each with one or two others in its peers.txt, exchange lists until all are connected with all; then one
/// file is offered by one of them and reaches all.
std::uint64_t fifty_peers(std::uint64_t seed) {
  SimNetwork network(seed);
  support::add_hosts(network, 50);
  const auto file = network.memory().generate(kMiB + 4711, 1);
  network.host(17).library().add("shared/file", file);
  support::start_all(network);
  support::introduce_to_one_or_two(network);
  EXPECT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 60s));
  const double met = net::to_seconds(network.elapsed());
  Download download(network, file.id, "file");
  EXPECT_TRUE(network.run_until([&] { return download.all_have_it(); }, 60s)) << download.count_having_it();
  EXPECT_EQ(download.failures(), 0u) << download.last_error();
  expect_no_spinning(network);
  const support::SimTraffic sent = sent_by_all(network);
  EXPECT_GE(sent.by_type[support::SimTraffic::kChunk].bytes, 49 * file.id.length);
  std::printf(
      "    all met after %.2f s, all had the file after %.2f s (virtual); %llu lists of %llu bytes, seed %llu\n", met,
      net::to_seconds(network.elapsed()),
      static_cast<unsigned long long>(sent.by_type[support::SimTraffic::kPeerList].messages),
      static_cast<unsigned long long>(sent.by_type[support::SimTraffic::kPeerList].bytes),
      static_cast<unsigned long long>(seed));
  return network.trace().hash();
}

TEST(Simulation, FiftyPeersMeetAndAFileReachesAll) {
  const std::uint64_t first = fifty_peers(1);
  EXPECT_EQ(first, fifty_peers(1));
  EXPECT_NE(first, fifty_peers(2));
}

TEST(Simulation, HardlyAnyChunkIsSentTwice) {
  SimNetwork network(2);
  support::add_hosts(network, 9);
  const auto file = network.memory().generate(32 * kMiB, 1);
  network.host(0).library().add("file", file);
  support::start_all(network);
  support::introduce_to_one_or_two(network);
  ASSERT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 60s));
  Download download(network, file.id, "file");
  ASSERT_TRUE(network.run_until([&] { return download.all_have_it(); }, 60s));
  EXPECT_LE(sent_by_all(network).by_type[support::SimTraffic::kChunk].bytes, 8 * file.id.length * 11 / 10);
}

/// While a file spreads connections are reset, hosts die, hosts are cut off; some come back.
TEST(Simulation, SurvivorsFinishUnderDropsAndKills) {
  SimNetwork network(11);
  support::add_hosts(network, 20);
  const auto file = network.memory().generate(8 * kMiB + 1, 2);
  network.host(0).library().add("file", file);
  network.host(1).library().add("also", file);
  support::start_all(network);
  support::introduce_to_one_or_two(network);
  Download download(network, file.id, "file");
  network.run_for(300ms);
  for (int round = 0; round < 20; ++round) {
    network.reset_some_connection();
    network.run_for(50ms);
  }
  for (std::size_t i = 5; i < 10; ++i) network.host(i).kill();
  network.host(1).kill();
  network.host(11).set_reachable(false);
  network.host(12).stop();
  network.run_for(2s);
  for (std::size_t i = 5; i < 8; ++i) {
    network.host(i).start();
    support::introduce(network.host(i), network.host(0));
  }
  network.host(11).set_reachable(true);
  EXPECT_TRUE(network.run_until([&] { return download.all_have_it(); }, 5min)) << download.count_having_it();
  EXPECT_EQ(download.failures(), 0u) << download.last_error();
  EXPECT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 5min));
  expect_no_spinning(network);
}

// More peers than one keeps connections with: each leaves some places to those who come later.
TEST(Simulation, ANewcomerIsLetIntoAFullNetwork) {
  SimNetwork network(1);
  SimHost::Spec spec;
  spec.node.max_connections = 8;
  support::add_hosts(network, 24, spec);
  const auto file = network.memory().generate(kMiB, 1);
  network.host(3).library().add("file", file);
  support::start_all(network);
  support::introduce_to_one_or_two(network);
  network.run_for(60s);
  Download download(network, file.id, "file");
  EXPECT_TRUE(network.run_until([&] { return download.all_have_it(); }, 60s)) << download.count_having_it();
  SimHost& newcomer = network.add_host(spec);
  newcomer.start();
  support::introduce(newcomer, network.host(0));
  support::introduce(newcomer, network.host(5));
  EXPECT_TRUE(network.run_until([&] { return newcomer.node().peers().size() >= 2; }, 60s));
  EXPECT_TRUE(network.run_until([&] { return newcomer.library().has(file.id); }, 60s));
  EXPECT_EQ(download.failures(), 0u) << download.last_error();
}

/// `seed` offers a file, and `leech` knows `seed` and wants it.
struct OneDownload {
  OneDownload(std::uint64_t sim_seed, std::uint64_t length)
      : network(sim_seed),
        seed(network.add_host()),
        leech(network.add_host()),
        file(network.memory().generate(length, 1)),
        download(network, file.id, "file") {
    seed.library().add("file", file);
    support::start_all(network);
    support::introduce(leech, seed);
  }
  bool done_within(net::Duration limit) {
    return network.run_until([&] { return download.all_have_it(); }, limit);
  }

  SimNetwork network;
  SimHost& seed;
  SimHost& leech;
  support::MemoryContent file;
  Download download;
};

// T46: a process that dies fetches on with what its disk has.
TEST(Simulation, T46_AKilledPeerResumes) {
  OneDownload run(3, 16 * kMiB);
  ASSERT_TRUE(run.network.run_until([&] { return run.leech.store().chunks_written() >= 60; }, 30s));
  run.leech.kill();
  run.network.run_for(1s);
  run.leech.start();
  support::introduce(run.leech, run.seed);
  EXPECT_TRUE(run.done_within(60s));
  EXPECT_EQ(run.leech.store().chunks_written(), 128u) << "no chunk is fetched twice";
}

/// Two offer the same file to a third; one of them is to lie about it.
struct HonestAndLiar {
  HonestAndLiar() {
    honest.library().add("file", file);
    liar.library().add("file", file);
  }

  SimNetwork network{5};
  SimHost& honest = network.add_host();
  SimHost& liar = network.add_host();
  SimHost& leech = network.add_host();
  support::MemoryContent file = network.memory().generate(8 * kMiB, 1);
};

// T36: chunks with wrong bytes are refetched elsewhere, and their sender is banned.
TEST(Simulation, T36_WrongChunksComeFromAnotherInTheEnd) {
  HonestAndLiar three;
  for (std::uint32_t chunk = 0; chunk < 32; ++chunk) three.liar.library().falsify(three.file.id, chunk);
  support::start_all(three.network);
  support::introduce(three.leech, three.honest);
  support::introduce(three.leech, three.liar);
  ASSERT_TRUE(three.network.run_until([&] { return support::all_know_all(three.network); }, 10s));
  Download download(three.network, three.file.id, "file");
  EXPECT_TRUE(three.network.run_until([&] { return download.all_have_it(); }, 60s));
  EXPECT_EQ(download.failures(), 0u) << download.last_error();
  EXPECT_GE(three.leech.store().bad_chunks(), 1u);
  three.network.run_for(5s);
  EXPECT_EQ(three.leech.node().peers().size(), 1u) << "the liar is banned";
}

TEST(Simulation, T36_AWrongLayerIsRefused) {
  HonestAndLiar three;
  SimNetwork& network = three.network;
  three.liar.library().falsify_layer(three.file.id);
  support::start_all(network);
  support::introduce(three.leech, three.liar);
  ASSERT_TRUE(network.run_until([&] { return support::all_know_all(network) || network.elapsed() > 1s; }, 10s));
  Download download(network, three.file.id, "file");
  network.run_for(2s);
  support::introduce(three.leech, three.honest);
  EXPECT_TRUE(network.run_until([&] { return download.all_have_it(); }, 3min)) << download.last_error();
}

// T47: a full disk ends the download with a message, or keeps it waiting; nothing is lost and it goes on later.
TEST(Simulation, T47_AFullDiskLosesNothing) {
  OneDownload run(6, 8 * kMiB);
  run.leech.store().behaviour.space = 3 * kMiB;
  run.network.run_for(5s);
  EXPECT_EQ(run.leech.store().chunks_written(), 24u);
  EXPECT_FALSE(run.download.all_have_it());
  run.leech.store().behaviour.space = 100 * kMiB;
  EXPECT_TRUE(run.done_within(2min)) << run.download.last_error();
  EXPECT_EQ(run.leech.store().chunks_written(), 64u) << "what was there is kept";
}

// T49: a host that is cut off and comes back goes on; one that stays away is noticed by keep-alive.
TEST(Simulation, T49_ALinkThatGoesDownAndUp) {
  OneDownload run(9, 32 * kMiB);
  ASSERT_TRUE(run.network.run_until([&] { return run.leech.store().chunks_written() >= 20; }, 30s));
  run.seed.set_reachable(false);
  run.network.run_for(10s);
  EXPECT_FALSE(run.download.all_have_it());
  run.seed.set_reachable(true);
  EXPECT_TRUE(run.done_within(2min));
  run.seed.set_reachable(false);
  EXPECT_TRUE(run.network.run_until([&] { return run.leech.node().peers().empty(); }, 2min));
  run.seed.set_reachable(true);
  EXPECT_TRUE(run.network.run_until([&] { return support::all_know_all(run.network); }, 10min));
}

// T51: both ends dial at once; one connection stays.
TEST(Simulation, T51_BothDialAtOnce) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    SimNetwork network(seed);
    support::add_hosts(network, 2);
    support::start_all(network);
    support::introduce(network.host(0), network.host(1));
    support::introduce(network.host(1), network.host(0));
    network.run_for(5s);
    EXPECT_TRUE(support::all_know_all(network));
    EXPECT_EQ(network.open_connections(), 1u);
    EXPECT_EQ(network.host(0).node().peers().size(), 1u);
    EXPECT_EQ(network.host(1).node().peers().size(), 1u);
  }
}

// T34: dead addresses cost dials, within bounds, and nothing else; ourselves and others' loopback cost nothing.
TEST(Simulation, T34_DeadHintsAreHarmless) {
  SimNetwork network(4);
  support::add_hosts(network, 3);
  support::start_all(network);
  for (std::size_t i = 0; i < 100; ++i) {
    network.host(0).use([i](Node& node, net::TimePoint now) {
      node.hint(now, SimNetwork::endpoint_of(1000 + i), members::HintSource::kFile);
    });
  }
  support::introduce(network.host(0), network.host(0));
  support::introduce(network.host(1), network.host(0));
  support::introduce(network.host(2), network.host(0));
  EXPECT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 60s));
  network.run_for(5min);
  EXPECT_TRUE(support::all_know_all(network));
  expect_no_spinning(network);
}

// Two peers fetch from each other at the same time over their one connection.
TEST(Simulation, OneConnectionCarriesBothDirections) {
  SimNetwork network(12);
  support::add_hosts(network, 2);
  const auto one = network.memory().generate(8 * kMiB, 1);
  const auto two = network.memory().generate(8 * kMiB, 2);
  network.host(0).library().add("one", one);
  network.host(1).library().add("two", two);
  support::start_all(network);
  support::introduce(network.host(1), network.host(0));
  Download first(network, one.id, "one");
  Download second(network, two.id, "two");
  const auto both = [&] { return first.all_have_it() && second.all_have_it(); };
  EXPECT_TRUE(network.run_until(both, 60s));
  EXPECT_EQ(network.open_connections(), 1u);
  // Both at 12.5 MB/s take 0.67 s; one after the other would take twice that.
  EXPECT_LT(net::to_seconds(network.elapsed()), 1.2);
}

// A peer that leaves in an orderly way is missed at once, not after a time-out.
TEST(Simulation, LeavingIsNoticedAtOnce) {
  SimNetwork network(13);
  support::add_hosts(network, 5);
  support::start_all(network);
  support::introduce_to_one_or_two(network);
  ASSERT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 30s));
  network.host(2).stop();
  network.run_for(100ms);
  EXPECT_FALSE(network.host(2).running());
  EXPECT_TRUE(support::all_know_all(network));
}

TEST(Simulation, AnEmptyFileAndAOneChunkFileArrive) {
  SimNetwork network(14);
  support::add_hosts(network, 2);
  const auto empty = network.memory().generate(0, 1);
  const auto small = network.memory().generate(16385, 1);
  network.host(0).library().add("empty", empty);
  network.host(0).library().add("small", small);
  support::start_all(network);
  support::introduce(network.host(1), network.host(0));
  Download first(network, empty.id, "empty");
  Download second(network, small.id, "small");
  EXPECT_TRUE(network.run_until([&] { return first.all_have_it() && second.all_have_it(); }, 30s))
      << first.last_error() << second.last_error();
}

}  // namespace
}  // namespace peer
