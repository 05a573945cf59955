// SPDX-License-Identifier: MIT
#include "net/counted.h"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(Counted, OneIsOneAndAllElseMany) {
  EXPECT_EQ(counted(0, "file", "files"), "0 files");
  EXPECT_EQ(counted(1, "file", "files"), "1 file");
  EXPECT_EQ(counted(2, "address", "addresses"), "2 addresses");
}

}  // namespace
}  // namespace net
