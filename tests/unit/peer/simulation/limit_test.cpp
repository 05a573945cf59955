// SPDX-License-Identifier: MIT
// --limit: whole peers on a virtual network keep to their rate, within 5 % over 5 s.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
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

constexpr std::uint64_t kLimit = 2'000'000;

struct Moved {
  std::uint64_t in = 0, out = 0;
};

/// What the host moves in the next 5 s.
Moved move_for_5s(SimNetwork& network, const SimHost& host) {
  const Moved before{host.node().bytes_in(), host.node().bytes_out()};
  network.run_for(5s);
  return {host.node().bytes_in() - before.in, host.node().bytes_out() - before.out};
}

void expect_at_the_limit(std::uint64_t bytes) {
  EXPECT_GE(bytes, 5 * kLimit * 95 / 100);
  EXPECT_LE(bytes, 5 * kLimit * 105 / 100);
}

SimHost::Spec limited() {
  SimHost::Spec spec;
  spec.node.limit = kLimit;
  return spec;
}

void meet(SimNetwork& network) {
  support::start_all(network);
  for (std::size_t i = 1; i < network.size(); ++i) support::introduce(network.host(i), network.host(0));
  ASSERT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 60s));
}

TEST(SimulationLimit, UpIsKeptWhateverTheyAskFor) {
  SimNetwork network(21);
  SimHost& seed = network.add_host(limited());
  support::add_hosts(network, 3);
  const auto file = network.memory().generate(16 * kMiB, 1);
  seed.library().add("file", file);
  meet(network);
  Download download(network, file.id, "file");
  network.run_for(200ms);
  expect_at_the_limit(move_for_5s(network, seed).out);
  EXPECT_TRUE(network.run_until([&] { return download.all_have_it(); }, 60s));
  EXPECT_EQ(download.failures(), 0u) << download.last_error();
  EXPECT_EQ(seed.spins(), 0u);
}

TEST(SimulationLimit, DownIsKeptHoweverManySend) {
  SimNetwork network(22);
  SimHost& leech = network.add_host(limited());
  support::add_hosts(network, 4);
  const auto file = network.memory().generate(16 * kMiB, 1);
  for (std::size_t i = 1; i < network.size(); ++i) network.host(i).library().add("file", file);
  meet(network);
  Download download(network, file.id, "file");
  network.run_for(500ms);
  expect_at_the_limit(move_for_5s(network, leech).in);
  EXPECT_TRUE(network.run_until([&] { return download.all_have_it(); }, 60s));
  EXPECT_EQ(download.failures(), 0u) << download.last_error();
  EXPECT_EQ(leech.spins(), 0u);
  // Hardly a chunk came twice: being slow by choice does not look like being dead.
  EXPECT_LE(leech.node().bytes_in(), 16 * kMiB * 105 / 100);
}

TEST(SimulationLimit, EachDirectionHasItsOwn) {
  SimNetwork network(23);
  SimHost& one = network.add_host(limited());
  SimHost& two = network.add_host();
  const auto first = network.memory().generate(16 * kMiB, 1);
  const auto second = network.memory().generate(16 * kMiB, 2);
  one.library().add("first", first);
  two.library().add("second", second);
  meet(network);
  Download there(network, first.id, "first");
  Download here(network, second.id, "second");
  network.run_for(500ms);
  const Moved moved = move_for_5s(network, one);
  expect_at_the_limit(moved.in);
  expect_at_the_limit(moved.out);
  EXPECT_TRUE(network.run_until([&] { return there.all_have_it() && here.all_have_it(); }, 60s));
}

}  // namespace
}  // namespace peer
