// SPDX-License-Identifier: MIT
#include "peer/legacy/server_session.h"

#include <gtest/gtest.h>

#include <algorithm>

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

  static std::shared_ptr<const SharedContents> contents_of(std::size_t count, std::uint64_t length) {
    return std::make_shared<SharedContents>(SharedContents{1, false, {count, files::ContentId{length, {}}}});
  }
  void begin_answer(std::size_t count = 1000, std::uint64_t length = 1) {
    session.begin_answer(clock.now(), contents_of(count, length));
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
  begin_answer();
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
  begin_answer();
  send_all();
  std::size_t items = 0;
  for (; !session.full(); ++items) session.add(source);
  EXPECT_EQ(items, ServerSession::kBatchItems);
  EXPECT_FALSE(session.hungry());
  send_all();
  EXPECT_TRUE(session.hungry());
  EXPECT_FALSE(session.full());
  session.end_answer();
  send_all();
  begin_answer(3, ServerSession::kBatchBytes);
  send_all();
  session.add(source);
  EXPECT_TRUE(session.full());
}

TEST_F(LegacyServerSession, ContentsHaveTheirTurns) {
  auto contents = std::make_shared<SharedContents>();
  for (std::uint64_t length : {5u, 0u, 7u}) contents->ids.push_back({length, {}});
  session.begin_answer(clock.now(), contents);
  send_all();
  EXPECT_EQ(session.next()->length, 5u);
  session.pass();
  EXPECT_EQ(session.next()->length, 0u);
  session.add(nullptr);
  EXPECT_EQ(session.next()->length, 7u);
  session.add(source);
  EXPECT_EQ(session.next(), nullptr);
  session.end_answer();
  EXPECT_EQ(session.queue().pending(), 2u + (2u + 7u) + 2u);
  contents.reset();
  send_all();
  begin_answer(1, 9);
  EXPECT_EQ(session.next()->length, 9u) << "the next answer begins anew";
}

// T19
TEST_F(LegacyServerSession, ARequestMayWait) {
  EXPECT_LE(session.next_answer(), clock.now());
  EXPECT_EQ(ask("reqreq"), Request::kFiles);
  begin_answer(0);
  session.end_answer();
  clock.advance(100ms);
  send_all();
  EXPECT_EQ(session.next_request(), Request::kFiles);
  EXPECT_EQ(session.next_answer(), clock.now() + 900ms);
  session.postpone(session.next_answer());
  EXPECT_TRUE(session.postponed());
  EXPECT_EQ(session.deadline(), clock.now() + 900ms);
  EXPECT_TRUE(session.space().empty());
  EXPECT_EQ(session.next_request(), Request::kNone);
  clock.advance(900ms);
  begin_answer(0);
  EXPECT_FALSE(session.postponed());
  EXPECT_EQ(session.deadline(), clock.now() + ServerSession::kStuck);
}

// T16, T18
TEST_F(LegacyServerSession, TheOtherEndHasSoMuchTime) {
  EXPECT_EQ(session.deadline(), clock.now() + ServerSession::kIdle);
  clock.advance(9s);
  EXPECT_EQ(ask("re"), Request::kNone);
  EXPECT_EQ(session.deadline(), clock.now() + 1s) << "half a request does not count";
  begin_answer();
  EXPECT_EQ(session.deadline(), clock.now() + ServerSession::kStuck);
  clock.advance(20s);
  send_all();
  EXPECT_EQ(session.deadline(), net::TimePoint{}) << "it is hungry";
  session.add(source);
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
