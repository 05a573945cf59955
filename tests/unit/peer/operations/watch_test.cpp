// SPDX-License-Identifier: MIT
#include "peer/operations/watch.h"

#include <gtest/gtest.h>

#include "peer/operations/exit_status.h"
#include "tests/unit/peer/node_support.h"

namespace peer::operations {
namespace {

struct WatchTest : NodeFixture {
  Feed feed;

  std::vector<std::string> lines(Watch& watch) {
    watch.step(clock.now());
    return watch.take_lines();
  }
  std::string state(const std::string& line) {
    auto event = parse_json_line(line);
    return event ? std::get<Peer>(*event).state : "";
  }
};

TEST_F(WatchTest, TellsWhatChangesFromItsBeginningOn) {
  accept(1);
  feed.add("old");
  Watch watch(node, feed);
  EXPECT_TRUE(lines(watch).empty());
  Remote& second = accept(2);
  auto came = lines(watch);
  ASSERT_EQ(came.size(), 1u);
  EXPECT_EQ(state(came[0]), "connected");
  EXPECT_TRUE(lines(watch).empty());
  node.closed(clock.now(), second.id, "gone");
  auto went = lines(watch);
  ASSERT_EQ(went.size(), 1u);
  EXPECT_EQ(state(went[0]), "gone");
  feed.add("new");
  EXPECT_EQ(lines(watch), std::vector<std::string>{"new"});
}

TEST_F(WatchTest, EndsWhenItIsCancelled) {
  Watch watch(node, feed);
  EXPECT_FALSE(watch.done());
  EXPECT_FALSE(watch.outlives_client());
  watch.cancel(clock.now());
  ASSERT_TRUE(watch.done());
  EXPECT_EQ(watch.exit_status(), kExitDone);
}

}  // namespace
}  // namespace peer::operations
