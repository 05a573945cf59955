// SPDX-License-Identifier: MIT
#include "peer/introducer/session.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "peer/introducer/client.h"
#include "tests/support/manual_clock.h"

namespace peer::introducer {
namespace {

using std::chrono::seconds;

class IntroducerSession : public testing::Test {
 protected:
  net::Endpoint from(const std::string& address) { return {*net::IpAddress::parse(address), 40000}; }
  Session connect(const std::string& address) { return {clock.now(), from(address), service}; }
  /// What is answered to `bytes` when they come in pieces of `step`, and all is taken at once.
  std::string talk(Session& session, std::string_view bytes, std::size_t step = 4096) {
    std::string out;
    while (!bytes.empty()) {
      auto piece = bytes.substr(0, step);
      bytes.remove_prefix(piece.size());
      session.receive(clock.now(), piece);
      out += take(session);
    }
    return out;
  }
  /// Everything, also what waited for room.
  std::string take(Session& session) {
    std::string out;
    while (!session.output().empty()) {
      out += session.output();
      session.sent(clock.now(), session.output().size());
      session.step(clock.now());
    }
    return out;
  }
  std::string ask(const std::string& address, std::string_view bytes) {
    Session session = connect(address);
    return talk(session, bytes);
  }

  support::ManualClock clock;
  Directory directory{{std::chrono::minutes(10), 1000}};
  std::vector<std::string> notes;
  Service service{directory, [this](const std::string& note) { notes.push_back(note); }};
};

TEST_F(IntroducerSession, TheExampleOfTheManualPage) {
  EXPECT_EQ(ask("10.1.0.7", "JOIN alice 10.1.0.7 12345\r\n"), "200 OK 0\r\n");
  EXPECT_EQ(ask("10.1.0.8", "JOIN bob 10.1.0.8 4000\r\n"), "200 OK 24\r\n1,alice,10.1.0.7,12345\r\n");
  EXPECT_EQ(ask("10.1.0.8", "DELETE bob\r\n"), "200 OK 0\r\n");
  EXPECT_EQ(directory.size(), 1U);
}

TEST_F(IntroducerSession, EveryAnswerToTheByte) {
  const std::string from = "10.0.0.1";
  EXPECT_EQ(ask(from, "HELLO\r\n"), "404 OPERATION UNKNOWN 0\r\n");
  EXPECT_EQ(ask(from, "JOIN\r\n"), "422 MALFORMED 0\r\n");
  EXPECT_EQ(ask(from, "join a 10.0.0.1\r\n"), "422 MALFORMED 0\r\n");
  EXPECT_EQ(ask(from, "\r\n"), "422 MALFORMED 0\r\n");
  EXPECT_EQ(ask(from, "JOIN a 10.0.0.1\n"), "422 MALFORMED 0\r\n");
  EXPECT_EQ(ask(from, "JOIN a 10.0.0.2\r\n"), "403 ADDRESS REFUSED 0\r\n");
  EXPECT_EQ(ask(from, "LEAVE nobody\r\n"), "200 OK 0\r\n");
  EXPECT_EQ(directory.size(), 0U);
  EXPECT_EQ(ask(from, "JOIN a 10.0.0.1\r\n"), "200 OK 0\r\n");
  EXPECT_EQ(ask(from, "JOIN b 0.0.0.0 4000 1\r\n"), "200 OK 20\r\n1,a,10.0.0.1,12345\r\n");
}

TEST_F(IntroducerSession, T03SameAnswersForEverySplit) {
  const std::string bytes =
      "JOIN a 10.0.0.1 4000\r\nJOIN b :: 4001\r\nbad\r\nNONE\r\nJOIN c 10.0.0.1 4002 1\r\nDELETE a\r\n"
      "LEAVE b\r\nDELETE c\r\n";
  const std::string wanted =
      "200 OK 0\r\n200 OK 19\r\n1,a,10.0.0.1,4000\r\n422 MALFORMED 0\r\n404 OPERATION UNKNOWN 0\r\n"
      "200 OK 19\r\n1,b,10.0.0.1,4001\r\n200 OK 0\r\n200 OK 0\r\n200 OK 0\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    clock.advance(seconds(5));  // Keeps below the rate.
    Session session = connect("10.0.0.1");
    ASSERT_EQ(talk(session, bytes, step), wanted) << step;
    EXPECT_EQ(directory.size(), 0U);
  }
}

TEST_F(IntroducerSession, NoTruncationOfARequestIsAnswered) {
  const std::string request = "JOIN a 10.0.0.1 4000\r\n";
  for (std::size_t size = 0; size < request.size(); ++size) {
    Session session = connect("10.0.0.1");
    EXPECT_EQ(talk(session, request.substr(0, size)), "");
    session.end_of_input();
    session.step(clock.now());
    EXPECT_TRUE(session.over());
    EXPECT_EQ(directory.size(), 0U);
  }
}

TEST_F(IntroducerSession, OnlyTheOwnAddressCanBeRegistered) {
  auto status = [this](const std::string& from, const std::string& args) {
    return ask(from, "JOIN x " + args + "\r\n").substr(0, 3);
  };
  EXPECT_EQ(status("10.0.0.1", "10.0.0.1 4000"), "200");
  EXPECT_EQ(status("10.0.0.1", "0.0.0.0 4000"), "200");
  EXPECT_EQ(status("10.0.0.1", ":: 4000"), "200");
  EXPECT_EQ(status("2001:db8::1", "2001:db8:0::1 4000"), "200");
  EXPECT_EQ(status("203.0.113.9", "192.168.1.5 4000"), "403");
  EXPECT_EQ(status("10.0.0.1", "127.0.0.1 4000"), "403");
  EXPECT_EQ(status("10.0.0.1", "255.255.255.255 4000"), "403");
  EXPECT_EQ(status("10.0.0.1", "224.0.0.1 4000"), "403");
  EXPECT_EQ(status("10.0.0.1", "2001:db8::1 4000"), "403");
  EXPECT_EQ(status("fe80::1%eth0", ":: 4000"), "403");
  EXPECT_EQ(status("fe80::1%eth0", "fe80::1%25eth0 4000"), "403");
  EXPECT_EQ(status("10.0.0.1", "10.0.0.1 1023"), "403");
  EXPECT_EQ(status("10.0.0.1", "10.0.0.1 22"), "403");
  EXPECT_EQ(status("10.0.0.1", "10.0.0.1 1024"), "200");
}

TEST_F(IntroducerSession, T33NobodyRemovesOrMovesAnother) {
  ask("10.0.0.1", "JOIN a 10.0.0.1 4000\r\n");
  EXPECT_EQ(ask("10.0.0.2", "DELETE a\r\nJOIN a 10.0.0.2 5000\r\n"), "200 OK 0\r\n200 OK 0\r\n");
  EXPECT_EQ(ask("10.0.0.3", "JOIN b 10.0.0.3\r\n"), "200 OK 38\r\n1,a,10.0.0.2,5000\r\n2,a,10.0.0.1,4000\r\n");
}

TEST_F(IntroducerSession, NeverMorePeersThanAskedFor) {
  for (int i = 1; i < 60; ++i) {
    const std::string address = "10.0.0." + std::to_string(i);
    ask(address, "JOIN p" + std::to_string(i) + " " + address + "\r\n");
  }
  auto lines = [this](const std::string& args) {
    const std::string answer = ask("10.9.0.1", "JOIN me 0.0.0.0" + args + "\r\n");
    return std::count(answer.begin(), answer.end(), '\n') - 1;
  };
  EXPECT_EQ(lines(""), 5);
  EXPECT_EQ(lines(" 4000 0"), 0);
  EXPECT_EQ(lines(" 4000 1"), 1);
  EXPECT_EQ(lines(" 4000 32"), 32);
}

TEST_F(IntroducerSession, AFullIntroducerStillTellsOfOthers) {
  Directory small{{std::chrono::minutes(10), 1}};
  Service full{small};
  Session first{clock.now(), from("10.0.0.1"), full};
  EXPECT_EQ(talk(first, "JOIN a 10.0.0.1\r\n"), "200 OK 0\r\n");
  Session second{clock.now(), from("10.0.0.2"), full};
  EXPECT_EQ(talk(second, "JOIN b 10.0.0.2\r\n"), "503 FULL 20\r\n1,a,10.0.0.1,12345\r\n");
}

TEST_F(IntroducerSession, T01ALineThatNeverEndsIsRefusedAndTheConnectionClosed) {
  Session session = connect("10.0.0.1");
  std::string out;
  for (int i = 0; i < 4 && out.empty(); ++i) out = talk(session, std::string(4096, 'A'));
  EXPECT_EQ(out, "422 MALFORMED 0\r\n");
  EXPECT_TRUE(session.sending_ended());
  // What follows is taken and dropped, for a while.
  ASSERT_TRUE(session.wants_input());
  EXPECT_EQ(talk(session, "JOIN a 10.0.0.1\r\n"), "");
  EXPECT_FALSE(session.over());
  clock.advance(Session::kClosingTime);
  session.step(clock.now());
  EXPECT_TRUE(session.over());
  EXPECT_EQ(directory.size(), 0U);
}

TEST_F(IntroducerSession, T19TooManyRequestsEndTheConnection) {
  std::string requests;
  for (int i = 0; i < 150; ++i) requests += "LEAVE a\r\n";
  const std::string out = ask("10.0.0.1", requests);
  EXPECT_EQ(out.size(), 100 * std::string("200 OK 0\r\n").size() + std::string("429 TOO MANY REQUESTS 0\r\n").size());
  EXPECT_TRUE(out.ends_with("200 OK 0\r\n429 TOO MANY REQUESTS 0\r\n"));
  EXPECT_EQ(ask("10.0.0.1", "LEAVE a\r\n"), "429 TOO MANY REQUESTS 0\r\n");
  EXPECT_EQ(ask("10.0.0.2", "LEAVE a\r\n"), "200 OK 0\r\n");
  clock.advance(seconds(1));
  EXPECT_EQ(ask("10.0.0.1", "LEAVE a\r\n"), "200 OK 0\r\n");
}

TEST_F(IntroducerSession, T16OneDeadlineSpansARequest) {
  Session session = connect("10.0.0.1");
  const auto begun = clock.now();
  EXPECT_EQ(session.deadline(), begun + Session::kRequestTime);
  for (char c : std::string_view("JOIN a 1")) {
    clock.advance(seconds(1));
    session.receive(clock.now(), std::string_view(&c, 1));
    session.step(clock.now());
    EXPECT_FALSE(session.over());
  }
  EXPECT_EQ(session.deadline(), begun + Session::kRequestTime);
  clock.advance_to(session.deadline());
  session.step(clock.now());
  EXPECT_TRUE(session.over());
}

TEST_F(IntroducerSession, NoConnectionOutlivesItsTime) {
  Session session = connect("10.0.0.1");
  const auto begun = clock.now();
  while (!session.over()) {
    EXPECT_EQ(talk(session, "LEAVE a\r\n"), "200 OK 0\r\n");
    clock.advance(seconds(9));
    session.step(clock.now());
    ASSERT_LE(clock.now(), begun + Session::kLifetime + seconds(9));
  }
  EXPECT_GE(clock.now(), begun + Session::kLifetime);
}

TEST_F(IntroducerSession, T18OneThatDoesNotReadIsBoundedAndClosed) {
  for (int i = 1; i < 60; ++i) {
    const std::string address = "10.0.1." + std::to_string(i);
    ask(address, "JOIN " + std::string(50, 'x') + std::to_string(i) + " " + address + "\r\n");
  }
  Session session = connect("10.0.0.1");
  std::string requests;
  for (int i = 0; i < 90; ++i) requests += "JOIN me 10.0.0.1 4000 32\r\n";
  const auto begun = clock.now();
  session.receive(clock.now(), requests);
  EXPECT_FALSE(session.wants_input());
  EXPECT_LT(session.output().size(), Session::kHighWater + AnswerParser::kMaxContent + control::kMaxResponseLine);
  // A little is taken, which is no reason to wait for ever.
  clock.advance(seconds(5));
  session.sent(clock.now(), 100);
  session.step(clock.now());
  EXPECT_EQ(session.deadline(), begun + Session::kRequestTime);
  clock.advance(seconds(5));
  session.step(clock.now());
  EXPECT_TRUE(session.over());
}

TEST_F(IntroducerSession, RequestsThatWaitedForRoomAreAnsweredAllInOrder) {
  for (int i = 1; i < 40; ++i) {
    const std::string address = "10.0.1." + std::to_string(i);
    ask(address, "JOIN " + std::string(60, 'x') + std::to_string(i) + " " + address + "\r\n");
  }
  Session session = connect("10.0.0.1");
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += "JOIN me 10.0.0.1 4000 32\r\nNONE\r\n";
  session.receive(clock.now(), requests);
  session.end_of_input();
  std::string out;
  while (!session.over()) {
    auto some = std::min<std::size_t>(session.output().size(), 3000);
    ASSERT_GT(some, 0U);
    out += session.output().substr(0, some);
    session.sent(clock.now(), some);
    // With room and requests that wait, there is something to do at once.
    if (session.output().empty() && !session.sending_ended()) {
      EXPECT_LE(session.deadline(), clock.now());
    }
    session.step(clock.now());
  }
  std::size_t unknown = 0;
  for (std::size_t at = 0; (at = out.find("404 ", at)) != std::string::npos; ++at) ++unknown;
  EXPECT_EQ(unknown, 50U);
  EXPECT_TRUE(out.ends_with("404 OPERATION UNKNOWN 0\r\n"));
}

TEST_F(IntroducerSession, AHalfClosedConnectionGetsItsAnswers) {
  Session session = connect("10.0.0.1");
  session.receive(clock.now(), "JOIN a 10.0.0.1\r\n");
  session.end_of_input();
  EXPECT_FALSE(session.over());
  EXPECT_FALSE(session.sending_ended());
  EXPECT_EQ(take(session), "200 OK 0\r\n");
  EXPECT_TRUE(session.over());
}

TEST_F(IntroducerSession, NotesSayWhoAskedWhatAndWhatCameOfIt) {
  ask("10.0.0.1", "JOIN a 10.0.0.2\r\nJOIN %1b%5b2J 10.0.0.1\r\nbad\r\n");
  EXPECT_EQ(notes, (std::vector<std::string>{"10.0.0.1:40000: JOIN a: 403 ADDRESS REFUSED 0",
                                             "10.0.0.1:40000: JOIN \x1b[2J: 422 MALFORMED 0",
                                             "10.0.0.1:40000: no request: 422 MALFORMED 0"}));
}

}  // namespace
}  // namespace peer::introducer
