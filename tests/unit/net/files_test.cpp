// SPDX-License-Identifier: MIT
#include "net/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>
#include <thread>

#include "tests/unit/net/scratch.h"

namespace net {
namespace {

/// A share with a file, a folder, and beside it what must not be reached.
class FilesTest : public testing::Test {
 protected:
  FilesTest() : folder_(Folder::open(scratch_.path("share"), true)) {
    scratch_.write("secret", "not to be read");
    scratch_.write("share/file", "content");
    std::filesystem::create_directories(scratch_.path("share/sub/deep"));
    std::filesystem::create_directory(scratch_.path("outside"));
    scratch_.write("outside/file", "not to be read either");
    link("../secret", "share/leaf");
    link("../outside", "share/parent");
    link("file", "share/inner");
    link("sub", "share/innersub");
  }
  void link(const std::string& target, const std::string& name) const {
    std::filesystem::create_symlink(target, scratch_.path(name));
  }
  void outside_is_untouched() const {
    EXPECT_EQ(scratch_.read("secret"), "not to be read");
    EXPECT_EQ(scratch_.read("outside/file"), "not to be read either");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch_.path("outside")), {}), 1);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch_.path()), {}), 3);
  }

  ScratchFolder scratch_;
  Folder folder_;
};

template <class R>
int error_of(const R& result) {
  return result.ok() ? 0 : result.error().code;
}

/// The error of each operation on `path`, in one order for all tests.
std::vector<int> errors_of_all(const Folder& folder, const std::string& path) {
  return {error_of(folder.open_read(path)),
          error_of(folder.open_write(path)),
          error_of(folder.create(path)),
          error_of(folder.status(path)),
          error_of(folder.subfolder(path)),
          error_of(folder.remove(path)),
          error_of(folder.remove_folder(path)),
          error_of(folder.rename(path, "new", true)),
          error_of(folder.rename("file", path, false)),
          error_of(folder.rename_into("file", folder, path)),
          error_of(folder.read_all(path, 100)),
          error_of(folder.write_atomically(path, "x", 0600))};
}

TEST_F(FilesTest, OpensAndCreatesFoldersTheUserNames) {
  Folder made = Folder::open(scratch_.path("a/b/c/"), true);
  EXPECT_TRUE(scratch_.exists("a/b/c"));
  Folder again = Folder::open(scratch_.path("a/b/c"), true);
  link("a/b", "link");
  EXPECT_TRUE(Folder::open(scratch_.path("link")).subfolder("c").ok());
  for (const char* name : {"missing", "secret"}) {
    try {
      Folder::open(scratch_.path(name));
      FAIL() << name;
    } catch (const std::system_error& error) {
      EXPECT_NE(std::string(error.what()).find(scratch_.path(name)), std::string::npos);
    }
  }
  EXPECT_THROW(Folder::open(scratch_.path("secret/below"), true), std::system_error);
  EXPECT_THROW(Folder::open("", true), std::system_error);
}

TEST_F(FilesTest, ReadsAndWritesBeneath) {
  EXPECT_EQ(*folder_.read_all("file", 7), "content");
  auto made = folder_.create("sub/new");
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(write_exactly(made->get(), 3, as_bytes("abc")).ok());
  Bytes in(6);
  EXPECT_TRUE(read_exactly(made->get(), 0, in).ok());
  EXPECT_EQ(as_text(in), std::string_view("\0\0\0abc", 6));
  EXPECT_EQ(folder_.status("sub/new")->mode, 0600u);
  EXPECT_EQ(folder_.status("sub/new")->size, 6u);
  auto opened = folder_.open_write("sub/new");
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(write_exactly(opened->get(), 0, as_bytes("xyz")).ok());
  EXPECT_EQ(scratch_.read("share/sub/new"), "xyzabc");
  EXPECT_TRUE(folder_.sync_parent("sub/new").ok());
}

