// SPDX-License-Identifier: MIT
#include "scanner/privileges.h"

#include <gtest/gtest.h>

namespace scanner {
namespace {

// T42
TEST(InvokingUser, IsTakenOnlyFromPlainNumbers) {
  EXPECT_EQ(parse_invoking_user("1000", "100"), (Identity{1000, 100}));
  EXPECT_EQ(parse_invoking_user("1000", "0"), (Identity{1000, 0}));
  for (const char* bad :
       {"", "0", "-1", "+5", " 7", "7 ", "0x10", "4294967295", "4294967296", "99999999999999", "me"}) {
    EXPECT_FALSE(parse_invoking_user(bad, "100")) << bad;
  }
  for (const char* bad : {"", "-1", "4294967295", "x"}) EXPECT_FALSE(parse_invoking_user("1000", bad)) << bad;
  EXPECT_FALSE(parse_invoking_user(nullptr, "100"));
  EXPECT_FALSE(parse_invoking_user("1000", nullptr));
}

}  // namespace
}  // namespace scanner
