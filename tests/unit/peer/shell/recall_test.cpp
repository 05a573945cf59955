// SPDX-License-Identifier: MIT
#include "peer/shell/recall.h"

#include <gtest/gtest.h>

#include "peer/shell/words.h"

namespace peer::shell {
namespace {

using Lines = std::vector<std::string>;

TEST(ShellRecall, ReadsLines) {
  EXPECT_EQ(parse_recall(""), Lines{});
  EXPECT_EQ(parse_recall("list"), Lines{"list"});
  EXPECT_EQ(parse_recall("list\n\nget 'a\nlist\n"), (Lines{"list", "get 'a", "list"}));
}

TEST(ShellRecall, LeavesOutWhatNobodyTyped) {
  EXPECT_EQ(parse_recall("a\x1b[2J\n\xff\nb\n" + std::string(kMaxLine + 1, 'x') + "\n"), Lines{"b"});
  EXPECT_EQ(parse_recall(std::string("a\0b\nc", 5)), Lines{"c"});
}

TEST(ShellRecall, AddsAndForgets) {
  EXPECT_EQ(add_to_recall("a\n", {"a", "b", "b"}), "a\nb\n");
  EXPECT_EQ(add_to_recall("", {"x\ny"}), "");
  std::string text;
  for (std::size_t i = 0; i < kMaxRecalled; ++i) text += std::to_string(i) + "\n";
  const std::string more = add_to_recall(text, {"new"});
  EXPECT_EQ(parse_recall(more).size(), kMaxRecalled);
  EXPECT_EQ(parse_recall(more).front(), "1");
  EXPECT_EQ(parse_recall(more).back(), "new");
}

TEST(ShellRecall, StaysWithinAFile) {
  Lines typed;
  for (int i = 0; i < 500; ++i) typed.push_back(std::string(kMaxLine - 4, 'a') + std::to_string(1000 + i));
  const std::string text = add_to_recall("", typed);
  EXPECT_LE(text.size(), kMaxRecallFile);
  EXPECT_EQ(parse_recall(text).back(), typed.back());
}

}  // namespace
}  // namespace peer::shell
