// SPDX-License-Identifier: MIT
#include "net/utf8.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "tests/unit/net/utf8_of.h"

namespace net {
namespace {

TEST(Utf8, IsExact) {
  for (auto point :
       std::initializer_list<char32_t>{0x0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff}) {
    std::string text = utf8_of(point);
    auto decoded = decode_utf8(text);
    ASSERT_TRUE(decoded) << std::hex << +point;
    EXPECT_EQ(decoded->value, point);
    EXPECT_EQ(decoded->length, text.size());
    for (std::size_t cut = 1; cut < text.size(); ++cut) EXPECT_FALSE(decode_utf8(text.substr(0, cut)));
    EXPECT_TRUE(is_utf8("a" + text + "b"));
    EXPECT_EQ(to_valid_utf8(text), text);
  }
  EXPECT_FALSE(decode_utf8(""));
  EXPECT_TRUE(is_utf8(""));
}

TEST(Utf8, ReplacesEachStrayByte) {
  EXPECT_EQ(to_valid_utf8("a\xff\xc3z"), "a\ufffd\ufffdz");
  EXPECT_EQ(to_valid_utf8("\xe2\x82"), "\ufffd\ufffd");
  EXPECT_FALSE(is_utf8("a\xff"));
}

}  // namespace
}  // namespace net