TEST_F(FilesTest, StatusTellsKindSizeAndIdentity) {
  auto file = folder_.status("file");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->kind, FileKind::kRegular);
  EXPECT_EQ(file->size, 7u);
  EXPECT_EQ(file->owner, ::getuid());
  EXPECT_GT(file->mtime_ns, std::int64_t{1'000'000'000} * 1'000'000'000);
  EXPECT_EQ(*status_of(folder_.open_read("file")->get()), *file);
  EXPECT_EQ(folder_.status("sub")->kind, FileKind::kFolder);
  EXPECT_EQ(folder_.status("leaf")->kind, FileKind::kSymlink);
  EXPECT_NE(folder_.status("sub")->inode, file->inode);
  EXPECT_EQ(status_of(-1).error().code, EBADF);
}

TEST_F(FilesTest, PathsThatLeadOutsideAreRefused) {  // T23
  for (std::string path :
       {"../secret", "sub/../../secret", "/etc/passwd", "/secret", "..", "sub/..", "/", "sub/deep/../../../secret"}) {
    for (int error : errors_of_all(folder_, path))
      EXPECT_TRUE(error == EXDEV || error == EINVAL) << path << ' ' << error;
    int error = error_of(folder_.make_folders(path + "/x"));
    EXPECT_TRUE(error == EXDEV || error == EINVAL) << path << ' ' << error;
  }
  outside_is_untouched();
  EXPECT_EQ(scratch_.read("share/file"), "content");
}

TEST_F(FilesTest, PathsWithoutANameAreRefused) {  // T23
  for (std::string path : {std::string(), std::string("."), std::string("sub/"), std::string("sub/."),
                           std::string("file\0x", 6), std::string("\0", 1)}) {
    for (int error : errors_of_all(folder_, path)) EXPECT_EQ(error, EINVAL) << path;
  }
  EXPECT_EQ(error_of(folder_.make_folders("")), EINVAL);
  EXPECT_EQ(scratch_.read("share/file"), "content");
}

TEST_F(FilesTest, ASymlinkedParentIsRefused) {  // T24
  for (std::string path : {"parent/file", "parent/new", "innersub/new", "sub/../parent/file"}) {
    for (int error : errors_of_all(folder_, path)) EXPECT_EQ(error, ELOOP) << path;
  }
  EXPECT_EQ(error_of(folder_.make_folders("parent/x")), ELOOP);
  EXPECT_EQ(error_of(folder_.sync_parent("parent/file")), ELOOP);
  outside_is_untouched();
  EXPECT_FALSE(scratch_.exists("share/sub/new"));
}

TEST_F(FilesTest, ASymlinkedLeafIsNotFollowed) {  // T24
  for (std::string name : {"leaf", "inner"}) {
    EXPECT_EQ(error_of(folder_.open_read(name)), ELOOP);
    EXPECT_EQ(error_of(folder_.open_write(name)), ELOOP);
    EXPECT_EQ(error_of(folder_.read_all(name, 100)), ELOOP);
    EXPECT_EQ(error_of(folder_.create(name)), EEXIST);
  }
  for (std::string name : {"parent", "innersub"}) {
    int error = error_of(folder_.subfolder(name));
    EXPECT_TRUE(error == ELOOP || error == ENOTDIR) << error;
    error = error_of(folder_.make_folders(name));
    EXPECT_TRUE(error == ELOOP || error == ENOTDIR) << error;
  }
  // What replaces or removes a name acts on the link itself.
  EXPECT_TRUE(folder_.write_atomically("leaf", "mine", 0600).ok());
  EXPECT_TRUE(folder_.remove("inner").ok());
  EXPECT_EQ(folder_.status("leaf")->kind, FileKind::kRegular);
  EXPECT_EQ(scratch_.read("share/file"), "content");
  outside_is_untouched();
}

