// SPDX-License-Identifier: MIT
#include "peer/operations/list.h"

#include <gtest/gtest.h>

#include <set>

#include "peer/operations/peers.h"
#include "tests/unit/peer/node_support.h"

namespace peer::operations {
namespace {

using namespace std::chrono_literals;

struct ListTest : NodeFixture {
  /// Steps it at its deadlines until it is done; how long that took.
  net::Duration run_to_end(Operation& operation) {
    net::TimePoint begin = clock.now();
    for (int i = 0; i < 100; ++i) {
      operation.step(clock.now());
      for (const std::string& line : operation.take_lines()) {
        auto event = parse_json_line(line);
        EXPECT_TRUE(event) << line;
        if (event) events.push_back(*event);
      }
      if (operation.done()) return clock.now() - begin;
      auto deadline = operation.deadline();
      if (!deadline) break;
      EXPECT_GT(*deadline, clock.now()) << "it would spin";
      wait(*deadline - clock.now());
    }
    ADD_FAILURE() << "it does not end";
    return clock.now() - begin;
  }
  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Event& event : events) {
      if (const T* match = std::get_if<T>(&event)) found.push_back(*match);
    }
    return found;
  }
  std::vector<Event> events;
  files::ContentId one = memory.generate(100, 1).id, two = memory.generate(200, 2).id;
};

