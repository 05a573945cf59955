// SPDX-License-Identifier: MIT
#include "peer/swarm/transfer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "tests/support/chunk_memory.h"
#include "tests/support/manual_clock.h"

namespace peer::swarm {
namespace {

using namespace std::chrono_literals;
using State = Transfer::State;
using Outcome = ChunkStored::Outcome;

constexpr std::uint64_t kChunk = 256 << 10;

/// A transfer with its clock; sources are numbers.
struct Fixture {
  explicit Fixture(std::uint64_t chunks, std::uint64_t more = 0)
      : content(memory.generate(chunks * kChunk + more, 1)), transfer(request(), 1, clock.now()) {}

  FetchRequest request() const {
    FetchRequest wanted;
    wanted.id = content.id;
    wanted.path = "file";
    return wanted;
  }
  /// The store has opened the file, the layer is known.
  void open(files::ChunkSet have = {}) {
    StoreOpened result;
    result.have = std::move(have);
    if (content.layer->size() > 1) result.layer = *content.layer;
    transfer.opened(std::move(result), clock.now());
  }
  /// Plans and keeps the orders; every deadline must lie ahead then.
  Plan plan() {
    Plan plan = transfer.plan(clock.now());
    if (auto at = transfer.deadline()) {
      EXPECT_GT(*at, clock.now()) << "the loop would spin";
    }
    return plan;
  }
  /// Chunks asked of each source in the next plan.
  std::map<ConnectionId, std::vector<std::uint32_t>> asked() {
    std::map<ConnectionId, std::vector<std::uint32_t>> result;
    for (const ChunkOrder& order : plan().chunks) result[order.source].push_back(order.chunk);
    return result;
  }
  /// The chunk comes whole and is handed to the store.
  void come(ConnectionId source, std::uint32_t chunk) {
    ASSERT_TRUE(transfer.begin_chunk(source, chunk));
    transfer.heard(source, kChunk, clock.now());
    transfer.chunk_came(source, chunk, clock.now());
  }
  bool stored(std::uint32_t chunk, Outcome outcome = Outcome::kWritten) {
    ChunkStored result;
    result.chunk = chunk;
    result.outcome = outcome;
    result.error = "the reason";
    return transfer.stored(result, clock.now());
  }
  void deliver(ConnectionId source, std::uint32_t chunk) {
    come(source, chunk);
    EXPECT_TRUE(stored(chunk));
  }

