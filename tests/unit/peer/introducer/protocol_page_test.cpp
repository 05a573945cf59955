// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "peer/introducer/client.h"
#include "peer/introducer/session.h"
#include "tests/support/manual_clock.h"

/// Plays the example of man/p2p-protocol.7, INTRODUCER, to the byte. Runs from the project's root.
namespace peer::introducer {
namespace {

struct Exchange {
  std::string address, request;  ///< The line, with its end.
  std::string answer;            ///< All its lines, with their ends.
};

std::vector<Exchange> read_example() {
  std::vector<Exchange> exchanges;
  std::ifstream in("man/p2p-protocol.7");
  EXPECT_TRUE(in) << "run from the project's root";
  std::string section;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(".Sh ")) section = line.substr(4);
    const std::size_t sent = line.find(" > "), received = line.find(" < ");
    if (section != "INTRODUCER" || line.starts_with(".")) continue;
    if (sent != std::string::npos) exchanges.push_back({line.substr(0, sent), line.substr(sent + 3) + "\r\n", ""});
    if (received == std::string::npos) continue;
    EXPECT_EQ(line.substr(0, received), exchanges.back().address);
    exchanges.back().answer += line.substr(received + 3) + "\r\n";
  }
  return exchanges;
}

TEST(IntroducerPage, TheIntroducerAnswersAsTheExampleSays) {
  support::ManualClock clock;
  Directory directory{{std::chrono::minutes(10), 1000}};
  Service service(directory);
  const auto example = read_example();
  ASSERT_EQ(example.size(), 4u);
  for (const Exchange& exchange : example) {
    Session session(clock.now(), {*net::IpAddress::parse(exchange.address), 40000}, service);
    session.receive(clock.now(), exchange.request);
    EXPECT_EQ(session.output(), exchange.answer) << exchange.request;
  }
}

TEST(IntroducerPage, ThePeerSpeaksAndReadsTheExample) {
  std::size_t told = 0;
  for (const Exchange& exchange : read_example()) {
    control::RequestParser parser;
    std::string_view line = exchange.request;
    const auto request = parser.feed(line);
    ASSERT_TRUE(request && request->ok()) << exchange.request;
    const auto command = to_command(**request);
    ASSERT_TRUE(command.ok()) << exchange.request;
    EXPECT_EQ(format_request(*command), exchange.request);
    AnswerParser answers;
    std::string_view rest = exchange.answer;
    const auto answer = answers.feed(rest);
    ASSERT_TRUE(answer && answer->ok()) << exchange.answer;
    EXPECT_TRUE((*answer)->ok());
    EXPECT_TRUE(rest.empty());
    told += (*answer)->peers.size();
  }
  EXPECT_EQ(told, 2u);
}

}  // namespace
}  // namespace peer::introducer
