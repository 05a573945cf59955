// SPDX-License-Identifier: MIT
#include "peer/files/share_tree.h"

#include <gtest/gtest.h>

#include <random>

namespace peer::files {
namespace {

ShareTree::Content content(unsigned n) {
  auto made = std::make_shared<HashedContent>();
  made->id = {n, {}};
  made->id.root[0] = static_cast<std::byte>(n);
  return made;
}

net::FileStatus status(std::uint64_t inode, std::uint64_t size = 10, std::int64_t mtime_ns = 5'000'000'000) {
  net::FileStatus out;
  out.kind = net::FileKind::kRegular;
  out.inode = inode;
  out.size = size;
  out.mtime_ns = mtime_ns;
  out.mode = 06755;
  return out;
}

class ShareTreeTest : public testing::Test {
 protected:
  void file(const Place& place, unsigned n) {
    const auto ticket = tree_.saw_file(place, status(n + 1, n));
    ASSERT_TRUE(ticket);
    tree_.hashed(place, *ticket, content(n));
  }
  void folder(const Place& place) {
    tree_.saw_folder(place);
    tree_.listed(place);
  }
  std::vector<std::string> paths() const {
    std::vector<std::string> out;
    tree_.catalog().for_each([&](const CatalogEntry& entry) {
      out.push_back(entry.path + (entry.kind == CatalogEntry::Kind::kFolder ? "/" : ""));
    });
    return out;
  }
  using Paths = std::vector<std::string>;

