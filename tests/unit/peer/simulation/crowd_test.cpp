// SPDX-License-Identifier: MIT
// Operations in a network with many more peers than places (tests/support/sim_*): each finds everybody, and reaches
// whom it needs. SIM_SEED=n runs it with another seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "peer/operations/get.h"
#include "peer/operations/list.h"
#include "peer/operations/peers.h"
#include "peer/operations/push.h"
#include "tests/support/sim_network.h"
#include "tests/support/sim_scenario.h"
#include "tests/support/sim_seed.h"
#include "tests/unit/peer/simulation/sim_contents.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using support::SimHost;
using support::SimNetwork;

constexpr std::size_t kMembers = 150;
/// Where all ask at once, which is kMembers^2 visits.
constexpr std::size_t kClass = 60;

/// Each member offers one file of its own, "from-<number>", and knows one or two others at first.
struct Members {
  explicit Members(std::uint64_t seed, std::size_t count = kMembers) : network(seed) {
    spec.split_bytes = false;
    spec.node.max_connections = 16;
    spec.node.accept_push = {std::uint64_t{1} << 40, [] { return std::uint64_t{1} << 40; }};
    support::add_hosts(network, count, spec);
    for (std::size_t i = 0; i < count; ++i) {
      files.push_back(network.memory().generate(1000 + i, seed + i));
      network.host(i).library().add("from-" + std::to_string(i), files.back());
    }
    support::start_all(network);
    support::introduce_to_one_or_two(network);
    network.run_for(30s);
  }
  /// Lives for one command, and knows one member.
  SimHost& newcomer() {
    SimHost::Spec passing = spec;
    passing.node.hello.features |= wire::kTransient;
    SimHost& host = network.add_host(passing);
    host.start();
    support::introduce(host, network.host(7));
    return host;
  }
  /// What the operation that `make(node, now)` gives at the host tells until it is done.
  template <class Make>
  void carry_out(SimHost& host, net::Duration limit, Make make) {
    lines.clear();
    status.reset();
    auto operation = std::make_shared<std::unique_ptr<operations::Operation>>();
    host.use([operation, make](Node& node, net::TimePoint now) { *operation = make(node, now); });
    EXPECT_TRUE(network.run_until(
        [&] {
          host.use([this, operation](Node&, net::TimePoint now) {
            if ((*operation)->done()) return;
            (*operation)->step(now);
            for (std::string& line : (*operation)->take_lines()) lines.push_back(std::move(line));
            if ((*operation)->done()) status = (*operation)->exit_status();
          });
          return status.has_value();
        },
        limit));
  }
  std::size_t told(const std::string& text) const {
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [&](const auto& line) { return line.find(text) != std::string::npos; }));
  }
  void list(SimHost& host, net::Duration limit) {
    carry_out(host, limit,
              [](Node& node, net::TimePoint now) { return std::make_unique<operations::List>(node, now); });
  }
  std::size_t some_not_connected(SimHost& host) {
    for (std::size_t i = 0; i < kMembers; ++i) {
      if (i != host.number() && !host.node().connected(network.host(i).node_id())) return i;
    }
    return kMembers;
  }
  void nobody_spins() {
    for (std::size_t i = 0; i < network.size(); ++i) EXPECT_EQ(network.host(i).spins(), 0u) << i;
  }

  SimHost::Spec spec;
  SimNetwork network;
  std::vector<support::MemoryContent> files;
  std::vector<std::string> lines;
  std::optional<int> status;
};

TEST(CrowdSimulation, AListHasTheFilesOfAll) {
  Members members(support::sim_seed(1));
  SimHost& serving = members.network.host(0);
  members.list(serving, 2s);
  EXPECT_EQ(members.told("\"event\":\"file\""), kMembers - 1) << "of all but its own";
  EXPECT_LE(serving.node().peers().size(), members.spec.node.max_connections);
  SimHost& passing = members.newcomer();
  members.list(passing, 3s);
  EXPECT_EQ(members.told("\"event\":\"file\""), kMembers);
  members.carry_out(passing, 3s,
                    [](Node& node, net::TimePoint now) { return std::make_unique<operations::Peers>(node, now); });
  EXPECT_EQ(members.told("\"event\":\"peer\""), kMembers);
  EXPECT_GE(members.told("\"reachable\""), kMembers - members.spec.node.max_connections);
  // Who was visited has kept its own connections.
  members.network.run_for(30s);
  std::size_t least = kMembers;
  for (std::size_t i = 0; i < kMembers; ++i) {
    least = std::min(least, members.network.host(i).node().peers().size());
  }
  EXPECT_GE(least, members.spec.node.max_connections / 2);
  members.nobody_spins();
}

