// SPDX-License-Identifier: MIT
#include "peer/files/new_folders.h"

#include <gtest/gtest.h>

#include "tests/unit/peer/files/temp_folder.h"

namespace peer::files {
namespace {

TEST(NewFolders, WhatIsNotThereIsNotedWithAllThatIsMissingAboveIt) {
  TempFolder temp;
  ASSERT_TRUE(temp.folder().make_folders("old"));
  NewFolders folders;
  folders.look(temp.folder(), "old/a/b");
  ASSERT_TRUE(temp.folder().make_folders("old/a/b"));
  folders.look(temp.folder(), "old/a/b");
  folders.look(temp.folder(), "");
  EXPECT_FALSE(folders.take("old"));
  EXPECT_TRUE(folders.take("old/a"));
  EXPECT_TRUE(folders.take("old/a/b"));
  EXPECT_FALSE(folders.take("old/a/b")) << "from now on it is one that was there";
  folders.look(temp.folder(), "old/a/b");
  EXPECT_FALSE(folders.take("old/a/b"));
}

TEST(NewFolders, WhatIsInTheWayIsNoNewFolder) {
  TempFolder temp;
  temp.write("file", "");
  NewFolders folders;
  folders.look(temp.folder(), "file/a");
  folders.look(temp.folder(), "file");
  EXPECT_FALSE(folders.take("file/a"));
  EXPECT_FALSE(folders.take("file"));
}

// T31: who offers ever more folders does not fill the memory.
TEST(NewFolders, T31_AreForgottenBeyondABound) {
  TempFolder temp;
  NewFolders folders;
  const std::string name(200, 'x');
  const std::size_t many = NewFolders::kMostBytes / name.size() + 1;
  for (std::size_t i = 0; i < many; ++i) folders.look(temp.folder(), name + std::to_string(i));
  EXPECT_FALSE(folders.take(name + "0"));
  EXPECT_TRUE(folders.take(name + std::to_string(many - 1))) << "there is always room for others";
}

}  // namespace
}  // namespace peer::files
