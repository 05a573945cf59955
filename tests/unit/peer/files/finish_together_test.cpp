// SPDX-License-Identifier: MIT
#include "peer/files/finish_together.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "tests/unit/peer/files/partial_support.h"

namespace peer::files {
namespace {

using WriteResult = Partial::WriteResult;

class FinishTest : public PartialTest {
 protected:
  /// A complete download of another content for each number.
  std::unique_ptr<Partial> complete(unsigned number) {
    use(content_of(kChunk + 1000 + number, number));
    auto partial = open_with_layer();
    write_all(*partial);
    return partial;
  }
  static std::string content_of_number(unsigned number) { return content_of(kChunk + 1000 + number, number); }
};

TEST_F(FinishTest, ACompleteDownloadGetsItsNameTimeAndMode) {
  const auto finished = finish_as("a/b/film.mkv");
  EXPECT_EQ(finished.path, "a/b/film.mkv");
  EXPECT_FALSE(finished.already_here);
  EXPECT_EQ(finished.status.size, content_.size());
  EXPECT_EQ(finished.status.mtime_ns, 1600000000'000000000);
  EXPECT_EQ(finished.status.mode, 0700u);
  EXPECT_EQ(target_.read("a/b/film.mkv"), content_);
  EXPECT_EQ(names_left(), 0u);
}

TEST_F(FinishTest, SetuidAndOthersBitsAreNotTaken) {
  auto partial = open_with_layer();
  write_all(*partial);
  const auto finished = finish(*partial, target_.folder(), "x", {std::numeric_limits<std::int64_t>::max(), 06577});
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->status.mode, 0500u);
}

// T26: nothing is overwritten.
TEST_F(FinishTest, ATakenNameGivesTheNextFreeOneT26) {
  target_.write("film.mkv", "other");
  target_.write("film (2).mkv", "another");
  const auto finished = finish_as("film.mkv");
  EXPECT_EQ(finished.path, "film (3).mkv");
  EXPECT_EQ(target_.read("film.mkv"), "other");
  EXPECT_EQ(target_.read("film (2).mkv"), "another");
  EXPECT_EQ(target_.read("film (3).mkv"), content_);
}

TEST_F(FinishTest, TheSameContentIsAlreadyHere) {
  target_.write("film.mkv", "other");
  target_.write("film (2).mkv", content_);
  const auto finished = finish_as("film.mkv");
  EXPECT_EQ(finished.path, "film (2).mkv");
  EXPECT_TRUE(finished.already_here);
  EXPECT_EQ(finished.status.size, content_.size());
  EXPECT_FALSE(target_.exists("film (3).mkv"));
  EXPECT_EQ(names_left(), 0u);
}

// T31: who pushes decides how deep a path is.
TEST_F(FinishTest, T31_ADeepPathIsMadeAndSynced) {
  std::string path;
  for (int i = 0; i < 500; ++i) path += "d/";
  EXPECT_EQ(finish_as(path + "film.mkv").path, path + "film.mkv");
  EXPECT_EQ(target_.read(path + "film.mkv"), content_);
}

TEST_F(FinishTest, AFolderOrSymlinkUnderTheNameIsLeftAlone) {
  std::filesystem::create_directory(target_.path("x"));
  EXPECT_EQ(finish_as("x").path, "x (2)");
  target_.write("outside", "precious");
  ASSERT_EQ(::symlink("outside", target_.path("y").c_str()), 0);
  EXPECT_EQ(finish_as("y").path, "y (2)");
  EXPECT_EQ(target_.read("outside"), "precious");
}

// T24: a folder on the way that is a symlink leads nowhere.
TEST_F(FinishTest, ASymlinkedFolderIsRefusedAndTheDownloadKeptT24) {
  TempFolder outside;
  ASSERT_EQ(::symlink(outside.path().c_str(), target_.path("d").c_str()), 0);
  auto partial = open_with_layer();
  write_all(*partial);
  EXPECT_FALSE(finish(*partial, target_.folder(), "d/x").ok());
  EXPECT_TRUE(outside.folder().list()->empty());
  const auto finished = finish(*partial, target_.folder(), "e/x");
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(target_.read("e/x"), content_);
}

TEST_F(FinishTest, AnotherFileSystemGetsACopy) {
  std::string path = "/dev/shm/p2p-files-test-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) GTEST_SKIP() << "no /dev/shm";
  const net::Folder far = net::Folder::open(path);
  if (net::status_of(far.fd())->device == net::status_of(home_.folder().fd())->device) {
    std::filesystem::remove_all(path);
    GTEST_SKIP() << "/dev/shm and /tmp are one file system";
  }
  auto partial = open_with_layer();
  write_all(*partial);
  ASSERT_TRUE(net::Folder(net::Folder::open(path)).create(".p2p-" + data_name_).ok());
  const auto finished = finish(*partial, far, "film.mkv", {1600000000, 0600});
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->status.mtime_ns, 1600000000'000000000);
  EXPECT_EQ(*far.read_all("film.mkv", 1 << 30), content_);
  EXPECT_EQ(far.list()->size(), 1u);
  EXPECT_EQ(names_left(), 0u);
  std::filesystem::remove_all(path);
}

// --- several together ---

TEST_F(FinishTest, ManyGetTheirNamesTogether) {
  std::vector<std::unique_ptr<Partial>> partials;
  std::vector<Finishing> batch;
  for (unsigned i = 0; i < 12; ++i) {
    partials.push_back(complete(i));
    const std::string folder = i % 2 == 0 ? "" : target_.path("else");
    batch.push_back({partials.back().get(), {folder, "a" + std::to_string(i % 3) + "/f"}, {1'600'000'000 + i, 0640}});
  }
  const auto placed = finish_together(batch, target_.folder());
  ASSERT_EQ(placed.size(), 12u);
  for (unsigned i = 0; i < 12; ++i) {
    ASSERT_TRUE(placed[i].ok()) << i;
    const std::string top = i % 2 == 0 ? "" : "else/";
    EXPECT_EQ(placed[i]->path, "a" + std::to_string(i % 3) + (i < 6 ? "/f" : "/f (2)")) << i;
    EXPECT_EQ(target_.read(top + placed[i]->path), content_of_number(i)) << i;
    EXPECT_EQ(placed[i]->status, *target_.folder().status(top + placed[i]->path)) << i;
    EXPECT_EQ(placed[i]->status.mtime_ns, (1'600'000'000 + std::int64_t{i}) * 1'000'000'000) << i;
    EXPECT_EQ(placed[i]->status.mode, 0600u) << i;
  }
  EXPECT_EQ(names_left(), 0u);
}

// T47: one that failed before, or has nowhere to go, costs the others nothing, and is kept.
TEST_F(FinishTest, T47_OneThatFailsIsKeptAndTheOthersAreFinished) {
  target_.write("in the way", "a file");
  std::vector<std::unique_ptr<Partial>> partials;
  std::vector<Finishing> batch;
  for (unsigned i = 0; i < 6; ++i) {
    partials.push_back(complete(i));
    batch.push_back({partials.back().get(), {"", (i == 4 ? "in the way/" : "folder/") + std::to_string(i)}, {}});
  }
  const auto placed = finish_together(batch, target_.folder());
  for (unsigned i = 0; i < 6; ++i) EXPECT_EQ(placed[i].ok(), i != 4) << i;
  EXPECT_EQ(target_.folder().subfolder("folder")->list()->size(), 5u);
  EXPECT_EQ(list_partials(home_.folder()), (std::vector<ContentId>{partials[4]->id()}));
  EXPECT_TRUE(finish(*partials[4], target_.folder(), "elsewhere").ok());
  EXPECT_EQ(target_.read("elsewhere"), content_of_number(4));
}

TEST_F(FinishTest, OfNoneThereIsNoAnswer) { EXPECT_TRUE(finish_together({}, target_.folder()).empty()); }

TEST(NumberedName, GoesBeforeTheExtension) {
  EXPECT_EQ(numbered_name("a/b.tar.gz", 2), "a/b.tar (2).gz");
  EXPECT_EQ(numbered_name("a.b/c", 2), "a.b/c (2)");
  EXPECT_EQ(numbered_name("a/.hidden", 12), "a/.hidden (12)");
  EXPECT_EQ(numbered_name("x.", 3), "x (3).");
}

TEST(NumberedName, StaysWithin255BytesAndWholeCharacters) {
  const std::string longest = numbered_name("d/" + std::string(251, 'a') + ".txt", 2);
  EXPECT_EQ(longest, "d/" + std::string(247, 'a') + " (2).txt");
  std::string umlauts;
  while (umlauts.size() < 254) umlauts += "\xc3\xa4";
  const std::string cut = numbered_name(umlauts + "x", 2);
  EXPECT_EQ(cut, umlauts.substr(0, 250) + " (2)");
}

}  // namespace
}  // namespace peer::files
