// SPDX-License-Identifier: MIT
#include "peer/introducer/client.h"

#include <gtest/gtest.h>

#include "tests/support/pieces.h"

namespace peer::introducer {
namespace {

using Answers = std::vector<net::Result<Answer, AnswerError>>;

net::Endpoint at(const char* text) { return *net::Endpoint::parse(text); }

Answers answers_of(std::string_view bytes, std::size_t step = std::string_view::npos, bool* idle = nullptr) {
  Answers out;
  AnswerParser parser;
  support::feed_in_pieces(parser, bytes, step, [&](net::Result<Answer, AnswerError> answer) {
    out.push_back(std::move(answer));
    return out.back().ok();
  });
  if (idle) *idle = parser.idle();
  return out;
}

/// The error that the bytes end in; nothing when they are good.
std::optional<AnswerError> error_of(std::string_view bytes) {
  auto answers = answers_of(bytes);
  if (answers.empty() || answers.back()) return std::nullopt;
  return answers.back().error();
}

std::string response(std::size_t peers) {
  std::vector<std::string> lines;
  while (lines.size() < peers) lines.push_back(format_peer(lines.size() + 1, {"p", at("10.0.0.7:4000")}));
  return control::format_response(control::kOk, lines);
}

TEST(IntroducerClient, RequestsArePinned) {
  EXPECT_EQ(format_request(Join{{"me", at("10.0.0.7:4000")}, 5}), "JOIN me 10.0.0.7 4000\r\n");
  EXPECT_EQ(format_request(Join{{"me", at("[2001:db8::1]:4000")}, 16}), "JOIN me 2001:db8::1 4000 16\r\n");
  EXPECT_EQ(format_request(Leave{"me"}), "DELETE me\r\n");
}

TEST(IntroducerClient, T03SameAnswersForEverySplit) {
  const std::string bytes =
      "200 OK 48\r\n1,alice,10.1.0.7,12345\r\n2,bob,2001:db8::8,4000\r\n404 OPERATION UNKNOWN 0\r\n503 FULL 0\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    bool idle = false;
    auto answers = answers_of(bytes, step, &idle);
    ASSERT_EQ(answers.size(), 3U) << step;
    EXPECT_EQ(*answers[0], (Answer{200, "OK", {{"alice", at("10.1.0.7:12345")}, {"bob", at("[2001:db8::8]:4000")}}}));
    EXPECT_EQ(*answers[1], (Answer{404, "OPERATION UNKNOWN", {}}));
    EXPECT_EQ(*answers[2], (Answer{503, "FULL", {}}));
    EXPECT_TRUE(answers[0]->ok() && !answers[1]->ok() && !answers[2]->ok());
    EXPECT_TRUE(idle);
  }
}

TEST(IntroducerClient, NoTruncationIsAnAnswer) {
  const std::string bytes = "200 OK 24\r\n1,alice,10.1.0.7,12345\r\n";
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    bool idle = true;
    EXPECT_TRUE(answers_of(bytes.substr(0, size), 1, &idle).empty()) << size;
    EXPECT_FALSE(idle) << size;
  }
}

TEST(IntroducerClient, TakesAsManyPeersAsTheProtocolAllows) {
  auto most = answers_of(response(kMaxCount));
  ASSERT_EQ(most.size(), 1U);
  EXPECT_EQ(most[0]->peers.size(), kMaxCount);
  EXPECT_EQ(error_of(response(kMaxCount + 1)), AnswerError::kTooMany);
}

TEST(IntroducerClient, T01RefusesALargeAnswerAtItsFirstLine) {
  EXPECT_EQ(error_of("200 OK " + std::to_string(AnswerParser::kMaxContent + 1) + "\r\n"), AnswerError::kTooMany);
  EXPECT_EQ(error_of("200 OK " + std::to_string(AnswerParser::kMaxContent) + "\r\n"), std::nullopt);
  EXPECT_EQ(error_of("200 OK 99999999999999999999\r\n"), AnswerError::kNoResponse);
}

TEST(IntroducerClient, RefusesWhatIsNoAnswer) {
  EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\n"), AnswerError::kNoResponse);
  EXPECT_EQ(error_of("200 OK\r\n"), AnswerError::kNoResponse);
  EXPECT_EQ(error_of("200 OK 4\r\n1,a\r\n"), AnswerError::kNoResponse);
  EXPECT_EQ(error_of("200 OK 5\r\n1,a\r\n"), AnswerError::kMalformedPeer);
  EXPECT_EQ(error_of(std::string(5000, 'x')), AnswerError::kNoResponse);
}

TEST(IntroducerClient, AnErrorIsFinal) {
  AnswerParser parser;
  std::string_view bad = "200 OK 5\r\n1,a\r\n", good = "200 OK 0\r\n";
  EXPECT_FALSE(parser.feed(bad)->ok());
  EXPECT_EQ(parser.feed(good)->error(), AnswerError::kMalformedPeer);
  EXPECT_FALSE(parser.idle());
  for (auto error : {AnswerError::kNoResponse, AnswerError::kTooMany, AnswerError::kMalformedPeer})
    EXPECT_FALSE(describe(error).empty());
}

}  // namespace
}  // namespace peer::introducer
