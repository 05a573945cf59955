// SPDX-License-Identifier: MIT
#include "peer/files/share.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <functional>
#include <limits>

#include "peer/files/merkle.h"
#include "tests/unit/peer/files/content_support.h"
#include "tests/unit/peer/files/temp_folder.h"

namespace peer::files {
namespace {

using namespace std::chrono_literals;

class ShareTest : public testing::Test {
 protected:
  ShareTest() : workers_(2) { loop_.add(workers_); }
  ~ShareTest() override {
    share_.reset();
    loop_.remove(workers_);
  }

  void start(Index* index = nullptr, bool watch = true) {
    std::vector<net::Folder> folders;
    folders.push_back(net::Folder::open(shared_.path()));
    folders.push_back(net::Folder::open(downloads_.path()));
    ShareOptions options;
    options.quiet_time = 20ms;
    options.watch = watch;
    share_ = std::make_unique<Share>(loop_, workers_, std::move(folders), index, log_, options);
    share_->on_change([this] { ++changes_; });
  }
  /// Runs the loop until `done`, at most 20 s.
  ::testing::AssertionResult run_until(const std::function<bool()>& done) {
    const auto end = net::Clock::now() + 20s;
    while (!done()) {
      const auto now = loop_.wait(net::earlier(share_->deadline(), net::Clock::now() + 100ms));
      share_->expire(now);
      if (now > end) return ::testing::AssertionFailure() << "it did not happen";
    }
    return ::testing::AssertionSuccess();
  }
  void start_and_settle(Index* index = nullptr, bool watch = true) {
    start(index, watch);
    ASSERT_TRUE(run_until([&] { return !share_->growing(); }));
  }
  std::vector<std::string> paths() const {
    std::vector<std::string> out;
    share_->catalog().for_each([&](const CatalogEntry& entry) {
      out.push_back(entry.path + (entry.kind == CatalogEntry::Kind::kFolder ? "/" : ""));
    });
    return out;
  }
  ::testing::AssertionResult becomes(const std::vector<std::string>& expected) {
    auto result = run_until([&] { return share_->idle() && paths() == expected; });
    if (!result) result << ": " << ::testing::PrintToString(paths());
    return result;
  }
  bool offers(const std::string& path, const std::string& content) const {
    const CatalogEntry* entry = share_->catalog().find(path);
    return entry != nullptr && entry->id == hashed(content).id;
  }
  std::string read_open(const std::string& content) {
    const auto file = share_->open(hashed(content).id);
    if (!file) return "(none)";
    std::string out(content.size(), '\0');
    const bool read = net::read_exactly(file->fd(), 0, std::as_writable_bytes(std::span(out))).ok();
    return read ? out : "(unreadable)";
  }
  using Paths = std::vector<std::string>;

