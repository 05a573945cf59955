// SPDX-License-Identifier: MIT
// What several downloads of one peer do to each other, and what memory they take.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/sim_network.h"
#include "tests/support/sim_scenario.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using support::kMiB;
using support::SimHost;
using support::SimNetwork;

/// `host` begins to fetch the content; the transfer's number is put into `transfers`.
void fetch(SimHost& host, const files::ContentId& id, const std::string& path, std::vector<TransferId>& transfers) {
  host.use([id, path, &transfers](Node& node, net::TimePoint now) {
    swarm::FetchRequest request;
    request.id = id;
    request.path = path;
    transfers.push_back(node.fetch(now, std::move(request)));
  });
}

std::vector<std::uint64_t> bytes_done(const SimHost& host, const std::vector<TransferId>& transfers) {
  std::vector<std::uint64_t> done;
  for (const TransferId transfer : transfers) done.push_back(host.node().transfer(transfer)->bytes_done());
  return done;
}

/// Three files of `seeds` hosts, all of them at each: the shares of the downloads after a while.
void expect_equal_shares(std::size_t seeds, std::uint64_t random) {
  SCOPED_TRACE(std::to_string(seeds) + " seeds, random seed " + std::to_string(random));
  SimNetwork network(random);
  SimHost& leech = network.add_host();
  support::add_hosts(network, seeds);
  std::vector<support::MemoryContent> files;
  for (std::uint64_t i = 0; i < 3; ++i) files.push_back(network.memory().generate(24 * kMiB, i + 1));
  for (std::size_t host = 1; host <= seeds; ++host) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      network.host(host).library().add("file" + std::to_string(i), files[i]);
    }
  }
  support::start_all(network);
  for (std::size_t i = 1; i < network.size(); ++i) support::introduce(network.host(i), leech);
  ASSERT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 60s));
  std::vector<TransferId> transfers;
  // One is ahead of the others, and must not keep what it has.
  fetch(leech, files[0].id, "file0", transfers);
  network.run_for(500ms);
  fetch(leech, files[1].id, "file1", transfers);
  fetch(leech, files[2].id, "file2", transfers);
  network.run_for(500ms);
  const auto before = bytes_done(leech, transfers);
  network.run_for(2500ms);
  const auto after = bytes_done(leech, transfers);
  std::vector<std::uint64_t> gained;
  for (std::size_t i = 0; i < 3; ++i) gained.push_back(after[i] - before[i]);
  const std::uint64_t all = gained[0] + gained[1] + gained[2];
  EXPECT_GE(all, 25 * kMiB);
  for (const std::uint64_t share : gained) EXPECT_GE(share, all / 5) << testing::PrintToString(gained);
}

TEST(SimulationShare, DownloadsAtATimeGetTheirShareOfOneSource) { expect_equal_shares(1, 31); }
TEST(SimulationShare, DownloadsAtATimeGetTheirShareOfManySources) { expect_equal_shares(4, 32); }

// The disk is slower than the network, so everything that may fill does.
TEST(SimulationShare, MemoryIsBoundedWith10GiBAnd32Sources) {
  SimNetwork network(33);
  SimHost::Spec fast;
  fast.up_bytes_per_second = fast.down_bytes_per_second = 0;
  fast.split_bytes = false;
  SimHost& leech = network.add_host(fast);
  support::add_hosts(network, 32, fast);
  const auto file = network.memory().zeros(10 * 1024 * kMiB);
  for (std::size_t i = 1; i <= 32; ++i) network.host(i).library().add("file", file);
  leech.store().behaviour.bytes_per_second = 20e6;
  support::start_all(network);
  for (std::size_t i = 1; i <= 32; ++i) support::introduce(leech, network.host(i));
  ASSERT_TRUE(network.run_until([&] { return leech.node().peers().size() == 32; }, 60s));
  std::vector<TransferId> transfers;
  fetch(leech, file.id, "file", transfers);
  std::size_t most = 0;
  std::uint64_t most_queued = 0;
  ASSERT_TRUE(network.run_until(
      [&] {
        most = std::max(most, leech.node().buffered_bytes());
        std::uint64_t queued = 0;
        for (const Node::PeerView& peer : leech.node().peers()) {
          queued += leech.node().queue(peer.connection).buffered();
        }
        most_queued = std::max(most_queued, queued);
        return leech.store().chunks_written() >= 60;
      },
      60s));
  EXPECT_EQ(leech.node().transfer(transfers.at(0))->source_count(), 32u);
  EXPECT_LE(most, leech.spec().node.buffer_bytes);
  EXPECT_GE(most, leech.spec().node.buffer_bytes / 2) << "the bound was never felt";
  EXPECT_LE(most_queued, 4 * kMiB);
}

}  // namespace
}  // namespace peer
