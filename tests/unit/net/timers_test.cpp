// SPDX-License-Identifier: MIT
#include "net/timers.h"

#include <gtest/gtest.h>

#include <string>

#include "net/time.h"

namespace net {
namespace {

using std::chrono::seconds;

TimePoint at(int second) { return TimePoint{seconds(second)}; }

TEST(Timers, GivesWhatIsDueEarliestFirst) {
  Timers<std::string> timers;
  EXPECT_FALSE(timers.deadline());
  EXPECT_FALSE(timers.pop_due(at(100)));
  timers.set("late", at(30));
  timers.set("early", at(10));
  timers.set("middle", at(20));
  EXPECT_EQ(timers.deadline(), at(10));
  EXPECT_FALSE(timers.pop_due(at(9)));
  EXPECT_EQ(timers.pop_due(at(25)), "early");
  EXPECT_EQ(timers.pop_due(at(25)), "middle");
  EXPECT_FALSE(timers.pop_due(at(25)));
  EXPECT_EQ(timers.deadline(), at(30));
}

TEST(Timers, SettingAgainMovesTheDeadline) {
  Timers<int> timers;
  timers.set(1, at(10));
  timers.set(1, at(20));
  EXPECT_EQ(timers.deadline(), at(20));
  EXPECT_FALSE(timers.pop_due(at(15)));
  EXPECT_EQ(timers.pop_due(at(20)), 1);
  EXPECT_FALSE(timers.deadline());
}

TEST(Timers, CancellingDisarms) {
  Timers<int> timers;
  timers.set(1, at(10));
  timers.set(2, at(10));
  EXPECT_TRUE(timers.armed(1));
  timers.cancel(1);
  timers.cancel(7);
  EXPECT_FALSE(timers.armed(1));
  EXPECT_EQ(timers.pop_due(at(10)), 2);
  EXPECT_FALSE(timers.pop_due(at(10)));
}

TEST(Timers, EqualDeadlinesAllComeDue) {
  Timers<int> timers;
  for (int key : {3, 1, 2}) timers.set(key, at(5));
  for (int key : {1, 2, 3}) EXPECT_EQ(timers.pop_due(at(5)), key);
}

TEST(Time, NoDeadlineIsLaterThanAny) {
  EXPECT_FALSE(earlier(std::nullopt, std::nullopt));
  EXPECT_EQ(earlier(at(1), std::nullopt), at(1));
  EXPECT_EQ(earlier(std::nullopt, at(2)), at(2));
  EXPECT_EQ(earlier(at(1), at(2)), at(1));
  EXPECT_EQ(earlier(at(2), at(1)), at(1));
}

}  // namespace
}  // namespace net
