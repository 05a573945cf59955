// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/unit/peer/wire/session_support.h"

namespace peer::wire {
namespace {

using std::chrono::seconds;

/// Goes from deadline to deadline, as the loop does, until `until`.
void run(Fixture& fixture, net::TimePoint until) {
  while (fixture.session.deadline() && *fixture.session.deadline() <= until) {
    fixture.clock.advance_to(*fixture.session.deadline());
    fixture.session.expire(fixture.clock.now());
  }
  fixture.clock.advance_to(until);
}

TEST(SessionTime, NoHelloInTimeFails) {  // T16
  for (const Role role : {Role::kDialled, Role::kAccepted}) {
    Fixture fixture(role);
    const net::TimePoint start = fixture.clock.now();
    EXPECT_EQ(fixture.session.deadline(), start + seconds(10));
    fixture.session.expire(start + seconds(10) - std::chrono::nanoseconds(1));
    EXPECT_FALSE(fixture.session.failed());
    fixture.session.expire(start + seconds(10));
    EXPECT_EQ(failure_of(fixture.events()), ErrorCode::kTimeout);
    EXPECT_FALSE(fixture.session.queue().empty()) << "the other end is told why";
  }
}

TEST(SessionTime, ASlowlorisGainsNoTime) {  // T16
  Fixture fixture(Role::kAccepted);
  const net::TimePoint start = fixture.clock.now();
  const net::Bytes hello = encode(hello_of("other", 2));
  for (std::size_t i = 0; i < hello.size() && !fixture.session.failed(); ++i) {
    EXPECT_EQ(fixture.session.deadline(), start + seconds(10));
    fixture.feed(net::ByteView(hello).subspan(i, 1));
    fixture.clock.advance(seconds(1));
    fixture.session.expire(fixture.clock.now());
  }
  EXPECT_EQ(fixture.clock.now(), start + seconds(10));
  EXPECT_EQ(failure_of(fixture.events()), ErrorCode::kTimeout);
}

TEST(SessionTime, ListsBeforeHelloGainNoTimeButCount) {  // T16
  Fixture fixture(Role::kDialled);
  const net::TimePoint start = fixture.clock.now();
  fixture.feed(
      net::as_bytes("\x10"
                    "10.0.0.1,"));
  run(fixture, start + seconds(10));
  const auto events = fixture.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(std::get<PeersReceived>(events[0]).endpoints.size(), 1u);
  EXPECT_EQ(failure_of(events), ErrorCode::kTimeout);
}

TEST(SessionTime, SilenceIsAskedAboutAndThenGivenUp) {
  Fixture fixture(Role::kAccepted);
  fixture.clock.advance(seconds(5));
  fixture.establish();
  const net::TimePoint heard = fixture.clock.now();
  EXPECT_EQ(fixture.session.deadline(), heard + seconds(30));
  run(fixture, heard + seconds(30));
  EXPECT_EQ(fixture.sent().at(0), std::byte{0x0e});
  run(fixture, heard + seconds(90) - std::chrono::nanoseconds(1));
  EXPECT_FALSE(fixture.session.failed());
  fixture.sent();
  run(fixture, heard + seconds(90));
  EXPECT_EQ(failure_of(fixture.events()), ErrorCode::kTimeout);
}

TEST(SessionTime, AnAnswerEndsTheSilence) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const net::TimePoint start = fixture.clock.now();
  for (int i = 1; i <= 10; ++i) {
    run(fixture, start + i * seconds(30));
    ASSERT_EQ(fixture.sent().at(0), std::byte{0x0e});
    fixture.feed(Pong{1});
  }
  EXPECT_FALSE(fixture.session.failed());
  EXPECT_EQ(fixture.session.deadline(), fixture.clock.now() + seconds(30));
}

TEST(SessionTime, AnyByteIsASignOfLife) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const net::Bytes frame = encode(Error{1, ErrorCode::kBusy, "0123456789"});
  for (std::size_t i = 0; i + 1 < frame.size(); ++i) {
    run(fixture, fixture.clock.now() + seconds(80));
    fixture.feed(net::ByteView(frame).subspan(i, 1));
    ASSERT_FALSE(fixture.session.failed());
  }
}

TEST(SessionTime, APeerThatTakesOurDataSlowlyIsAlive) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const net::TimePoint start = fixture.clock.now();
  const auto source = std::make_shared<net::SendSource>();
  fixture.session.send_chunk({1, 0, 0}, {source, 0, kMaxChunkSize});
  fixture.session.queue().consume(encode_chunk_header({1, 0, 0}, kMaxChunkSize).size());
  // Ten minutes for one chunk: the PINGs wait behind it.
  for (int second = 1; second <= 600; ++second) {
    fixture.session.queue().consume(5000);
    run(fixture, start + seconds(second));
    ASSERT_FALSE(fixture.session.failed()) << second;
  }
  // It stops: what is queued does not move any more.
  run(fixture, fixture.clock.now() + seconds(120));
  EXPECT_EQ(failure_of(fixture.events()), ErrorCode::kTimeout);
}

TEST(SessionTime, PingsThatTheKernelTakesAreNoSignOfLife) {
  Fixture fixture(Role::kAccepted);
  fixture.establish();
  const net::TimePoint start = fixture.clock.now();
  for (int second = 1; second < 90; ++second) {
    fixture.sent();  // The kernel's buffer takes all; nobody answers.
    run(fixture, start + seconds(second));
    ASSERT_FALSE(fixture.session.failed()) << second;
  }
  fixture.sent();
  run(fixture, start + seconds(90));
  EXPECT_TRUE(fixture.session.failed());
}

}  // namespace
}  // namespace peer::wire
