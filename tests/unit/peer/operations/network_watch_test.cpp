// SPDX-License-Identifier: MIT
#include "peer/operations/network_watch.h"

#include <gtest/gtest.h>

#include "peer/operations/exit_status.h"
#include "tests/unit/peer/node_support.h"

namespace peer::operations {
namespace {

using namespace std::chrono_literals;

struct NetworkWatchTest : NodeFixture {
  /// The lines that are told up to now, as "added a/file" or "changed peer 1".
  std::vector<std::string> told(NetworkWatch& watch) {
    std::vector<std::string> out;
    for (int i = 0; i < 1000; ++i) {
      watch.step(clock.now());
      for (const std::string& line : watch.take_lines()) out.push_back(in_short(line));
      const auto deadline = watch.deadline();
      if (!deadline) return out;
      if (*deadline > clock.now()) wait(*deadline - clock.now());
    }
    ADD_FAILURE() << "it looks on and on";
    return out;
  }
  std::string in_short(const std::string& line) {
    const auto event = parse_json_line(line);
    if (!event) return line;
    return std::visit(
        [&]<class E>(const E& e) -> std::string {
          if constexpr (requires { e.file; }) {
            last_file = e.file;
            const bool fresh = std::is_same_v<E, FileAdded>;
            return (fresh ? "added " : std::is_same_v<E, FileChanged> ? "changed " : "removed ") + e.file.path;
          } else if constexpr (requires { e.peer.node; }) {
            last_peer = e.peer;
            const bool fresh = std::is_same_v<E, PeerAdded>;
            return (fresh ? "added " : std::is_same_v<E, PeerChanged> ? "changed " : "removed ") + e.peer.name;
          } else {
            return "?";
          }
        },
        *event);
  }
  void offer_instead(Remote& remote, const std::vector<std::pair<std::string, files::ContentId>>& entries) {
    remote.session.send(wire::CatalogChanged{2});
    run();
    wait(1s);  // It is not asked for again at once.
    offer(remote, entries, 2);
  }
  wire::Hello transient(std::uint8_t key) {
    wire::Hello hello = hello_of(key);
    hello.features = wire::kTransient;
    return hello;
  }
  using Lines = std::vector<std::string>;
  File last_file;
  Peer last_peer;
  files::ContentId one = memory.generate(100, 1).id, two = memory.generate(200, 2).id;
};

TEST_F(NetworkWatchTest, PeersThatAreThereComeFirstThenWhatChanges) {
  offer(accept(1), {{"a", one}});
  accept(transient(9), endpoint(9, 50000));
  WatchPeers watch(node);
  EXPECT_EQ(told(watch), Lines{"added peer 1"});
  EXPECT_EQ(last_peer.files, 1u);
  EXPECT_EQ(last_peer.state, "connected");
  EXPECT_EQ(told(watch), Lines{});
  Remote& second = accept(2);
  offer(second, {{"a", one}, {"b", two}});
  EXPECT_EQ(told(watch), Lines{"added peer 2"}) << "with its files, in one line";
  EXPECT_EQ(last_peer.files, 2u);
  offer_instead(second, {});
  EXPECT_EQ(told(watch), Lines{"changed peer 2"});
  node.closed(clock.now(), second.id, "gone");
  EXPECT_EQ(told(watch), Lines{"removed peer 2"});
}

TEST_F(NetworkWatchTest, FilesComeChangeAndGo) {
  Remote& first = accept(1);
  offer(first, {{"a", one}, {"b", two}});
  WatchFiles watch(node);
  EXPECT_EQ(told(watch), (Lines{"added a", "added b"}));
  Remote& second = accept(2);
  offer(second, {{"b", two}, {"c", one}});
  EXPECT_EQ(told(watch), (Lines{"changed b", "added c"}));
  offer_instead(second, {{"c", two}});
  EXPECT_EQ(told(watch).size(), 3u) << "b is offered by one again, and c is another content";
  node.closed(clock.now(), first.id, "gone");
  EXPECT_EQ(told(watch), (Lines{"removed a", "removed b"}));
  node.closed(clock.now(), second.id, "gone");
  EXPECT_EQ(told(watch), Lines{"removed c"});
}

TEST_F(NetworkWatchTest, OnlyFilesWithTheTextAndOfThoseThatStay) {
  offer(accept(1), {{"Film.mkv", one}, {"notes", two}});
  offer(accept(transient(9), endpoint(9, 50000)), {{"a film", one}});
  WatchFiles watch(node, "film");
  EXPECT_EQ(told(watch), Lines{"added Film.mkv"});
}

TEST_F(NetworkWatchTest, WhatIsUndoneAtOnceIsNotTold) {
  WatchPeers watch(node);
  EXPECT_EQ(told(watch), Lines{});
  const Remote& remote = accept(1);
  watch.step(clock.now());
  EXPECT_TRUE(watch.take_lines().empty()) << "others may follow";
  node.closed(clock.now(), remote.id, "gone");
  EXPECT_EQ(told(watch), Lines{});
}

TEST_F(NetworkWatchTest, T21ManyFilesAreToldInPortions) {
  constexpr std::size_t kCount = NetworkWatch::kMaxLines + 1000;
  Remote& remote = accept(1);
  constexpr std::size_t kPage = 500;
  std::size_t at = 0;
  for (auto question = remote.take<wire::CatalogGet>(); question; question = remote.take<wire::CatalogGet>()) {
    wire::Catalog answer{question->request, 1, false, false, {}, 0};
    for (std::size_t i = 0; i < kPage && at < kCount; ++i, ++at) {
      answer.entries.push_back(
          {files::CatalogEntry::Kind::kFile, std::to_string(100'000 + at), one, 1'700'000'000, 0600});
    }
    answer.last = at == kCount;
    remote.session.send(answer);
    run();
  }
  WatchFiles watch(node);
  watch.step(clock.now());
  EXPECT_EQ(watch.take_lines().size(), NetworkWatch::kMaxLines);
  EXPECT_EQ(watch.deadline(), clock.now()) << "and the rest at once";
  watch.step(clock.now());
  EXPECT_EQ(watch.take_lines().size(), 1000u);
  EXPECT_FALSE(watch.deadline());
  node.closed(clock.now(), remote.id, "gone");
  watch.step(clock.now());
  ASSERT_TRUE(watch.deadline());
  EXPECT_GE(*watch.deadline() - clock.now(), 100ms) << "looking takes long: there is a pause";
  EXPECT_EQ(told(watch).size(), kCount);
}

TEST_F(NetworkWatchTest, EndsWellWhenItIsCancelled) {
  WatchFiles watch(node);
  EXPECT_TRUE(watch.endless());
  EXPECT_FALSE(watch.outlives_client());
  watch.cancel(clock.now());
  watch.cancel(clock.now());
  EXPECT_EQ(watch.exit_status(), kExitDone);
}

}  // namespace
}  // namespace peer::operations