TEST_F(FilesTest, AParentSwappedForASymlinkLeadsNowhere) {  // T24: CVE-2022-42725's race, both ways round.
  std::filesystem::create_directory(scratch_.path("share/swap"));
  scratch_.write("share/swap/file", "inside");
  link("../outside", "share/other");
  std::atomic<bool> stop = false;
  std::thread swapper([&] {
    std::string a = scratch_.path("share/swap"), b = scratch_.path("share/other");
    while (!stop) ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
  });
  int reached = 0;
  for (int i = 0; i < 5000; ++i) {
    auto text = folder_.read_all("swap/file", 100);
    if (text.ok()) {
      EXPECT_EQ(*text, "inside");
      ++reached;
    }
    if (folder_.create("swap/made").ok()) static_cast<void>(folder_.remove("swap/made").ok());
    static_cast<void>(folder_.write_atomically("swap/w", "x", 0600).ok());
  }
  stop = true;
  swapper.join();
  outside_is_untouched();
  EXPECT_GT(reached, 0);
}

TEST_F(FilesTest, NothingThatExistsIsOverwritten) {  // T26
  scratch_.write("share/other", "other");
  EXPECT_EQ(error_of(folder_.create("file")), EEXIST);
  EXPECT_EQ(error_of(folder_.rename("other", "file", false)), EEXIST);
  EXPECT_EQ(error_of(folder_.rename_into("other", folder_, "file")), EEXIST);
  EXPECT_EQ(error_of(folder_.rename("other", "leaf", false)), EEXIST);
  EXPECT_EQ(scratch_.read("share/file"), "content");
  EXPECT_EQ(scratch_.read("share/other"), "other");
}

TEST_F(FilesTest, RenamesWithinAndInto) {
  EXPECT_TRUE(folder_.rename("file", "sub/moved", false).ok());
  EXPECT_EQ(scratch_.read("share/sub/moved"), "content");
  scratch_.write("share/file", "new");
  EXPECT_TRUE(folder_.rename("file", "sub/moved", true).ok());
  EXPECT_EQ(scratch_.read("share/sub/moved"), "new");
  Folder target = Folder::open(scratch_.path("target"), true);
  EXPECT_TRUE(folder_.rename_into("sub/moved", target, "arrived").ok());
  EXPECT_EQ(scratch_.read("target/arrived"), "new");
  EXPECT_FALSE(scratch_.exists("share/sub/moved"));
  EXPECT_EQ(error_of(folder_.rename("missing", "x", false)), ENOENT);
}

TEST_F(FilesTest, WhatIsMissingIsENOENT) {
  EXPECT_EQ(error_of(folder_.open_read("missing")), ENOENT);
  EXPECT_EQ(error_of(folder_.open_write("missing")), ENOENT);
  EXPECT_EQ(error_of(folder_.read_all("missing", 1)), ENOENT);
  EXPECT_EQ(error_of(folder_.status("missing/x")), ENOENT);
  EXPECT_EQ(error_of(folder_.remove("missing")), ENOENT);
  EXPECT_EQ(error_of(folder_.subfolder("missing")), ENOENT);
  EXPECT_EQ(error_of(folder_.status("file/x")), ENOTDIR);
  EXPECT_EQ(error_of(folder_.create(std::string(256, 'a'))), ENAMETOOLONG);
}

TEST_F(FilesTest, AFifoOrSocketOrFolderDoesNotHang) {  // T28
  ASSERT_EQ(::mkfifo(scratch_.path("share/fifo").c_str(), 0600), 0);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string path = scratch_.path("share/sock");
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);

  auto fifo = folder_.open_read("fifo");
  ASSERT_TRUE(fifo.ok());
  EXPECT_EQ(status_of(fifo->get())->kind, FileKind::kOther);
  EXPECT_EQ(error_of(folder_.read_all("fifo", 100)), EINVAL);
  EXPECT_TRUE(folder_.open_write("fifo").ok());
  EXPECT_EQ(error_of(folder_.open_read("sock")), ENXIO);
  EXPECT_EQ(error_of(folder_.read_all("sub", 100)), EISDIR);
  EXPECT_EQ(folder_.status("fifo")->kind, FileKind::kOther);
  EXPECT_EQ(folder_.status("sock")->kind, FileKind::kOther);
}

