// SPDX-License-Identifier: MIT
#include "peer/files/index.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <thread>

#include "tests/unit/peer/files/temp_folder.h"

namespace peer::files {
namespace {

HashedContent content_of_length(std::size_t length) {
  TreeHasher hasher;
  hasher.update(net::Bytes(length, std::byte{9}));
  return hasher.finish();
}

net::FileStatus status_of(std::uint64_t inode, std::uint64_t size) {
  net::FileStatus out;
  out.kind = net::FileKind::kRegular;
  out.device = 0xffffffff00000001;
  out.inode = inode;
  out.size = size;
  out.mtime_ns = -5;
  return out;
}

class IndexTest : public testing::Test {
 protected:
  std::unique_ptr<Index> open() {
    return std::make_unique<Index>(home_.folder(), "index.db",
                                   [this](const std::string& warning) { warnings_.push_back(warning); });
  }
  /// As another program would write to the database.
  void execute(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(home_.path("index.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  TempFolder home_;
  std::vector<std::string> warnings_;
};

TEST_F(IndexTest, WhatWasPutIsFoundAfterARestart) {
  for (const std::size_t length : {0u, 1u, 600000u})
    open()->put(status_of(length + 1, length), content_of_length(length));
  auto index = open();
  for (const std::size_t length : {0u, 1u, 600000u}) {
    EXPECT_EQ(index->find(status_of(length + 1, length)), content_of_length(length)) << length;
  }
  EXPECT_EQ(index->size(), 3u);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(IndexTest, AnyDifferenceInTheKeyIsAnotherFile) {
  auto index = open();
  const net::FileStatus file = status_of(1, 100);
  index->put(file, content_of_length(100));
  index->flush();
  ASSERT_TRUE(index->find(file));
  for (int field = 0; field < 4; ++field) {
    net::FileStatus other = file;
    if (field == 0) ++other.device;
    if (field == 1) ++other.inode;
    if (field == 2) ++other.size;
    if (field == 3) ++other.mtime_ns;
    EXPECT_FALSE(index->find(other)) << field;
  }
}

TEST_F(IndexTest, AChangedFileReplacesItsEntry) {
  auto index = open();
  index->put(status_of(1, 100), content_of_length(100));
  index->put(status_of(1, 200), content_of_length(200));
  EXPECT_EQ(index->size(), 1u);
  EXPECT_FALSE(index->find(status_of(1, 100)));
  EXPECT_TRUE(index->find(status_of(1, 200)));
}

TEST_F(IndexTest, WhatIsNotSeenForLongIsPruned) {
  auto index = open();
  index->put(status_of(1, 10), content_of_length(10));
  index->put(status_of(2, 10), content_of_length(10));
  index->flush();
  execute("UPDATE hashes SET seen_s = 1000");
  ASSERT_TRUE(index->find(status_of(2, 10)));
  index->prune(2000);
  EXPECT_FALSE(index->find(status_of(1, 10)));
  EXPECT_TRUE(index->find(status_of(2, 10)));
}

// T32: an entry whose layer does not give its root is not believed.
TEST_F(IndexTest, AnEntryThatContradictsItselfIsNotFoundT32) {
  auto index = open();
  for (const char* change : {"UPDATE hashes SET root = zeroblob(32)", "UPDATE hashes SET layer = zeroblob(96)",
                             "UPDATE hashes SET layer = zeroblob(95)", "UPDATE hashes SET root = zeroblob(31)",
                             "UPDATE hashes SET layer = x''", "UPDATE hashes SET root = 'text', layer = 7"}) {
    index->put(status_of(1, 600000), content_of_length(600000));
    index->flush();
    ASSERT_TRUE(index->find(status_of(1, 600000)));
    execute(change);
    EXPECT_FALSE(index->find(status_of(1, 600000))) << change;
  }
}

TEST_F(IndexTest, AFileThatIsNoDatabaseIsSetAsideT32) {
  home_.write("index.db", std::string(10000, 'x'));
  auto index = open();
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].find("damaged"), std::string::npos);
  EXPECT_EQ(home_.read("index.db.broken"), std::string(10000, 'x'));
  index->put(status_of(1, 10), content_of_length(10));
  index->flush();
  EXPECT_TRUE(index->find(status_of(1, 10)));
}

TEST_F(IndexTest, AForeignSchemaIsSetAsideT32) {
  for (const char* sql : {"CREATE TABLE other(x)", "PRAGMA user_version=99",
                          "CREATE TRIGGER evil AFTER INSERT ON hashes BEGIN DELETE FROM hashes; END"}) {
    open()->put(status_of(1, 10), content_of_length(10));
    execute(sql);
    warnings_.clear();
    auto index = open();
    EXPECT_EQ(warnings_.size(), 1u) << sql;
    EXPECT_FALSE(index->find(status_of(1, 10))) << sql;
    EXPECT_EQ(index->size(), 0u);
  }
}

TEST_F(IndexTest, DamageAnywhereNeverHarmsT32) {
  {
    auto index = open();
    for (std::uint64_t i = 1; i < 200; ++i) index->put(status_of(i, 600000), content_of_length(600000));
  }
  const std::string good = home_.read("index.db");
  ASSERT_GT(good.size(), 8192u);
  for (std::size_t at = 0; at < good.size(); at += 1021) {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(home_.path("index.db") + suffix);
    std::string bad = good;
    for (std::size_t i = at; i < std::min(at + 64, bad.size()); ++i) bad[i] = static_cast<char>(~bad[i]);
    home_.write("index.db", bad);
    auto index = open();
    for (std::uint64_t i = 1; i < 200; i += 20) {
      const auto found = index->find(status_of(i, 600000));
      EXPECT_TRUE(!found || *found == content_of_length(600000));
    }
    index->put(status_of(1000, 10), content_of_length(10));
    index->flush();
  }
}

TEST_F(IndexTest, AFolderInItsPlaceCostsOnlyTheIndex) {
  std::filesystem::create_directory(home_.path("index.db"));
  auto index = open();
  EXPECT_EQ(warnings_.size(), 1u);
  index->put(status_of(1, 10), content_of_length(10));
  EXPECT_FALSE(index->find(status_of(1, 10)));
  EXPECT_EQ(index->size(), 0u);
  index->prune(5);
}

TEST_F(IndexTest, ALinkInItsPlaceIsNotFollowedT24) {
  TempFolder elsewhere;
  for (const char* suffix : {"", "-wal", "-journal"}) {
    std::filesystem::create_symlink(elsewhere.path("target"), home_.path("index.db") + suffix);
    auto index = open();
    index->put(status_of(1, 10), content_of_length(10));
    index->flush();
    index.reset();
    EXPECT_FALSE(std::filesystem::exists(elsewhere.path("target"))) << suffix;
    for (const char* made : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(home_.path("index.db") + made);
  }
  EXPECT_FALSE(warnings_.empty());
}

TEST_F(IndexTest, SeveralConnectionsAndThreadsMayUseIt) {
  auto first = open();
  auto second = open();
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Index& index = t % 2 == 0 ? *first : *second;
      for (std::uint64_t i = 0; i < 50; ++i) {
        index.put(status_of(t * 1000 + i, 10), content_of_length(10));
        if (i % 10 == 0) index.flush();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  second->flush();
  EXPECT_EQ(first->size(), 200u);
  EXPECT_TRUE(warnings_.empty());
}

}  // namespace
}  // namespace peer::files
