// SPDX-License-Identifier: MIT
#include "net/recent_buckets.h"

#include <gtest/gtest.h>

namespace net {
namespace {

constexpr TimePoint kNow{};

TEST(RecentBuckets, EachSourceHasItsOwn) {
  RecentBuckets<int> buckets(10);
  buckets.of(1, 1, 5, kNow).spend(3, kNow);
  EXPECT_EQ(buckets.of(1, 1, 5, kNow).available(kNow), 2u);
  EXPECT_EQ(buckets.of(2, 1, 7, kNow).available(kNow), 7u);
  EXPECT_EQ(buckets.size(), 2u);
}

TEST(RecentBuckets, WhoAskedLongestAgoIsForgotten) {
  RecentBuckets<int> buckets(2);
  for (int source : {1, 2}) buckets.of(source, 1, 5, kNow).spend(5, kNow);
  buckets.of(1, 1, 5, kNow);
  EXPECT_EQ(buckets.of(3, 1, 5, kNow).available(kNow), 5u);
  EXPECT_EQ(buckets.size(), 2u);
  EXPECT_EQ(buckets.of(1, 1, 5, kNow).available(kNow), 0u);
  EXPECT_EQ(buckets.of(2, 1, 5, kNow).available(kNow), 5u) << "it begins anew";
}

}  // namespace
}  // namespace net