TEST_F(FilesTest, ListsNamesSortedWithTheirKinds) {
  scratch_.write("share/.hidden", "");
  for (int round = 0; round < 2; ++round) {
    auto entries = folder_.list();
    ASSERT_TRUE(entries.ok());
    std::string names;
    for (const Folder::Entry& entry : *entries) names += entry.name + ' ';
    EXPECT_EQ(names, ".hidden file inner innersub leaf parent sub ");
    EXPECT_EQ((*entries)[1].kind, FileKind::kRegular);
    EXPECT_EQ((*entries)[4].kind, FileKind::kSymlink);
    EXPECT_EQ((*entries)[6].kind, FileKind::kFolder);
  }
  EXPECT_TRUE(folder_.subfolder("sub/deep")->list()->empty());
}

TEST_F(FilesTest, MakesAndRemovesFolders) {
  EXPECT_TRUE(folder_.make_folders("x/y/z").ok());
  EXPECT_TRUE(folder_.make_folders("x/y/z").ok());
  EXPECT_TRUE(folder_.make_folders("x/y/w").ok());
  EXPECT_EQ(error_of(folder_.make_folders("file/x")), ENOTDIR);
  EXPECT_EQ(error_of(folder_.make_folders("file")), ENOTDIR);
  EXPECT_EQ(error_of(folder_.remove_folder("x/y")), ENOTEMPTY);
  EXPECT_TRUE(folder_.remove_folder("x/y/z").ok());
  EXPECT_EQ(error_of(folder_.remove_folder("file")), ENOTDIR);
  EXPECT_EQ(error_of(folder_.remove("sub")), EISDIR);
  EXPECT_TRUE(folder_.remove("file").ok());
  EXPECT_FALSE(scratch_.exists("share/file"));
}

TEST_F(FilesTest, WritesAtomicallyWithExactPermissions) {
  mode_t before = ::umask(0077);
  EXPECT_TRUE(folder_.write_atomically("sub/list", "first", 0644).ok());
  EXPECT_EQ(folder_.status("sub/list")->mode, 0644u);
  auto old = folder_.open_read("sub/list");
  EXPECT_TRUE(folder_.write_atomically("sub/list", "", 0600).ok());
  ::umask(before);
  EXPECT_EQ(folder_.status("sub/list")->mode, 0600u);
  EXPECT_EQ(folder_.status("sub/list")->size, 0u);
  // Who had the old one open still reads it whole.
  Bytes in(5);
  EXPECT_TRUE(read_exactly(old->get(), 0, in).ok());
  EXPECT_EQ(as_text(in), "first");
  EXPECT_EQ(folder_.subfolder("sub")->list()->size(), 2u);
}

TEST_F(FilesTest, AFailedAtomicWriteLeavesNothing) {  // T47
  std::filesystem::create_directory(scratch_.path("share/taken"));
  EXPECT_EQ(error_of(folder_.write_atomically("taken", "x", 0600)), EISDIR);
  EXPECT_EQ(error_of(folder_.write_atomically("missing/x", "x", 0600)), ENOENT);
  EXPECT_EQ(folder_.list()->size(), 7u);
  EXPECT_TRUE(folder_.write_atomically(std::string(255, 'n'), "long name", 0600).ok());
  EXPECT_EQ(folder_.list()->size(), 8u);
}

