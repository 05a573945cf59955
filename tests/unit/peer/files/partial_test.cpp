// SPDX-License-Identifier: MIT
#include "peer/files/partial.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <thread>

#include "peer/files/partial_state.h"
#include "tests/unit/peer/files/partial_support.h"

namespace peer::files {
namespace {

using WriteResult = Partial::WriteResult;

TEST_F(PartialTest, SmallAndEmptyFilesNeedNoLayer) {
  for (const std::size_t length : {0u, 1u, kChunk}) {
    use(content_of(length));
    auto partial = open();
    ASSERT_TRUE(partial);
    EXPECT_TRUE(partial->has_layer());
    write_all(*partial);
    const std::string name = "f" + std::to_string(length);
    ASSERT_TRUE(finish(*partial, target_.folder(), name).ok());
    EXPECT_EQ(target_.read(name), content_);
  }
  EXPECT_EQ(names_left(), 0u);
  EXPECT_TRUE(sync_file_system(target_.folder()).ok());
}

// T36: nothing that fails its hash reaches the disk.
TEST_F(PartialTest, WrongBytesAreRefusedBeforeTheyAreWrittenT36) {
  auto partial = open_with_layer();
  net::Bytes wrong(chunk(0).begin(), chunk(0).end());
  wrong[77] ^= std::byte{1};
  EXPECT_EQ(partial->verify_and_write(0, wrong), WriteResult::kBadHash);
  EXPECT_EQ(partial->verify_and_write(0, chunk(1)), WriteResult::kBadHash);
  EXPECT_EQ(partial->verify_and_write(0, chunk(0).first(1000)), WriteResult::kBadHash);
  EXPECT_EQ(partial->verify_and_write(0, {}), WriteResult::kBadHash);
  EXPECT_EQ(home_.read(data_name_).find_first_not_of('\0'), std::string::npos);
  EXPECT_EQ(partial->verify_and_write(0, chunk(0)), WriteResult::kWritten);
}

TEST_F(PartialTest, AWrongLayerIsRefused) {
  auto partial = open();
  EXPECT_FALSE(partial->has_layer());
  auto layer = hashed_.layer;
  std::swap(layer[0], layer[1]);
  EXPECT_FALSE(partial->set_layer(layer));
  EXPECT_FALSE(partial->set_layer({}));
  EXPECT_FALSE(partial->has_layer());
}

TEST_F(PartialTest, ResumesWithWhatTheRecordClaims) {
  {
    auto partial = open_with_layer();
    EXPECT_TRUE(partial->claimed().empty());
    ChunkSet have(grid_.count());
    for (const std::uint32_t i : {0u, 3u, 5u}) {
      ASSERT_EQ(partial->verify_and_write(i, chunk(i)), WriteResult::kWritten);
      have.set(i);
    }
    ASSERT_TRUE(partial->checkpoint(have).ok());
  }
  auto partial = open();
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->layer(), hashed_.layer);
  EXPECT_EQ(partial->claimed().ranges(), (std::vector<ChunkSet::Range>{{0, 1}, {3, 1}, {5, 1}}));
  partial->claimed().for_each([&](std::uint32_t i) { EXPECT_TRUE(partial->recheck(i)) << i; });
  EXPECT_FALSE(partial->recheck(1));
}

TEST_F(PartialTest, AClaimThatIsNotTrueIsFoundOut) {
  {
    auto partial = open_with_layer();
    write_all(*partial);
    ASSERT_TRUE(partial->checkpoint(ChunkSet::all(grid_.count())).ok());
  }
  const net::Fd fd = *home_.folder().open_write(data_name_);
  ASSERT_TRUE(net::write_exactly(fd.get(), 2 * kChunk + 5, net::as_bytes("xyz")).ok());
  auto partial = open();
  for (std::uint32_t i = 0; i < grid_.count(); ++i) EXPECT_EQ(partial->recheck(i), i != 2) << i;
}

// T48: without a record that can be believed, what is on the disk is looked at.
TEST_F(PartialTest, ATornRecordFallsBackToTheDataOnDiskT48) {
  {
    auto partial = open_with_layer();
    ASSERT_EQ(partial->verify_and_write(4, chunk(4)), WriteResult::kWritten);
    ChunkSet have(grid_.count());
    have.set(4);
    ASSERT_TRUE(partial->checkpoint(have).ok());
  }
  const std::string record = home_.read(data_name_ + ".state");
  for (const std::size_t size : {std::size_t{0}, record.size() / 2, record.size() - 1}) {
    home_.write(data_name_ + ".state", record.substr(0, size));
    auto partial = open();
    ASSERT_TRUE(partial);
    EXPECT_FALSE(partial->has_layer());
    EXPECT_TRUE(partial->claimed().test(4));
    ASSERT_TRUE(partial->set_layer(hashed_.layer));
    EXPECT_TRUE(partial->recheck(4));
  }
}

// T32: a record that belongs to another file.
TEST_F(PartialTest, ARecordOfAnotherFileIsIgnoredT32) {
  const HashedContent other = hashed(content_of(content_.size(), 2));
  const auto record = encode_partial_state({other.id, other.layer, ChunkSet::all(grid_.count())});
  open().reset();
  home_.write(data_name_ + ".state", std::string(net::as_text(record)));
  auto partial = open();
  ASSERT_TRUE(partial);
  EXPECT_FALSE(partial->has_layer());
}

// T46: a record that was being written when the process was killed is not left behind for ever.
TEST_F(PartialTest, AHalfWrittenRecordIsRemovedT46) {
  open_with_layer().reset();
  home_.write("." + data_name_ + ".state.tmp-1234-0011223344556677", "half");
  home_.write(".of-another.state.tmp-1234-0011223344556677", "half");
  ASSERT_TRUE(open());
  EXPECT_EQ(names_left(), 2u) << "the data, and what is another's";
  EXPECT_TRUE(home_.folder().status(".of-another.state.tmp-1234-0011223344556677").ok());
}

TEST_F(PartialTest, OnlyOneAtATimeHasIt) {
  auto first = open();
  const auto second = Partial::open_or_create(home_.folder(), hashed_.id);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, PartialError::Kind::kBusy);
  first.reset();
  EXPECT_TRUE(open());
}

