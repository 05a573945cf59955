// SPDX-License-Identifier: MIT
#include "peer/introducer/registration.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace peer::introducer {
namespace {

using namespace std::chrono_literals;

const net::Endpoint kFirst = *net::Endpoint::parse("10.3.0.1:7494");
const net::Endpoint kSecond = *net::Endpoint::parse("[2001:db8::3]:7494");

class RegistrationTest : public testing::Test {
 protected:
  Registration make(std::vector<net::Endpoint> introducer = {kFirst}) {
    return Registration({"me", 4000, std::move(introducer), 7}, clock_.now());
  }
  /// How long until the next conversation is due; it is then.
  net::Duration wait_for_next(const Registration& registration) {
    const net::TimePoint before = clock_.now();
    return clock_.advance_to(registration.deadline().value()) - before;
  }
  /// Has a conversation that ends well.
  void join(Registration& registration) {
    ASSERT_TRUE(registration.begin(clock_.now()));
    ASSERT_TRUE(registration.received(clock_.now(), "200 OK 0\r\n"));
  }

  support::ManualClock clock_;
};

TEST_F(RegistrationTest, JoinsAtOnceAndGivesHints) {
  Registration registration = make();
  EXPECT_EQ(registration.deadline(), clock_.now());
  EXPECT_EQ(registration.begin(clock_.now()), kFirst);
  EXPECT_EQ(registration.request(), "JOIN me 0.0.0.0 4000 16\r\n");
  EXPECT_FALSE(registration.begin(clock_.now())) << "one conversation at a time";
  EXPECT_FALSE(registration.received(clock_.now(), "200 OK 2"));
  auto outcome = registration.received(clock_.now(), "2\r\n1,two,10.2.0.1,12345\r\n");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->problem, "");
  EXPECT_EQ(outcome->peers, std::vector{*net::Endpoint::parse("10.2.0.1:12345")});
  EXPECT_FALSE(registration.talking());
}

TEST_F(RegistrationTest, ComesAgainBeforeTheEntryEnds) {
  Registration registration = make();
  for (int i = 0; i < 20; ++i) {
    join(registration);
    const net::Duration wait = wait_for_next(registration);
    EXPECT_GE(wait, Registration::kInterval * 8 / 10);
    EXPECT_LE(wait, Registration::kInterval * 12 / 10);
  }
}

TEST_F(RegistrationTest, ComesAgainAtOnceWhenAsked) {
  Registration registration = make();
  join(registration);
  registration.ask_again(clock_.now());
  EXPECT_EQ(registration.deadline(), clock_.now());
  ASSERT_TRUE(registration.begin(clock_.now()));
  registration.ask_again(clock_.now());
  EXPECT_FALSE(registration.begin(clock_.now())) << "one conversation at a time";
  ASSERT_TRUE(registration.received(clock_.now(), "200 OK 0\r\n"));
  registration.leave(clock_.now());
  join(registration);
  registration.ask_again(clock_.now());
  EXPECT_TRUE(registration.left());
}

TEST_F(RegistrationTest, FailuresAreTriedAgainLaterAndLaterAtTheNextAddress) {
  Registration registration = make({kFirst, kSecond});
  net::Duration least = Registration::kFirstRetry;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(registration.begin(clock_.now()), i % 2 == 0 ? kFirst : kSecond);
    EXPECT_EQ(registration.failed(clock_.now(), "refused").problem, "refused");
    const net::Duration wait = wait_for_next(registration);
    EXPECT_GE(wait, least * 8 / 10) << i;
    EXPECT_LE(wait, least * 12 / 10) << i;
    least = std::min(2 * least, Registration::kInterval);
  }
  join(registration);
  EXPECT_EQ(registration.request(), "JOIN me 0.0.0.0 4000 16\r\n");
  wait_for_next(registration);
  ASSERT_TRUE(registration.begin(clock_.now()));
  registration.failed(clock_.now(), "refused");
  EXPECT_LE(wait_for_next(registration), Registration::kFirstRetry * 12 / 10) << "a success forgets the failures";
}

TEST_F(RegistrationTest, AnIpv6IntroducerIsToldAnIpv6Address) {
  Registration registration = make({kSecond});
  ASSERT_TRUE(registration.begin(clock_.now()));
  EXPECT_EQ(registration.request(), "JOIN me :: 4000 16\r\n");
}

TEST_F(RegistrationTest, SilenceEndsAConversation) {
  Registration registration = make();
  ASSERT_TRUE(registration.begin(clock_.now()));
  EXPECT_EQ(registration.deadline(), clock_.now() + Registration::kConversationTime);
  EXPECT_FALSE(registration.expire(clock_.advance(9s)));
  auto outcome = registration.expire(clock_.advance(1s));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->problem, "no answer within 10 s");
}

TEST_F(RegistrationTest, T33AFullOrHostileIntroducerIsAProblemAndNoMore) {
  Registration registration = make();
  ASSERT_TRUE(registration.begin(clock_.now()));
  auto full = registration.received(clock_.now(), "503 FULL 21\r\n1,one,10.1.0.1,4001\r\n");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->problem, "the introducer answers 503 FULL");
  EXPECT_EQ(full->peers.size(), 1U);
  wait_for_next(registration);
  ASSERT_TRUE(registration.begin(clock_.now()));
  auto hostile = registration.received(clock_.now(), "\x1b[2J\r\n");
  ASSERT_TRUE(hostile);
  EXPECT_EQ(hostile->problem, "the answer is not one of an introducer");
  wait_for_next(registration);
  join(registration);
}

TEST_F(RegistrationTest, LeavesOnce) {
  Registration registration = make();
  join(registration);
  registration.leave(clock_.now());
  EXPECT_FALSE(registration.left());
  ASSERT_TRUE(registration.begin(clock_.now()));
  EXPECT_EQ(registration.request(), "DELETE me\r\n");
  EXPECT_TRUE(registration.received(clock_.now(), "200 OK 0\r\n"));
  EXPECT_TRUE(registration.left());
  EXPECT_FALSE(registration.begin(clock_.advance(1h)));
}

TEST_F(RegistrationTest, LeavesAfterTheConversationThatIsUnderWay) {
  Registration registration = make();
  ASSERT_TRUE(registration.begin(clock_.now()));
  registration.leave(clock_.now());
  EXPECT_EQ(registration.request(), "JOIN me 0.0.0.0 4000 16\r\n");
  registration.failed(clock_.now(), "reset");
  ASSERT_TRUE(registration.begin(clock_.now()));
  EXPECT_EQ(registration.request(), "DELETE me\r\n");
  registration.failed(clock_.now(), "reset");
  EXPECT_TRUE(registration.left()) << "it is not tried again; the entry ends with its time";
}

TEST_F(RegistrationTest, WhoNeverCameNeedNotLeave) {
  Registration registration = make();
  registration.leave(clock_.now());
  EXPECT_TRUE(registration.left());
  EXPECT_FALSE(registration.begin(clock_.now()));
}

}  // namespace
}  // namespace peer::introducer
