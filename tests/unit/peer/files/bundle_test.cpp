// SPDX-License-Identifier: MIT
#include "peer/files/bundle.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "net/select_loop.h"
#include "peer/files/merkle.h"
#include "tests/unit/peer/files/content_support.h"
#include "tests/unit/peer/files/temp_folder.h"

namespace peer::files {
namespace {

using namespace std::chrono_literals;

class BundleTest : public testing::Test {
 protected:
  BundleTest() : workers_(2) { loop_.add(workers_); }
  ~BundleTest() override { loop_.remove(workers_); }

  std::shared_ptr<Bundle> bundle(const std::vector<std::string>& paths, Index* index = nullptr) {
    auto made = Bundle::begin(workers_, index, paths, 3);
    const auto end = net::Clock::now() + 20s;
    while (!made->ready() && net::Clock::now() < end) loop_.wait(net::Clock::now() + 100ms);
    EXPECT_TRUE(made->ready());
    return made;
  }
  std::shared_ptr<Bundle> bundle_of(const std::string& name) { return bundle({temp_.path(name)}); }
  static std::vector<std::string> paths(const Bundle& bundle) {
    std::vector<std::string> out;
    for (const CatalogEntry& entry : bundle.entries()) {
      out.push_back(entry.path + (entry.kind == CatalogEntry::Kind::kFolder ? "/" : ""));
    }
    return out;
  }
  static std::vector<std::string> left_out(const Bundle& bundle, bool failed) {
    std::vector<std::string> out;
    for (const auto& item : bundle.left_out()) {
      if (item.failed == failed) out.push_back(item.path);
    }
    return out;
  }
  using Paths = std::vector<std::string>;

