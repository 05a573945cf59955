// SPDX-License-Identifier: MIT
// Chunks that a source chooses, while others fetch the same file.
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/peer/swarm/transfer_support.h"

namespace peer::swarm {
namespace {

using namespace std::chrono_literals;

/// Source 1 has everything, source 2 fetches too.
struct ChoiceFixture : TransferFixture {
  explicit ChoiceFixture(std::uint64_t chunks) : TransferFixture(chunks) {
    open();
    transfer.source_complete(1);
    transfer.source_interested(2);
  }
  void choose(ConnectionId source, std::uint32_t chunk) {
    ASSERT_TRUE(transfer.wants_choice(source, chunk));
    transfer.chose(source, chunk, clock.now());
    transfer.begin_chunk(source, chunk, clock.now());
  }
};

const std::vector<ConnectionId> kTwice{1, 1};

TEST(TransferChoice, WhoHasEverythingChoosesWhileOthersFetchToo) {
  ChoiceFixture f(8);
  Plan plan = f.plan();
  EXPECT_EQ(plan.choices, kTwice);
  EXPECT_TRUE(plan.chunks.empty());
  EXPECT_TRUE(f.plan().choices.empty()) << "not more at a time";
  EXPECT_EQ(f.transfer.choice_among(), files::ChunkSet::all(8));
}

TEST(TransferChoice, NobodyChoosesWhereNobodyElseFetches) {
  TransferFixture f(8);
  f.open();
  f.transfer.source_complete(1);
  Plan plan = f.plan();
  EXPECT_TRUE(plan.choices.empty());
  EXPECT_EQ(plan.chunks.size(), 2u);
}

TEST(TransferChoice, AChosenChunkIsAsGoodAsOneAskedFor) {
  ChoiceFixture f(8);
  f.plan();
  f.choose(1, 5);
  EXPECT_TRUE(f.transfer.wants_chunk(1, 5));
  EXPECT_FALSE(f.transfer.wants_choice(1, 5)) << "not a second time";
  EXPECT_FALSE(f.transfer.choice_among().test(5));
  EXPECT_TRUE(f.plan().choices.empty()) << "one comes and one is still to be chosen";
  f.transfer.heard(1, kChunk, f.clock.now());
  f.transfer.chunk_came(1, 5, f.clock.now());
  EXPECT_EQ(f.plan().choices.size(), 1u);
  EXPECT_TRUE(f.stored(5));
  EXPECT_EQ(f.transfer.bytes_fetched(), kChunk);
}

TEST(TransferChoice, WhatOthersHaveIsNotLeftToChoose) {
  ChoiceFixture f(8);
  f.transfer.source_has(2, 0, 6);
  Plan plan = f.plan();
  files::ChunkSet rest(8);
  rest.set(6);
  rest.set(7);
  EXPECT_EQ(f.transfer.choice_among(), rest);
  EXPECT_EQ(plan.choices, kTwice);
  ASSERT_EQ(plan.chunks.size(), 2u);
  for (const ChunkOrder& order : plan.chunks) EXPECT_EQ(order.source, 2u);
}

TEST(TransferChoice, NothingIsLeftToChooseOnceOthersHaveEverything) {
  ChoiceFixture f(8);
  EXPECT_EQ(f.plan().choices, kTwice);
  f.transfer.source_interested(3);
  f.transfer.source_has(2, 0, 4);
  f.transfer.source_has(3, 4, 4);
  Plan plan = f.plan();
  EXPECT_TRUE(has_order(plan.cancels, 1, CancelOrder::kChoices));
  EXPECT_TRUE(plan.choices.empty());
  EXPECT_FALSE(f.transfer.wants_choice(1, 0)) << "it came all the same";
  EXPECT_EQ(plan.chunks.size(), 6u) << "all three are asked by chunk";
}

TEST(TransferChoice, SourcesThatChooseAtATimeHaveMuchToChooseAmong) {
  ChoiceFixture f(4);
  f.transfer.source_complete(3);
  Plan plan = f.plan();
  // Two sources may choose the same of four chunks too easily: one is asked by chunk.
  EXPECT_EQ(plan.choices.size() + plan.chunks.size(), 4u);
  for (const ChunkOrder& order : plan.chunks) EXPECT_NE(order.source, plan.choices.front());

  ChoiceFixture g(100);
  g.transfer.source_complete(3);
  EXPECT_EQ(g.plan().choices.size(), 4u);
  g.choose(1, 50);
  EXPECT_FALSE(g.transfer.wants_choice(3, 50)) << "two have chosen the same: one copy is enough";
}

TEST(TransferChoice, WhoChoosesBadlyIsAskedByChunkUntilOneComes) {
  ChoiceFixture f(100);
  f.plan();
  f.transfer.choice_failed(1);
  f.transfer.choice_failed(1);
  f.transfer.choice_failed(1);
  Plan plan = f.plan();
  EXPECT_TRUE(plan.choices.empty());
  ASSERT_EQ(plan.chunks.size(), 2u);
  f.deliver(1, plan.chunks.front().chunk);
  EXPECT_EQ(f.plan().choices, (std::vector<ConnectionId>{1}));
}

TEST(TransferChoice, ARefusedChoiceIsAPauseAsForAnyChunk) {
  ChoiceFixture f(8);
  f.plan();
  f.transfer.refused(1, CancelOrder::kChoices, f.clock.now());
  f.transfer.refused(1, CancelOrder::kChoices, f.clock.now());
  f.transfer.refused(1, CancelOrder::kChoices, f.clock.now());
  EXPECT_TRUE(f.plan().choices.empty());
  ASSERT_TRUE(f.transfer.deadline());
  f.clock.advance_to(*f.transfer.deadline());
  EXPECT_EQ(f.plan().choices, kTwice);
}

TEST(TransferChoice, ChoicesEndWithTheirSource) {
  ChoiceFixture f(8);
  f.plan();
  f.transfer.drop_source(1);
  EXPECT_FALSE(f.transfer.wants_choice(1, 0));
  EXPECT_TRUE(f.plan().cancels.empty()) << "there is nobody to tell";
  f.transfer.source_complete(1);
  EXPECT_EQ(f.plan().choices, kTwice);
  f.transfer.withdraw_source(1);
  EXPECT_TRUE(has_order(f.plan().cancels, 1, CancelOrder::kChoices));
}

TEST(TransferChoice, ChoicesEndWithTheTransfer) {
  ChoiceFixture f(8);
  f.plan();
  f.transfer.fail("cancelled");
  EXPECT_TRUE(has_order(f.plan().cancels, 1, CancelOrder::kChoices));
  EXPECT_FALSE(f.transfer.wants_choice(1, 0));
}

// One that was left to choose and says nothing is not waited for: others are asked by chunk.
TEST(TransferChoice, ASilentSourceHoldsNothingBack) {
  ChoiceFixture f(2);
  EXPECT_EQ(f.plan().choices, kTwice);
  f.transfer.source_has(2, 0, 1);
  EXPECT_EQ(f.asked()[2], (std::vector<std::uint32_t>{0}));
  f.deliver(2, 0);
  f.clock.advance(6s);
  f.transfer.source_complete(3);
  f.plan();
  f.clock.advance(6s);
  f.transfer.source_has(2, 1, 1);
  Plan plan = f.plan();
  f.deliver(2, 1);
  EXPECT_EQ(f.transfer.state(), State::kFinishing);
}

}  // namespace
}  // namespace peer::swarm
