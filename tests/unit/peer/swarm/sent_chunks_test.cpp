// SPDX-License-Identifier: MIT
#include "peer/swarm/sent_chunks.h"

#include <gtest/gtest.h>

#include <vector>

namespace peer::swarm {
namespace {

/// What is handed out to one who gets nothing from anybody else.
std::vector<std::uint32_t> order_of(SentChunks& sent, std::uint32_t count, std::size_t requests) {
  files::ChunkSet have(count);
  std::vector<std::uint32_t> order;
  while (order.size() < requests) {
    auto chunk = sent.least(have);
    if (!chunk) break;
    sent.count(*chunk);
    order.push_back(*chunk);
  }
  return order;
}

TEST(SentChunks, AFileWithoutChunksHasNothingToHandOut) {
  SentChunks sent(0, 5);
  EXPECT_FALSE(sent.least(files::ChunkSet(0)));
}

TEST(SentChunks, EachChunkIsHandedOutOnceBeforeOneIsHandedOutTwice) {
  SentChunks sent(4, 0);
  EXPECT_EQ(order_of(sent, 4, 9), (std::vector<std::uint32_t>{0, 1, 2, 3, 0, 1, 2, 3, 0}));
  EXPECT_EQ(sent.times(0), 3u);
  EXPECT_EQ(sent.times(3), 2u);
}

TEST(SentChunks, HostsBeginInDifferentPlacesAndGoRoundTheEnd) {
  SentChunks sent(4, 6);
  EXPECT_EQ(order_of(sent, 4, 5), (std::vector<std::uint32_t>{2, 3, 0, 1, 2}));
}

TEST(SentChunks, OnlyWhatTheAskerLacksIsChosen) {
  SentChunks sent(4, 0);
  sent.count(2);
  files::ChunkSet have(4);
  have.set(0);
  have.set(1);
  EXPECT_EQ(sent.least(have), 3u);
  have.set(3);
  EXPECT_EQ(sent.least(have), 2u) << "handed out before, but all that is left";
  have.set(2);
  EXPECT_FALSE(sent.least(have));
}

}  // namespace
}  // namespace peer::swarm
