// SPDX-License-Identifier: MIT
// A push to many receivers on a virtual network: they serve each other, whatever happens to the pusher or to some.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "peer/operations/push.h"
#include "tests/support/sim_network.h"
#include "tests/support/sim_scenario.h"
#include "tests/unit/peer/simulation/sim_contents.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using support::SimHost;
using support::SimNetwork;

/// Host 0 pushes one file to all others, which know each other.
class PushScenario {
 public:
  /// `limits`: of hosts, in bytes a second.
  PushScenario(std::uint64_t seed, std::size_t receivers, std::uint64_t bytes,
               const std::map<std::size_t, std::uint64_t>& limits = {})
      : network(seed) {
    for (std::size_t i = 0; i <= receivers; ++i) {
      SimHost::Spec spec;
      spec.node.accept_push = {std::uint64_t{1} << 40, [] { return std::uint64_t{1} << 40; }};
      if (const auto limit = limits.find(i); limit != limits.end()) spec.node.limit = limit->second;
      network.add_host(spec);
    }
    file = network.memory().generate(bytes, seed);
    network.host(0).library().add("outside/file", file);
    support::start_all(network);
    support::introduce_to_one_or_two(network);
    EXPECT_TRUE(network.run_until([&] { return support::all_know_all(network); }, 60s));
    begin();
  }
  bool run(net::Duration limit) {
    return network.run_until([&] { return status.has_value(); }, limit);
  }
  std::size_t count_having_it() {
    std::size_t count = 0;
    for (std::size_t i = 1; i < network.size(); ++i) {
      if (network.host(i).library().has(file.id)) ++count;
    }
    return count;
  }
  std::uint64_t sent_by_pusher() { return network.host(0).sent().by_type[support::SimTraffic::kChunk].bytes; }

  SimNetwork network;
  support::MemoryContent file;
  std::shared_ptr<operations::Push> push;
  std::optional<int> status;
  std::vector<std::string> lines;

 private:
  void begin() {
    auto contents = std::make_shared<SimContents>();
    contents->all.push_back({files::CatalogEntry::Kind::kFile, "pushed/file", file.id, 5, 0600});
    network.host(0).use([this, contents](Node& node, net::TimePoint now) {
      push = std::make_shared<operations::Push>(node, contents, operations::PushTargets{true, {}}, now);
    });
    step();
  }
  void step() {
    if (!network.host(0).running()) return;
    network.host(0).use([this](Node&, net::TimePoint now) {
      if (!push || push->done()) return;
      push->step(now);
      for (std::string& line : push->take_lines()) lines.push_back(std::move(line));
      if (push->done()) status = push->exit_status();
    });
    network.events().after(50ms, [this] { step(); });
  }
};

TEST(SimulationPush, ReceiversServeEachOther) {
  for (std::uint64_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(seed);
    PushScenario scenario(seed, 3, 32 << 20);
    ASSERT_TRUE(scenario.run(120s));
    EXPECT_EQ(scenario.status, 0);
    EXPECT_EQ(scenario.count_having_it(), 3u);
    EXPECT_LT(scenario.sent_by_pusher(), 2 * scenario.file.id.length) << "of three times that";
  }
}

// The one that keeps to a rate passes on what it has as the others do, and is passed on to.
TEST(SimulationPush, OneThatIsLimitedTakesPartLikeTheOthers) {
  constexpr std::uint64_t kPushRate = 4'000'000;
  for (std::uint64_t seed : {11u, 12u, 13u, 14u}) {
    for (std::uint64_t rate : {kPushRate, kPushRate / 4}) {
      SCOPED_TRACE(std::to_string(seed) + " at " + std::to_string(rate));
      PushScenario scenario(seed, 3, 16 << 20, {{0, kPushRate}, {seed % 3 + 1, rate}});
      ASSERT_TRUE(scenario.run(120s));
      EXPECT_EQ(scenario.status, 0);
      EXPECT_LT(scenario.sent_by_pusher(), scenario.file.id.length * 3 / 2);
    }
  }
}

TEST(SimulationPush, ManyReceiversCostThePusherLittleMore) {
  PushScenario scenario(4, 12, 32 << 20);
  ASSERT_TRUE(scenario.run(240s));
  EXPECT_EQ(scenario.status, 0);
  EXPECT_EQ(scenario.count_having_it(), 12u);
  EXPECT_LT(scenario.sent_by_pusher(), 4 * scenario.file.id.length) << "of twelve times that";
}

TEST(SimulationPush, ReceiversThatDieAreToldAndTheOthersHaveIt) {
  PushScenario scenario(5, 6, 32 << 20);
  scenario.network.run_for(1s);
  scenario.network.host(2).kill();
  scenario.network.host(3).set_reachable(false);
  ASSERT_TRUE(scenario.run(240s));
  EXPECT_EQ(scenario.status, 3);
  EXPECT_EQ(scenario.count_having_it(), 4u);
}

TEST(SimulationPush, WithoutItsPusherWhatIsCompleteAmongTheReceiversReachesAll) {
  PushScenario scenario(6, 4, 32 << 20);
  // Until the pusher has sent each part to somebody.
  ASSERT_TRUE(scenario.network.run_until(
      [&] { return scenario.sent_by_pusher() >= 2 * scenario.file.id.length || scenario.count_having_it() > 0; }, 60s));
  ASSERT_TRUE(scenario.network.run_until([&] { return scenario.count_having_it() > 0; }, 60s));
  scenario.network.host(0).kill();
  EXPECT_TRUE(scenario.network.run_until([&] { return scenario.count_having_it() == 4; }, 60s));
}

}  // namespace
}  // namespace peer
