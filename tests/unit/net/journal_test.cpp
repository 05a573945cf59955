// SPDX-License-Identifier: MIT
#include "net/journal.h"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(Journal, IsKnownByDeviceAndInode) {
  EXPECT_TRUE(is_journal("8:4711", 8, 4711));
  EXPECT_TRUE(is_journal("18446744073709551615:0", UINT64_MAX, 0));
  EXPECT_FALSE(is_journal("8:4711", 9, 4711));
  EXPECT_FALSE(is_journal("8:4711", 8, 4712));
}

TEST(Journal, AnyOtherTextNamesNone) {
  for (const char* text :
       {"", ":", "0", "0:", ":0", "0:0 ", " 0:0", "-0:0", "+0:0", "0:0:0", "0x0:0", "a:b", "18446744073709551616:0"}) {
    EXPECT_FALSE(is_journal(text, 0, 0)) << text;
  }
}

}  // namespace
}  // namespace net
