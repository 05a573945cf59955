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

}  // namespace
}  // namespace peer::operations