  TempFolder shared_, downloads_;
  net::Log log_{"test", net::LogLevel::kError};
  net::SelectLoop loop_;
  net::Workers workers_;
  std::unique_ptr<Share> share_;
  int changes_ = 0;
};

TEST_F(ShareTest, OffersWhatIsThereWithItsHashes) {
  const std::string large = content_of(3 * kMinChunkSize + 5);
  shared_.write("a.txt", "hello");
  shared_.write("d/e/large.bin", large);
  shared_.write("empty", "");
  downloads_.write("b.txt", "fetched");
  std::filesystem::create_directories(shared_.path("hollow/core"));
  start_and_settle();
  EXPECT_EQ(paths(), (Paths{"a.txt", "b.txt", "d/", "d/e/", "d/e/large.bin", "empty", "hollow/", "hollow/core/"}));
  EXPECT_TRUE(offers("d/e/large.bin", large));
  EXPECT_TRUE(offers("empty", ""));
  EXPECT_EQ(read_open(large), large);
  EXPECT_EQ(read_open("fetched"), "fetched");
  ASSERT_TRUE(share_->layer(hashed(large).id));
  EXPECT_EQ(*share_->layer(hashed(large).id), hashed(large).layer);
  EXPECT_EQ(share_->find(hashed("fetched").id), (Place{1, "b.txt"}));
  EXPECT_TRUE(share_->has(hashed("hello").id));
  const ShareProgress progress = share_->progress();
  EXPECT_EQ(progress.files_done, progress.files_total);
  EXPECT_EQ(progress.bytes_done, progress.bytes_total);
  EXPECT_GT(changes_, 0);
}

TEST_F(ShareTest, NothingToOfferSettlesToo) {
  start_and_settle();
  EXPECT_EQ(paths(), Paths{});
  EXPECT_FALSE(share_->open(hashed("x").id));
  EXPECT_FALSE(share_->layer(hashed("x").id));
  EXPECT_FALSE(share_->has(hashed("x").id));
  EXPECT_EQ(changes_, 1) << "settled";
}

// T27, T28, T24: dotfiles, special files and symlinks are not offered, and do not make it hang.
TEST_F(ShareTest, OnlyPlainFilesAreOfferedT28) {
  shared_.write(".hidden", "x");
  shared_.write(".folder/x", "x");
  shared_.write("plain", "x");
  ASSERT_EQ(::mkfifo(shared_.path("fifo").c_str(), 0600), 0);
  const net::Fd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  shared_.path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::symlink("/etc/passwd", shared_.path("link").c_str()), 0);
  ASSERT_EQ(::symlink("/etc", shared_.path("linked-folder").c_str()), 0);
  ASSERT_EQ(::symlink(".", shared_.path("loop").c_str()), 0);
  start_and_settle();
  EXPECT_EQ(paths(), Paths{"plain"});
}

TEST_F(ShareTest, NamesThatAreNoCleanPathsAreSkipped) {
  shared_.write("new\nline", "x");
  shared_.write("bad\xff", "x");
  shared_.write("good \xc3\xa4", "x");
  shared_.write("esc\x1b[31m/inside", "x");
  start_and_settle();
  EXPECT_EQ(paths(), Paths{"good \xc3\xa4"});
}

TEST_F(ShareTest, SharedWinsANameAndBothContentsStay) {
  shared_.write("a", "one");
  downloads_.write("a", "two");
  start_and_settle();
  EXPECT_TRUE(offers("a", "one"));
  EXPECT_EQ(read_open("two"), "two");
  std::filesystem::remove(shared_.path("a"));
  EXPECT_TRUE(run_until([&] { return offers("a", "two"); }));
}

TEST_F(ShareTest, ChangesAreNoticed) {
  shared_.write("keep", "k");
  start_and_settle();
  const std::uint64_t revision = share_->catalog().revision();
  shared_.write("new", "n");
  EXPECT_TRUE(becomes({"keep", "new"}));
  EXPECT_GT(share_->catalog().revision(), revision);
  shared_.write("new", "changed");
  EXPECT_TRUE(run_until([&] { return offers("new", "changed"); }));
  std::filesystem::rename(shared_.path("new"), shared_.path("renamed"));
  EXPECT_TRUE(becomes({"keep", "renamed"}));
  std::filesystem::remove(shared_.path("renamed"));
  EXPECT_TRUE(becomes({"keep"}));
}

TEST_F(ShareTest, ChangesInFoldersAreNoticed) {
  start_and_settle();
  shared_.write("a/b/c/file", "1");
  EXPECT_TRUE(becomes({"a/", "a/b/", "a/b/c/", "a/b/c/file"}));
  shared_.write("a/b/second", "2");
  EXPECT_TRUE(becomes({"a/", "a/b/", "a/b/c/", "a/b/c/file", "a/b/second"}));
  std::filesystem::rename(shared_.path("a/b"), shared_.path("moved"));
  EXPECT_TRUE(becomes({"a/", "moved/", "moved/c/", "moved/c/file", "moved/second"}));
  shared_.write("moved/c/third", "3");
  EXPECT_TRUE(becomes({"a/", "moved/", "moved/c/", "moved/c/file", "moved/c/third", "moved/second"}));
  std::filesystem::remove_all(shared_.path("moved"));
  EXPECT_TRUE(becomes({"a/"}));
  std::filesystem::rename(shared_.path("a"), downloads_.path("a"));
  EXPECT_TRUE(becomes({"a/"}));
  downloads_.write("a/x", "4");
  EXPECT_TRUE(becomes({"a/", "a/x"}));
}

TEST_F(ShareTest, AModeChangeShowsWithoutHashingAgain) {
  shared_.write("script", "#!");
  start_and_settle();
  ASSERT_EQ(::chmod(shared_.path("script").c_str(), 0755), 0);
  EXPECT_TRUE(run_until([&] { return share_->catalog().find("script")->mode == 0700; }));
}

TEST_F(ShareTest, AFolderHasItsTimeAndModeAndTheyFollowWhatHappensToIt) {
  shared_.write("d/e/file", "x");
  const auto set = [&](const char* name, time_t time) {
    const timespec times[2] = {{time, 0}, {time, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, shared_.path(name).c_str(), times, 0), 0);
  };
  ASSERT_EQ(::chmod(shared_.path("d/e").c_str(), 0555), 0);
  set("d/e", 1'000'000'000);
  set("d", 1'100'000'000);
  start_and_settle();
  const auto entry = [&](const char* path) { return *share_->catalog().find(path); };
  EXPECT_EQ(entry("d/e"), (CatalogEntry{CatalogEntry::Kind::kFolder, "d/e", {}, 1'000'000'000, 0500}));
  EXPECT_EQ(entry("d"), (CatalogEntry{CatalogEntry::Kind::kFolder, "d", {}, 1'100'000'000, 0700}));
  set("d/e", 1'200'000'000);
  EXPECT_TRUE(run_until([&] { return entry("d/e").mtime_s == 1'200'000'000; }));
  shared_.write("d/second", "y");
  EXPECT_TRUE(run_until([&] { return entry("d").mtime_s > 1'600'000'000; }));
  set("d", 1'100'000'000);
  EXPECT_TRUE(run_until([&] { return entry("d").mtime_s == 1'100'000'000; }));
  std::filesystem::remove(shared_.path("d/second"));
  EXPECT_TRUE(run_until([&] { return entry("d").mtime_s > 1'600'000'000; }));
  ASSERT_EQ(::chmod(shared_.path("d/e").c_str(), 0755), 0);
  EXPECT_TRUE(run_until([&] { return entry("d/e").mode == 0700; }));
}

TEST_F(ShareTest, AnyTimeOfAFileIsTaken) {
  const std::vector<time_t> times{13569465600, -5000000000, std::numeric_limits<std::int64_t>::max(), -1};
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string name = "f" + std::to_string(i);
    shared_.write(name, name);
    const timespec set[2] = {{times[i], 0}, {times[i], 500}};
    ASSERT_EQ(::utimensat(AT_FDCWD, shared_.path(name).c_str(), set, 0), 0);
  }
  start_and_settle();
  EXPECT_EQ(paths(), (Paths{"f0", "f1", "f2", "f3"}));
  EXPECT_EQ(share_->catalog().find("f3")->mtime_s, -1);
}

TEST_F(ShareTest, AFileThatIsBeingWrittenIsHashedWhenItIsQuiet) {
  start_and_settle();
  const std::string content = content_of(1000000);
  std::ofstream out(shared_.path("growing"), std::ios::binary);
  for (std::size_t at = 0; at < content.size(); at += 50000) {
    out.write(content.data() + at, 50000).flush();
    share_->expire(loop_.wait(net::Clock::now() + 2ms));
  }
  out.close();
  EXPECT_TRUE(run_until([&] { return share_->idle() && offers("growing", content); }));
}

TEST_F(ShareTest, ItGrowsUntilAllIsHashedAndTellsThen) {
  shared_.write("large", content_of(50'000'000));
  start();
  EXPECT_TRUE(share_->growing());
  bool grew = true;
  share_->on_change([&] { grew = share_->growing(); });
  EXPECT_TRUE(run_until([&] { return !grew; }));
  EXPECT_FALSE(share_->growing());
  EXPECT_EQ(paths(), Paths{"large"});
  shared_.write("more", content_of(50'000'000));
  EXPECT_TRUE(run_until([&] { return share_->growing(); }));
  grew = true;
  EXPECT_TRUE(run_until([&] { return !grew; }));
  EXPECT_EQ(paths(), (Paths{"large", "more"}));
}

TEST_F(ShareTest, ALargeFileThatIsRemovedIsNotHashedToItsEnd) {
  const std::string path = shared_.path("large");
  start_and_settle();
  const net::Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::ftruncate(file.get(), std::int64_t{3} << 40), 0);
  changes_ = 0;
  EXPECT_TRUE(run_until([&] { return changes_ > 0; }));
  EXPECT_TRUE(share_->growing()) << "that it takes long is told";
  ASSERT_EQ(::unlink(path.c_str()), 0);
  EXPECT_TRUE(run_until([&] { return share_->idle(); }));
  EXPECT_EQ(paths(), Paths{});
}

TEST_F(ShareTest, AFileThatIsWrittenAllTheTimeIsNotWaitedFor) {
  shared_.write("done", "x");
  std::ofstream out(shared_.path("log"), std::ios::binary);
  start();
  const auto end = net::Clock::now() + 20s;
  while (share_->growing() && net::Clock::now() < end) {
    out.write("more", 4).flush();
    share_->expire(loop_.wait(net::Clock::now() + 2ms));
  }
  EXPECT_FALSE(share_->growing());
  EXPECT_FALSE(share_->idle());
  EXPECT_TRUE(offers("done", "x"));
}

// T30: what changed since it was hashed is not sent.
TEST_F(ShareTest, AFileThatChangedIsRefusedAndRefreshedT30) {
  shared_.write("a", "first");
  start_and_settle(nullptr, false);
  const auto file = share_->open(hashed("first").id);
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->unchanged());
  EXPECT_EQ(share_->open(hashed("first").id), file) << "opened once";
  shared_.write("a", "second!");
  EXPECT_FALSE(file->unchanged());
  EXPECT_FALSE(share_->open(hashed("first").id));
  EXPECT_FALSE(share_->has(hashed("first").id));
  EXPECT_TRUE(run_until([&] { return offers("a", "second!"); }));
  EXPECT_EQ(read_open("second!"), "second!");
}

TEST_F(ShareTest, AFileThatVanishedIsRefusedAndForgottenT30) {
  shared_.write("a", "first");
  shared_.write("b", "first");
  start_and_settle(nullptr, false);
  std::filesystem::remove(shared_.path("a"));
  EXPECT_EQ(read_open("first"), "first") << "from its copy";
  std::filesystem::remove(shared_.path("b"));
  EXPECT_FALSE(share_->open(hashed("first").id));
  EXPECT_TRUE(becomes({}));
}

// T24: a symlink swapped in is not followed, even to the same content.
TEST_F(ShareTest, ASwappedInSymlinkIsNotOpenedT24) {
  TempFolder outside;
  shared_.write("d/a", "first");
  start_and_settle(nullptr, false);
  std::filesystem::rename(shared_.path("d"), outside.path("d"));
  ASSERT_EQ(::symlink(outside.path("d").c_str(), shared_.path("d").c_str()), 0);
  EXPECT_FALSE(share_->open(hashed("first").id));
  EXPECT_TRUE(becomes({"d/"}));
}

TEST_F(ShareTest, AnUnwatchedShareSeesChangesWhenAsked) {
  start_and_settle(nullptr, false);
  shared_.write("a/b", "x");
  share_->rescan();
  EXPECT_TRUE(becomes({"a/", "a/b"}));
  std::filesystem::remove_all(shared_.path("a"));
  share_->rescan();
  EXPECT_TRUE(becomes({}));
}

TEST_F(ShareTest, AFinishedDownloadIsTakenUpWithoutHashing) {
  start_and_settle();
  const HashedContent content = hashed(content_of(1000));
  downloads_.write("x/y/film", content_of(1000));
  const auto status = downloads_.folder().status("x/y/film");
  share_->add_known(1, "x/y/film", *status, content);
  EXPECT_EQ(paths(), Paths{"x/y/film"});
  const std::uint64_t files = share_->progress().files_total;
  EXPECT_TRUE(becomes({"x/", "x/y/", "x/y/film"}));
  EXPECT_EQ(share_->progress().files_total, files);
  share_->add_known(1, "../x", *status, content);
  share_->add_known(1, "short", *status, hashed("abc"));
  EXPECT_EQ(paths(), (Paths{"x/", "x/y/", "x/y/film"}));
}

TEST_F(ShareTest, TheIndexSparesHashingAfterARestart) {
  TempFolder home;
  Index index(home.folder(), "index.db", [](const std::string& warning) { FAIL() << warning; });
  shared_.write("a", "abc");
  start_and_settle(&index);
  ASSERT_TRUE(run_until([&] { return share_->idle(); }));
  share_.reset();
  EXPECT_EQ(index.size(), 1u);
  // A root that is not the file's shows that the index was asked, and the file not read.
  const auto status = shared_.folder().status("a");
  index.put(*status, hashed("xyz"));
  index.flush();
  start_and_settle(&index);
  EXPECT_TRUE(offers("a", "xyz"));
  ASSERT_TRUE(run_until([&] { return share_->idle(); }));
}

TEST_F(ShareTest, ManyFilesInOneFolderAreAllOffered) {
  for (int i = 0; i < 2500; ++i) shared_.write("f" + std::to_string(i), std::to_string(i));
  start_and_settle();
  EXPECT_EQ(share_->catalog().size(), 2500u);
}

TEST_F(ShareTest, ALargeFileIsHashedInSlices) {
  shared_.write("large", "");
  std::filesystem::resize_file(shared_.path("large"), 100 << 20);
  start_and_settle();
  TreeHasher hasher;
  const net::Bytes zeros(1 << 20);
  for (int i = 0; i < 100; ++i) hasher.update(zeros);
  EXPECT_EQ(share_->catalog().find("large")->id, hasher.finish().id);
}

TEST_F(ShareTest, MayGoWhileWorkIsUnderWay) {
  shared_.write("large", "");
  std::filesystem::resize_file(shared_.path("large"), 300 << 20);
  for (int i = 0; i < 50; ++i) shared_.write("d" + std::to_string(i) + "/x", "x");
  start();
  for (int pass = 0; pass < 5; ++pass) share_->expire(loop_.wait(net::Clock::now() + 1ms));
  share_.reset();
  while (workers_.pending() > 0) loop_.wait(net::Clock::now() + 10ms);
}

}  // namespace
}  // namespace peer::files