TEST_F(ListTest, ManyFilesAreToldInSeveralStepsEachOnce) {
  constexpr std::size_t kPages = 25, kOfPage = 900;
  static_assert(kPages * kOfPage > 2 * List::kAtOnce);
  Remote& remote = accept(1);
  for (std::size_t page = 0; page < kPages; ++page) {
    const auto question = remote.take<wire::CatalogGet>();
    ASSERT_TRUE(question);
    wire::Catalog answer{question->request, 1, false, page + 1 == kPages, false, {}, 0};
    for (std::size_t i = 0; i < kOfPage; ++i) {
      const std::string path = std::to_string(100'000 + page * kOfPage + i);
      answer.entries.push_back({files::CatalogEntry::Kind::kFile, path, one, 1'700'000'000, 0600});
    }
    remote.session.send(answer);
    run();
  }
  List list(node, clock.now());
  clock.advance(1s);
  std::set<std::string> paths;
  int steps = 0;
  while (!list.done()) {
    ASSERT_LT(++steps, 10);
    list.step(clock.now());
    const std::vector<std::string> lines = list.take_lines();
    EXPECT_LE(lines.size(), List::kAtOnce + 1);
    for (const std::string& line : lines) {
      const auto event = parse_json_line(line);
      ASSERT_TRUE(event);
      if (const File* file = std::get_if<File>(&*event)) {
        EXPECT_TRUE(paths.insert(file->path).second) << file->path;
      }
    }
    EXPECT_TRUE(list.done() || list.deadline() == clock.now());
  }
  EXPECT_GE(steps, 3);
  EXPECT_EQ(paths.size(), kPages * kOfPage);
}

TEST_F(ListTest, TellsEachPathAndContentOnceWithItsProviders) {
  offer(accept(1), {{"a/file", one}, {"b", two}});
  offer(accept(2), {{"a/file", one}, {"b", one}});
  List list(node, clock.now());
  EXPECT_LE(run_to_end(list), 1s) << "everybody has told everything";
  EXPECT_EQ(list.exit_status(), 0);
  std::vector<File> files = all<File>();
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].path, "a/file");
  EXPECT_EQ(files[0].providers_count, 2u);
  EXPECT_EQ(files[0].providers[1].peer, endpoint(2).to_string());
  EXPECT_EQ(files[1].path, "b");
  EXPECT_EQ(files[2].path, "b");
  ASSERT_EQ(all<Summary>().size(), 1u);
  EXPECT_EQ(all<Summary>()[0].files, 3u);
  EXPECT_EQ(all<Summary>()[0].peers, 2u);
  EXPECT_EQ(all<Summary>()[0].bytes, 400u);
}

TEST_F(ListTest, WhoeverMayOfferMoreIsTold) {
  offer(accept(1), {{"file", one}}, 1, true);
  offer(accept(2), {{"b", two}});
  List list(node, clock.now());
  EXPECT_LE(run_to_end(list), 1s) << "hashing may take hours";
  EXPECT_EQ(list.exit_status(), 0);
  ASSERT_EQ(all<Growing>().size(), 1u);
  EXPECT_EQ(all<Growing>()[0].peer, endpoint(1).to_string());
}

TEST_F(ListTest, SearchKeepsToTheTextWhateverTheCase) {
  offer(accept(1), {{"Music/Song.flac", one}, {"text", two}});
  List list(node, clock.now(), "SONG");
  run_to_end(list);
  ASSERT_EQ(all<File>().size(), 1u);
  EXPECT_EQ(all<File>()[0].path, "Music/Song.flac");
  events.clear();
  List none(node, clock.now(), "absent");
  run_to_end(none);
  EXPECT_EQ(none.exit_status(), 4);
  EXPECT_EQ(all<NotFound>().size(), 1u);
}

TEST_F(ListTest, WithoutAnyPeerItSaysSo) {
  List list(node, clock.now());
  EXPECT_LE(run_to_end(list), 1s);
  EXPECT_EQ(list.exit_status(), 5);
  EXPECT_EQ(all<Error>().size(), 1u);
  EXPECT_EQ(all<Summary>()[0].exit, 5);
}

TEST_F(ListTest, ADeadHostDelaysItALittle) {
  offer(accept(1), {{"a", one}});
  begin_dial(endpoint(9));
  List list(node, clock.now());
  EXPECT_LE(run_to_end(list), 2s);
  EXPECT_EQ(all<File>().size(), 1u);
}

TEST_F(ListTest, APeerThatDoesNotTellIsNotWaitedForForEver) {
  offer(accept(1), {{"a", one}});
  accept(2);
  List list(node, clock.now());
  EXPECT_LE(run_to_end(list), 8s);
  EXPECT_EQ(all<File>().size(), 1u);
}

TEST_F(ListTest, CancelledItTellsWhatItKnows) {
  offer(accept(1), {{"a", one}});
  begin_dial(endpoint(9));
  List list(node, clock.now());
  list.step(clock.now());
  EXPECT_FALSE(list.done());
  list.cancel(clock.now());
  EXPECT_TRUE(list.done());
  EXPECT_EQ(list.take_lines().size(), 2u);
}

TEST_F(ListTest, ManyProvidersAreCountedAndNotAllNamed) {
  for (std::uint8_t key = 1; key <= 30; ++key) offer(accept(key), {{"a", one}});
  List list(node, clock.now());
  run_to_end(list);
  EXPECT_EQ(all<File>()[0].providers_count, 30u);
  EXPECT_EQ(all<File>()[0].providers.size(), kMaxProviders);
}

TEST_F(ListTest, PeersAreTheReachedAndTheOthers) {
  offer(accept(1), {{"a", one}});
  begin_dial(endpoint(9));
  Peers peers(node, clock.now());
  EXPECT_LE(run_to_end(peers), 8s);
  EXPECT_EQ(peers.exit_status(), 0);
  std::vector<Peer> told = all<Peer>();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].state, "connected");
  EXPECT_EQ(told[0].files, 1u);
  EXPECT_EQ(told[0].name, "peer 1");
  EXPECT_EQ(told[1].state, "unreachable");
  EXPECT_EQ(told[1].endpoint, endpoint(9).to_string());
  EXPECT_EQ(told[1].error, "no answer");
}

TEST_F(ListTest, PeersWithoutAnyPeer) {
  Peers peers(node, clock.now());
  run_to_end(peers);
  EXPECT_EQ(peers.exit_status(), 5);
}

}  // namespace
}  // namespace peer::operations