  support::ManualClock clock;
  support::ChunkMemory memory;
  support::MemoryContent content;
  Transfer transfer;
};

bool has_order(const std::vector<CancelOrder>& orders, ConnectionId source, std::uint32_t chunk) {
  return std::any_of(orders.begin(), orders.end(),
                     [&](const CancelOrder& order) { return order.source == source && order.chunk == chunk; });
}

// --- beginning and end ---

TEST(Transfer, AnEmptyFileNeedsNoSource) {
  Fixture f(0);
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
  Fixture f(0, 100);
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
  Fixture f(4);
  f.transfer.source_complete(1);
  Plan plan = f.plan();
  EXPECT_TRUE(plan.chunks.empty());
  EXPECT_FALSE(plan.layer_from);
  EXPECT_FALSE(f.transfer.deadline());
}

TEST(Transfer, AFileThatIsAllThereAlreadyIsFinishedAtOnce) {
  Fixture f(4);
  f.open(files::ChunkSet::all(4));
  EXPECT_EQ(f.transfer.state(), State::kFinishing);
  EXPECT_EQ(f.transfer.bytes_done(), 4 * kChunk);
  EXPECT_EQ(f.transfer.bytes_fetched(), 0u);
}

TEST(Transfer, WhatIsThereIsNotAskedFor) {
  Fixture f(3);
  files::ChunkSet have(3);
  have.set(0);
  have.set(2);
  f.open(have);
  f.transfer.source_complete(1);
  EXPECT_EQ(f.asked()[1], (std::vector<std::uint32_t>{1}));
}

TEST(Transfer, AStoreThatCannotOpenFailsIt) {
  Fixture f(3);
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
  Fixture f(0);
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
    Fixture f(4);
    f.open();
    f.transfer.source_complete(1);
    f.plan();
    f.come(1, 0);
    EXPECT_FALSE(f.stored(0, outcome));
    EXPECT_EQ(f.transfer.state(), State::kFailed);
    EXPECT_EQ(f.transfer.error(), "the reason");
    EXPECT_TRUE(has_order(f.plan().cancels, 1, 1)) << "what is asked for is taken back";
    EXPECT_FALSE(f.transfer.begin_chunk(1, 1));
  }
}

TEST(Transfer, CancellingTakesBackWhatIsAskedForInEveryState) {
  Fixture f(4);
  f.transfer.fail("cancelled");
  EXPECT_TRUE(f.transfer.ended());
  f.open();
  EXPECT_EQ(f.transfer.state(), State::kFailed) << "a store that opens late changes nothing";

  Fixture g(4);
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

struct LayerFixture : Fixture {
  LayerFixture() : Fixture(4) {
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

// --- sources ---

TEST(Transfer, SourcesShareTheWork) {
  Fixture f(8);
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
  Fixture f(200);
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
  Fixture f(8);
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
  Fixture f(4);
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
  Fixture f(100);
  f.open();
  for (int i = 0; i < 10'000; ++i) f.transfer.source_has(1, 0, 99);
  f.transfer.drop_source(1);
  f.transfer.source_has(2, 0, 100);
  f.transfer.source_complete(2);
  f.transfer.drop_source(2);
  EXPECT_EQ(f.transfer.source_count(), 0u);
}

TEST(Transfer, WhatALostSourceWasAskedForIsAskedElsewhere) {
  Fixture f(4);
  f.open();
  f.transfer.source_complete(1);
  EXPECT_EQ(f.asked()[1].size(), 2u);
  f.transfer.drop_source(1);
  EXPECT_FALSE(f.transfer.begin_chunk(1, 0));
  f.transfer.source_complete(2);
  Plan plan = f.plan();
  EXPECT_EQ(plan.chunks.size(), 2u);
  EXPECT_TRUE(plan.cancels.empty()) << "there is nobody to tell";
  f.transfer.drop_source(77);
}

TEST(Transfer, AChunkOnItsWayToTheDiskIsNotAskedForWhenItsSourceIsLost) {
  Fixture f(1, 1);
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
  Fixture f(4);
  f.open();
  f.transfer.source_complete(1);
  f.transfer.source_has(2, 3, 1);
  std::vector<std::uint32_t> asked = f.asked()[1];
  ASSERT_FALSE(asked.empty());
  f.transfer.withdraw_source(2);
  EXPECT_TRUE(f.transfer.has_source(2)) << "it never said that it had all";
  f.transfer.withdraw_source(1);
  EXPECT_FALSE(f.transfer.has_source(1));
  Plan plan = f.plan();
  for (std::uint32_t chunk : asked) EXPECT_TRUE(has_order(plan.cancels, 1, chunk));
  EXPECT_TRUE(plan.chunks.empty());
  f.transfer.source_complete(1);
  EXPECT_EQ(f.plan().chunks.size(), 2u);
}

// --- wrong data ---

// T36: a chunk with a wrong hash is fetched again.
TEST(Transfer, T36_ABadChunkIsFetchedAgain) {
  Fixture f(1, 1);
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
  Fixture f(0, 100);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.transfer.source_complete(2);
  f.clock.advance_to(*f.transfer.deadline());
  EXPECT_EQ(f.asked()[2], (std::vector<std::uint32_t>{0}));
  f.come(1, 0);
  EXPECT_FALSE(f.stored(0, Outcome::kBadHash));
  EXPECT_TRUE(f.plan().cancels.empty());
  f.deliver(2, 0);
  EXPECT_TRUE(f.transfer.take_finish());
}

// --- refusals ---

TEST(Transfer, ASourceThatRefusesIsLeftAloneLongerEachTime) {
  Fixture f(8);
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
  Fixture f(0, 100);
  f.open();
  f.transfer.source_complete(1);
  f.plan();
  f.transfer.source_complete(2);
  f.transfer.refused(1, 0, f.clock.now());
  EXPECT_EQ(f.asked()[2], (std::vector<std::uint32_t>{0}));
  f.transfer.refused(1, 0, f.clock.now());
  f.transfer.refused(9, 0, f.clock.now());
  EXPECT_TRUE(f.transfer.begin_chunk(2, 0)) << "refusals of what was not asked change nothing";
}

// --- silence ---

TEST(Transfer, WhatASilentSourceWasAskedForIsAskedElsewhereToo) {
  Fixture f(2);
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
  Fixture f(3);
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
  Fixture f(4);
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
  EXPECT_TRUE(f.transfer.begin_chunk(1, 1)) << "asked for long ago, and still to come";
  f.deliver(1, 1);
  f.clock.advance(1s);
  for (int i = 0; i < 3 && !f.transfer.take_finish(); ++i) {
    for (std::uint32_t chunk = 2; chunk < 4; ++chunk) {
      if (f.transfer.begin_chunk(1, chunk)) f.deliver(1, chunk);
    }
    f.plan();
  }
  EXPECT_EQ(f.transfer.state(), State::kFinishing);
}

TEST(Transfer, ManySilentSourcesInARowDoNotEndIt) {
  Fixture f(1, 1);
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
  Fixture f(8);
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
  Fixture f(2);
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
  EXPECT_TRUE(f.transfer.begin_chunk(1, 0));
}

// --- the end of a file ---

TEST(Transfer, AChunkThatIsLateAtTheEndIsAskedOfASecondSourceAndNoThird) {
  Fixture f(0, 100);
  f.open();
  for (ConnectionId source = 1; source <= 3; ++source) f.transfer.source_complete(source);
  EXPECT_EQ(f.asked().size(), 1u) << "a small file is not sent twice as a rule";
  ASSERT_TRUE(f.transfer.deadline());
  f.clock.advance_to(*f.transfer.deadline());
  EXPECT_EQ(f.asked().size(), 1u);
  f.clock.advance(1s);
  EXPECT_TRUE(f.asked().empty());
  f.come(2, 0);
  EXPECT_FALSE(f.transfer.begin_chunk(1, 0)) << "the other copy is not wanted while this one is written";
  f.clock.advance(1s);
  EXPECT_TRUE(f.asked().empty()) << "nor asked for";
  EXPECT_TRUE(f.stored(0));
  EXPECT_TRUE(has_order(f.plan().cancels, 1, 0));
}

TEST(Transfer, TheSecondCopyIsReleasedWhenItComesAllTheSame) {
  Fixture f(0, 100);
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

TEST(Transfer, ProgressCountsVerifiedBytes) {
  Fixture f(1, 100);
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
    Fixture f(12, 5);
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
          } else if (!f.transfer.begin_chunk(order.source, order.chunk)) {
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
