// SPDX-License-Identifier: MIT
#include "peer/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "net/select_loop.h"
#include "peer/files/finish.h"
#include "peer/files/merkle.h"
#include "tests/support/chunk_memory.h"
#include "tests/unit/peer/files/temp_folder.h"

namespace peer {
namespace {

using Outcome = ChunkStored::Outcome;

constexpr std::uint64_t kChunkBytes = files::kMinChunkSize;

/// A store on a real folder with real workers, and its answers.
struct StoreTest : ::testing::Test, Store::Listener {
  StoreTest() {
    EXPECT_TRUE(temp.folder().make_folders("partial"));
    EXPECT_TRUE(temp.folder().make_folders("downloads"));
    loop.add(workers);
  }
  ~StoreTest() override { loop.remove(workers); }

  void store_opening(TransferId, const StoreOpening& progress) override { opening.push_back(progress); }
  void store_opened(TransferId transfer, StoreOpened result) override { opened[transfer] = std::move(result); }
  void chunk_stored(TransferId, ChunkStored result) override { stored.push_back(std::move(result)); }
  void store_finished(TransferId transfer, StoreFinished result, const std::string& folder, const net::FileStatus& file,
                      files::HashedContent hashed) override {
    finished[transfer] = std::move(result);
    finished_folder = folder;
    finished_size = file.size;
    finished_content = std::move(hashed);
  }

