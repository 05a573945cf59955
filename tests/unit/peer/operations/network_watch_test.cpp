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
  /// Answers the catalog questions with so many files: "100000", "100001"... or further apart.
  void offer_many(Remote& remote, std::size_t count, std::size_t first = 100'000, std::size_t apart = 1) {
    constexpr std::size_t kPage = 500;
    std::size_t at = 0;
    for (auto question = remote.take<wire::CatalogGet>(); question; question = remote.take<wire::CatalogGet>()) {
      wire::Catalog answer{question->request, 1, false, false, false, {}, 0};
      for (std::size_t i = 0; i < kPage && at < count; ++i, ++at) {
        answer.entries.push_back(
            {files::CatalogEntry::Kind::kFile, std::to_string(first + at * apart), one, 1'700'000'000, 0600});
      }
      answer.last = at == count;
      remote.session.send(answer);
      run();
    }
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
  offer_many(remote, kCount);
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

// A round looks at each of 200,000 files once, however many steps it takes and whether it has the text or not, and the
// pause behind it is as long as there were files to look at.
TEST_F(NetworkWatchTest, T21ARoundLooksAtEachFileOnce) {
  constexpr std::size_t kPeers = 4, kEach = 50'000, kFiles = kPeers * kEach;
  for (std::uint8_t i = 0; i < kPeers; ++i) {
    offer_many(accept(static_cast<std::uint8_t>(i + 1)), kEach, 100'000 + i, kPeers);
  }
  std::uint8_t newcomer = 50;
  for (const char* text : {"", "no such text"}) {
    WatchFiles watch(node, text);
    std::size_t steps = 0, lines = 0, looked_at = 0;
    do {
      watch.step(clock.now());
      lines += watch.take_lines().size();
      EXPECT_LE(watch.looked_at() - looked_at, WatchFiles::kMaxLooked + 2 * kPeers);
      looked_at = watch.looked_at();
      ++steps;
      ASSERT_LT(steps, kFiles);
    } while (watch.deadline());
    EXPECT_EQ(lines, *text == 0 ? kFiles : 0);
    EXPECT_GE(looked_at, kFiles);
    // Each step may look again at the file behind its end, and at the one where it goes on.
    EXPECT_LE(looked_at, kFiles + 2 * steps);
    accept(newcomer++);
    watch.step(clock.now());
    ASSERT_TRUE(watch.deadline());
    EXPECT_GE(*watch.deadline() - clock.now(), kFiles * 20us);
  }
}

TEST_F(NetworkWatchTest, WhatChangesInTheMiddleOfARoundIsToldOnce) {
  Remote& first = accept(1);
  offer_many(first, 10'000);
  WatchFiles watch(node);
  watch.step(clock.now());
  EXPECT_EQ(watch.take_lines().size(), NetworkWatch::kMaxLines);
  // Behind where the round is, and before it.
  offer(accept(2), {{"0 behind", one}, {"100000", one}, {"104096 before", two}, {"109999", one}});
  Lines lines = told(watch);
  Lines want;
  for (std::size_t i = 104'096; i < 110'000; ++i) {
    want.push_back("added " + std::to_string(i));
    if (i == 104'096) want.push_back("added 104096 before");
  }
  want.insert(want.end(), {"added 0 behind", "changed 100000"});
  EXPECT_EQ(lines, want);
  EXPECT_EQ(told(watch), Lines{});

  node.closed(clock.now(), first.id, "gone");
  wait(NetworkWatch::kGather + 1s);
  watch.step(clock.now());
  EXPECT_EQ(watch.take_lines().size(), 0u) << "it rests";
  ASSERT_TRUE(watch.deadline());
  clock.advance_to(*watch.deadline());
  watch.step(clock.now());
  EXPECT_EQ(watch.take_lines().size(), NetworkWatch::kMaxLines);
  // Somebody else offers the next one to be told as gone, and one that was told as gone.
  offer(accept(3), {{"100001", one}, {"109998", one}});
  lines = told(watch);
  EXPECT_EQ(lines.size(), 9'998 - NetworkWatch::kMaxLines + 3);
  EXPECT_EQ(lines.back(), "added 100001");
  EXPECT_EQ(lines[lines.size() - 2], "changed 109999");
  EXPECT_EQ(lines[lines.size() - 3], "changed 109998") << lines[lines.size() - 4];
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
