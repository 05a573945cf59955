// SPDX-License-Identifier: MIT
#include "peer/buffer_pool.h"

#include <gtest/gtest.h>

#include <utility>

namespace peer {
namespace {

TEST(BufferPool, GivesMemoryUpToTheLimit) {
  BufferPool pool(1000);
  auto first = pool.acquire(600);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->bytes().size(), 600u);
  EXPECT_EQ(pool.in_use(), 600u);
  EXPECT_FALSE(pool.acquire(401));
  auto second = pool.acquire(400);
  ASSERT_TRUE(second);
  EXPECT_EQ(pool.in_use(), 1000u);
  EXPECT_FALSE(pool.acquire(1));
  pool.release(std::move(*first));
  EXPECT_EQ(pool.in_use(), 400u);
  EXPECT_TRUE(pool.acquire(600));
}

TEST(BufferPool, AlwaysGivesOneHoweverLarge) {
  BufferPool pool(100);
  auto big = pool.acquire(5000);
  ASSERT_TRUE(big);
  EXPECT_FALSE(pool.acquire(1));
  pool.release(std::move(*big));
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_TRUE(pool.acquire(1));
}

TEST(BufferPool, RefusesASizeThatWouldOverflow) {
  BufferPool pool(100);
  auto one = pool.acquire(10);
  ASSERT_TRUE(one);
  EXPECT_FALSE(pool.acquire(static_cast<std::size_t>(-1)));
}

TEST(BufferPool, ReusesABufferThatIsLargeEnough) {
  BufferPool pool(1 << 20);
  auto buffer = pool.acquire(4096);
  ASSERT_TRUE(buffer);
  const std::byte* memory = buffer->memory.get();
  pool.release(std::move(*buffer));
  auto again = pool.acquire(3000);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->memory.get(), memory);
  EXPECT_EQ(again->bytes().size(), 3000u);
  EXPECT_EQ(pool.in_use(), 4096u);
}

TEST(BufferPool, DoesNotWasteALargeBufferOnASmallChunk) {
  BufferPool pool(1 << 20);
  auto large = pool.acquire(100'000);
  ASSERT_TRUE(large);
  pool.release(std::move(*large));
  auto small = pool.acquire(100);
  ASSERT_TRUE(small);
  EXPECT_EQ(pool.in_use(), 100u);
}

TEST(BufferPool, SparesGiveWayToANewSize) {
  BufferPool pool(1000);
  auto a = pool.acquire(900);
  ASSERT_TRUE(a);
  pool.release(std::move(*a));
  auto b = pool.acquire(300);
  auto c = pool.acquire(700);
  ASSERT_TRUE(b);
  ASSERT_TRUE(c);
  EXPECT_EQ(pool.in_use(), 1000u);
}

TEST(BufferPool, IgnoresAnEmptyBuffer) {
  BufferPool pool(1000);
  pool.release(Buffer{});
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(BufferPool, StaysWithinTheLimitOverManyRounds) {
  BufferPool pool(10'000);
  for (std::size_t i = 1; i < 2000; ++i) {
    auto a = pool.acquire(i % 4999 + 1);
    auto b = pool.acquire(i % 3001 + 1);
    ASSERT_TRUE(a);
    EXPECT_LE(pool.in_use(), 10'000u);
    pool.release(std::move(*a));
    if (b) pool.release(std::move(*b));
  }
  EXPECT_EQ(pool.in_use(), 0u);
}

}  // namespace
}  // namespace peer
