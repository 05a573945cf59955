// SPDX-License-Identifier: MIT
#include "peer/control/session.h"

#include <gtest/gtest.h>

#include "tests/unit/peer/control/scripted_operation.h"

namespace peer::control {
namespace {

using std::chrono::seconds;

class ControlSession : public testing::Test {
 protected:
  void ask(std::string_view bytes) {
    session.receive(now, bytes);
    session.step(now);
  }
  std::string taken() {
    std::string out(session.output());
    session.sent(now, out.size());
    return out;
  }

  ScriptedHandler handler;
  Session session{handler};
  net::TimePoint now{seconds(1000)};
};

TEST_F(ControlSession, ShortOperationIsAnsweredAtOnce) {
  handler.scripts["PEERS"].steps = {{"{}", "{\"a\":1}"}};
  ask("PEERS\r\n");
  EXPECT_EQ(taken(), "200 OK 13\r\n{}\r\n{\"a\":1}\r\n");
  EXPECT_FALSE(session.over());
  EXPECT_TRUE(handler.records[0]->destroyed);
  EXPECT_FALSE(session.deadline());
}

TEST_F(ControlSession, LongOperationStreams) {
  handler.scripts["DOWNLOAD"] = {{{"{1}"}, {}, {"{2}", "{3}"}, {"{4}"}}, 3, false, true, std::nullopt};
  ask("DOWNLOAD --from=x -- a%20b\r\n");
  EXPECT_EQ(handler.commands[0], (Command{"DOWNLOAD", {{"from", {"x"}}}, {"a b"}}));
  EXPECT_EQ(taken(), "100 CONTINUE 5\r\n{1}\r\n");
  session.step(now);
  EXPECT_EQ(taken(), "");
  session.step(now);
  EXPECT_EQ(taken(), "100 CONTINUE 10\r\n{2}\r\n{3}\r\n");
  session.step(now);
  EXPECT_EQ(taken(), "207 PARTLY DONE 5\r\n{4}\r\n");
}

TEST_F(ControlSession, RefusalsAreAnswered) {
  ask("WHAT\r\n");
  EXPECT_EQ(taken(), "404 OPERATION UNKNOWN 0\r\n");
  ask("what\r\n");
  EXPECT_EQ(taken(), "422 MALFORMED 0\r\n");
  ask("PEERS --=x\r\n");
  EXPECT_EQ(taken(), "422 MALFORMED 0\r\n");
  handler.refusal = {kMalformedRequest, "DOWNLOAD needs a name"};
  ask("DOWNLOAD\r\n");
  EXPECT_EQ(taken(), "422 MALFORMED 51\r\n{\"event\":\"error\",\"error\":\"DOWNLOAD needs a name\"}\r\n");
  EXPECT_FALSE(session.over());
}

TEST_F(ControlSession, T01EndlessLineIsAnsweredAndClosed) {
  ask(std::string(kMaxRequestLine, 'A'));
  EXPECT_FALSE(session.wants_input());
  EXPECT_FALSE(session.over());
  EXPECT_EQ(taken(), "422 MALFORMED 0\r\n");
  EXPECT_TRUE(session.over());
}

TEST_F(ControlSession, RequestsAreAnsweredInOrder) {
  handler.scripts["A"].steps = {{"a1"}, {"a2"}};
  handler.scripts["B"].steps = {{"b"}};
  ask("A\r\nB\r\nbad\r\nB\r\nB");
  EXPECT_FALSE(session.wants_input());
  session.step(now);
  EXPECT_EQ(taken(), "100 CONTINUE 4\r\na1\r\n200 OK 4\r\na2\r\n200 OK 3\r\nb\r\n422 MALFORMED 0\r\n200 OK 3\r\nb\r\n");
  ASSERT_TRUE(session.wants_input());
  ask("\r\n");
  EXPECT_EQ(taken(), "200 OK 3\r\nb\r\n");
}

TEST_F(ControlSession, T03ByteByByte) {
  handler.scripts["A"].steps = {{"a"}};
  for (char c : std::string("A\r\nA x\r\n")) ask(std::string(1, c));
  EXPECT_EQ(taken(), "200 OK 3\r\na\r\n200 OK 3\r\na\r\n");
}

TEST_F(ControlSession, CancelEndsWhatRunsAndHasNoAnswerOfItsOwn) {
  handler.scripts["A"].endless = true;
  ask("CANCEL\r\n");
  EXPECT_EQ(taken(), "");
  ask("A\r\n");
  EXPECT_EQ(taken(), "");
  ask("CANCEL\r\nCANCEL\r\n");
  EXPECT_EQ(handler.records[0]->cancels, 1);
  EXPECT_EQ(taken(), "500 FAILED 0\r\n");
  ask("A\r\nCANCEL\r\n");
  EXPECT_EQ(handler.records[1]->cancels, 1);
  EXPECT_EQ(taken(), "500 FAILED 0\r\n");
}

TEST_F(ControlSession, WhatWasAskedBeforeTheEndOfInputIsAnswered) {
  handler.scripts["A"].steps = {{"1"}, {"2"}};
  ask("A\r\nA\r\nA");
  session.end_of_input();
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(session.over());
    session.step(now);
  }
  EXPECT_FALSE(session.over());
  taken();
  EXPECT_EQ(handler.records.size(), 2U);
  EXPECT_TRUE(session.over());
}

TEST_F(ControlSession, GoneClientLeavesOnlyWhatOutlivesIt) {
  handler.scripts["WATCH"].endless = true;
  ask("WATCH\r\n");
  EXPECT_EQ(session.release(now), nullptr);
  EXPECT_EQ(handler.records[0]->cancels, 1);
  EXPECT_TRUE(handler.records[0]->destroyed);

  handler.scripts["DOWNLOAD"].endless = handler.scripts["DOWNLOAD"].outlives = true;
  Session other(handler);
  other.receive(now, "DOWNLOAD\r\n");
  other.step(now);
  auto operation = other.release(now);
  ASSERT_NE(operation, nullptr);
  EXPECT_EQ(handler.records[1]->cancels, 0);
}

TEST_F(ControlSession, T18OperationRestsWhileTheClientIsBehind) {
  std::deque<std::vector<std::string>> steps(100, std::vector<std::string>(3, std::string(kMaxDataLine, 'x')));
  handler.scripts["A"].steps = steps;
  handler.scripts["A"].deadline = now + seconds(1);
  ask("A\r\n");
  for (int i = 0; i < 200; ++i) session.step(now);
  EXPECT_EQ(handler.records[0]->steps, 2);
  EXPECT_LT(session.output().size(), 2 * Session::kHighWater);
  EXPECT_EQ(session.deadline(), now + Session::kStall);
  std::size_t total = 0;
  for (int i = 0; i < 200; ++i) {
    total += taken().size();
    session.step(now);
  }
  EXPECT_GT(total, std::size_t{300} * kMaxDataLine);
  EXPECT_EQ(handler.records[0]->steps, 100);
  EXPECT_FALSE(session.over());
}

TEST_F(ControlSession, T18ClientThatReadsNothingIsDropped) {
  handler.scripts["A"] = {{{"x"}}, 0, true, true, std::nullopt};
  ask("A\r\n");
  now += Session::kStall - seconds(1);
  session.sent(now, 1);
  now += Session::kStall - seconds(1);
  session.step(now);
  EXPECT_FALSE(session.over());
  now += seconds(1);
  EXPECT_EQ(session.deadline(), now);
  session.step(now);
  EXPECT_TRUE(session.over());
  EXPECT_NE(session.release(now), nullptr);
}

TEST_F(ControlSession, T50IdleClientIsNotDropped) {
  handler.scripts["A"] = {{{"x"}}, 0, true, false, std::nullopt};
  ask("A\r\n");
  taken();
  now += Session::kStall * 100;
  session.step(now);
  EXPECT_FALSE(session.over());
}

TEST_F(ControlSession, T18OneStepThatTellsFarTooMuchIsDropped) {
  std::vector<std::string> lines(Session::kMaxOutput / kMaxDataLine + 1, std::string(kMaxDataLine, 'x'));
  handler.scripts["A"].steps = {std::move(lines)};
  ask("A\r\n");
  EXPECT_TRUE(session.over());
}

TEST_F(ControlSession, LongAnswersAreSplitAtTheLimitOfAResponse) {
  std::vector<std::string> lines(40, std::string(kMaxDataLine, 'x'));
  handler.scripts["A"].steps = {lines};
  ask("A\r\n");
  auto bytes = taken();
  ResponseParser parser;
  std::string_view in = bytes;
  std::vector<unsigned> codes;
  std::size_t count = 0;
  while (!in.empty()) {
    auto part = parser.feed(in);
    ASSERT_TRUE(part && part->ok());
    if (auto* head = std::get_if<ResponseHead>(&part->value()))
      codes.push_back(head->code);
    else
      ++count;
  }
  EXPECT_EQ(count, 40U);
  EXPECT_EQ(codes, (std::vector<unsigned>{100, 100, 200}));
}

TEST_F(ControlSession, ShutDownAnswersWhatRunsAndNothingElse) {
  handler.scripts["A"].endless = true;
  ask("A\r\nA\r\n");
  session.shut_down(now);
  EXPECT_FALSE(session.wants_input());
  session.step(now);
  EXPECT_EQ(taken(), "500 FAILED 0\r\n");
  EXPECT_TRUE(session.over());
  EXPECT_EQ(handler.records.size(), 1U);
}

}  // namespace
}  // namespace peer::control
