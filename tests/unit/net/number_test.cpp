// SPDX-License-Identifier: MIT
#include "net/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace net {
namespace {

TEST(Number, IsTheWholeText) {
  EXPECT_EQ(parse_number<unsigned>("0"), 0u);
  EXPECT_EQ(parse_number<unsigned>("007"), 7u);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  for (std::string_view text : {"", " 1", "1 ", "+1", "-1", "1x", "x1", "0x1", "1.0", "1e3", "\xd9\xa1"}) {
    EXPECT_FALSE(parse_number<unsigned>(text)) << text;
  }
}

TEST(Number, Fits) {
  EXPECT_EQ(parse_number<std::uint8_t>("255"), 255);
  EXPECT_FALSE(parse_number<std::uint8_t>("256"));
  EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
  EXPECT_FALSE(parse_number<std::uint16_t>("65536"));
  EXPECT_FALSE(parse_number<std::uint64_t>("18446744073709551616"));
}

TEST(Number, HasItsBase) {
  EXPECT_EQ(parse_number<std::uint32_t>("fFfF", 16), 0xffffu);
  EXPECT_FALSE(parse_number<std::uint32_t>("-1", 16));
  EXPECT_FALSE(parse_number<std::uint32_t>("0x1", 16));
  EXPECT_FALSE(parse_number<std::uint32_t>("g", 16));
}

TEST(Number, AnExactOneHasNoZerosInFront) {
  EXPECT_EQ(parse_exact_number<unsigned>("0"), 0u);
  EXPECT_EQ(parse_exact_number<unsigned>("10"), 10u);
  for (std::string_view text : {"", "00", "01", "-0"}) EXPECT_FALSE(parse_exact_number<unsigned>(text)) << text;
}

}  // namespace
}  // namespace net
