// SPDX-License-Identifier: MIT
#include "net/text_width.h"

#include <gtest/gtest.h>

#include <string>

namespace net {
namespace {

TEST(TextWidth, CountsTerminalColumns) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("Grüße"), 5u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("👍"), 2u);
  EXPECT_EQ(display_width("ｆｗ"), 4u);
  EXPECT_EQ(display_width("\uac00"), 2u);
  EXPECT_EQ(display_width("\xff"), 1u);
  EXPECT_EQ(display_width("─│"), 2u);
}

TEST(TextWidth, FitsAndMarksTheCut) {
  EXPECT_EQ(fit("abc", 3), "abc");
  EXPECT_EQ(fit("abcd", 3), "ab…");
  EXPECT_EQ(fit("abcd", 1), "…");
  EXPECT_EQ(fit("abcd", 0), "");
  EXPECT_EQ(fit("", 0), "");
  EXPECT_EQ(fit("日本語", 5), "日本…");
  EXPECT_EQ(fit("日本語", 4), "日…");
  EXPECT_EQ(fit("e\u0301e\u0301e\u0301", 2), "e\u0301…");
}

TEST(TextWidth, WhatFitsIsNeverWider) {
  std::string text = "a日e\u0301\xff👍bcde";
  for (std::size_t columns = 0; columns < 12; ++columns) EXPECT_LE(display_width(fit(text, columns)), columns);
}

}  // namespace
}  // namespace net