  ShareTree tree_{2, 100};
};

TEST_F(ShareTreeTest, AFolderWithSomethingInItIsAnEntryOnceItsTimeIsKnown) {
  const Place place{0, "d"};
  net::FileStatus known;
  known.kind = net::FileKind::kFolder;
  known.mtime_ns = 5'000'000'001;
  known.mode = 0755;
  tree_.folder_status(place, known);
  EXPECT_EQ(paths(), Paths{}) << "nobody has seen it";
  tree_.saw_folder(place);
  file({0, "d/a"}, 1);
  tree_.folder_status(place, known);
  EXPECT_EQ(paths(), Paths{"d/a"}) << "it may be empty, or go";
  tree_.listed(place);
  EXPECT_EQ(paths(), (Paths{"d/", "d/a"}));
  EXPECT_EQ(*tree_.catalog().find("d"), (CatalogEntry{CatalogEntry::Kind::kFolder, "d", {}, 5, 0700}));
  const std::uint64_t revision = tree_.catalog().revision();
  known.mtime_ns = 5'900'000'000;
  tree_.folder_status(place, known);
  EXPECT_EQ(tree_.catalog().revision(), revision) << "the same second";
  known.kind = net::FileKind::kSymlink;
  known.mtime_ns = 9'000'000'000;
  tree_.folder_status(place, known);
  EXPECT_EQ(tree_.catalog().revision(), revision);
  tree_.forget(place);
  EXPECT_EQ(paths(), Paths{});
}

TEST_F(ShareTreeTest, AFileIsOfferedOnceItIsHashed) {
  const Place place{0, "a"};
  const auto ticket = tree_.saw_file(place, status(1));
  ASSERT_TRUE(ticket);
  EXPECT_EQ(paths(), Paths{});
  EXPECT_FALSE(tree_.saw_file(place, status(1))) << "it is being hashed";
  tree_.hashed(place, *ticket, content(10));
  EXPECT_EQ(paths(), Paths{"a"});
  const CatalogEntry& entry = *tree_.catalog().find("a");
  EXPECT_EQ(entry.id, content(10)->id);
  EXPECT_EQ(entry.mode, 0700u);
  EXPECT_EQ(entry.mtime_s, 5);
  EXPECT_EQ(tree_.catalog().revision(), 101u);
  EXPECT_FALSE(tree_.saw_file(place, status(1)));
}

TEST_F(ShareTreeTest, AChangedFileIsNotOfferedUntilItIsHashedAgain) {
  const Place place{0, "a"};
  file(place, 10);
  const auto ticket = tree_.saw_file(place, status(11, 12));
  ASSERT_TRUE(ticket);
  EXPECT_EQ(paths(), Paths{});
  EXPECT_EQ(tree_.content(content(10)->id), nullptr);
  tree_.hashed(place, *ticket, content(12));
  EXPECT_EQ(paths(), Paths{"a"});
}

TEST_F(ShareTreeTest, AnOldTicketIsVoid) {
  const Place place{0, "a"};
  const auto old_ticket = tree_.saw_file(place, status(1, 10));
  const auto ticket = tree_.saw_file(place, status(1, 11));
  EXPECT_FALSE(tree_.awaited(place, *old_ticket));
  tree_.hashed(place, *old_ticket, content(10));
  EXPECT_EQ(paths(), Paths{});
  EXPECT_EQ(tree_.awaited(place, *ticket)->size, 11u);
  tree_.forget(place);
  tree_.hashed(place, *ticket, content(11));
  EXPECT_EQ(paths(), Paths{});
}

TEST_F(ShareTreeTest, AFileThatCouldNotBeHashedIsTriedAgainWhenSeen) {
  const Place place{0, "a"};
  const auto ticket = tree_.saw_file(place, status(1));
  tree_.hashed(place, *ticket, nullptr);
  EXPECT_TRUE(tree_.saw_file(place, status(1)));
}

TEST_F(ShareTreeTest, DoubtTakesAFileOutUntilItIsSeenAgain) {
  file({0, "a"}, 1);
  tree_.doubt({0, "a"});
  EXPECT_EQ(paths(), Paths{});
  EXPECT_TRUE(tree_.places(content(1)->id).empty());
  EXPECT_TRUE(tree_.saw_file({0, "a"}, status(2, 1)));
}

TEST_F(ShareTreeTest, AFolderIsAnEntryWhileNothingIsInIt) {
  tree_.saw_folder({0, "d"});
  EXPECT_EQ(paths(), Paths{}) << "what is in it is not known yet";
  tree_.listed({0, "d"});
  EXPECT_EQ(paths(), Paths{"d/"});
  file({0, "d/x"}, 1);
  EXPECT_EQ(paths(), Paths{"d/x"});
  tree_.forget({0, "d/x"});
  EXPECT_EQ(paths(), Paths{"d/"});
  folder({0, "d/e"});
  EXPECT_EQ(paths(), Paths{"d/e/"});
}

TEST_F(ShareTreeTest, ForgettingAFolderForgetsAllBeneath) {
  folder({0, "d"});
  folder({0, "d/e"});
  folder({0, "d-"});
  file({0, "d/e/x"}, 1);
  file({0, "d/y"}, 2);
  file({0, "d0"}, 3);
  const auto gone = tree_.forget({0, "d"});
  EXPECT_EQ(gone, (std::vector<Place>{{0, "d/e"}, {0, "d"}}));
  EXPECT_EQ(paths(), (Paths{"d-/", "d0"}));
  EXPECT_FALSE(tree_.knows_folder({0, "d"}));
  EXPECT_EQ(tree_.children({0, ""}), (std::set<std::string>{"d-", "d0"}));
  EXPECT_EQ(tree_.content(content(1)->id), nullptr);
}

TEST_F(ShareTreeTest, AFileInPlaceOfAFolderAndBack) {
  folder({0, "d"});
  file({0, "d/x"}, 1);
  file({0, "d"}, 2);
  EXPECT_EQ(paths(), Paths{"d"});
  folder({0, "d"});
  EXPECT_EQ(paths(), Paths{"d/"});
}

TEST_F(ShareTreeTest, TheEarlierFolderWinsTheNameAndBothContentsStay) {
  file({1, "a"}, 1);
  file({0, "a"}, 2);
  EXPECT_EQ(tree_.catalog().find("a")->id, content(2)->id);
  EXPECT_EQ(tree_.places(content(1)->id), (std::vector<Place>{{1, "a"}}));
  tree_.forget({0, "a"});
  EXPECT_EQ(tree_.catalog().find("a")->id, content(1)->id);
}

TEST_F(ShareTreeTest, CopiesShareOneContent) {
  file({0, "a"}, 1);
  file({1, "b"}, 1);
  EXPECT_EQ(tree_.places(content(1)->id), (std::vector<Place>{{0, "a"}, {1, "b"}}));
  tree_.forget({0, "a"});
  EXPECT_NE(tree_.content(content(1)->id), nullptr);
  tree_.forget({1, "b"});
  EXPECT_EQ(tree_.content(content(1)->id), nullptr);
}

// However a tree came about, the catalog is what one built afresh from its final state has.
TEST_F(ShareTreeTest, TheCatalogDependsOnTheFinalStateOnly) {
  std::mt19937 random(3);
  const Paths names{"a", "b", "d", "d/a", "d/e", "d/e/a"};
  for (int round = 0; round < 200; ++round) {
    std::map<Place, unsigned> files;
    std::set<Place> folders{{0, ""}, {1, ""}};
    ShareTree tree(2, 0);
    for (int step = 0; step < 60; ++step) {
      const Place place{random() % 2, names[random() % names.size()]};
      if (!folders.contains(place.parent())) continue;
      const auto drop = [&] {
        std::erase_if(files, [&](const auto& f) {
          return f.first == place || (f.first.folder == place.folder && f.first.path.starts_with(place.path + "/"));
        });
        std::erase_if(folders, [&](const auto& f) {
          return f == place || (f.folder == place.folder && f.path.starts_with(place.path + "/"));
        });
      };
      switch (random() % 3) {
        case 0: {
          drop();
          const unsigned n = 1 + static_cast<unsigned>(random() % 5);
          if (const auto ticket = tree.saw_file(place, status(n, n))) tree.hashed(place, *ticket, content(n));
          files[place] = n;
          break;
        }
        case 1:
          if (files.contains(place)) drop();
          tree.saw_folder(place);
          tree.listed(place);
          folders.insert(place);
          break;
        default:
          tree.forget(place);
          drop();
      }
    }
    ShareTree fresh(2, 0);
    for (const Place& place : folders) {
      if (!place.path.empty()) fresh.saw_folder(place), fresh.listed(place);
    }
    for (const auto& [place, n] : files) fresh.hashed(place, *fresh.saw_file(place, status(n, n)), content(n));
    std::vector<CatalogEntry> expected, actual;
    fresh.catalog().for_each([&](const CatalogEntry& entry) { expected.push_back(entry); });
    tree.catalog().for_each([&](const CatalogEntry& entry) { actual.push_back(entry); });
    ASSERT_EQ(actual, expected) << round;
    for (unsigned n = 1; n <= 5; ++n) ASSERT_EQ(tree.places(content(n)->id), fresh.places(content(n)->id));
  }
}

}  // namespace
}  // namespace peer::files