// T31: space is checked before anything is begun.
TEST_F(PartialTest, AHugeFileIsRefusedForWantOfSpaceT31) {
  ContentId huge = hashed_.id;
  huge.length = kMaxFileLength;
  if (home_.folder().free_space() >= huge.length) GTEST_SKIP() << "more than 4 TiB free";
  const auto opened = Partial::open_or_create(home_.folder(), huge);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, PartialError::Kind::kNoSpace);
  EXPECT_EQ(opened.error().needed, kMaxFileLength);
  EXPECT_LT(opened.error().available, kMaxFileLength);
  EXPECT_EQ(names_left(), 0u);
}

// T24: a symlink in the place of the data file is not followed.
TEST_F(PartialTest, ASymlinkIsNotFollowedT24) {
  target_.write("victim", "precious");
  ASSERT_EQ(::symlink(target_.path("victim").c_str(), home_.path(data_name_).c_str()), 0);
  EXPECT_FALSE(Partial::open_or_create(home_.folder(), hashed_.id).ok());
  EXPECT_EQ(target_.read("victim"), "precious");
}

TEST_F(PartialTest, ChunksOfZerosAreHoles) {
  std::string sparse(8 * kChunk, '\0');
  sparse[0] = 'x';
  use(sparse);
  finish_as("sparse");
  struct stat found;
  ASSERT_EQ(::stat(target_.path("sparse").c_str(), &found), 0);
  EXPECT_EQ(target_.read("sparse"), content_);
  EXPECT_LT(found.st_blocks * 512, 3 * static_cast<std::int64_t>(kChunk));
}

TEST_F(PartialTest, ReservesInParts) {
  constexpr std::uint64_t kPart = std::uint64_t{8} << 20;
  use(std::string(2 * kPart + kChunk, 'x'));
  auto partial = open_with_layer();
  auto allocated = [&] {
    struct stat found;
    EXPECT_EQ(::fstat(partial->fd(), &found), 0);
    EXPECT_EQ(static_cast<std::uint64_t>(found.st_size), content_.size());
    return static_cast<std::uint64_t>(found.st_blocks) * 512;
  };
  if (::fallocate(partial->fd(), FALLOC_FL_KEEP_SIZE, 0, 4096) != 0) GTEST_SKIP() << "this file system cannot reserve";
  partial->reserve_more();
  EXPECT_GE(allocated(), kPart);
  EXPECT_LT(allocated(), 2 * kPart);
  ASSERT_TRUE(partial->reserves_more());
  partial->reserve_more();
  ASSERT_TRUE(partial->reserves_more());
  partial->reserve_more();
  EXPECT_FALSE(partial->reserves_more());
  EXPECT_GE(allocated(), content_.size());
  partial.reset();
  EXPECT_FALSE(open_with_layer()->reserves_more()) << "what was put down is gone on with in the space there is";
  use(content_of(kPart / 2));
  EXPECT_FALSE(open_with_layer()->reserves_more()) << "a file of a few MiB is written as soon";
  use(content_of(kPart / 2 + 1));
  EXPECT_TRUE(open_with_layer()->reserves_more());
}

