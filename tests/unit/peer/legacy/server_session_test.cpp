// SPDX-License-Identifier: MIT
#include "peer/legacy/server_session.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "peer/legacy/limits.h"
#include "peer/legacy/pickle_writer.h"
#include "tests/support/manual_clock.h"

namespace peer::legacy {
namespace {

using namespace std::chrono_literals;
using Request = RequestReader::Request;

struct LegacyServerSession : ::testing::Test {
  void send_all() {
    session.queue().consume_all(session.queue().pending());
    session.sent(clock.now());
  }
  Request ask(std::string_view text) {
    const std::span<std::byte> space = session.space();
    EXPECT_GE(space.size(), text.size());
    const net::ByteView bytes = net::as_bytes(text);
    std::copy(bytes.begin(), bytes.end(), space.begin());
    session.received(text.size());
    return session.next_request();
  }

  support::ManualClock clock;
  std::shared_ptr<net::SendSource> source = std::make_shared<net::SendSource>();
  ServerSession session{net::SendQueue(1 << 20), {}, clock.now()};
};

TEST_F(LegacyServerSession, WhatWasReadBeforeIsAsked) {
  ServerSession begun(net::SendQueue(1 << 20), net::as_bytes("reqreqq"), clock.now());
  EXPECT_TRUE(begun.space().empty());
  EXPECT_EQ(begun.next_request(), Request::kFiles);
  EXPECT_EQ(begun.next_request(), Request::kFiles);
  EXPECT_EQ(begun.next_request(), Request::kQuit);
  EXPECT_FALSE(begun.space().empty());
}

TEST_F(LegacyServerSession, NothingIsReadWhileAnAnswerGoesOut) {
  EXPECT_EQ(ask("reqq"), Request::kFiles);
  session.begin_answer(clock.now());
  EXPECT_TRUE(session.space().empty());
  EXPECT_EQ(session.next_request(), Request::kNone);
  EXPECT_FALSE(session.hungry()) << "the beginning is not sent yet";
  send_all();
  EXPECT_TRUE(session.hungry());
  session.end_answer();
  EXPECT_FALSE(session.hungry());
  EXPECT_EQ(session.next_request(), Request::kNone);
  send_all();
  EXPECT_EQ(session.next_request(), Request::kQuit);
}

TEST_F(LegacyServerSession, ABatchIsBoundedInFilesAndBytes) {
  session.begin_answer(clock.now());
  send_all();
  std::size_t items = 0;
  for (; !session.full(); ++items) ASSERT_TRUE(session.add_item("a", 1, source));
  EXPECT_EQ(items, ServerSession::kBatchItems);
  EXPECT_FALSE(session.hungry());
  send_all();
  EXPECT_TRUE(session.hungry());
  EXPECT_FALSE(session.full());
  ASSERT_TRUE(session.add_item("b", ServerSession::kBatchBytes, source));
  EXPECT_TRUE(session.full());
  EXPECT_EQ(session.cursor(), "b");
}

TEST_F(LegacyServerSession, AnAnswerIsBounded) {
  session.begin_answer(clock.now());
  send_all();
  const std::uint64_t most = kMaxPickle - kEmptyPickleSize - 5;
  EXPECT_FALSE(session.add_item("a", most + 1, source));
  EXPECT_FALSE(session.add_item("a", std::uint64_t{1} << 42, source));
  EXPECT_TRUE(session.queue().empty());
  EXPECT_TRUE(session.add_item("a", most, source));
  EXPECT_FALSE(session.add_item("b", 0, nullptr));
  session.end_answer();
  EXPECT_LE(session.queue().pending(), kMaxPickle);
  send_all();
  session.begin_answer(clock.now());
  EXPECT_TRUE(session.add_item("a", most, source)) << "the next answer begins anew";
  EXPECT_EQ(session.cursor(), "a");
}

TEST_F(LegacyServerSession, AnAnswerHasAtMostSoManyFiles) {
  session.begin_answer(clock.now());
  for (std::size_t i = 0; i < kMaxItems; ++i) {
    ASSERT_TRUE(session.add_item("a", 0, nullptr));
    send_all();
  }
  EXPECT_FALSE(session.add_item("a", 0, nullptr));
}

// T16, T18
TEST_F(LegacyServerSession, TheOtherEndHasSoMuchTime) {
  EXPECT_EQ(session.deadline(), clock.now() + ServerSession::kIdle);
  clock.advance(9s);
  EXPECT_EQ(ask("re"), Request::kNone);
  EXPECT_EQ(session.deadline(), clock.now() + 1s) << "half a request does not count";
  session.begin_answer(clock.now());
  EXPECT_EQ(session.deadline(), clock.now() + ServerSession::kStuck);
  clock.advance(20s);
  send_all();
  EXPECT_EQ(session.deadline(), net::TimePoint{}) << "it is hungry";
  ASSERT_TRUE(session.add_item("a", 1000, source));
  EXPECT_EQ(session.deadline(), clock.now() + ServerSession::kStuck);
  clock.advance(20s);
  session.queue().consume_all(1);
  session.sent(clock.now());
  EXPECT_EQ(session.deadline(), clock.now() + ServerSession::kStuck);
  send_all();
  session.end_answer();
  send_all();
  EXPECT_EQ(session.deadline(), clock.now() + ServerSession::kIdle);
}

}  // namespace
}  // namespace peer::legacy
