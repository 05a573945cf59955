// SPDX-License-Identifier: MIT
#include "peer/view/table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "net/text_width.h"

namespace peer::view {
namespace {

using Align = Table::Column::Align;

Table sample_table() {
  Table table({{"PATH", Align::kLeft, 0, 8}, {"SIZE", Align::kRight, 1, 0}, {"ID", Align::kLeft, 2, 0}});
  table.add({"docs/readme.txt", "1.00 KiB", "abc"});
  table.add({"a", "5 B", ""});
  return table;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(ViewTable, AsWideAsItNeedsToBe) {
  EXPECT_EQ(sample_table().render(0),
            "PATH                 SIZE  ID\n"
            "docs/readme.txt  1.00 KiB  abc\n"
            "a                     5 B\n");
  EXPECT_EQ(sample_table().render(30), sample_table().render(0));
}

TEST(ViewTable, FlexibleColumnIsCutFirst) {
  EXPECT_EQ(sample_table().render(25),
            "PATH            SIZE  ID\n"
            "docs/read…  1.00 KiB  abc\n"
            "a                5 B\n");
}

TEST(ViewTable, ThenColumnsAreLeftOutAndTheRoomIsUsed) {
  EXPECT_EQ(sample_table().render(22),
            "PATH              SIZE\n"
            "docs/readme…  1.00 KiB\n"
            "a                  5 B\n");
  EXPECT_EQ(sample_table().render(10),
            "PATH\n"
            "docs/read…\n"
            "a\n");
}

TEST(ViewTable, T45NoLineIsWiderThanAskedNorHostile) {
  const std::string cells[] = {"",
                               "x",
                               std::string(300, 'y'),
                               "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac",
                               "\x1b[2J\n\xff\xe2\x80\xae",
                               "e\xcc\x81\xcc\x81"};
  Table table({{"PATH", Align::kLeft, 0, 8},
               {"NAME", Align::kLeft, 2, 6},
               {"SIZE", Align::kRight, 1, 0},
               {"ID", Align::kLeft, 3, 0}});
  for (const auto& a : cells)
    for (const auto& b : cells) table.add({a, b, a, b});
  for (std::size_t width = 1; width <= 200; ++width) {
    auto lines = lines_of(table.render(width));
    ASSERT_EQ(lines.size(), table.rows() + 1);
    for (const auto& line : lines) {
      EXPECT_LE(net::display_width(line), width);
      for (char c : line) EXPECT_TRUE(c < 0 || c >= 0x20);
      EXPECT_TRUE(line.empty() || line.back() != ' ');
    }
  }
}

TEST(ViewTable, WideCharactersKeepTheColumnsStraight) {
  Table table({{"A", Align::kLeft, 0, 0}, {"B", Align::kLeft, 0, 0}});
  table.add({"\xe6\x97\xa5\xe6\x9c\xac", "x"});
  table.add({"abc", "x"});
  EXPECT_EQ(table.render(0),
            "A     B\n"
            "\xe6\x97\xa5\xe6\x9c\xac  x\n"
            "abc   x\n");
}

}  // namespace
}  // namespace peer::view
