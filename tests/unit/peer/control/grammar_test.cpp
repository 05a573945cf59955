// SPDX-License-Identifier: MIT
#include "peer/control/grammar.h"

#include <gtest/gtest.h>

#include "tests/support/pieces.h"

namespace peer::control {
namespace {

using Requests = std::vector<net::Result<Request, RequestError>>;

Requests requests_of(std::string_view bytes, std::size_t step = std::string_view::npos) {
  Requests out;
  RequestParser parser;
  support::feed_in_pieces(parser, bytes, step, [&](net::Result<Request, RequestError> request) {
    out.push_back(std::move(request));
    return out.back() || out.back().error() != RequestError::kTooLong;
  });
  return out;
}

Request one(std::string_view line) {
  auto out = requests_of(line);
  EXPECT_EQ(out.size(), 1U);
  EXPECT_TRUE(out.size() == 1 && out[0].ok()) << line;
  return out.size() == 1 && out[0].ok() ? out[0].value() : Request{};
}

bool malformed(std::string_view line) {
  auto out = requests_of(line);
  return out.size() == 1 && !out[0].ok() && out[0].error() == RequestError::kMalformed;
}

TEST(ControlRequest, LineIsPinned) {
  EXPECT_EQ(*format_request({"DOWNLOAD", {"a file", "p2p:00:1", "", "50%\xc3\xbc\n"}}),
            "DOWNLOAD a%20file p2p:00:1  50%25%C3%BC%0A\r\n");
  EXPECT_EQ(*format_request({"PEERS", {}}), "PEERS\r\n");
}

TEST(ControlRequest, ReadsWhatIsWritten) {
  std::string every_byte;
  for (int c = 1; c < 256; ++c) every_byte += static_cast<char>(c);
  for (const Request& request :
       {Request{"STOP", {}}, Request{"A", {""}}, Request{"A_1", {"", "", every_byte}}, Request{"LIST", {" ", "%20"}}})
    EXPECT_EQ(one(*format_request(request)), request);
}

TEST(ControlRequest, AcceptsEitherCaseOfHexAndPlainPunctuation) {
  EXPECT_EQ(one("SEARCH a%2fb%2FC!\"#$&'()*+,;<=>?@[]^`{|}\r\n"),
            (Request{"SEARCH", {"a/b/C!\"#$&'()*+,;<=>?@[]^`{|}"}}));
}

TEST(ControlRequest, RefusesWhatTheGrammarRefuses) {
  for (std::string_view line :
       {"\r\n", "\n", "STOP\n", "stop\r\n", " STOP\r\n", "ST OP%\r\n", "A %4\r\n", "A %zz\r\n", "A %00\r\n",
        "A b\tc\r\n", "A \x7f\r\n", "A \xc3\xbc\r\n", "A b\rc\r\n", "A\r\r\n", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456\r\n"})
    EXPECT_TRUE(malformed(line)) << line;
  EXPECT_TRUE(malformed(std::string_view("A \0\r\n", 5)));
}

TEST(ControlRequest, GoesOnAfterAMalformedLine) {
  auto out = requests_of("bad\r\nPEERS\r\n");
  ASSERT_EQ(out.size(), 2U);
  EXPECT_FALSE(out[0].ok());
  EXPECT_EQ(out[1].value().op, "PEERS");
}

TEST(ControlRequest, T03SameResultForEverySplit) {
  const std::string bytes = "PEERS\r\nbad\r\nDOWNLOAD a%20b c\r\nSTATUS\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    auto out = requests_of(bytes, step);
    ASSERT_EQ(out.size(), 4U) << step;
    EXPECT_EQ(out[0].value().op, "PEERS");
    EXPECT_FALSE(out[1].ok());
    EXPECT_EQ(out[2].value(), (Request{"DOWNLOAD", {"a b", "c"}}));
    EXPECT_EQ(out[3].value().op, "STATUS");
  }
}

TEST(ControlRequest, EveryTruncationWaits) {
  const std::string line = "DOWNLOAD a%20b\r\n";
  for (std::size_t length = 0; length < line.size(); ++length) {
    RequestParser parser;
    auto in = std::string_view(line).substr(0, length);
    EXPECT_FALSE(parser.feed(in).has_value());
    EXPECT_TRUE(in.empty());
    EXPECT_EQ(parser.idle(), length == 0);
  }
}

TEST(ControlRequest, T01LongestLineAndOneMore) {
  Request longest{"A", {std::string(kMaxRequestLine - 4, 'x')}};
  EXPECT_EQ(format_request(longest)->size(), kMaxRequestLine);
  EXPECT_EQ(one(*format_request(longest)), longest);
  longest.args[0] += 'x';
  EXPECT_EQ(format_request(longest).error(), RequestError::kTooLong);

  RequestParser parser;
  std::string endless(3 * kMaxRequestLine, 'A');
  std::string_view in = endless;
  auto answer = parser.feed(in);
  ASSERT_TRUE(answer && !answer->ok());
  EXPECT_EQ(answer->error(), RequestError::kTooLong);
  in = "PEERS\r\n";
  answer = parser.feed(in);
  ASSERT_TRUE(answer && !answer->ok());
  EXPECT_EQ(answer->error(), RequestError::kTooLong);
  EXPECT_FALSE(parser.idle());
}

TEST(ControlRequest, WriterRefusesWhatCannotBeSaid) {
  EXPECT_EQ(format_request({"stop", {}}).error(), RequestError::kMalformed);
  EXPECT_EQ(format_request({"", {}}).error(), RequestError::kMalformed);
  EXPECT_EQ(format_request({"A", {std::string(1, '\0')}}).error(), RequestError::kMalformed);
}

struct Parsed {
  std::vector<ResponsePart> parts;
  std::optional<ResponseError> error;
  bool idle = false;
};

Parsed responses_of(std::string_view bytes, std::size_t step = std::string_view::npos) {
  Parsed out;
  ResponseParser parser;
  support::feed_in_pieces(parser, bytes, step, [&](net::Result<ResponsePart, ResponseError> part) {
    if (part) {
      out.parts.push_back(*std::move(part));
    } else {
      out.error = part.error();
    }
    return !out.error;
  });
  out.idle = parser.idle();
  return out;
}

TEST(ControlResponse, LinesArePinned) {
  EXPECT_EQ(format_response(kOk, {}), "200 OK 0\r\n");
  EXPECT_EQ(format_response(kUnknownOperation, {}), "404 OPERATION UNKNOWN 0\r\n");
  EXPECT_EQ(format_response(kMalformedRequest, {}), "422 MALFORMED 0\r\n");
  std::vector<std::string> lines{"{}", "", "x,y"};
  EXPECT_EQ(format_response(kContinue, lines), "100 CONTINUE 11\r\n{}\r\n\r\nx,y\r\n");
}

TEST(ControlResponse, T03StreamIsTheSameForEverySplit) {
  std::vector<std::string> first{"{\"a\":1}", ""}, last{"{\"b\":2}"};
  auto bytes = format_response(kContinue, first) + format_response(kContinue, {}) + format_response(kOk, last);
  std::vector<ResponsePart> expected{ResponseHead{100, "CONTINUE", 11}, DataLine{first[0]},         DataLine{""},
                                     ResponseHead{100, "CONTINUE", 0},  ResponseHead{200, "OK", 9}, DataLine{last[0]}};
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    auto parsed = responses_of(bytes, step);
    EXPECT_FALSE(parsed.error);
    EXPECT_TRUE(parsed.idle);
    EXPECT_EQ(parsed.parts, expected) << step;
  }
}

TEST(ControlResponse, EveryTruncationIsSeen) {
  std::vector<std::string> lines{"{\"a\":1}", "{}"};
  auto bytes = format_response(kOk, lines);
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    auto parsed = responses_of(std::string_view(bytes).substr(0, length));
    EXPECT_FALSE(parsed.error);
    EXPECT_FALSE(parsed.idle) << length;
    EXPECT_LT(parsed.parts.size(), 3U);
  }
}

TEST(ControlResponse, RefusesBadHeads) {
  for (std::string_view bytes :
       {"\r\n",          "200 OK 0\n",    "200 OK\r\n",       "200 0\r\n",      "200  0\r\n",
        "200  OK 0\r\n", "200 OK  0\r\n", "20 OK 0\r\n",      "2000 OK 0\r\n",  "099 OK 0\r\n",
        "600 OK 0\r\n",  "2x0 OK 0\r\n",  "200 OK 00\r\n",    "200 OK -1\r\n",  "200 OK +1\r\n",
        "200 OK 1x\r\n", "200 OK 0 \r\n", "200 O\x1bK 0\r\n", "200 O\rK 0\r\n", "200 OK\t0\r\n"})
    EXPECT_EQ(responses_of(bytes).error, ResponseError::kBadHead) << bytes;
  EXPECT_EQ(responses_of("200 " + std::string(kMaxResponseLine, 'x') + " 0\r\n").error, ResponseError::kBadHead);
  auto longest = "200 " + std::string(kMaxResponseLine - 8, 'x') + " 0\r\n";
  EXPECT_EQ(responses_of(longest).parts.size(), 1U);
}

TEST(ControlResponse, T01RefusesLengthsBeforeAnythingIsHeld) {
  EXPECT_EQ(responses_of("200 OK 1048577\r\n").error, ResponseError::kTooLarge);
  EXPECT_EQ(responses_of("200 OK 99999999999999999999999999\r\n").error, ResponseError::kTooLarge);
  EXPECT_FALSE(responses_of("200 OK 1048576\r\n").error);
}

TEST(ControlResponse, RefusesLinesThatDoNotFitTheContent) {
  EXPECT_EQ(responses_of("200 OK 1\r\n\r\n").error, ResponseError::kBadDataLine);
  EXPECT_EQ(responses_of("200 OK 3\r\nab\r\n").error, ResponseError::kBadDataLine);
  EXPECT_EQ(responses_of("200 OK 4\r\na\r\r\n").error, ResponseError::kBadDataLine);
  EXPECT_EQ(responses_of("200 OK 3\r\na\n\n").error, ResponseError::kBadDataLine);
  auto content = std::to_string(kMaxDataLine + 3);
  EXPECT_EQ(responses_of("200 OK " + content + "\r\n" + std::string(kMaxDataLine + 1, 'x') + "\r\n").error,
            ResponseError::kBadDataLine);
  content = std::to_string(kMaxDataLine + 2);
  EXPECT_EQ(responses_of("200 OK " + content + "\r\n" + std::string(kMaxDataLine, 'x') + "\r\n").parts.size(), 2U);
}

TEST(ControlResponse, ErrorsAreFinal) {
  ResponseParser parser;
  std::string_view in = "junk\r\n";
  EXPECT_FALSE(parser.feed(in)->ok());
  in = "200 OK 0\r\n";
  EXPECT_EQ(parser.feed(in)->error(), ResponseError::kBadHead);
  EXPECT_FALSE(parser.idle());
}

TEST(ControlStatus, ExitStatusSurvivesTheWay) {
  for (int exit_status = 0; exit_status <= 5; ++exit_status) {
    auto status = status_of_exit(exit_status);
    EXPECT_EQ(exit_of_status(status.code, status.message), exit_status);
  }
  EXPECT_EQ(exit_of_status(kUnknownOperation.code, kUnknownOperation.message), 2);
  EXPECT_EQ(exit_of_status(kTooManyClients.code, kTooManyClients.message), 1);
  EXPECT_EQ(status_of_exit(130).code, 500U);
}

}  // namespace
}  // namespace peer::control
