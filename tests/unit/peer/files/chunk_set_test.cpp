// SPDX-License-Identifier: MIT
#include "peer/files/chunk_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace peer::files {
namespace {

using Range = ChunkSet::Range;

TEST(ChunkSet, OfNothingIsEmptyAndFull) {
  const ChunkSet set(0);
  EXPECT_TRUE(set.empty());
  EXPECT_TRUE(set.full());
  EXPECT_FALSE(set.first_missing());
  EXPECT_FALSE(set.first_present());
  EXPECT_TRUE(set.to_bytes().empty());
  EXPECT_TRUE(ChunkSet::from_bytes({}, 0));
}

TEST(ChunkSet, HighestBitOfTheFirstByteIsChunkZero) {
  ChunkSet set(10);
  EXPECT_TRUE(set.set(0));
  EXPECT_TRUE(set.set(9));
  EXPECT_FALSE(set.set(9));
  EXPECT_EQ(net::to_hex(set.to_bytes()), "8040");
  EXPECT_EQ(set.count(), 2u);
  EXPECT_TRUE(set.reset(0));
  EXPECT_FALSE(set.reset(0));
  EXPECT_EQ(net::to_hex(set.to_bytes()), "0040");
}

TEST(ChunkSet, BytesOfAnotherLengthOrWithSpareBitsAreRefused) {
  for (std::uint32_t size = 1; size < 140; ++size) {
    const net::Bytes good = ChunkSet::all(size).to_bytes();
    ASSERT_EQ(ChunkSet::from_bytes(good, size), ChunkSet::all(size)) << size;
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
      EXPECT_FALSE(ChunkSet::from_bytes(net::ByteView(good).first(cut), size));
    }
    net::Bytes longer = good;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(ChunkSet::from_bytes(longer, size));
    if (size % 8 == 0) continue;
    net::Bytes spare = good;
    spare.back() |= std::byte{1};
    EXPECT_FALSE(ChunkSet::from_bytes(spare, size)) << size;
  }
}

TEST(ChunkSet, RangesOutsideTheFileAreRefusedT04) {
  ChunkSet set(100);
  EXPECT_FALSE(set.set_range({101, 0}));
  EXPECT_FALSE(set.set_range({0, 101}));
  EXPECT_FALSE(set.set_range({99, 2}));
  EXPECT_FALSE(set.set_range({0xffffffff, 2}));
  EXPECT_FALSE(set.set_range({2, 0xffffffff}));
  EXPECT_TRUE(set.empty());
  EXPECT_TRUE(set.set_range({100, 0}));
  EXPECT_TRUE(set.set_range({60, 40}));
  EXPECT_EQ(set.ranges(), (std::vector<Range>{{60, 40}}));
}

TEST(ChunkSet, AgreesWithASetOfNumbersInRandomUse) {
  std::mt19937 random(1);
  for (const std::uint32_t size : {1u, 7u, 63u, 64u, 65u, 128u, 1000u}) {
    ChunkSet set(size);
    std::set<std::uint32_t> model;
    for (int step = 0; step < 300; ++step) {
      const std::uint32_t index = static_cast<std::uint32_t>(random()) % size;
      if (random() % 3 == 0) {
        EXPECT_EQ(set.reset(index), model.erase(index) == 1);
      } else if (random() % 3 == 0) {
        const std::uint32_t count = static_cast<std::uint32_t>(random()) % (size - index + 1);
        ASSERT_TRUE(set.set_range({index, count}));
        for (std::uint32_t i = index; i < index + count; ++i) model.insert(i);
      } else {
        EXPECT_EQ(set.set(index), model.insert(index).second);
      }
      ASSERT_EQ(set.count(), model.size());
      std::vector<std::uint32_t> visited;
      set.for_each([&](std::uint32_t i) { visited.push_back(i); });
      ASSERT_EQ(visited, std::vector<std::uint32_t>(model.begin(), model.end()));
      const std::uint32_t from = static_cast<std::uint32_t>(random()) % (size + 2);
      std::uint32_t missing = from;
      while (missing < size && model.contains(missing)) ++missing;
      ASSERT_EQ(set.first_missing(from).value_or(size), std::min(size, std::max(missing, from < size ? 0 : size)));
    }
    ASSERT_EQ(ChunkSet::from_bytes(set.to_bytes(), size), set);
    ChunkSet rebuilt(size);
    std::uint32_t end = 0;
    for (const Range& range : set.ranges()) {
      EXPECT_TRUE(range.first > end || end == 0);
      end = range.first + range.count;
      ASSERT_TRUE(rebuilt.set_range(range));
    }
    EXPECT_EQ(rebuilt, set);
    EXPECT_TRUE(set.without(set).empty());
    ChunkSet complement = ChunkSet::all(size).without(set);
    EXPECT_EQ(complement.count(), size - set.count());
    complement |= set;
    EXPECT_TRUE(complement.full());
  }
}

}  // namespace
}  // namespace peer::files
