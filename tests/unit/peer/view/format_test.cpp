// SPDX-License-Identifier: MIT
#include "peer/view/format.h"

#include <gtest/gtest.h>

namespace peer::view {
namespace {

TEST(ViewFormat, Sizes) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(1023), "1023 B");
  EXPECT_EQ(human_size(1024), "1.00 KiB");
  EXPECT_EQ(human_size(10230), "9.99 KiB");
  EXPECT_EQ(human_size(10240), "10.0 KiB");
  EXPECT_EQ(human_size(102399), "100 KiB");
  EXPECT_EQ(human_size(1023487), "999 KiB");
  EXPECT_EQ(human_size(1023489), "0.98 MiB");
  EXPECT_EQ(human_size(1 << 20), "1.00 MiB");
  EXPECT_EQ(human_size(std::uint64_t{3} << 30), "3.00 GiB");
  EXPECT_EQ(human_size(UINT64_MAX), "16.0 EiB");
  EXPECT_EQ(human_rate(1536), "1.50 KiB/s");
}

TEST(ViewFormat, SizesNeverTakeMoreThanEightColumns) {
  for (std::uint64_t size = 1; size < UINT64_MAX / 2; size += size / 100 + 1)
    EXPECT_LE(human_size(size).size(), 8U) << size;
}

TEST(ViewFormat, Durations) {
  EXPECT_EQ(human_duration(0), "0:00");
  EXPECT_EQ(human_duration(65), "1:05");
  EXPECT_EQ(human_duration(3599), "59:59");
  EXPECT_EQ(human_duration(3 * 3600 + 4 * 60 + 5), "3:04:05");
  EXPECT_EQ(human_duration(86400 * 4 + 5 * 3600), "4d 05h");
  EXPECT_EQ(human_duration(UINT64_MAX), ">9999d");
}

TEST(ViewFormat, ShortIds) {
  EXPECT_EQ(short_id("p2p:ab571d12466f75ae481bdbbbfec70a0c53bf78e2849862addfa9a049d8f6fbc0:16384"), "ab571d12466f");
  EXPECT_EQ(short_id("ab571d12466f75ae"), "ab571d12466f");
  EXPECT_EQ(short_id(""), "");
  EXPECT_EQ(short_id("p2p:"), "p2p:");
  EXPECT_EQ(short_id("p2p:\x1b[2J0123456789abcdef:1"), "p2p:\\x1b[2J0123456789abcdef:1");
}

TEST(ViewFormat, T05PercentNeverDividesByZeroNorRoundsUpToAll) {
  EXPECT_EQ(percent(0, 0), 100U);
  EXPECT_EQ(percent(0, 1), 0U);
  EXPECT_EQ(percent(999, 1000), 99U);
  EXPECT_EQ(percent(2, 1), 100U);
  EXPECT_EQ(percent(UINT64_MAX - 1, UINT64_MAX), 99U);
  EXPECT_EQ(percent(UINT64_MAX / 2, UINT64_MAX), 50U);
}

TEST(ViewFormat, BarsFillTheirWidth) {
  EXPECT_EQ(bar(0, 12), "[----------]");
  EXPECT_EQ(bar(59, 12), "[#####-----]");
  EXPECT_EQ(bar(100, 12), "[##########]");
  EXPECT_EQ(bar(50, 2), "[]");
}

}  // namespace
}  // namespace peer::view
