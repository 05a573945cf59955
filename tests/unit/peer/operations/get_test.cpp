// SPDX-License-Identifier: MIT
#include "peer/operations/get.h"

#include <gtest/gtest.h>

#include "tests/unit/peer/node_support.h"

namespace peer::operations {
namespace {

struct GetTest : NodeFixture {
  /// Steps it through time until it is done; false when it is not after `time`.
  bool done_within(Get& get, net::Duration time) {
    for (net::TimePoint end = clock.now() + time; clock.now() < end; wait(std::chrono::seconds(1))) {
      run();
      get.step(clock.now());
      for (std::string& line : get.take_lines()) last_lines.push_back(std::move(line));
      if (get.done()) return true;
    }
    return false;
  }
  bool told(const std::string& text) const {
    return std::any_of(last_lines.begin(), last_lines.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
  /// The whole catalog of a peer, for all its open questions.
  void offer_entries(Remote& remote, const std::vector<files::CatalogEntry>& entries) {
    for (const auto& question : remote.take_all<wire::CatalogGet>()) {
      wire::Catalog page{question.request, 1, false, true, false, {}, 0};
      page.entries = entries;
      remote.session.send(page);
    }
    run();
  }
  using Kind = files::CatalogEntry::Kind;
  std::vector<std::string> last_lines;
  support::MemoryContent content = memory.generate(3 << 18, 7);
};

TEST_F(GetTest, FetchesWhatIsOffered) {
  Remote& remote = accept(1);
  offer(remote, {{"a/file", content.id}});
  Get get(node, {{"file"}, "", ""}, clock.now());
  EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
  serve(remote, content);
  EXPECT_TRUE(done_within(get, std::chrono::seconds(2)));
  EXPECT_EQ(get.exit_status(), 0);
  EXPECT_TRUE(told("\"event\":\"done\""));
}

// T36: whoever offers a file and never sends it does not keep the user waiting for ever.
TEST_F(GetTest, ASilentSourceIsWaitedForButNotForEverT36) {
  Remote& remote = accept(1);
  offer(remote, {{"file", content.id}});
  Get get(node, {{"file"}, "", ""}, clock.now());
  EXPECT_FALSE(done_within(get, std::chrono::minutes(4)));
  EXPECT_TRUE(done_within(get, std::chrono::minutes(2)));
  EXPECT_EQ(get.exit_status(), 1);
  EXPECT_TRUE(told("sent nothing"));
  EXPECT_TRUE(told("kept"));
}

TEST_F(GetTest, WithoutAnySourceItIsGivenUpSooner) {
  Remote& remote = accept(1);
  offer(remote, {{"file", content.id}});
  Get get(node, {{"file"}, "", ""}, clock.now());
  EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
  node.closed(clock.now(), remote.id, "reset");
  remote.open = false;
  EXPECT_FALSE(done_within(get, std::chrono::seconds(20)));
  EXPECT_TRUE(done_within(get, std::chrono::seconds(20)));
  EXPECT_EQ(get.exit_status(), 1);
  EXPECT_TRUE(told("can be reached any more"));
}

TEST_F(GetTest, OneNameOfDifferentContentsFetchesNothing) {
  auto other = memory.generate(100, 8);
  offer(accept(1), {{"file", content.id}});
  offer(accept(2), {{"file", other.id}, {"x/file", other.id}});
  Get get(node, {{"file"}, "", ""}, clock.now());
  EXPECT_TRUE(done_within(get, std::chrono::seconds(10)));
  EXPECT_EQ(get.exit_status(), 1);
  EXPECT_TRUE(told("\"event\":\"ambiguous\""));
  EXPECT_TRUE(opened.empty());
}

TEST_F(GetTest, WhatNobodyOffersIsNotFound) {
  offer(accept(1), {});
  Get get(node, {{"absent"}, "", ""}, clock.now());
  EXPECT_TRUE(done_within(get, std::chrono::seconds(10)));
  EXPECT_EQ(get.exit_status(), 4);
  EXPECT_TRUE(told("\"event\":\"not_found\""));
}

// What peers that are still hashing offer is not all.
TEST_F(GetTest, AFolderIsTakenUpAsItGrows) {
  Remote& remote = accept(1);
  const auto more = memory.generate(100, 8);
  offer(remote, {{"dir/a", content.id}}, 1, true);
  Get get(node, {{"dir"}, "", ""}, clock.now());
  EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
  serve(remote, content);
  EXPECT_FALSE(done_within(get, std::chrono::minutes(1)));
  EXPECT_TRUE(told("\"path\":\"downloads/dir/a\""));
  EXPECT_TRUE(told("\"event\":\"growing\""));
  remote.session.send(wire::CatalogChanged{2});
  run();
  offer(remote, {{"dir/a", content.id}, {"dir/b", more.id}}, 2, true);
  EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
  serve(remote, more);
  EXPECT_FALSE(done_within(get, std::chrono::minutes(1)));
  EXPECT_TRUE(told("\"path\":\"downloads/dir/b\""));
  remote.session.send(wire::CatalogChanged{2});
  run();
  for (const auto& question : remote.take_all<wire::CatalogGet>()) {
    remote.session.send(wire::Catalog{question.request, 2, true, true, false, {}, 0});
  }
  EXPECT_TRUE(done_within(get, std::chrono::seconds(2)));
  EXPECT_EQ(get.exit_status(), 0);
  EXPECT_EQ(finished.size(), 2u);
}

TEST_F(GetTest, AFolderThatNeverStopsGrowingIsNotSaidToBeWhole) {
  Remote& remote = accept(1);
  offer(remote, {{"dir/a", content.id}}, 1, true);
  Get get(node, {{"dir/"}, "", ""}, clock.now());
  EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
  serve(remote, content);
  EXPECT_FALSE(done_within(get, std::chrono::minutes(4)));
  EXPECT_TRUE(done_within(get, std::chrono::minutes(2)));
  EXPECT_EQ(get.exit_status(), 3);
  EXPECT_TRUE(told("there may be more"));
}

TEST_F(GetTest, WhoeverHasNothingOfTheFolderIsNotWaitedFor) {
  Remote& remote = accept(1);
  const auto other = memory.generate(100, 8);
  offer(remote, {{"dir/a", content.id}});
  offer(accept(2), {{"dir-b/a", other.id}, {"dir.txt", other.id}}, 1, true);
  Get get(node, {{"dir"}, "", ""}, clock.now());
  EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
  serve(remote, content);
  EXPECT_TRUE(done_within(get, std::chrono::seconds(2)));
  EXPECT_EQ(get.exit_status(), 0);
}

TEST_F(GetTest, ANameThatMayStillComeIsWaitedForALittle) {
  Remote& remote = accept(1);
  offer(remote, {}, 1, true);
  Get slip(node, {{"absent"}, "", ""}, clock.now());
  EXPECT_FALSE(done_within(slip, std::chrono::seconds(8)));
  EXPECT_TRUE(told("\"event\":\"growing\""));
  EXPECT_TRUE(done_within(slip, std::chrono::seconds(4)));
  EXPECT_EQ(slip.exit_status(), 4);
  last_lines.clear();
  Get again(node, {{"file"}, "", ""}, clock.now());
  EXPECT_FALSE(done_within(again, std::chrono::seconds(4)));
  remote.session.send(wire::CatalogChanged{2});
  run();
  offer(remote, {{"file", content.id}}, 2);
  EXPECT_FALSE(done_within(again, std::chrono::seconds(2)));
  serve(remote, content);
  EXPECT_TRUE(done_within(again, std::chrono::seconds(2)));
  EXPECT_EQ(again.exit_status(), 0);
}

TEST_F(GetTest, WithoutPeersThatIsSaidFirst) {
  Get get(node, {{"absent", "gone"}, "", ""}, clock.now());
  EXPECT_TRUE(done_within(get, std::chrono::seconds(10)));
  EXPECT_EQ(get.exit_status(), 5);
  ASSERT_EQ(last_lines.size(), 4u);
  EXPECT_NE(last_lines[0].find("no peer was found"), std::string::npos) << last_lines[0];
  EXPECT_NE(last_lines[1].find("not_found"), std::string::npos) << last_lines[1];
  EXPECT_NE(last_lines[2].find("not_found"), std::string::npos) << last_lines[2];
}

TEST_F(GetTest, SomeOfSeveralWordsIsSome) {
  Remote& remote = accept(1);
  offer(remote, {{"file", content.id}});
  Get get(node, {{"absent", content.id.to_string()}, "", "name"}, clock.now());
  EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
  serve(remote, content);
  EXPECT_TRUE(done_within(get, std::chrono::seconds(20)));
  EXPECT_EQ(get.exit_status(), 3);
  EXPECT_EQ(finished.at(0).path, "name");
}

// A folder with two equal files: the store has one partial file for a content.
TEST_F(GetTest, AFolderKeepsItsShapeAndMayHoldTheSameContentTwice) {
  Remote& remote = accept(1);
  auto empty = memory.generate(0, 1);
  offer(remote, {{"dir/a", content.id}, {"dir/b", content.id}, {"dir/deep/none", empty.id}, {"else", empty.id}});
  Get get(node, {{"dir"}, "", ""}, clock.now());
  for (int i = 0; i < 10 && !get.done(); ++i) {
    done_within(get, std::chrono::seconds(2));
    serve(remote, content);
  }
  EXPECT_TRUE(get.done());
  EXPECT_EQ(get.exit_status(), 0);
  std::vector<std::string> paths;
  for (const FinishStore& file : finished) paths.push_back(file.path);
  std::sort(paths.begin(), paths.end());
  EXPECT_EQ(paths, (std::vector<std::string>{"dir/a", "dir/b", "dir/deep/none"}));
}

// A folder gets its time and mode when all that is in it is there, the inner one before the outer one.
TEST_F(GetTest, FoldersComeLastTheDeepestFirst) {
  Remote& remote = accept(1);
  offer_entries(remote, {{Kind::kFolder, "dir", {}, 11, 0500},
                         {Kind::kFolder, "dir/deep", {}, 22, 0700},
                         {Kind::kFile, "dir/deep/a", content.id, 33, 0600}});
  Get get(node, {{"dir"}, "", ""}, clock.now());
  done_within(get, std::chrono::seconds(2));
  EXPECT_TRUE(folders_made.empty());
  serve(remote, content);
  EXPECT_TRUE(done_within(get, std::chrono::seconds(2)));
  run();
  EXPECT_EQ(folders_made, (std::vector<std::string>{"dir/deep", "dir"}));
  EXPECT_EQ(last_folder.mtime_s, 11);
  EXPECT_EQ(last_folder.mode, 0500u);
  EXPECT_FALSE(last_folder.pushed);
}

TEST_F(GetTest, AnEmptyFolderIsMadeAndTold) {
  Remote& remote = accept(1);
  offer_entries(remote, {{Kind::kFolder, "empty", {}, 11, 0700}});
  Get get(node, {{"empty"}, "", ""}, clock.now());
  EXPECT_TRUE(done_within(get, std::chrono::seconds(2)));
  EXPECT_EQ(get.exit_status(), 0);
  run();
  EXPECT_EQ(folders_made, std::vector<std::string>{"empty"});
  EXPECT_TRUE(told("downloads/empty"));
}

// What is asked for twice, in the same words or in others, is fetched once and told once.
TEST_F(GetTest, WhatSeveralWordsMeanIsFetchedOnce) {
  Remote& remote = accept(1);
  offer(remote, {{"a/file", content.id}, {"b/other", content.id}});
  const std::string id = content.id.to_string();
  Get get(node, {{"file", id, id, "a/file", "absent", "b", "absent", "b/"}, "", ""}, clock.now());
  for (int i = 0; i < 20 && !get.done(); ++i) {
    done_within(get, std::chrono::seconds(2));
    serve(remote, content);
  }
  ASSERT_TRUE(get.done());
  EXPECT_EQ(finished.size(), 2u);
  const auto count = [&](const std::string& event) {
    return std::count_if(last_lines.begin(), last_lines.end(), [&](const std::string& line) {
      return line.find("{\"event\":\"" + event + "\"") != std::string::npos;
    });
  };
  EXPECT_EQ(count("start"), 2);
  EXPECT_EQ(count("done"), 2);
  EXPECT_EQ(count("not_found"), 1);
  EXPECT_TRUE(told(R"("exit":3,"files":2,"failed":1)"));
}

TEST_F(GetTest, AFolderIsToldWhenItIsMadeOrHasFailed) {
  Remote& remote = accept(1);
  offer_entries(remote, {{Kind::kFolder, "empty", {}, 11, 0700}});
  folders_work = false;
  for (const std::string error : {"", "a file is in the way"}) {
    Get get(node, {{"empty"}, "", ""}, clock.now());
    EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
    EXPECT_TRUE(last_lines.empty());
    node.folder_made(clock.now(), last_folder.id, {false, error});
    EXPECT_TRUE(done_within(get, std::chrono::seconds(2)));
    EXPECT_EQ(told(R"({"event":"folder","path":"downloads/empty"})"), error.empty());
    EXPECT_EQ(told(R"({"event":"failed","path":"downloads/empty","id":"","error":"a file is in the way"})"),
              !error.empty());
    EXPECT_EQ(get.exit_status(), error.empty() ? 0 : 1);
    last_lines.clear();
  }
}

TEST_F(GetTest, PutDownItLeavesNothingInTheNode) {
  Remote& remote = accept(1);
  offer_entries(remote, {{Kind::kFolder, "empty", {}, 11, 0700}, {Kind::kFile, "file", content.id, 33, 0600}});
  folders_work = false;
  {
    Get get(node, {{"empty"}, "", ""}, clock.now());
    EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
    get.cancel(clock.now());
  }
  node.folder_made(clock.now(), last_folder.id, {});
  EXPECT_FALSE(node.take_made_folder(last_folder.id));
  {
    Get get(node, {{"file"}, "", ""}, clock.now());
    EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
    EXPECT_EQ(node.transfers().size(), 1u);
    get.cancel(clock.now());
  }
  EXPECT_TRUE(node.transfers().empty());
}

TEST_F(GetTest, AFolderIsSomeOfWhatWasAskedFor) {
  Remote& remote = accept(1);
  offer_entries(remote, {{Kind::kFolder, "empty", {}, 11, 0700}});
  Get get(node, {{"empty", "absent"}, "", ""}, clock.now());
  EXPECT_TRUE(done_within(get, std::chrono::seconds(20)));
  EXPECT_EQ(get.exit_status(), 3);
}

TEST_F(GetTest, CancelledItStopsEverythingAndSaysThatItCanGoOn) {
  offer(accept(1), {{"file", content.id}});
  Get get(node, {{"file", "absent"}, "", ""}, clock.now());
  begin_dial(endpoint(9));
  EXPECT_FALSE(done_within(get, std::chrono::seconds(3)));
  get.cancel(clock.now());
  EXPECT_TRUE(done_within(get, std::chrono::seconds(1)));
  EXPECT_EQ(get.exit_status(), 1);
  EXPECT_TRUE(told("run it again to go on"));
  EXPECT_EQ(node.running_transfers(), 0u);
}

TEST_F(GetTest, T47_AFullDiskIsWaitedFor) {
  Remote& remote = accept(1);
  offer(remote, {{"file", content.id}});
  store.behaviour.space = 0;
  Get get(node, {{"file"}, "", ""}, clock.now());
  EXPECT_FALSE(done_within(get, std::chrono::seconds(2)));
  serve(remote, content);
  EXPECT_FALSE(done_within(get, std::chrono::seconds(80))) << "it is not given up for that";
  EXPECT_TRUE(told(R"({"event":"paused","path":"file")"));
  EXPECT_TRUE(told(R"("state":"paused")"));
  EXPECT_EQ(
      std::count_if(last_lines.begin(), last_lines.end(),
                    [](const std::string& line) { return line.find(R"("event":"paused")") != std::string::npos; }),
      1);
  store.behaviour.space = 1 << 30;
  bool done = false;
  for (int i = 0; i < 40 && !done; ++i) {
    serve(remote, content);
    done = done_within(get, std::chrono::seconds(1));
  }
  ASSERT_TRUE(done);
  EXPECT_EQ(get.exit_status(), 0);
}

}  // namespace
}  // namespace peer::operations
