// SPDX-License-Identifier: MIT
#include "net/send_queue.h"

#include <gtest/gtest.h>

#include <limits>

namespace net {
namespace {

Bytes bytes_of(std::string_view text) {
  ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

std::string_view front_text(const SendQueue& queue) { return as_text(std::get<ByteView>(queue.front())); }

TEST(SendQueue, SendsInOrderWhateverTheSocketTakes) {
  for (std::size_t step = 1; step <= 8; ++step) {
    SendQueue queue(100);
    for (std::string_view text : {"abc", "", "d", "efgh"}) ASSERT_TRUE(queue.push(bytes_of(text)));
    std::string sent;
    while (!queue.empty()) {
      std::string_view taken = front_text(queue).substr(0, step);
      sent += taken;
      queue.consume(taken.size());
      EXPECT_EQ(queue.pending(), 8 - sent.size());
      EXPECT_EQ(queue.buffered(), 8 - sent.size());
    }
    EXPECT_EQ(sent, "abcdefgh") << step;
  }
}

TEST(SendQueue, RefusesWhatPassesItsLimit) {  // T18
  SendQueue queue(5);
  EXPECT_TRUE(queue.push(bytes_of("abc")));
  EXPECT_FALSE(queue.push(bytes_of("def")));
  EXPECT_EQ(queue.pending(), 3u);
  EXPECT_TRUE(queue.push(bytes_of("de")));
  EXPECT_FALSE(queue.push(bytes_of("f")));
  queue.consume(1);
  EXPECT_TRUE(queue.push(bytes_of("f")));
  EXPECT_EQ(front_text(queue), "bc");
}

TEST(SendQueue, BoundsTheNumberOfItems) {
  SendQueue queue(1 << 20);
  auto source = std::make_shared<SendSource>();
  for (std::size_t i = 0; i < SendQueue::kMaxItems; ++i) ASSERT_TRUE(queue.push(FileRange{source, i, 1}));
  EXPECT_FALSE(queue.push(FileRange{source, 0, 1}));
  EXPECT_FALSE(queue.push(bytes_of("x")));
  EXPECT_TRUE(queue.push(Bytes{}));
  queue.consume(1);
  EXPECT_TRUE(queue.push(bytes_of("x")));
}

TEST(SendQueue, MovesThroughAFileRange) {
  SendQueue queue(0);
  auto source = std::make_shared<SendSource>();
  ASSERT_TRUE(queue.push(FileRange{source, 100, 50}));
  EXPECT_EQ(queue.buffered(), 0u);
  queue.consume(20);
  FileRange left = std::get<FileRange>(queue.front());
  EXPECT_EQ(left.offset, 120u);
  EXPECT_EQ(left.length, 30u);
  EXPECT_EQ(left.source, source);
  queue.consume(30);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.pending(), 0u);
}

TEST(SendQueue, KeepsASourceUntilItsLastRangeHasGone) {
  SendQueue queue(10);
  auto source = std::make_shared<SendSource>();
  std::weak_ptr<SendSource> watch = source;
  ASSERT_TRUE(queue.push(FileRange{source, 0, 5}));
  ASSERT_TRUE(queue.push(FileRange{std::move(source), 5, 5}));
  queue.consume(5);
  EXPECT_FALSE(watch.expired());
  queue.consume(5);
  EXPECT_TRUE(watch.expired());
}

TEST(SendQueue, TheCountOfPendingBytesCannotOverflow) {  // T04
  SendQueue queue(10);
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_FALSE(queue.push(FileRange{nullptr, 0, kMost}));
  EXPECT_TRUE(queue.push(FileRange{nullptr, 0, kMost / 2}));
  EXPECT_FALSE(queue.push(FileRange{nullptr, 0, kMost / 2}));
  EXPECT_TRUE(queue.push(bytes_of("x")));
  EXPECT_EQ(queue.pending(), kMost / 2 + 1);
}

TEST(SendQueue, ShowsAllItemsAndConsumesOverTheirEnds) {
  SendQueue queue(100);
  auto source = std::make_shared<SendSource>();
  ASSERT_TRUE(queue.push(bytes_of("abc")));
  ASSERT_TRUE(queue.push(FileRange{source, 10, 4}));
  ASSERT_TRUE(queue.push(bytes_of("de")));
  auto shown = [&](std::size_t most) {
    std::string text;
    queue.visit([&](const SendQueue::Front& front) {
      const ByteView* bytes = std::get_if<ByteView>(&front);
      text += bytes != nullptr ? std::string(as_text(*bytes)) : std::to_string(std::get<FileRange>(front).offset);
      text += ' ';
      return --most > 0;
    });
    return text;
  };
  EXPECT_EQ(shown(3), "abc 10 de ");
  EXPECT_EQ(shown(2), "abc 10 ");
  queue.consume_all(1);
  EXPECT_EQ(shown(3), "bc 10 de ");
  queue.consume_all(5);
  EXPECT_EQ(shown(3), "13 de ");
  queue.consume_all(0);
  queue.consume_all(3);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(shown(3), "");
  EXPECT_DEATH(queue.consume_all(1), "check failed");
}

TEST(SendQueue, ConsumingMoreThanTheFrontIsOurBug) {
  SendQueue queue(10);
  EXPECT_DEATH(queue.consume(0), "check failed");
  ASSERT_TRUE(queue.push(bytes_of("ab")));
  ASSERT_TRUE(queue.push(bytes_of("cd")));
  EXPECT_DEATH(queue.consume(3), "check failed");
}

}  // namespace
}  // namespace net
