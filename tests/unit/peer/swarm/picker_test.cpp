// SPDX-License-Identifier: MIT
#include "peer/swarm/picker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace peer::swarm {
namespace {

/// All chunks in the order in which they are picked.
std::vector<std::uint32_t> order_of(Picker picker, const files::ChunkSet* among = nullptr) {
  std::vector<std::uint32_t> order;
  while (auto chunk = picker.best(among)) {
    picker.take(*chunk);
    order.push_back(*chunk);
  }
  return order;
}

std::vector<std::uint32_t> numbers(std::uint32_t count) {
  std::vector<std::uint32_t> all(count);
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

TEST(Picker, AFileWithoutChunksHasNothingToPick) {
  Picker picker(0, 1);
  EXPECT_TRUE(picker.empty());
  EXPECT_FALSE(picker.best(nullptr));
  picker.set_partial_sources(1);
  EXPECT_FALSE(picker.best(nullptr));
}

TEST(Picker, GoesInFileOrderWhileEverySourceIsComplete) { EXPECT_EQ(order_of(Picker(100, 5)), numbers(100)); }

TEST(Picker, TakesChunksInAnOrderOfItsOwnWhereASourceIsNotComplete) {
  Picker one(100, 1), same(100, 1), other(100, 2);
  for (Picker* picker : {&one, &same, &other}) picker->set_partial_sources(1);
  std::vector<std::uint32_t> order = order_of(one);
  EXPECT_EQ(order, order_of(same));
  EXPECT_NE(order, order_of(other));
  EXPECT_NE(order, numbers(100));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, numbers(100));
  one.set_partial_sources(0);
  EXPECT_EQ(order_of(one), numbers(100));
}

TEST(Picker, TheRarestComesFirst) {
  Picker picker(4, 1);
  picker.set_partial_sources(3);
  for (std::uint32_t chunk : {0u, 0u, 0u, 1u, 2u, 2u}) picker.source_gained(chunk);
  EXPECT_EQ(order_of(picker), (std::vector<std::uint32_t>{3, 1, 2, 0}));
  picker.source_lost(0);
  picker.source_lost(0);
  picker.source_lost(0);
  picker.source_gained(3);
  EXPECT_EQ(picker.best(nullptr), 0u);
}

TEST(Picker, CountsSourcesOfChunksThatAreNotWantedNow) {
  Picker picker(2, 1);
  picker.set_partial_sources(1);
  picker.take(1);
  picker.source_gained(1);
  picker.put_back(1);
  EXPECT_EQ(picker.best(nullptr), 0u);
}

TEST(Picker, PicksOnlyAmongWhatIsGiven) {
  Picker picker(64, 1);
  files::ChunkSet none(64);
  EXPECT_FALSE(picker.best(&none));
  files::ChunkSet few(64);
  few.set(40);
  few.set(7);
  EXPECT_EQ(order_of(picker, &few), (std::vector<std::uint32_t>{7, 40}));
}

TEST(Picker, TakenChunksAreNotPickedUntilTheyAreWantedAgain) {
  Picker picker(2, 1);
  picker.take(0);
  picker.take(0);
  EXPECT_FALSE(picker.wants(0));
  EXPECT_EQ(picker.size(), 1u);
  EXPECT_EQ(picker.best(nullptr), 1u);
  picker.put_back(0);
  picker.put_back(0);
  EXPECT_EQ(picker.size(), 2u);
  EXPECT_EQ(picker.best(nullptr), 0u);
}

TEST(Picker, KnowsWhatNoIncompleteSourceHas) {
  Picker picker(4, 1);
  picker.set_partial_sources(1);
  EXPECT_EQ(picker.unavailable(), 4u);
  picker.source_gained(2);
  picker.take(0);
  picker.take(2);
  EXPECT_EQ(picker.unavailable(), 2u);
  files::ChunkSet expected(4);
  expected.set(1);
  expected.set(3);
  EXPECT_EQ(picker.unavailable_chunks(), expected);
  picker.put_back(2);
  EXPECT_EQ(picker.unavailable_chunks(), expected) << "wanted, but somebody has it";
  picker.source_lost(2);
  picker.put_back(0);
  EXPECT_EQ(picker.unavailable_chunks(), files::ChunkSet::all(4));
  EXPECT_EQ(picker.unavailable(), 4u);
}

// The short way for a source that has little gives the same as the walk through all.
TEST(Picker, FewOrManyTheSameChunkIsBest) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    Picker picker(300, random());
    picker.set_partial_sources(2);
    for (int i = 0; i < 400; ++i) picker.source_gained(static_cast<std::uint32_t>(random() % 300));
    for (int i = 0; i < 100; ++i) picker.take(static_cast<std::uint32_t>(random() % 300));
    files::ChunkSet has(300);
    std::uint64_t count = random() % 60;
    for (std::uint64_t i = 0; i < count; ++i) has.set(static_cast<std::uint32_t>(random() % 300));
    std::vector<std::uint32_t> all = order_of(picker);
    auto expected = std::find_if(all.begin(), all.end(), [&](std::uint32_t chunk) { return has.test(chunk); });
    auto best = picker.best(&has);
    ASSERT_EQ(best.has_value(), expected != all.end());
    if (best) {
      EXPECT_EQ(*best, *expected);
    }
  }
}

}  // namespace
}  // namespace peer::swarm
