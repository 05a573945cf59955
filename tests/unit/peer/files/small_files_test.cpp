// SPDX-License-Identifier: MIT
#include "peer/files/small_files.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "peer/files/merkle.h"
#include "tests/unit/peer/files/temp_folder.h"

namespace peer::files {
namespace {

ContentId id_of(const std::string& content) {
  TreeHasher hasher;
  hasher.update(net::as_bytes(content));
  return hasher.finish().id;
}

struct SmallFilesTest : testing::Test {
  SmallFilesTest() {
    temp.write("partial/.keep", "");
    temp.write("downloads/.keep", "");
    partial = temp.folder().subfolder("partial").value();
    downloads = temp.folder().subfolder("downloads").value();
    files = std::make_unique<SmallFiles>(*partial);
  }
  SmallFiles::Placing written(std::uint64_t number, const std::string& content, const std::string& path,
                              std::uint32_t mode = 0600) {
    auto status = files->write(number, net::as_bytes(content), 1'600'000'000, mode);
    EXPECT_TRUE(status.ok());
    return {number, id_of(content), {"", path}, *status};
  }
  std::size_t left() const { return partial->list()->size() - 1; }  // But .keep.

  TempFolder temp;
  std::optional<net::Folder> partial, downloads;
  std::unique_ptr<SmallFiles> files;
};

TEST_F(SmallFilesTest, ABatchGetsItsNames) {
  std::vector<SmallFiles::Placing> batch;
  for (int i = 0; i < 20; ++i) {
    batch.push_back(written(static_cast<std::uint64_t>(i), "content " + std::to_string(i),
                            "a/" + std::to_string(i % 3) + "/f" + std::to_string(i), i == 7 ? 04755 : 0644));
  }
  batch.push_back(written(20, "top", "top"));
  const auto placed = files->place(batch, *downloads);
  ASSERT_EQ(placed.size(), 21u);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    ASSERT_TRUE(placed[i].ok()) << i;
    EXPECT_EQ(placed[i]->path, batch[i].to.path);
    EXPECT_FALSE(placed[i]->already_here);
    const auto status = downloads->status(batch[i].to.path);
    ASSERT_TRUE(status.ok()) << i;
    EXPECT_EQ(*status, placed[i]->status) << i;
    EXPECT_EQ(status->mtime_ns, 1'600'000'000'000'000'000);
    EXPECT_EQ(status->mode, i == 7 ? 0700u : 0600u) << "no bits but the owner's (T29)";
  }
  EXPECT_EQ(temp.read("downloads/a/1/f4"), "content 4");
  files.reset();
  EXPECT_EQ(left(), 0u);
}

TEST_F(SmallFilesTest, NothingIsOverwritten) {
  temp.write("downloads/other.txt", "other");
  temp.write("downloads/same.txt", "same");
  std::vector<SmallFiles::Placing> batch{written(1, "mine", "other.txt"), written(2, "same", "same.txt"),
                                         written(3, "mine", "other.txt")};
  const auto placed = files->place(batch, *downloads);
  EXPECT_EQ(placed[0]->path, "other (2).txt");
  EXPECT_TRUE(placed[1]->already_here);
  EXPECT_TRUE(placed[2]->already_here) << "the first of the batch has that content";
  EXPECT_EQ(placed[2]->path, "other (2).txt");
  EXPECT_EQ(temp.read("downloads/other.txt"), "other");
  EXPECT_EQ(temp.read("downloads/other (2).txt"), "mine");
  files.reset();
  EXPECT_EQ(left(), 0u);
}

TEST_F(SmallFilesTest, OneThatCannotBeNamedFailsAlone) {
  temp.write("downloads/file", "a file");
  ASSERT_EQ(::symlink("/tmp", temp.path("downloads/link").c_str()), 0);
  std::vector<SmallFiles::Placing> batch{written(1, "one", "file/inside"), written(2, "two", "link/escape"),
                                         written(3, "three", "fine")};
  const auto placed = files->place(batch, *downloads);
  EXPECT_FALSE(placed[0].ok());
  EXPECT_FALSE(placed[1].ok()) << "T26";
  EXPECT_TRUE(placed[2].ok());
  EXPECT_FALSE(std::filesystem::exists("/tmp/escape"));
}

TEST_F(SmallFilesTest, AnotherFolderOrFileSystemWillDo) {
  TempFolder elsewhere;
  std::vector<SmallFiles::Placing> batch{written(1, "one", "x/one"), written(2, "two", "x/two")};
  batch[0].to.folder = elsewhere.path("made");
  std::string shm = "/dev/shm/p2p-small-files-XXXXXX";
  ASSERT_NE(::mkdtemp(shm.data()), nullptr);
  batch[1].to.folder = shm;
  const auto placed = files->place(batch, *downloads);
  EXPECT_TRUE(placed[0].ok());
  EXPECT_EQ(elsewhere.read("made/x/one"), "one");
  ASSERT_TRUE(placed[1].ok()) << placed[1].error().message();
  EXPECT_EQ(std::filesystem::file_size(shm + "/x/two"), 3u);
  EXPECT_EQ(placed[1]->status.mtime_ns, 1'600'000'000'000'000'000);
  std::filesystem::remove_all(shm);
  files.reset();
  EXPECT_EQ(left(), 0u);
}

// T46: what a killed process left is removed by the next, what a running one has is not.
TEST_F(SmallFilesTest, T46_OnlyStaleFoldersAreRemoved) {
  const pid_t child = ::fork();
  if (child == 0) {
    SmallFiles doomed(*partial);
    static_cast<void>(doomed.write(1, net::as_bytes("x"), 0, 0600).ok());
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(left(), 1u);
  const auto mine = written(1, "mine", "mine");
  EXPECT_EQ(left(), 2u);
  SmallFiles::remove_stale(*partial);
  EXPECT_EQ(left(), 1u);
  EXPECT_TRUE(files->place({mine}, *downloads)[0].ok());
}

TEST_F(SmallFilesTest, AFileThatWasLetGoOfIsRemoved) {
  static_cast<void>(written(5, "gone", "gone"));
  files->remove(5);
  const auto placed = files->place({{5, id_of("gone"), "", "gone", {}}}, *downloads);
  EXPECT_FALSE(placed[0].ok());
}

}  // namespace
}  // namespace peer::files