TEST_F(PartialTest, ReservesNothingForHoles) {
  use(std::string(70 * kChunk, '\0'));
  auto partial = open_with_layer();
  ASSERT_TRUE(partial->reserves_more());
  ASSERT_EQ(partial->verify_and_write(1, chunk(1)), WriteResult::kWritten);
  while (partial->reserves_more()) partial->reserve_more();
  for (std::uint32_t i = 0; i < 70; ++i) ASSERT_EQ(partial->verify_and_write(i, chunk(i)), WriteResult::kWritten);
  struct stat found;
  ASSERT_EQ(::fstat(partial->fd(), &found), 0);
  EXPECT_LT(found.st_blocks * 512, std::int64_t{kChunk});
}

TEST_F(PartialTest, DifferentChunksMayBeWrittenAtOnce) {
  use(content_of(40 * kChunk + 3));
  auto partial = open_with_layer();
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint32_t i = t; i < grid_.count(); i += 4) {
        EXPECT_EQ(partial->verify_and_write(i, chunk(i)), WriteResult::kWritten);
        if (i % 10 == 0) {
          EXPECT_TRUE(partial->checkpoint(ChunkSet(grid_.count())).ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(finish(*partial, target_.folder(), "x").ok());
  EXPECT_EQ(target_.read("x"), content_);
}

// T31: who is offered a large file and gets nothing, or little, of it has its disk for other things.
TEST_F(PartialTest, PutDownItTakesTheSpaceOfWhatCameT31) {
  use(content_of(70 * kChunk));
  auto partial = open_with_layer();
  while (partial->reserves_more()) partial->reserve_more();
  ChunkSet have(grid_.count());
  ASSERT_EQ(partial->verify_and_write(2, chunk(2)), WriteResult::kWritten);
  have.set(2);
  partial->give_back(have);
  struct stat found;
  ASSERT_EQ(::fstat(partial->fd(), &found), 0);
  EXPECT_LE(found.st_blocks * 512, 2 * std::int64_t{kChunk});
  EXPECT_TRUE(partial->recheck(2));
  partial.reset();

  partial = open_with_layer();
  EXPECT_TRUE(partial->claimed().test(2)) << "it goes on where it was";
  partial->discard();
  partial = open_with_layer();
  partial->give_back(ChunkSet(grid_.count()));
  EXPECT_EQ(names_left(), 0u);
}

TEST_F(PartialTest, GivenUpLeavesNothing) {
  auto partial = open_with_layer();
  ASSERT_TRUE(partial->checkpoint(ChunkSet(grid_.count())).ok());
  partial->discard();
  EXPECT_EQ(names_left(), 0u);
}

TEST_F(PartialTest, ListsWhatCanBeResumedAndRemovesOrphanRecords) {
  auto partial = open_with_layer();
  ASSERT_TRUE(partial->checkpoint(ChunkSet(grid_.count())).ok());
  home_.write("notes.txt", "not ours");
  home_.write(std::string(64, 'a') + "-5.state", "orphan");
  EXPECT_EQ(list_partials(home_.folder()), (std::vector<ContentId>{hashed_.id}));
  EXPECT_FALSE(home_.exists(std::string(64, 'a') + "-5.state"));
  EXPECT_TRUE(home_.exists(data_name_ + ".state"));
  EXPECT_TRUE(home_.exists("notes.txt"));
}

// T46: a process that is killed at any moment leaves something that can be resumed, and never a final file that is not
// whole. The child downloads, checkpoints and finishes; the parent kills it at a moment that differs from round to
// round, then does what a new run does.
TEST_F(PartialTest, AKillAtAnyMomentLosesNothingT46) {
  use(content_of(12 * kChunk + 99));
  bool finished = false;
  for (unsigned round = 0; round < 40 && !finished; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto partial = open_with_layer();
      if (!partial) ::_exit(3);
      ChunkSet have(grid_.count());
      partial->claimed().for_each([&](std::uint32_t i) {
        if (partial->recheck(i)) have.set(i);
      });
      while (const auto next = have.first_missing()) {
        if (partial->verify_and_write(*next, chunk(*next)) != WriteResult::kWritten) ::_exit(4);
        have.set(*next);
        if (!partial->checkpoint(have).ok()) ::_exit(5);
      }
      ::_exit(finish(*partial, target_.folder(), "x").ok() ? 0 : 6);
    }
    ::usleep(500 + 700 * round);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
      ASSERT_EQ(WEXITSTATUS(status), 0);
    }
    finished = target_.exists("x");
    if (finished) {
      EXPECT_EQ(target_.read("x"), content_);
    }
    EXPECT_EQ(target_.folder().list()->size(), finished ? 1u : 0u);
  }
  if (!finished) {
    EXPECT_FALSE(finish_as("x").already_here);
  }
  EXPECT_EQ(target_.read("x"), content_);
}

}  // namespace
}  // namespace peer::files