// The whole class asks at once.
TEST(CrowdSimulation, AllWhoAskAtOnceSeeAll) {
  Members members(support::sim_seed(1), kClass);
  std::vector<std::shared_ptr<operations::List>> lists(kClass);
  std::vector<std::size_t> files(kClass);
  std::size_t done = 0;
  for (std::size_t i = 0; i < kClass; ++i) {
    members.network.host(i).use(
        [&lists, i](Node& node, net::TimePoint now) { lists[i] = std::make_shared<operations::List>(node, now); });
  }
  const auto all_done = [&] {
    for (std::size_t i = 0; i < kClass; ++i) {
      members.network.host(i).use([&, i](Node&, net::TimePoint now) {
        if (!lists[i] || lists[i]->done()) return;
        lists[i]->step(now);
        for (const std::string& line : lists[i]->take_lines()) {
          files[i] += line.find("\"event\":\"file\"") != std::string::npos;
        }
        done += lists[i]->done();
      });
    }
    return done == kClass;
  };
  EXPECT_TRUE(members.network.run_until(all_done, 8s));
  for (std::size_t i = 0; i < kClass; ++i) EXPECT_EQ(files[i], kClass - 1) << i;
  members.nobody_spins();
}

TEST(CrowdSimulation, AFileIsFetchedFromOneThatIsNotConnected) {
  Members members(support::sim_seed(1));
  SimHost& host = members.network.host(0);
  const std::size_t far = members.some_not_connected(host);
  ASSERT_LT(far, kMembers);
  members.carry_out(host, 10s, [far](Node& node, net::TimePoint now) {
    return std::make_unique<operations::Get>(
        node, operations::GetRequest{{"from-" + std::to_string(far), "from-100"}, "", ""}, now);
  });
  EXPECT_EQ(members.status, 0);
  EXPECT_TRUE(host.library().has(members.files[far].id));
  EXPECT_TRUE(host.library().has(members.files[100].id));
  members.network.run_for(Node::kSurveyLease + 1s);
  EXPECT_EQ(host.node().everybody().size(), host.node().peers().size()) << "what was seen is forgotten";
  members.nobody_spins();
}

TEST(CrowdSimulation, AllFilesOfAllAreFetched) {
  Members members(support::sim_seed(1));
  SimHost& passing = members.newcomer();
  operations::GetRequest request;
  for (std::size_t i = 0; i < kMembers; ++i) request.words.push_back("from-" + std::to_string(i));
  members.carry_out(passing, 20s, [request](Node& node, net::TimePoint now) {
    return std::make_unique<operations::Get>(node, request, now);
  });
  EXPECT_EQ(members.status, 0);
  EXPECT_EQ(members.told("\"event\":\"done\""), kMembers);
}

// All at once where there are places for all, and in turn where there are not.
TEST(CrowdSimulation, APushReachesAll) {
  for (const std::size_t places : {std::size_t{160}, std::size_t{40}}) {
    SCOPED_TRACE(places);
    const std::uint64_t seed = support::sim_seed(1);
    Members members(seed);
    SimHost::Spec spec = members.spec;
    spec.node.max_needed = places;
    SimHost& pusher = members.network.add_host(spec);
    const support::MemoryContent file = members.network.memory().generate(2 << 20, seed + 1000);
    pusher.library().add("outside/file", file);
    pusher.start();
    support::introduce(pusher, members.network.host(7));
    members.network.run_for(10s);
    members.carry_out(pusher, 120s, [file](Node& node, net::TimePoint now) {
      auto contents = std::make_shared<SimContents>();
      contents->all.push_back({files::CatalogEntry::Kind::kFile, "pushed/file", file.id, 5, 0600});
      return std::make_unique<operations::Push>(node, contents, operations::PushTargets{true, {}}, now);
    });
    EXPECT_EQ(members.status, 0);
    EXPECT_EQ(members.told("\"state\":\"done\""), kMembers);
    for (std::size_t i = 0; i < kMembers; ++i) EXPECT_TRUE(members.network.host(i).library().has(file.id)) << i;
    const std::uint64_t sent = pusher.sent().by_type[support::SimTraffic::kChunk].bytes;
    std::printf("    %zu places: the pusher sent %.1f times the file\n", places,
                static_cast<double>(sent) / static_cast<double>(file.id.length));
    members.nobody_spins();
  }
}

}  // namespace
}  // namespace peer
