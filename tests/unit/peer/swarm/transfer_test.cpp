// SPDX-License-Identifier: MIT
#include "peer/swarm/transfer.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "tests/unit/peer/swarm/transfer_support.h"

namespace peer::swarm {
namespace {

using namespace std::chrono_literals;

// --- beginning and end ---

TEST(Transfer, AnEmptyFileNeedsNoSource) {
  TransferFixture f(0);
  EXPECT_TRUE(f.transfer.layer_known());
  EXPECT_FALSE(f.transfer.take_finish());
  f.open();
  EXPECT_EQ(f.transfer.state(), State::kFinishing);
  EXPECT_TRUE(f.transfer.take_finish());
  EXPECT_FALSE(f.transfer.take_finish()) << "once";
  StoreFinished done;
  done.path = "file";
  f.transfer.finished(done);
  EXPECT_EQ(f.transfer.state(), State::kDone);
  EXPECT_EQ(f.transfer.result().path, "file");
}

TEST(Transfer, AFileOfOneChunkNeedsNoLayer) {
  TransferFixture f(0, 100);
  f.transfer.source_complete(1);
  f.open();
  Plan plan = f.plan();
  EXPECT_FALSE(plan.layer_from);
  ASSERT_EQ(plan.chunks.size(), 1u);
  EXPECT_EQ(f.transfer.expected(0), f.content.id.root);
  f.deliver(1, 0);
  EXPECT_EQ(f.transfer.bytes_done(), 100u);
  EXPECT_TRUE(f.transfer.take_finish());
}

TEST(Transfer, NothingIsAskedBeforeTheStoreIsOpen) {
  TransferFixture f(4);
  f.transfer.source_complete(1);
  Plan plan = f.plan();
  EXPECT_TRUE(plan.chunks.empty());
  EXPECT_FALSE(plan.layer_from);
  EXPECT_FALSE(f.transfer.deadline());
}

TEST(Transfer, AFileThatIsAllThereAlreadyIsFinishedAtOnce) {
  TransferFixture f(4);
  f.open(files::ChunkSet::all(4));
  EXPECT_EQ(f.transfer.state(), State::kFinishing);
  EXPECT_EQ(f.transfer.bytes_done(), 4 * kChunk);
  EXPECT_EQ(f.transfer.bytes_fetched(), 0u);
}

TEST(Transfer, WhatIsThereIsNotAskedFor) {
  TransferFixture f(3);
  files::ChunkSet have(3);
  have.set(0);
  have.set(2);
  f.open(have);
  f.transfer.source_complete(1);
  EXPECT_EQ(f.asked()[1], (std::vector<std::uint32_t>{1}));
}

TEST(Transfer, HowFarOpeningIsShows) {
  TransferFixture f(4);
  f.transfer.opening({false, 3 * kChunk}, f.clock.now());
  EXPECT_FALSE(f.transfer.copies());
  EXPECT_EQ(f.transfer.bytes_done(), 3 * kChunk);
  f.transfer.opening({true, kChunk}, f.clock.now());
  EXPECT_TRUE(f.transfer.copies());
  EXPECT_EQ(f.transfer.bytes_done(), kChunk);
  files::ChunkSet have(4);
  have.set(1);
  have.set(2);
  f.open(have);
  EXPECT_EQ(f.transfer.bytes_done(), 2 * kChunk);
  f.transfer.opening({true, 4 * kChunk}, f.clock.now());
  EXPECT_EQ(f.transfer.bytes_done(), 2 * kChunk);
}

TEST(Transfer, AStoreThatCannotOpenFailsIt) {
  TransferFixture f(3);
  StoreOpened result;
  result.error = "no space";
  f.transfer.opened(std::move(result), f.clock.now());
  EXPECT_EQ(f.transfer.state(), State::kFailed);
  EXPECT_EQ(f.transfer.error(), "no space");
  f.transfer.source_complete(1);
  EXPECT_TRUE(f.plan().chunks.empty());
  EXPECT_FALSE(f.transfer.deadline());
}

TEST(Transfer, AFailureAtTheEndFailsIt) {
  TransferFixture f(0);
  f.open();
  StoreFinished result;
  result.error = "fsync";
  f.transfer.finished(result);
  EXPECT_EQ(f.transfer.state(), State::kFailed);
  f.transfer.finished({});
  EXPECT_EQ(f.transfer.state(), State::kFailed) << "the first end stays";
}

// T47: a disk that is full or broken ends it with the reason.
TEST(Transfer, T47_AWriteThatFailsEndsIt) {
  for (Outcome outcome : {Outcome::kNoSpace, Outcome::kFailed}) {
    TransferFixture f(4);
    f.open();
    f.transfer.source_complete(1);
    f.plan();
    f.come(1, 0);
    EXPECT_FALSE(f.stored(0, outcome));
    EXPECT_EQ(f.transfer.state(), State::kFailed);
    EXPECT_EQ(f.transfer.error(), "the reason");
    EXPECT_TRUE(has_order(f.plan().cancels, 1, 1)) << "what is asked for is taken back";
    EXPECT_FALSE(f.transfer.wants_chunk(1, 1));
  }
}

// T47: a full disk is tried with one chunk at a time, ever more seldom, until it has room.
TEST(Transfer, T47_AFullDiskPausesOneThatWaitsForRoom) {
  TransferFixture f(8, 0, true);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.come(1, 0);
  EXPECT_FALSE(f.stored(0, Outcome::kNoSpace));
  EXPECT_EQ(f.transfer.state(), State::kFetching);
  EXPECT_EQ(f.transfer.paused(), "the reason");
  Plan taken_back = f.plan();
  EXPECT_TRUE(has_order(taken_back.cancels, 1, 1));
  EXPECT_TRUE(taken_back.chunks.empty());
  EXPECT_FALSE(f.transfer.wants_chunk(1, 1));
  net::Duration before{};
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(f.transfer.deadline());
    const net::Duration pause = *f.transfer.deadline() - f.clock.now();
    EXPECT_GE(pause, before);
    EXPECT_LE(pause, std::chrono::seconds(15));
    before = pause;
    f.clock.advance(pause);
    const Plan plan = f.plan();
    ASSERT_EQ(plan.chunks.size(), 1u);
    EXPECT_TRUE(f.plan().chunks.empty()) << "one at a time";
    f.come(1, plan.chunks[0].chunk);
    EXPECT_TRUE(f.plan().chunks.empty());
    EXPECT_FALSE(f.stored(plan.chunks[0].chunk, Outcome::kNoSpace));
  }
  f.clock.advance(std::chrono::seconds(15));
  const Plan plan = f.plan();
  ASSERT_EQ(plan.chunks.size(), 1u);
  f.come(1, plan.chunks[0].chunk);
  EXPECT_TRUE(f.stored(plan.chunks[0].chunk, Outcome::kWritten));
  EXPECT_EQ(f.transfer.paused(), "");
  EXPECT_GE(f.plan().chunks.size(), 2u) << "it goes on";
}

TEST(Transfer, CancellingTakesBackWhatIsAskedForInEveryState) {
  TransferFixture f(4);
  f.transfer.fail("cancelled");
  EXPECT_TRUE(f.transfer.ended());
  f.open();
  EXPECT_EQ(f.transfer.state(), State::kFailed) << "a store that opens late changes nothing";

  TransferFixture g(4);
  g.open();
  g.transfer.source_complete(1);
  g.plan();
  g.come(1, 0);
  g.transfer.fail("cancelled");
  EXPECT_TRUE(has_order(g.plan().cancels, 1, 1));
  EXPECT_FALSE(g.stored(0)) << "nor does a write that ends late";
  EXPECT_EQ(g.transfer.bytes_done(), 0u);
  g.transfer.source_complete(2);
  g.transfer.source_has(3, 0, 4);
  g.transfer.heard(1, 10, g.clock.now());
  g.transfer.refused(1, 1, g.clock.now());
  g.transfer.drop_source(1);
  EXPECT_TRUE(g.plan().chunks.empty());
}

// --- the layer ---

struct LayerFixture : TransferFixture {
  LayerFixture() : TransferFixture(4) {
    transfer.opened({}, clock.now());
    transfer.source_complete(1);
    transfer.source_complete(2);
  }
};

TEST(Transfer, TheLayerIsAskedOfOneSource) {
  LayerFixture f;
  Plan plan = f.plan();
  EXPECT_EQ(plan.layer_from, 1u);
  EXPECT_TRUE(plan.chunks.empty());
  EXPECT_FALSE(f.plan().layer_from) << "once";
  EXPECT_TRUE(f.transfer.layer_came(1, *f.content.layer, f.clock.now()));
  EXPECT_TRUE(f.transfer.layer_known());
  EXPECT_EQ(f.transfer.expected(3), f.content.layer->at(3));
  EXPECT_EQ(f.plan().chunks.size(), 4u);
}

// T36: a wrong layer, of whatever size, is refused, and another source is asked.
TEST(Transfer, T36_AWrongLayerIsRefused) {
  std::vector<files::Hash> wrong;
  LayerFixture f;
  for (std::size_t size : {0u, 1u, 3u, 4u, 5u, 1000u}) {
    f.clock.advance(1min);
    EXPECT_EQ(f.plan().layer_from, 1u);
    wrong.assign(size, files::Hash{});
    EXPECT_FALSE(f.transfer.layer_came(1, wrong, f.clock.now())) << size;
    EXPECT_EQ(f.plan().layer_from, 2u) << size;
    f.transfer.layer_refused(2, f.clock.now());
  }
  EXPECT_FALSE(f.transfer.layer_known());
}

TEST(Transfer, ASourceThatDoesNotSendTheLayerIsPassedOver) {
  LayerFixture f;
  EXPECT_EQ(f.plan().layer_from, 1u);
  f.clock.advance_to(*f.transfer.deadline());
  EXPECT_EQ(f.plan().layer_from, 2u);
  f.clock.advance_to(*f.transfer.deadline());
  // Both are left alone for a while, but it does not end there.
  std::set<ConnectionId> asked;
  for (int i = 0; i < 10; ++i) {
    if (auto source = f.plan().layer_from) asked.insert(*source);
    ASSERT_TRUE(f.transfer.deadline());
    f.clock.advance_to(*f.transfer.deadline());
  }
  EXPECT_EQ(asked, (std::set<ConnectionId>{1, 2}));
}

TEST(Transfer, ALayerThatComesInPartsIsWaitedFor) {
  LayerFixture f;
  EXPECT_EQ(f.plan().layer_from, 1u);
  for (int part = 0; part < 10; ++part) {
    f.clock.advance(9s);
    f.transfer.layer_part_came(1, f.clock.now());
    EXPECT_FALSE(f.plan().layer_from) << part;
  }
  EXPECT_TRUE(f.transfer.layer_came(1, *f.content.layer, f.clock.now()));
}

TEST(Transfer, ALayerThatComesTooLateIsGood) {
  LayerFixture f;
  EXPECT_EQ(f.plan().layer_from, 1u);
  f.clock.advance(11s);
  EXPECT_EQ(f.plan().layer_from, 2u);
  EXPECT_TRUE(f.transfer.layer_came(1, *f.content.layer, f.clock.now()));
  EXPECT_EQ(f.asked().size(), 2u) << "both are asked for chunks at once";
  EXPECT_TRUE(f.transfer.layer_came(2, {}, f.clock.now())) << "a second one is not looked at: no blame";
}

TEST(Transfer, ALayerFromSomebodyWhoIsNoSourceAnyMoreIsJudgedAlike) {
  LayerFixture f;
  f.plan();
  f.transfer.drop_source(1);
  EXPECT_FALSE(f.transfer.layer_came(1, {}, f.clock.now()));
  EXPECT_EQ(f.transfer.source_count(), 1u) << "and does not become one by it";
  EXPECT_EQ(f.plan().layer_from, 2u);
  EXPECT_TRUE(f.transfer.layer_came(1, *f.content.layer, f.clock.now()));
  EXPECT_EQ(f.transfer.source_count(), 1u);
}

TEST(Transfer, WithoutSourcesThereIsNothingToWaitFor) {
  LayerFixture f;
  f.plan();
  f.transfer.drop_source(1);
  f.transfer.drop_source(2);
  EXPECT_FALSE(f.plan().layer_from);
  EXPECT_FALSE(f.transfer.deadline());
}

// --- all of it ---

TEST(Transfer, ProgressCountsVerifiedBytes) {
  TransferFixture f(1, 100);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.come(1, 1);
  EXPECT_EQ(f.transfer.bytes_done(), 0u);
  EXPECT_TRUE(f.stored(1));
  EXPECT_EQ(f.transfer.bytes_done(), 100u);
  EXPECT_FALSE(f.stored(1)) << "only once";
  EXPECT_EQ(f.transfer.bytes_done(), 100u);
  EXPECT_GT(f.transfer.rate(f.clock.now()), 0.0);
}

/// Sources come, go, refuse, fall silent and lie in an order drawn from a seed; the file comes whole in the end, and
/// no deadline ever lies in the past.
TEST(Transfer, WhateverSourcesDoItEndsOnceOneIsGood) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    TransferFixture f(12, 5);
    f.open();
    std::vector<ChunkOrder> asked;
    auto plan = [&] {
      Plan next = f.plan();
      for (const CancelOrder& order : next.cancels) {
        std::erase_if(asked, [&](const ChunkOrder& a) { return a.source == order.source && a.chunk == order.chunk; });
      }
      for (const ChunkOrder& order : next.chunks) {
        for (const ChunkOrder& a : asked) {
          EXPECT_FALSE(a.source == order.source && a.chunk == order.chunk) << "asked twice of one source";
        }
        asked.push_back(order);
      }
    };
    auto step = [&](bool good_only) {
      f.clock.advance(std::chrono::milliseconds(random() % 3000));
      auto source = static_cast<ConnectionId>(1 + random() % 5);
      auto chunk = static_cast<std::uint32_t>(random() % 13);
      switch (good_only ? 6 : random() % 9) {
        case 0:
          f.transfer.source_complete(source);
          break;
        case 1:
          f.transfer.source_has(source, chunk, static_cast<std::uint32_t>(random() % 5));
          break;
        case 2:
          f.transfer.drop_source(source);
          std::erase_if(asked, [&](const ChunkOrder& a) { return a.source == source; });
          break;
        case 3:
          f.transfer.withdraw_source(source);
          break;
        default:
          if (asked.empty()) break;
          ChunkOrder order = asked[random() % asked.size()];
          if (good_only) order = asked.back();
          std::erase_if(asked, [&](const ChunkOrder& a) { return a.source == order.source && a.chunk == order.chunk; });
          if (!good_only && random() % 3 == 0) {
            f.transfer.refused(order.source, order.chunk, f.clock.now());
          } else if (!f.transfer.wants_chunk(order.source, order.chunk)) {
            f.transfer.unwanted(order.source, order.chunk);
          } else {
            f.come(order.source, order.chunk);
            bool bad = !good_only && random() % 3 == 0;
            f.stored(order.chunk, bad ? Outcome::kBadHash : Outcome::kWritten);
          }
      }
      plan();
    };
    for (int i = 0; i < 300 && f.transfer.state() == State::kFetching; ++i) step(false);
    if (f.transfer.state() == State::kFetching) f.transfer.source_complete(9);
    for (int i = 0; i < 300 && f.transfer.state() == State::kFetching; ++i) step(true);
    EXPECT_EQ(f.transfer.state(), State::kFinishing);
  }
}

}  // namespace
}  // namespace peer::swarm