  /// Until `done()`; bounded, so that a mistake does not hang the tests.
  bool pass_until(const std::function<bool()>& done) {
    net::TimePoint end = net::Clock::now() + std::chrono::seconds(30);
    for (store.flush(); !done() && net::Clock::now() < end; store.flush()) loop.wait(end);
    return done();
  }
  StoreOpened& open(TransferId transfer, const files::ContentId& id) {
    store.open({transfer, id});
    EXPECT_TRUE(pass_until([&] { return opened.contains(transfer); }));
    return opened[transfer];
  }
  StoreChunk chunk_of(TransferId transfer, std::uint32_t chunk, bool wrong = false) {
    const net::Bytes& bytes = *content.source->chunk(chunk);
    StoreChunk action{transfer, chunk, content.layer->at(chunk), {}};
    action.data.memory = std::make_unique<std::byte[]>(bytes.size());
    action.data.size = action.data.capacity = bytes.size();
    std::copy(bytes.begin(), bytes.end(), action.data.memory.get());
    if (wrong) action.data.memory[0] ^= std::byte{1};
    return action;
  }
  void put(TransferId transfer, std::uint32_t chunk) {
    std::size_t before = stored.size();
    store.store(chunk_of(transfer, chunk));
    ASSERT_TRUE(pass_until([&] { return stored.size() > before; }));
    EXPECT_EQ(stored.back().outcome, Outcome::kWritten) << stored.back().error;
    EXPECT_EQ(stored.back().chunk, chunk);
    EXPECT_NE(stored.back().data.memory, nullptr) << "the buffer comes back";
  }
  StoreFinished finish(TransferId transfer, const std::string& path, const std::string& folder = "") {
    store.finish({transfer, folder, path, 1'700'000'000, 0600});
    EXPECT_TRUE(pass_until([&] { return finished.contains(transfer); }));
    return finished[transfer];
  }
  std::string text() {
    std::string all;
    for (std::uint32_t chunk = 0; chunk < content.layer->size(); ++chunk) {
      const net::Bytes& bytes = *content.source->chunk(chunk);
      all.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return all;
  }
  bool idle() {
    return pass_until([&] { return store.idle(); });
  }

  files::TempFolder temp;
  support::ChunkMemory memory;
  support::MemoryContent content = memory.generate(3 * kChunkBytes + 5, 1);
  net::SelectLoop loop;
  net::Workers workers{2};
  net::Folder partial{net::Folder::open((temp.write("partial/.keep", ""), temp.path("partial")))};
  net::Folder downloads{net::Folder::open((temp.write("downloads/.keep", ""), temp.path("downloads")))};
  Store store{workers, partial, downloads, 2, *this};
  std::vector<StoreOpening> opening;
  std::map<TransferId, StoreOpened> opened;
  std::vector<ChunkStored> stored;
  std::map<TransferId, StoreFinished> finished;
  std::string finished_folder;
  std::uint64_t finished_size = 0;
  files::HashedContent finished_content;
};

TEST_F(StoreTest, AFileIsOpenedWrittenAndFinished) {
  StoreOpened& result = open(1, content.id);
  EXPECT_EQ(result.error, "");
  EXPECT_TRUE(result.have.empty());
  EXPECT_TRUE(result.layer.empty());
  ASSERT_NE(result.source, nullptr);
  EXPECT_GE(result.source->fd(), 0);
  store.set_layer({1, *content.layer});
  for (std::uint32_t chunk : {2u, 0u, 3u, 1u}) put(1, chunk);
  StoreFinished done = finish(1, "folder/file");
  EXPECT_EQ(done.error, "");
  EXPECT_FALSE(done.already_there);
  EXPECT_EQ(temp.read("downloads/" + done.path).size(), content.id.length);
  EXPECT_EQ(finished_size, content.id.length);
  EXPECT_EQ(finished_content.id, content.id);
  EXPECT_EQ(finished_content.layer, *content.layer);
  store.release({1});
  EXPECT_TRUE(idle());
}

TEST_F(StoreTest, AnEmptyFileIsFinishedWithoutAChunk) {
  content = memory.generate(0, 1);
  EXPECT_EQ(open(1, content.id).error, "");
  EXPECT_EQ(finish(1, "empty").error, "");
  EXPECT_TRUE(temp.exists("downloads/empty"));
  store.release({1});
  EXPECT_TRUE(idle());
}

// T36: wrong bytes are not written.
TEST_F(StoreTest, T36_AWrongChunkIsNotWritten) {
  open(1, content.id);
  store.set_layer({1, *content.layer});
  store.store(chunk_of(1, 0, true));
  ASSERT_TRUE(pass_until([&] { return !stored.empty(); }));
  EXPECT_EQ(stored[0].outcome, Outcome::kBadHash);
  EXPECT_NE(stored[0].data.memory, nullptr);
  put(1, 0);
  store.release({1});
  EXPECT_TRUE(idle());
}

// T46: what was written is there when it is opened again.
TEST_F(StoreTest, T46_AReleasedDownloadIsResumed) {
  open(1, content.id);
  store.set_layer({1, *content.layer});
  put(1, 0);
  put(1, 3);
  opened.clear();
  store.release({1});
  ASSERT_TRUE(idle());
  StoreOpened& again = open(2, content.id);
  EXPECT_EQ(again.error, "");
  EXPECT_EQ(again.have.ranges(), (std::vector<files::ChunkSet::Range>{{0, 1}, {3, 1}}));
  EXPECT_EQ(again.layer, *content.layer);
  put(2, 1);
  put(2, 2);
  EXPECT_EQ(finish(2, "file").error, "");
  store.release({2});
  EXPECT_TRUE(idle());
}

TEST_F(StoreTest, HowFarHashingWhatIsThereIsIsTold) {
  content = memory.generate(70u << 20, 1);
  open(1, content.id);
  store.set_layer({1, *content.layer});
  for (std::uint32_t chunk = 0; chunk < content.layer->size(); ++chunk) put(1, chunk);
  store.release({1});
  ASSERT_TRUE(idle());
  opened.clear();
  EXPECT_TRUE(open(2, content.id).have.full());
  ASSERT_EQ(opening.size(), 2u) << "of three slices the last one opens it";
  for (const StoreOpening& progress : opening) {
    EXPECT_FALSE(progress.copying);
    EXPECT_GT(progress.bytes, 0u);
    EXPECT_LT(progress.bytes, content.id.length);
  }
  opened.clear();
  store.release({2});
  ASSERT_TRUE(idle());
  store.open({3, content.id});
  store.release({3});
  EXPECT_TRUE(idle()) << "put down meanwhile it is let go";
}

// A file of a few MiB is there before a record of it would pay; of a longer one a kill costs nothing from the start.
TEST_F(StoreTest, T46_OnlyALongFileHasARecordAtOnce) {
  for (std::uint64_t length : {files::kMinChunkSize + 1u, 8u << 20, (8u << 20) + 1}) {
    content = memory.generate(length, 1);
    open(1, content.id);
    store.set_layer({1, *content.layer});
    put(1, 1);
    const std::string record = "partial/" + files::partial_name(content.id) + ".state";
    if (length > 8u << 20) {
      EXPECT_TRUE(pass_until([&] { return temp.exists(record); }));
    } else {
      EXPECT_FALSE(temp.exists(record)) << length;
    }
    opened.clear();
    store.release({1});
    ASSERT_TRUE(idle());
    EXPECT_TRUE(open(1, content.id).have.test(1)) << "put down it has one";
    opened.clear();
    store.release({1});
    ASSERT_TRUE(idle());
  }
}

// What is complete meanwhile gets its name together.
TEST_F(StoreTest, FilesAreFinishedTogether) {
  constexpr TransferId kFiles = 9;
  const std::uint64_t large = (8u << 20) + 1;
  for (TransferId i = 1; i <= kFiles; ++i) {
    content = memory.generate(i == kFiles ? large : 2 * kChunkBytes, static_cast<unsigned>(i));
    open(i, content.id);
    store.set_layer({i, *content.layer});
    for (std::uint32_t chunk = 0; chunk < content.layer->size(); ++chunk) put(i, chunk);
  }
  for (TransferId i = 1; i <= kFiles; ++i) store.finish({i, i % 2 == 0 ? temp.path("else") : "", "a/file", 0, 0600});
  store.release({1});
  ASSERT_TRUE(pass_until([&] { return finished.size() == kFiles; }));
  for (TransferId i = 1; i <= kFiles; ++i) {
    EXPECT_EQ(finished[i].error, "");
    EXPECT_EQ(temp.read((i % 2 == 0 ? "else/" : "downloads/") + finished[i].path).size(),
              i == kFiles ? large : 2 * kChunkBytes);
    store.release({i});
  }
  EXPECT_TRUE(idle());
  EXPECT_TRUE(partial.list()->size() == 1) << "but .keep";
}

// --- equal files ---

TEST_F(StoreTest, WhatWasPlacedIsCopiedForTheNextFileWithItsContent) {
  open(1, content.id);
  store.set_layer({1, *content.layer});
  for (std::uint32_t chunk : {0u, 1u, 2u, 3u}) put(1, chunk);
  ASSERT_EQ(finish(1, "one/first", temp.path("else")).error, "");
  store.release({1});
  store.open({2, content.id, temp.path("else"), "second"});
  ASSERT_TRUE(pass_until([&] { return opened.contains(2); }));
  EXPECT_TRUE(opened[2].have.full());
  EXPECT_EQ(opened[2].layer, *content.layer);
  EXPECT_EQ(finish(2, "second", temp.path("else")).path, "second");
  EXPECT_EQ(finished_content.layer, *content.layer);
  store.release({2});
  EXPECT_TRUE(idle());
  EXPECT_EQ(temp.read("else/second"), temp.read("else/one/first"));
  EXPECT_EQ(temp.read("else/second").size(), content.id.length);
}

TEST_F(StoreTest, WhatWasFoundThereIsCopiedForTheNextFileWithItsContent) {
  temp.write("downloads/first", text());
  store.open({1, content.id, "", "first"});
  ASSERT_TRUE(pass_until([&] { return opened.contains(1); }));
  EXPECT_EQ(opened[1].already_there, "first");
  store.release({1});
  EXPECT_TRUE(open(2, content.id).have.full());
  store.release({2});
  EXPECT_TRUE(idle());
}

TEST_F(StoreTest, AFileOfTheHomeIsCopied) {
  temp.write("shared/mine", text());
  for (const auto& layer : {content.layer, std::shared_ptr<const std::vector<files::Hash>>()}) {
    store.open({1, content.id, "", "first", 0, 0600, StandingFile{temp.path("shared"), "mine", layer}});
    ASSERT_TRUE(pass_until([&] { return opened.contains(1); }));
    EXPECT_TRUE(opened[1].have.full());
    EXPECT_EQ(opened[1].layer, *content.layer);
    store.release({1});
    ASSERT_TRUE(idle());
    opened.clear();
    ASSERT_TRUE(partial.remove(files::partial_name(content.id)));
  }
}

// First its hashes are found out, then it is copied.
TEST_F(StoreTest, HowFarALongCopyIsIsTold) {
  content = memory.generate(40u << 20, 1);
  temp.write("shared/mine", text());
  store.open({1, content.id, "", "first", 0, 0600, StandingFile{temp.path("shared"), "mine", nullptr}});
  ASSERT_TRUE(pass_until([&] { return opened.contains(1); }));
  EXPECT_TRUE(opened[1].have.full());
  std::vector<std::pair<bool, std::uint64_t>> told;
  for (const StoreOpening& progress : opening) told.emplace_back(progress.copying, progress.bytes);
  std::vector<std::pair<bool, std::uint64_t>> expected{{false, 32u << 20}, {true, 0}, {true, 32u << 20}};
  // Where it could be cloned it was hashed in its place.
  if (told.size() == 1) expected.resize(1);
  EXPECT_EQ(told, expected);
  store.release({1});
  EXPECT_TRUE(idle());
}

// T36: the file was changed since: only what is right is taken, the rest is fetched.
TEST_F(StoreTest, T36_OfAFileThatWasChangedOnlyTheRightChunksAreTaken) {
  std::string changed = text();
  changed[kChunkBytes + 7] ^= 1;
  temp.write("shared/mine", changed);
  store.open({1, content.id, "", "first", 0, 0600, StandingFile{temp.path("shared"), "mine", content.layer}});
  ASSERT_TRUE(pass_until([&] { return opened.contains(1); }));
  EXPECT_EQ(opened[1].have.ranges(), (std::vector<files::ChunkSet::Range>{{0, 1}, {2, 2}}));
  put(1, 1);
  ASSERT_EQ(finish(1, "first").error, "");
  EXPECT_EQ(temp.read("downloads/first"), text());
  store.release({1});
  EXPECT_TRUE(idle());
}

// Without the chunk hashes nothing of it is right until all of it is.
TEST_F(StoreTest, T36_OfAFileThatWasChangedNothingIsTakenWhereTheChunkHashesAreNotKnown) {
  std::string changed = text();
  changed[kChunkBytes + 7] ^= 1;
  temp.write("shared/mine", changed);
  for (const char* name : {"mine", "gone"}) {
    store.open({1, content.id, "", "first", 0, 0600, StandingFile{temp.path("shared"), name, nullptr}});
    ASSERT_TRUE(pass_until([&] { return opened.contains(1); }));
    EXPECT_EQ(opened[1].error, "");
    EXPECT_TRUE(opened[1].have.empty());
    EXPECT_TRUE(opened[1].layer.empty());
    store.release({1});
    ASSERT_TRUE(idle());
    opened.clear();
  }
}

// T46: a kill or a stop in the middle of copying.
TEST_F(StoreTest, T46_WhatIsReleasedWhileItIsCopiedIsLetGoAndGoesOn) {
  temp.write("shared/mine", text());
  const StandingFile mine{temp.path("shared"), "mine", nullptr};
  store.open({1, content.id, "", "first", 0, 0600, mine});
  store.release({1});
  ASSERT_TRUE(idle());
  store.open({2, content.id, "", "first", 0, 0600, mine});
  ASSERT_TRUE(pass_until([&] { return opened.contains(2); }));
  EXPECT_TRUE(opened[2].have.full());
  store.release({2});
  EXPECT_TRUE(idle());
}

TEST_F(StoreTest, ASecondDownloadOfTheSameContentIsToldSo) {
  open(1, content.id);
  EXPECT_NE(open(2, content.id).error.find("another p2ppeer"), std::string::npos);
  store.release({2});
  store.release({1});
  store.release({99});
  EXPECT_TRUE(idle());
}

// The first one's last sync is still under way, and somebody is still being sent what it had.
TEST_F(StoreTest, PutDownAndAskedForAgainAtOnceItIsOpenedWhenTheFirstIsDone) {
  for (TransferId i = 1; i <= 20; ++i) {
    const auto source = open(i, content.id).source;
    EXPECT_EQ(opened[i].error, "");
    ASSERT_NE(source, nullptr);
    if (i == 1) {
      store.set_layer({i, *content.layer});
      put(i, 2);
    }
    EXPECT_EQ(opened[i].have.empty(), i == 1);
    store.release({i});
    store.open({i + 1, content.id});
    EXPECT_TRUE(pass_until([&] { return opened.contains(i + 1); }));
    EXPECT_EQ(opened[i + 1].error, "");
    EXPECT_TRUE(opened[i + 1].have.test(2));
    store.release({i + 1});
    opened.erase(i + 1);
    ASSERT_TRUE(idle());
  }
}

TEST_F(StoreTest, WhatWaitsForAnotherToBePutDownMayBePutDownItself) {
  open(1, content.id);
  store.release({1});
  store.open({2, content.id});
  store.open({3, content.id});
  store.release({2});
  EXPECT_TRUE(pass_until([&] { return opened.contains(3); }));
  EXPECT_EQ(opened[3].error, "");
  EXPECT_FALSE(opened.contains(2));
  store.release({3});
  EXPECT_TRUE(idle());
}

TEST_F(StoreTest, WhatIsReleasedWhileItOpensIsLetGo) {
  store.open({1, content.id});
  store.release({1});
  EXPECT_TRUE(idle());
}

// Put down after the last chunk and before the file had its name: nothing is lost, and the store does not wait for
// ever.
TEST_F(StoreTest, ADownloadReleasedBeforeItIsFinishedIsKept) {
  open(1, content.id);
  store.set_layer({1, *content.layer});
  for (std::uint32_t chunk : {0u, 1u, 2u}) put(1, chunk);
  store.store(chunk_of(1, 3));
  store.finish({1, "", "file", 0, 0600});
  store.release({1});
  ASSERT_TRUE(idle());
  EXPECT_FALSE(temp.exists("downloads/file"));
  opened.clear();
  EXPECT_TRUE(open(2, content.id).have.full());
  EXPECT_EQ(finish(2, "file").error, "");
  store.release({2});
  EXPECT_TRUE(idle());
}

TEST_F(StoreTest, ASmallFileReleasedBeforeItIsFinishedIsLetGo) {
  content = memory.generate(100, 1);
  open(1, content.id);
  store.store(chunk_of(1, 0));
  store.finish({1, "", "file", 0, 0600});
  store.release({1});
  EXPECT_TRUE(idle());
}

// T26: nothing is overwritten.
TEST_F(StoreTest, T26_OtherContentUnderTheNameStays) {
  content = memory.generate(100, 1);
  temp.write("downloads/file", "mine");
  open(1, content.id);
  put(1, 0);
  StoreFinished done = finish(1, "file");
  EXPECT_EQ(temp.read("downloads/file"), "mine");
  EXPECT_TRUE(!done.error.empty() || done.path != "file");
  store.release({1});
  EXPECT_TRUE(idle());
}

TEST_F(StoreTest, TheSameContentUnderTheNameIsAlreadyThere) {
  content = memory.generate(100, 1);
  const net::Bytes& bytes = *content.source->chunk(0);
  temp.write("downloads/file", std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  open(1, content.id);
  put(1, 0);
  StoreFinished done = finish(1, "file");
  EXPECT_EQ(done.error, "");
  EXPECT_TRUE(done.already_there);
  store.release({1});
  EXPECT_TRUE(idle());
}

TEST_F(StoreTest, AnotherFolderIsMadeAndUsed) {
  content = memory.generate(100, 1);
  open(1, content.id);
  put(1, 0);
  StoreFinished done = finish(1, "file", temp.path("else/where"));
  EXPECT_EQ(done.error, "");
  EXPECT_EQ(finished_folder, temp.path("else/where"));
  EXPECT_EQ(temp.read("else/where/file").size(), 100u);
  store.release({1});
  EXPECT_TRUE(idle());
}

TEST_F(StoreTest, AFolderThatCannotBeMadeIsAnErrorAndLosesNothing) {
  temp.write("else", "a file");
  open(1, content.id);
  store.set_layer({1, *content.layer});
  for (std::uint32_t chunk : {0u, 1u, 2u, 3u}) put(1, chunk);
  StoreFinished done = finish(1, "file", temp.path("else/where"));
  EXPECT_NE(done.error.find("kept"), std::string::npos) << done.error;
  store.release({1});
  EXPECT_TRUE(idle());
}

}  // namespace
}  // namespace peer
