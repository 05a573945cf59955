// SPDX-License-Identifier: MIT
#include "peer/shell/complete.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace peer::shell {
namespace {

using testing::ElementsAre;
using Names = std::vector<std::string>;

/// The line after TAB.
std::string after_tab(const std::string& line, const Names& names) {
  const Completion completion = complete(line, names);
  return line.substr(0, line.size() - completion.erase) + completion.insert;
}

TEST(ShellCompletion, KnowsWhatAWordIs) {
  EXPECT_EQ(wanted(split_partial("")), Wanted::kCommand);
  EXPECT_EQ(wanted(split_partial("li")), Wanted::kCommand);
  EXPECT_EQ(wanted(split_partial("get ")), Wanted::kNetworkFile);
  EXPECT_EQ(wanted(split_partial("download a b")), Wanted::kNetworkFile);
  EXPECT_EQ(wanted(split_partial("get a -o ")), Wanted::kLocalPath);
  EXPECT_EQ(wanted(split_partial("get --o")), Wanted::kNothing);
  EXPECT_EQ(wanted(split_partial("push a")), Wanted::kLocalPath);
  EXPECT_EQ(wanted(split_partial("push a --to ")), Wanted::kReceiver);
  EXPECT_EQ(wanted(split_partial("list ")), Wanted::kNothing);
  EXPECT_EQ(wanted(split_partial("# get ")), Wanted::kNothing);
}

TEST(ShellCompletion, CompletesAWord) {
  EXPECT_EQ(after_tab("li", {"list", "search"}), "list ");
  EXPECT_EQ(after_tab("get a", {"a film.mkv", "b"}), "get a\\ film.mkv ");
  EXPECT_EQ(after_tab("get 'a f", {"a film.mkv"}), "get 'a film.mkv' ");
  EXPECT_EQ(after_tab("get \"a", {"a \"b\""}), "get \"a \\\"b\\\"\" ");
  EXPECT_EQ(after_tab("get ", {"#1"}), "get \\#1 ");
  EXPECT_EQ(after_tab("get x", {"a"}), "get x");
  EXPECT_EQ(after_tab("get a\\ ", {"a b"}), "get a\\ b ");
}

TEST(ShellCompletion, GoesAsFarAsNamesAgree) {
  EXPECT_EQ(after_tab("get ", {"image-1.iso", "image-2.iso"}), "get image-");
  // Never within a character.
  EXPECT_EQ(after_tab("get ", {"aä", "aö"}), "get a");
  EXPECT_THAT(complete("get image-", {"image-2", "image-1", "other"}).list, ElementsAre("image-1", "image-2"));
  EXPECT_EQ(after_tab("get image-", {"image-2", "image-1"}), "get image-");
}

TEST(ShellCompletion, GoesAFolderAtATime) {
  EXPECT_EQ(after_tab("get t", {"tree/a", "tree/b"}), "get tree/");
  EXPECT_THAT(complete("get tree/", {"tree/a", "tree/b/c", "tree/b/d"}).list, ElementsAre("tree/a", "tree/b/"));
}

// T45: nothing that the network says reaches the terminal but as what it looks like.
TEST(ShellCompletion, LeavesOutWhatDoesNotLookAsItIs) {
  EXPECT_EQ(after_tab("get ", {"\x1b[2J", "a\u202eb", "\xff", "ok"}), "get ok ");
  EXPECT_EQ(after_tab("get ", {"a\\b"}), "get a\\\\b ");
}

TEST(ShellCompletion, ListsABoundedNumber) {
  Names names;
  for (int i = 0; i < 1000; ++i) names.push_back("file" + std::to_string(i));
  const auto list = complete("get file", names).list;
  EXPECT_EQ(list.size(), kMaxListed + 1);
  EXPECT_EQ(list.back(), "and 800 more");
}

TEST(ShellHelp, NamesEveryCommand) {
  for (const CommandInfo& info : commands()) {
    EXPECT_NE(help_text().find(std::string(info.name) + " "), std::string::npos);
    EXPECT_TRUE(is_command(info.name));
  }
  EXPECT_FALSE(is_command("serve"));
}

}  // namespace
}  // namespace peer::shell