TEST_F(FilesTest, WhatAKilledWriterLeftIsRemovedLater) {
  const std::string gone = std::to_string(std::numeric_limits<pid_t>::max());  // Beyond what a kernel gives.
  const std::string random = "-0123456789abcdef";
  const auto leave = [&](const std::string& name, std::chrono::seconds age) {
    scratch_.write("share/" + name, "half");
    std::filesystem::last_write_time(scratch_.path("share/" + name),
                                     std::filesystem::file_time_type::clock::now() - age);
    return name;
  };
  using std::chrono::seconds;
  const std::string abandoned = leave(".list.tmp-" + gone + random, seconds(61));
  const std::vector<std::string> kept = {
      leave(".list.tmp-" + gone + "-1123456789abcdef", seconds(10)),
      leave(".list.tmp-" + std::to_string(::getpid()) + random, seconds(100)),
      leave(".other.tmp-" + gone + random, seconds(100)),
      leave(".list.tmp-" + gone + "-0123456789abcde", seconds(100)),
      leave(".list.tmp-" + gone + "-0123456789ABCDEF", seconds(100)),
      leave(".list.tmp-" + gone + random + "0", seconds(100)),
      leave(".list.tmp-0" + gone + random, seconds(100)),
      leave(".list.tmp--1" + random, seconds(100)),
      leave(".list.tmp-99999999999999999999" + random, seconds(100)),
      leave(".list.tmp-", seconds(100)),
      leave("list", seconds(100)),
  };
  std::filesystem::create_directory(scratch_.path("share/.list.tmp-" + gone + "-aaaaaaaaaaaaaaaa"));
  folder_.remove_abandoned("list");
  EXPECT_FALSE(folder_.status(abandoned).ok());
  for (const std::string& name : kept) EXPECT_TRUE(folder_.status(name).ok()) << name;
  EXPECT_TRUE(folder_.status(".list.tmp-" + gone + "-aaaaaaaaaaaaaaaa").ok());
}

TEST_F(FilesTest, ReadingHasALimit) {
  EXPECT_EQ(*folder_.read_all("file", 7), "content");
  EXPECT_EQ(error_of(folder_.read_all("file", 6)), EFBIG);
  scratch_.write("share/empty", "");
  EXPECT_EQ(*folder_.read_all("empty", 0), "");
  std::string large(300'000, 'x');
  scratch_.write("share/large", large);
  EXPECT_EQ(*folder_.read_all("large", large.size()), large);
}

TEST_F(FilesTest, AFileThatClaimsToBeEmptyIsReadToItsEnd) {
  Folder proc = Folder::open("/proc/self");
  auto status = proc.read_all("status", 1 << 20);
  ASSERT_TRUE(status.ok());
  EXPECT_GT(status->size(), 100u);
  EXPECT_EQ(error_of(proc.read_all("status", 10)), EFBIG);
}

TEST_F(FilesTest, WholeReadsAndWritesTellHowTheyFailed) {
  auto file = folder_.open_write("file");
  Bytes in(4);
  EXPECT_EQ(error_of(read_exactly(file->get(), 5, in)), ENODATA);  // T30
  EXPECT_EQ(error_of(read_exactly(file->get(), 100, in)), ENODATA);
  EXPECT_TRUE(read_exactly(file->get(), 100, {}).ok());
  EXPECT_EQ(error_of(read_exactly(file->get(), ~std::uint64_t{0} - 1, in)), EOVERFLOW);  // T04
  EXPECT_EQ(error_of(write_exactly(file->get(), ~std::uint64_t{0} >> 1, in)), EOVERFLOW);
  EXPECT_EQ(error_of(write_exactly(folder_.open_read("file")->get(), 0, in)), EBADF);
  Fd full(::open("/dev/full", O_RDWR | O_CLOEXEC));
  EXPECT_EQ(error_of(write_exactly(full.get(), 0, in)), ENOSPC);  // T47
}

TEST_F(FilesTest, KnowsTheFreeSpace) { EXPECT_GT(folder_.free_space(), 0u); }

}  // namespace
}  // namespace net
