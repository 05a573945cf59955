// SPDX-License-Identifier: MIT
#include "peer/small_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "net/select_loop.h"
#include "tests/unit/peer/files/temp_folder.h"

namespace peer {
namespace {

using Outcome = ChunkStored::Outcome;

struct SmallStoreTest : ::testing::Test, StoreListener {
  SmallStoreTest() { loop.add(workers); }
  ~SmallStoreTest() override { loop.remove(workers); }

  void store_opening(TransferId, const StoreOpening&) override { FAIL() << "small files open at once"; }
  void store_opened(TransferId transfer, StoreOpened result) override { opened[transfer] = std::move(result); }
  void chunk_stored(TransferId transfer, ChunkStored result) override { stored[transfer] = std::move(result); }
  void store_finished(TransferId transfer, StoreFinished result, const std::string&, const net::FileStatus& file,
                      files::HashedContent content) override {
    finished[transfer] = std::move(result);
    sizes[transfer] = file.size;
    contents[transfer] = std::move(content);
  }
  bool pass_until(const std::function<bool()>& done) {
    const net::TimePoint end = net::Clock::now() + std::chrono::seconds(30);
    for (store.flush(); !done() && net::Clock::now() < end; store.flush()) loop.wait(end);
    return done();
  }
  static std::string text(TransferId transfer) { return "content " + std::to_string(transfer); }
  static files::HashedContent hashed(const std::string& content) {
    files::TreeHasher hasher;
    hasher.update(net::as_bytes(content));
    return hasher.finish();
  }
  OpenStore wanted(TransferId transfer) const {
    return {transfer, hashed(text(transfer)).id, "", "folder/" + std::to_string(transfer), 1'600'000'000, 0600};
  }
  void put(TransferId transfer, const std::string& content) {
    StoreChunk action{transfer, 0, {}, {}};
    action.data.memory = std::make_unique<std::byte[]>(content.size());
    action.data.size = action.data.capacity = content.size();
    std::copy(net::as_bytes(content).begin(), net::as_bytes(content).end(), action.data.memory.get());
    store.store(std::move(action));
  }
  void finish(TransferId transfer) { store.finish({transfer, "", wanted(transfer).path, 1'600'000'000, 0600}); }

  files::TempFolder temp;
  net::SelectLoop loop;
  net::Workers workers{2};
  net::Folder partial{net::Folder::open(temp.path("partial"), true)};
  net::Folder downloads{net::Folder::open(temp.path("downloads"), true)};
  SmallStore store{workers, partial, downloads, 2, *this};
  std::map<TransferId, StoreOpened> opened;
  std::map<TransferId, ChunkStored> stored;
  std::map<TransferId, StoreFinished> finished;
  std::map<TransferId, std::uint64_t> sizes;
  std::map<TransferId, files::HashedContent> contents;
};

TEST_F(SmallStoreTest, ManyFilesGoTogether) {
  constexpr TransferId kFiles = 300;
  for (TransferId i = 1; i <= kFiles; ++i) store.open(wanted(i));
  ASSERT_TRUE(pass_until([&] { return opened.size() == kFiles; }));
  for (const auto& [transfer, result] : opened) {
    EXPECT_EQ(result.error, "");
    EXPECT_FALSE(result.already_there);
    EXPECT_EQ(result.have.size(), 1u);
  }
  for (TransferId i = 1; i <= kFiles; ++i) put(i, text(i));
  ASSERT_TRUE(pass_until([&] { return stored.size() == kFiles; }));
  for (TransferId i = 1; i <= kFiles; ++i) {
    EXPECT_EQ(stored[i].outcome, Outcome::kWritten);
    EXPECT_NE(stored[i].data.memory, nullptr) << "the buffer comes back";
    EXPECT_FALSE(temp.exists("downloads/folder/" + std::to_string(i))) << "not before it is durable";
    finish(i);
  }
  ASSERT_TRUE(pass_until([&] { return finished.size() == kFiles; }));
  for (TransferId i = 1; i <= kFiles; ++i) {
    EXPECT_EQ(finished[i].error, "");
    EXPECT_EQ(temp.read("downloads/" + finished[i].path), text(i));
    EXPECT_EQ(sizes[i], text(i).size());
    EXPECT_EQ(contents[i], hashed(text(i)));
    store.release({i});
  }
  EXPECT_TRUE(store.idle());
}

TEST_F(SmallStoreTest, T36_WrongBytesAreNotWritten) {
  store.open(wanted(1));
  put(1, "content X");
  ASSERT_TRUE(pass_until([&] { return stored.contains(1); }));
  EXPECT_EQ(stored[1].outcome, Outcome::kBadHash);
  put(1, "another length");
  stored.clear();
  ASSERT_TRUE(pass_until([&] { return stored.contains(1); }));
  EXPECT_EQ(stored[1].outcome, Outcome::kBadHash);
  stored.clear();
  put(1, text(1));
  ASSERT_TRUE(pass_until([&] { return stored.contains(1); }));
  EXPECT_EQ(stored[1].outcome, Outcome::kWritten);
}

TEST_F(SmallStoreTest, WhatIsThereIsNotFetched) {
  temp.write("downloads/folder/1", text(1));
  temp.write("downloads/folder/2", "other");
  store.open(wanted(1));
  store.open(wanted(2));
  ASSERT_TRUE(pass_until([&] { return opened.size() == 2; }));
  EXPECT_EQ(opened[1].already_there, "folder/1");
  EXPECT_FALSE(opened[2].already_there);
}

// The second of two equal files is taken from the first.
TEST_F(SmallStoreTest, WhatWasPlacedLatelyIsNotFetchedAgain) {
  store.open(wanted(1));
  put(1, text(1));
  finish(1);
  ASSERT_TRUE(pass_until([&] { return finished.contains(1); }));
  for (const std::string& folder : {std::string(), temp.path("elsewhere")}) {
    const TransferId transfer = folder.empty() ? 2 : 3;
    OpenStore same = wanted(1);
    same.transfer = transfer;
    same.folder = folder;
    same.path = "another/name";
    same.mtime_s = 1'500'000'000;
    same.mode = 0700;
    store.open(same);
    ASSERT_TRUE(pass_until([&] { return opened.contains(transfer); }));
    EXPECT_TRUE(opened[transfer].have.full() && !opened[transfer].already_there);
    store.finish({transfer, folder, same.path, same.mtime_s, same.mode});
    ASSERT_TRUE(pass_until([&] { return finished.contains(transfer); }));
    EXPECT_EQ(finished[transfer].error, "");
    EXPECT_EQ(temp.read((folder.empty() ? "downloads/" : "elsewhere/") + finished[transfer].path), text(1));
    EXPECT_EQ(sizes[transfer], text(1).size());
  }
  EXPECT_EQ(temp.read("downloads/folder/1"), text(1)) << "the first is still there";
}

// T31: an empty file that is pushed again under another name must not end the peer.
TEST_F(SmallStoreTest, T31_OneEmptyFileAfterAnotherIsWritten) {
  temp.write("mine/empty", "");
  for (TransferId i = 1; i <= 3; ++i) {
    OpenStore action{i, {}, "", "empty " + std::to_string(i), 1'600'000'000, 0600};
    if (i == 3) action.same = StandingFile{temp.path("mine"), "empty", nullptr};
    store.open(action);
    ASSERT_TRUE(pass_until([&] { return opened.contains(i); }));
    store.finish({i, "", action.path, 1'600'000'000, 0600});
    ASSERT_TRUE(pass_until([&] { return finished.contains(i); }));
    EXPECT_EQ(finished[i].error, "");
    EXPECT_TRUE(temp.exists("downloads/" + action.path));
    store.release({i});
  }
}

TEST_F(SmallStoreTest, WhatStandsOnThisHostOrWasFoundThereIsNotFetched) {
  temp.write("mine/deep/file", text(1));
  OpenStore action = wanted(1);
  action.same = StandingFile{temp.path("mine"), "deep/file", nullptr};
  store.open(action);
  ASSERT_TRUE(pass_until([&] { return opened.contains(1); }));
  EXPECT_TRUE(opened[1].have.full());
  temp.write("downloads/folder/2", text(2));
  store.open(wanted(2));
  ASSERT_TRUE(pass_until([&] { return opened.contains(2); }));
  EXPECT_TRUE(opened[2].already_there);
  action = wanted(2);
  action.transfer = 3;
  action.path = "another";
  store.open(action);
  ASSERT_TRUE(pass_until([&] { return opened.contains(3); }));
  EXPECT_TRUE(opened[3].have.full() && !opened[3].already_there);
}

TEST_F(SmallStoreTest, WhatWasPlacedLatelyAndHasChangedIsFetched) {
  store.open(wanted(1));
  put(1, text(1));
  finish(1);
  ASSERT_TRUE(pass_until([&] { return finished.contains(1); }));
  for (const char* now_there : {"content X", "much longer than it was", ""}) {
    temp.write("downloads/folder/1", now_there);
    OpenStore same = wanted(1);
    same.transfer = 2;
    same.path = "another";
    store.open(same);
    ASSERT_TRUE(pass_until([&] { return opened.contains(2); }));
    EXPECT_EQ(opened[2].error, "");
    EXPECT_TRUE(opened[2].have.empty());
    store.release({2});
    ASSERT_TRUE(pass_until([&] { return !store.has(2); }));
    opened.clear();
  }
}

TEST_F(SmallStoreTest, WhatWasCopiedAndIsNotWantedAnyMoreIsRemoved) {
  store.open(wanted(1));
  put(1, text(1));
  finish(1);
  ASSERT_TRUE(pass_until([&] { return finished.contains(1); }));
  store.release({1});
  OpenStore same = wanted(1);
  same.transfer = 2;
  same.path = "another";
  store.open(same);
  store.release({2});
  EXPECT_TRUE(pass_until([&] { return store.idle(); }));
  EXPECT_FALSE(temp.exists("downloads/another"));
}

TEST_F(SmallStoreTest, WhereNothingCanBeWrittenNothingIsFetched) {
  OpenStore action = wanted(1);
  action.folder = "/proc";
  store.open(action);
  ASSERT_TRUE(pass_until([&] { return opened.contains(1); }));
  EXPECT_NE(opened[1].error.find("nothing can be written to /proc"), std::string::npos) << opened[1].error;
}

TEST_F(SmallStoreTest, OneThatIsPutDownLeavesNothing) {
  for (TransferId i : {1u, 2u, 3u}) store.open(wanted(i));
  ASSERT_TRUE(pass_until([&] { return opened.size() == 3; }));
  put(1, text(1));
  put(2, text(2));
  ASSERT_TRUE(pass_until([&] { return stored.size() == 2; }));
  finish(1);  // Waits for its batch.
  for (TransferId i : {1u, 2u, 3u}) store.release({i});
  ASSERT_TRUE(pass_until([&] { return store.idle(); }));
  EXPECT_TRUE(downloads.list()->empty());
  const auto left = partial.list();
  ASSERT_EQ(left->size(), 1u);
  EXPECT_TRUE(partial.subfolder(left->front().name)->list()->empty());
}

TEST_F(SmallStoreTest, AnEmptyFileHasNoChunk) {
  OpenStore empty{7, hashed("").id, "", "empty", 0, 0600};
  store.open(empty);
  ASSERT_TRUE(pass_until([&] { return opened.contains(7); }));
  EXPECT_EQ(opened[7].have.size(), 0u);
  store.finish({7, "", "empty", 0, 0600});
  ASSERT_TRUE(pass_until([&] { return finished.contains(7); }));
  EXPECT_EQ(finished[7].error, "");
  EXPECT_TRUE(temp.exists("downloads/empty"));
  EXPECT_EQ(contents[7], hashed(""));
}

}  // namespace
}  // namespace peer
