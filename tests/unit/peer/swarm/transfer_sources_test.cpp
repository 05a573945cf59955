// SPDX-License-Identifier: MIT
#include "peer/swarm/transfer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/peer/swarm/transfer_support.h"

namespace peer::swarm {
namespace {

using namespace std::chrono_literals;

// --- sources ---

TEST(Transfer, SourcesShareTheWork) {
  TransferFixture f(8);
  f.open();
  f.transfer.source_complete(1);
  f.transfer.source_complete(2);
  auto asked = f.asked();
  EXPECT_EQ(asked[1], (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(asked[2], (std::vector<std::uint32_t>{1, 3}));
  EXPECT_TRUE(f.asked().empty()) << "nothing is asked twice";
  f.deliver(1, 2);
  EXPECT_FALSE(f.asked()[1].empty());
}

TEST(Transfer, ASourceIsAskedForMoreOnceItsRateIsKnown) {
  TransferFixture f(200);
  f.open();
  f.transfer.source_complete(1);
  std::vector<std::uint32_t> waiting = f.asked()[1];
  EXPECT_EQ(waiting.size(), 2u);
  for (int i = 0; i < 50; ++i) {
    f.clock.advance(20ms);
    f.deliver(1, waiting.front());
    waiting.erase(waiting.begin());
    std::vector<std::uint32_t> more = f.asked()[1];
    waiting.insert(waiting.end(), more.begin(), more.end());
  }
  // 12.5 MB/s for half a second are 25 chunks.
  EXPECT_GT(waiting.size(), 15u);
  EXPECT_LT(waiting.size(), 40u);
}

TEST(Transfer, PartialSourcesAreAskedOnlyForWhatTheyHave) {
  TransferFixture f(8);
  f.open();
  f.transfer.source_has(1, 6, 1);
  f.transfer.source_has(2, 3, 2);
  f.transfer.source_has(3, 0, 0);
  auto asked = f.asked();
  EXPECT_EQ(asked[1], (std::vector<std::uint32_t>{6}));
  std::sort(asked[2].begin(), asked[2].end());
  EXPECT_EQ(asked[2], (std::vector<std::uint32_t>{3, 4}));
  EXPECT_FALSE(asked.contains(3));
  f.deliver(1, 6);
  f.transfer.source_has(1, 3, 2);
  EXPECT_TRUE(f.asked().empty()) << "the other has been asked for these";
}

TEST(Transfer, WhatASourceClaimsOutsideTheFileIsIgnored) {
  TransferFixture f(4);
  f.open();
  f.transfer.source_has(1, 4, 1);
  f.transfer.source_has(1, 0xfffffffe, 1);
  EXPECT_TRUE(f.asked().empty());
  f.transfer.source_has(1, 3, 0xffffffff);
  EXPECT_EQ(f.asked()[1], (std::vector<std::uint32_t>{3}));
  f.transfer.source_has(1, 0, 0xffffffff);
  EXPECT_EQ(f.asked()[1].size(), 1u) << "it has all now";
}

// T21: claims that repeat each other cost what is new in them.
TEST(Transfer, T21_RepeatedClaimsChangeNothing) {
  TransferFixture f(100);
  f.open();
  for (int i = 0; i < 10'000; ++i) f.transfer.source_has(1, 0, 99);
  f.transfer.drop_source(1);
  f.transfer.source_has(2, 0, 100);
  f.transfer.source_complete(2);
  f.transfer.drop_source(2);
  EXPECT_EQ(f.transfer.source_count(), 0u);
}

TEST(Transfer, WhatALostSourceWasAskedForIsAskedElsewhere) {
  TransferFixture f(4);
  f.open();
  f.transfer.source_complete(1);
  EXPECT_EQ(f.asked()[1].size(), 2u);
  f.transfer.drop_source(1);
  EXPECT_FALSE(f.transfer.wants_chunk(1, 0));
  f.transfer.source_complete(2);
  Plan plan = f.plan();
  EXPECT_EQ(plan.chunks.size(), 2u);
  EXPECT_TRUE(plan.cancels.empty()) << "there is nobody to tell";
  f.transfer.drop_source(77);
}

TEST(Transfer, AChunkOnItsWayToTheDiskIsNotAskedForWhenItsSourceIsLost) {
  TransferFixture f(1, 1);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.come(1, 0);
  f.transfer.drop_source(1);
  f.transfer.source_complete(2);
  EXPECT_EQ(f.asked()[2], (std::vector<std::uint32_t>{1}));
  EXPECT_TRUE(f.stored(0));
}

TEST(Transfer, ASourceThatOffersItNoLongerIsNotAskedAnyMore) {
  TransferFixture f(4);
  f.open();
  f.transfer.source_complete(1);
  std::vector<std::uint32_t> asked = f.asked()[1];
  ASSERT_FALSE(asked.empty());
  f.transfer.source_interested(2);
  f.transfer.withdraw_source(2);
  EXPECT_TRUE(f.transfer.has_source(2)) << "it never said that it had all";
  f.transfer.withdraw_source(1);
  EXPECT_FALSE(f.transfer.has_source(1));
  Plan plan = f.plan();
  for (std::uint32_t chunk : asked) EXPECT_TRUE(has_order(plan.cancels, 1, chunk));
  EXPECT_TRUE(plan.chunks.empty());
  f.transfer.source_complete(1);
  EXPECT_EQ(f.plan().choices.size(), 2u);
}

// --- wrong data ---

// T36: a chunk with a wrong hash is fetched again.
TEST(Transfer, T36_ABadChunkIsFetchedAgain) {
  TransferFixture f(1, 1);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.deliver(1, 1);
  f.come(1, 0);
  EXPECT_FALSE(f.stored(0, Outcome::kBadHash));
  EXPECT_EQ(f.transfer.state(), State::kFetching);
  EXPECT_EQ(f.asked()[1], (std::vector<std::uint32_t>{0}));
  f.deliver(1, 0);
  EXPECT_TRUE(f.transfer.take_finish());
  EXPECT_EQ(f.transfer.bytes_fetched(), kChunk + 1) << "the bad copy does not count";
}

TEST(Transfer, ABadChunkThatAnotherIsAskedForIsLeftToThatOne) {
  TransferFixture f(0, 100);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.transfer.begin_chunk(1, 0, f.clock.now());
  f.transfer.source_complete(2);
  f.clock.advance_to(*f.transfer.deadline());
  EXPECT_EQ(f.asked()[2], (std::vector<std::uint32_t>{0}));
  f.transfer.begin_chunk(2, 0, f.clock.now());
  f.transfer.chunk_came(1, 0, f.clock.now());
  EXPECT_FALSE(f.stored(0, Outcome::kBadHash));
  EXPECT_TRUE(f.plan().cancels.empty()) << "two have begun to send it";
  f.deliver(2, 0);
  EXPECT_TRUE(f.transfer.take_finish());
}

// --- refusals ---

TEST(Transfer, ASourceThatRefusesIsLeftAloneLongerEachTime) {
  TransferFixture f(8);
  f.open();
  f.transfer.source_complete(1);
  net::Duration last = 0s;
  for (int i = 0; i < 8; ++i) {
    std::vector<std::uint32_t> asked = f.asked()[1];
    ASSERT_EQ(asked.size(), 2u) << i;
    for (std::uint32_t chunk : asked) f.transfer.refused(1, chunk, f.clock.now());
    EXPECT_TRUE(f.asked().empty());
    ASSERT_TRUE(f.transfer.deadline());
    net::Duration pause = *f.transfer.deadline() - f.clock.now();
    EXPECT_GE(pause, last);
    EXPECT_LE(pause, 30s);
    last = pause;
    f.clock.advance_to(*f.transfer.deadline());
  }
  EXPECT_GE(last, 20s);
  // What it does send in the end makes up for it.
  f.deliver(1, f.asked()[1].front());
  f.transfer.refused(1, f.asked()[1].front(), f.clock.now());
  EXPECT_LE(*f.transfer.deadline() - f.clock.now(), 5s);
}

TEST(Transfer, WhatOneRefusesAnotherIsAskedFor) {
  TransferFixture f(0, 100);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.transfer.source_complete(2);
  f.transfer.refused(1, 0, f.clock.now());
  EXPECT_EQ(f.asked()[2], (std::vector<std::uint32_t>{0}));
  f.transfer.refused(1, 0, f.clock.now());
  f.transfer.refused(9, 0, f.clock.now());
  EXPECT_TRUE(f.transfer.wants_chunk(2, 0)) << "refusals of what was not asked change nothing";
}

// --- silence ---

TEST(Transfer, WhatASilentSourceWasAskedForIsAskedElsewhereToo) {
  TransferFixture f(2);
  f.open();
  f.transfer.source_complete(1);
  EXPECT_EQ(f.asked()[1].size(), 2u);
  f.clock.advance_to(*f.transfer.deadline());
  Plan plan = f.plan();
  EXPECT_TRUE(plan.cancels.empty()) << "it may have others to serve first";
  EXPECT_TRUE(plan.chunks.empty());
  f.transfer.source_complete(2);
  EXPECT_EQ(f.asked()[2], (std::vector<std::uint32_t>{0, 1}));
  f.deliver(2, 0);
  EXPECT_TRUE(has_order(f.plan().cancels, 1, 0)) << "now it need not send it";
}

// It was waiting for its turn among many: nothing is asked twice of it, and nothing is lost.
TEST(Transfer, ASourceThatWasOnlySlowGoesOnWhereItWas) {
  TransferFixture f(3);
  f.open();
  f.transfer.source_complete(1);
  EXPECT_EQ(f.asked()[1], (std::vector<std::uint32_t>{0, 1}));
  for (int i = 0; i < 20; ++i) {
    f.clock.advance(3s);
    Plan plan = f.plan();
    EXPECT_TRUE(plan.cancels.empty());
    EXPECT_TRUE(plan.chunks.empty());
  }
  f.deliver(1, 0);
  EXPECT_EQ(f.asked()[1], (std::vector<std::uint32_t>{2}));
  f.deliver(1, 1);
  f.deliver(1, 2);
  EXPECT_TRUE(f.transfer.take_finish());
}

TEST(Transfer, ASilentSourceThatComesBackGivesWayWhereAnotherWasAsked) {
  TransferFixture f(4);
  f.open();
  f.transfer.source_complete(1);
  EXPECT_EQ(f.asked()[1], (std::vector<std::uint32_t>{0, 1}));
  f.clock.advance(6s);
  f.plan();
  f.transfer.source_complete(2);
  EXPECT_EQ(f.asked()[2], (std::vector<std::uint32_t>{0, 1}));
  f.deliver(1, 0);  // Late, but first.
  Plan plan = f.plan();
  EXPECT_TRUE(has_order(plan.cancels, 2, 0));
  ASSERT_EQ(plan.chunks.size(), 2u) << "one for each";
  f.transfer.drop_source(2);
  EXPECT_TRUE(f.transfer.wants_chunk(1, 1)) << "asked for long ago, and still to come";
  f.deliver(1, 1);
  f.clock.advance(1s);
  for (int i = 0; i < 3 && !f.transfer.take_finish(); ++i) {
    for (std::uint32_t chunk = 2; chunk < 4; ++chunk) {
      if (f.transfer.wants_chunk(1, chunk)) f.deliver(1, chunk);
    }
    f.plan();
  }
  EXPECT_EQ(f.transfer.state(), State::kFinishing);
}

TEST(Transfer, ManySilentSourcesInARowDoNotEndIt) {
  TransferFixture f(1, 1);
  f.open();
  for (ConnectionId source = 1; source <= 5; ++source) {
    f.transfer.source_complete(source);
    EXPECT_EQ(f.asked()[source].size(), 2u) << source;
    f.clock.advance(6s);
    EXPECT_TRUE(f.plan().chunks.empty());
  }
  f.transfer.source_complete(6);
  EXPECT_EQ(f.asked()[6].size(), 2u);
  f.deliver(6, 0);
  f.deliver(6, 1);
  EXPECT_EQ(f.transfer.state(), State::kFinishing);
  EXPECT_EQ(f.plan().cancels.size(), 10u);
}

TEST(Transfer, ASilentSourceIsTriedAgainWhenOthersHaveSentWhatItWasAskedFor) {
  TransferFixture f(8);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.clock.advance(6s);
  f.plan();
  f.transfer.source_complete(2);
  f.plan();
  f.deliver(2, 0);
  f.deliver(2, 1);
  f.plan();
  f.clock.advance(4s);
  f.transfer.heard(2, 1, f.clock.now());
  f.clock.advance(2s);
  EXPECT_FALSE(f.asked()[1].empty());
}

TEST(Transfer, BytesKeepASourceAlive) {
  TransferFixture f(2);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.transfer.source_complete(2);
  for (int i = 0; i < 10; ++i) {
    f.clock.advance(4s);
    f.transfer.heard(1, 1, f.clock.now());
    EXPECT_EQ(f.transfer.last_progress(), f.clock.now());
    f.plan();
  }
  EXPECT_TRUE(f.transfer.wants_chunk(1, 0));
}

// --- the end of a file ---

TEST(Transfer, AChunkThatIsLateAtTheEndIsAskedOfASecondSourceAndNoThird) {
  TransferFixture f(0, 100);
  f.open();
  for (ConnectionId source = 1; source <= 3; ++source) f.transfer.source_complete(source);
  EXPECT_EQ(f.asked().size(), 1u) << "a small file is not sent twice as a rule";
  ASSERT_TRUE(f.transfer.deadline());
  f.clock.advance_to(*f.transfer.deadline());
  EXPECT_EQ(f.asked().size(), 1u);
  f.clock.advance(1s);
  EXPECT_TRUE(f.asked().empty());
  f.transfer.begin_chunk(2, 0, f.clock.now());
  EXPECT_TRUE(has_order(f.plan().cancels, 1, 0)) << "nobody else need send it";
  EXPECT_FALSE(f.transfer.wants_chunk(1, 0));
  f.clock.advance(100ms);
  EXPECT_TRUE(f.asked().empty()) << "it comes";
  f.transfer.chunk_came(2, 0, f.clock.now());
  f.clock.advance(1s);
  EXPECT_TRUE(f.asked().empty()) << "nor is it asked for while it is written";
  EXPECT_TRUE(f.stored(0));
}

TEST(Transfer, TheSecondCopyIsReleasedWhenItComesAllTheSame) {
  TransferFixture f(0, 100);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.transfer.source_complete(2);
  f.clock.advance(1s);
  f.plan();
  f.come(1, 0);
  f.transfer.unwanted(2, 0);
  f.transfer.unwanted(2, 0);
  EXPECT_FALSE(f.stored(0, Outcome::kBadHash));
  EXPECT_EQ(f.plan().chunks.size(), 1u) << "neither copy was good: again";
}

}  // namespace
}  // namespace peer::swarm
