// SPDX-License-Identifier: MIT
#include "peer/byte_size.h"

#include <gtest/gtest.h>

#include <limits>

namespace peer {
namespace {

TEST(ByteSize, NumbersWithUnits) {
  EXPECT_EQ(parse_byte_size("1"), 1u);
  EXPECT_EQ(parse_byte_size("10k"), 10240u);
  EXPECT_EQ(parse_byte_size("3M"), 3u << 20);
  EXPECT_EQ(parse_byte_size("10G"), std::uint64_t{10} << 30);
  EXPECT_EQ(parse_byte_size("2t"), std::uint64_t{2} << 40);
  EXPECT_EQ(parse_byte_size("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
}

TEST(ByteSize, EverythingElseIsNone) {
  for (const char* text : {"", "0", "0G", "G", "-1", "+1", " 1", "1 G", "1GB", "1.5G", "1x", "0x10", "1e3",
                           "18446744073709551616", "16777216T", "99999999999999999999"}) {
    EXPECT_FALSE(parse_byte_size(text)) << text;
  }
}

}  // namespace
}  // namespace peer
