// SPDX-License-Identifier: MIT
#include "peer/swarm/uploads.h"

#include <gtest/gtest.h>

#include <vector>

#include "peer/files/merkle.h"
#include "tests/support/manual_clock.h"

namespace peer::swarm {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kChunk = files::kMinChunkSize;

UploadRequest request_of(ConnectionId connection, std::uint32_t number) {
  UploadRequest request;
  request.connection = connection;
  request.request = number;
  request.size = kChunk;
  return request;
}

/// Request numbers in the order handed out; each is sent at once and whole.
std::vector<std::uint32_t> order_of(Uploads& uploads, net::TimePoint now) {
  std::vector<std::uint32_t> order;
  while (auto request = uploads.next(now)) {
    order.push_back(request->request);
    uploads.sent(request->connection, kChunk, 0, now);
  }
  return order;
}

TEST(Uploads, NothingIsHandedOutWhereNothingWaits) {
  support::ManualClock clock;
  Uploads uploads(2);
  EXPECT_FALSE(uploads.next(clock.now()));
  EXPECT_FALSE(uploads.deadline());
  uploads.cancel(1, 1);
  uploads.drop(1);
  uploads.sent(1, 10, 0, clock.now());
  EXPECT_EQ(uploads.waiting(), 0u);
}

TEST(Uploads, ConnectionsTakeTurns) {
  support::ManualClock clock;
  Uploads uploads(2);
  ASSERT_TRUE(uploads.add(request_of(7, 1)));
  ASSERT_TRUE(uploads.add(request_of(3, 2)));
  ASSERT_TRUE(uploads.add(request_of(7, 3)));
  ASSERT_TRUE(uploads.add(request_of(1, 4)));
  EXPECT_EQ(order_of(uploads, clock.now()), (std::vector<std::uint32_t>{1, 2, 4, 3}));
  EXPECT_EQ(uploads.waiting(), 0u);
  ASSERT_TRUE(uploads.add(request_of(7, 5)));
  ASSERT_TRUE(uploads.add(request_of(1, 6)));
  EXPECT_EQ(order_of(uploads, clock.now()), (std::vector<std::uint32_t>{6, 5})) << "served longest ago";
}

TEST(Uploads, EveryOtherTurnIsOfThePeerThatHasLeast) {
  support::ManualClock clock;
  Uploads uploads(1);
  for (std::uint32_t number = 0; number < 3; ++number) {
    for (ConnectionId connection = 1; connection <= 3; ++connection) {
      UploadRequest request = request_of(connection, 10 * connection + number);
      request.asker_has = 30 / connection;
      ASSERT_TRUE(uploads.add(request));
    }
  }
  EXPECT_EQ(order_of(uploads, clock.now()), (std::vector<std::uint32_t>{30, 10, 31, 20, 32, 11, 21, 12, 22}))
      << "the third has least, and the others are not forgotten";
}

TEST(Uploads, OnlySoManyConnectionsAreFilledAtATime) {
  support::ManualClock clock;
  Uploads uploads(2);
  for (ConnectionId connection = 1; connection <= 3; ++connection) uploads.add(request_of(connection, connection));
  EXPECT_EQ(uploads.next(clock.now())->connection, 1u);
  EXPECT_EQ(uploads.next(clock.now())->connection, 2u);
  EXPECT_FALSE(uploads.next(clock.now()));
  EXPECT_TRUE(uploads.sending_to(1));
  EXPECT_FALSE(uploads.sending_to(3));
  ASSERT_TRUE(uploads.deadline());
  EXPECT_GT(*uploads.deadline(), clock.now()) << "a deadline in the past would make the loop spin";
  uploads.sent(1, kChunk, 0, clock.now());
  EXPECT_EQ(uploads.next(clock.now())->connection, 3u);
}

TEST(Uploads, AConnectionIsFilledAgainOnlyWhenLittleIsLeftInItsQueue) {
  support::ManualClock clock;
  Uploads uploads(1);
  uploads.add(request_of(1, 1));
  uploads.add(request_of(1, 2));
  ASSERT_TRUE(uploads.next(clock.now()));
  uploads.sent(1, 1000, kChunk - 1000, clock.now());
  EXPECT_FALSE(uploads.next(clock.now()));
  uploads.sent(1, kChunk / 2, 64 << 10, clock.now());
  EXPECT_FALSE(uploads.next(clock.now())) << "all would be filled at once";
  uploads.sent(1, 48 << 10, 16 << 10, clock.now());
  EXPECT_EQ(uploads.next(clock.now())->request, 2u);
}

TEST(Uploads, AConnectionThatIsBeingFilledDoesNotHoldUpOthersBehindIt) {
  support::ManualClock clock;
  Uploads uploads(2);
  uploads.add(request_of(1, 1));
  uploads.add(request_of(1, 2));
  uploads.add(request_of(2, 3));
  EXPECT_EQ(uploads.next(clock.now())->request, 1u);
  EXPECT_EQ(uploads.next(clock.now())->request, 3u);
}

// A receiver far slower than the host can send loses its slot, so that it delays nobody, and still gets its chunk.
TEST(Uploads, ASlowReceiverDoesNotHoldASlot) {
  support::ManualClock clock;
  Uploads uploads(1);
  for (int i = 0; i < 20; ++i) {
    uploads.add(request_of(1, 1));
    ASSERT_TRUE(uploads.next(clock.now()));
    uploads.sent(1, kChunk, 0, clock.advance(10ms));
  }
  uploads.add(request_of(2, 2));
  uploads.add(request_of(1, 3));
  ASSERT_EQ(uploads.next(clock.now())->connection, 2u);
  uploads.sent(2, 1000, kChunk - 1000, clock.advance(100ms));
  EXPECT_FALSE(uploads.next(clock.now())) << "not judged so soon";
  ASSERT_TRUE(uploads.deadline());
  EXPECT_EQ(uploads.next(clock.advance_to(*uploads.deadline()))->connection, 1u);
  EXPECT_TRUE(uploads.sending_to(2));
}

// A host that was fast once and is slow now does not go on taking every receiver for slow.
TEST(Uploads, ThePeakIsForgottenWithTimeNotWithWrites) {
  for (bool later : {false, true}) {
    support::ManualClock clock;
    Uploads uploads(1);
    for (int i = 0; i < 200; ++i) {
      uploads.add(request_of(1, 1));
      ASSERT_TRUE(uploads.next(clock.now()));
      uploads.sent(1, kChunk, 0, clock.advance(1ms));
    }
    if (later) clock.advance(5min);
    uploads.add(request_of(2, 2));
    ASSERT_TRUE(uploads.next(clock.now()));
    // A tenth of the rate before, in tiny writes.
    for (int i = 0; i < 1000; ++i) uploads.sent(2, 26, kChunk, clock.advance(1us));
    clock.advance(300ms);
    uploads.add(request_of(3, 3));
    EXPECT_EQ(uploads.next(clock.now()).has_value(), !later);
  }
}

TEST(Uploads, WhatWasCancelledIsNotSent) {
  support::ManualClock clock;
  Uploads uploads(1);
  for (std::uint32_t number = 1; number <= 3; ++number) uploads.add(request_of(1, number));
  uploads.cancel(1, 2);
  uploads.cancel(1, 99);
  uploads.cancel(2, 1);
  EXPECT_EQ(uploads.waiting(), 2u);
  EXPECT_EQ(order_of(uploads, clock.now()), (std::vector<std::uint32_t>{1, 3}));
}

TEST(Uploads, ADroppedConnectionFreesItsSlotAndItsRequests) {
  support::ManualClock clock;
  Uploads uploads(1);
  uploads.add(request_of(1, 1));
  uploads.add(request_of(1, 2));
  uploads.add(request_of(2, 3));
  ASSERT_EQ(uploads.next(clock.now())->request, 1u);
  uploads.drop(1);
  EXPECT_EQ(uploads.waiting(), 1u);
  EXPECT_EQ(order_of(uploads, clock.now()), (std::vector<std::uint32_t>{3}));
}

// T19: a flood of requests from one connection is bounded.
TEST(Uploads, T19_TooManyRequestsAreRefused) {
  Uploads uploads(2);
  for (std::uint32_t number = 0; number < Uploads::kMaxPerConnection; ++number) {
    ASSERT_TRUE(uploads.add(request_of(1, number)));
  }
  EXPECT_FALSE(uploads.add(request_of(1, 1000)));
  EXPECT_EQ(uploads.waiting(), Uploads::kMaxPerConnection);
  EXPECT_TRUE(uploads.add(request_of(2, 1))) << "another connection is not hurt";
}

// T19: a choice holds a bitmap until its turn comes, so there are few.
TEST(Uploads, T19_TooManyChoicesAreRefused) {
  Uploads uploads(2);
  UploadRequest choice = request_of(1, 1);
  choice.choice = UploadChoice{files::ChunkSet(8), 0};
  for (std::size_t i = 0; i < Uploads::kMaxChoicesPerConnection; ++i) ASSERT_TRUE(uploads.add(choice));
  EXPECT_FALSE(uploads.add(choice));
  EXPECT_TRUE(uploads.add(request_of(1, 2))) << "a named chunk is no choice";
  choice.connection = 2;
  EXPECT_TRUE(uploads.add(choice));
}

// T19: nothing is left of a request that was taken back, however often that is done while all slots are held.
TEST(Uploads, T19_RequestsTakenBackLeaveNothingBehind) {
  support::ManualClock clock;
  Uploads uploads(1);
  uploads.add(request_of(1, 0));
  ASSERT_TRUE(uploads.next(clock.now()));
  for (std::uint32_t number = 1; number < 100'000; ++number) {
    ASSERT_TRUE(uploads.add(request_of(1, number)));
    uploads.cancel(1, number);
  }
  EXPECT_EQ(uploads.waiting(), 0u);
  EXPECT_EQ(uploads.connections_waiting(), 0u);
  uploads.add(request_of(2, 7));
  uploads.sent(1, kChunk, 0, clock.now());
  EXPECT_EQ(uploads.next(clock.now())->request, 7u);
}

}  // namespace
}  // namespace peer::swarm