  TempFolder temp_;
  net::SelectLoop loop_;
  net::Workers workers_;
};

TEST_F(BundleTest, AFileIsPushedUnderItsOwnName) {
  const std::string text = content_of(3 * kMinChunkSize + 5);
  temp_.write("deep/er/file.bin", text);
  ASSERT_EQ(::chmod(temp_.path("deep/er/file.bin").c_str(), 0754), 0);
  auto made = bundle_of("deep/er/file.bin");
  EXPECT_EQ(made->error(), "");
  ASSERT_EQ(paths(*made), Paths{"file.bin"});
  const CatalogEntry& entry = made->entries().front();
  EXPECT_EQ(entry.id, hashed(text).id);
  EXPECT_EQ(entry.mode, 0700u);
  EXPECT_GT(entry.mtime_s, 1'600'000'000);
  EXPECT_EQ(made->progress().done, text.size());
  EXPECT_EQ(made->progress().total, text.size());
  EXPECT_TRUE(made->has(entry.id));
  EXPECT_EQ(*made->layer(entry.id), hashed(text).layer);
  auto file = made->open(entry.id);
  ASSERT_TRUE(file);
  std::string read(text.size(), '\0');
  EXPECT_TRUE(net::read_exactly(file->fd(), 0, std::as_writable_bytes(std::span(read))).ok());
  EXPECT_EQ(read, text);
  EXPECT_EQ(made->open(entry.id), file);
  const ContentId other = hashed("other").id;
  EXPECT_FALSE(made->has(other));
  EXPECT_FALSE(made->open(other));
  EXPECT_FALSE(made->layer(other));
}

TEST_F(BundleTest, AFolderIsPushedUnderItsNameWithAllThatIsInIt) {
  temp_.write("top/a.txt", "a");
  temp_.write("top/sub/b.txt", "b");
  temp_.write("top/sub/same.txt", "a");
  temp_.write("top/zero", "");
  std::filesystem::create_directories(temp_.path("top/hollow/inside"));
  const Paths all{"top/",     "top/a.txt",     "top/hollow/",      "top/hollow/inside/",
                  "top/sub/", "top/sub/b.txt", "top/sub/same.txt", "top/zero"};
  EXPECT_EQ(paths(*bundle_of("top")), all);
  EXPECT_EQ(paths(*bundle_of("top/")), all);
  EXPECT_EQ(paths(*bundle_of("top/sub/..")), all);
  EXPECT_EQ(paths(*bundle({temp_.path("top/a.txt"), temp_.path("top/sub")})),
            (Paths{"a.txt", "sub/", "sub/b.txt", "sub/same.txt"}));
}

TEST_F(BundleTest, T27T28WhatIsNoFileIsLeftOutAndTold) {
  temp_.write("top/a.txt", "a");
  temp_.write("top/.hidden", "x");
  temp_.write("top/.git/config", "x");
  temp_.write(std::string("top/bad\nname"), "x");
  ASSERT_EQ(::mkfifo(temp_.path("top/pipe").c_str(), 0600), 0);
  ASSERT_EQ(::symlink("/etc/passwd", temp_.path("top/link").c_str()), 0);
  ASSERT_EQ(::symlink("/etc", temp_.path("top/folder link").c_str()), 0);
  auto made = bundle_of("top");
  EXPECT_EQ(paths(*made), (Paths{"top/", "top/a.txt"}));
  EXPECT_EQ(left_out(*made, false), (Paths{"top/bad\nname", "top/folder link", "top/link", "top/pipe"}));
  EXPECT_EQ(left_out(*made, true), Paths{});
}

TEST_F(BundleTest, ALinkThatWasNamedIsFollowed) {
  temp_.write("real/a.txt", "a");
  ASSERT_EQ(::symlink("real", temp_.path("link").c_str()), 0);
  ASSERT_EQ(::symlink("real/a.txt", temp_.path("other.txt").c_str()), 0);
  EXPECT_EQ(paths(*bundle({temp_.path("link"), temp_.path("other.txt")})), (Paths{"link/", "link/a.txt", "other.txt"}));
}

TEST_F(BundleTest, WhatCannotBePushedIsAnErrorWithItsName) {
  temp_.write("a/x", "1");
  temp_.write("b/x", "2");
  temp_.write("dots/.only", "2");
  ASSERT_EQ(::mkfifo(temp_.path("pipe").c_str(), 0600), 0);
  EXPECT_NE(bundle_of("absent")->error().find("absent"), std::string::npos);
  EXPECT_NE(bundle({temp_.path("a/x"), temp_.path("absent")})->error(), "");
  EXPECT_NE(bundle_of("pipe")->error(), "");
  EXPECT_NE(bundle_of("dots/.only")->error(), "");
  EXPECT_NE(bundle({temp_.path("a/x"), temp_.path("b/x")})->error(), "") << "both would be x";
  EXPECT_EQ(paths(*bundle_of("dots")), Paths{"dots/"});
}

TEST_F(BundleTest, T30AFileThatIsAnotherNowIsNotSentAndToldOf) {
  temp_.write("top/a.txt", "first");
  temp_.write("top/b.txt", "stays");
  auto made = bundle_of("top");
  const ContentId id = hashed("first").id;
  temp_.write("top/a.txt", "second, and longer");
  EXPECT_EQ(made->changed(), "");
  EXPECT_FALSE(made->open(id));
  EXPECT_EQ(made->changed(), "top/a.txt");
  EXPECT_TRUE(made->open(hashed("stays").id));
}

TEST_F(BundleTest, HashesAreKeptInTheIndex) {
  const std::string text = content_of(100'000);
  temp_.write("top/a.bin", text);
  TempFolder state;
  Index index(state.folder(), "index.db", [](const std::string&) {});
  bundle({temp_.path("top")}, &index);
  while (workers_.pending() > 0) loop_.wait(net::Clock::now() + 100ms);
  EXPECT_EQ(index.size(), 1u);
  EXPECT_EQ(bundle({temp_.path("top")}, &index)->entries().back().id, hashed(text).id);
}

// Its tasks may still run.
TEST_F(BundleTest, ItMayBeLetGoAtAnyTime) {
  for (int i = 0; i < 300; ++i) temp_.write("top/" + std::to_string(i), content_of(5000));
  Bundle::begin(workers_, nullptr, {temp_.path("top")}, 3);
  auto other = Bundle::begin(workers_, nullptr, {temp_.path("top")}, 3);
  loop_.wait(net::Clock::now() + 50ms);
  other.reset();
  for (int i = 0; i < 20 && workers_.pending() > 0; ++i) loop_.wait(net::Clock::now() + 100ms);
  EXPECT_EQ(bundle_of("top")->entries().size(), 301u);
}

}  // namespace
}  // namespace peer::files
