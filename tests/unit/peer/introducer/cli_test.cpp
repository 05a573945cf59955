// SPDX-License-Identifier: MIT
#include "peer/introducer/cli.h"

#include <gtest/gtest.h>

namespace peer::introducer {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::variant<Options, int> parse(std::vector<const char*> args) {
  args.insert(args.begin(), "p2pdns");
  return parse_command_line(static_cast<int>(args.size()), args.data());
}

TEST(IntroducerCli, TimesHaveUnits) {
  EXPECT_EQ(parse_ttl("90"), seconds(90));
  EXPECT_EQ(parse_ttl("1s"), seconds(1));
  EXPECT_EQ(parse_ttl("10m"), minutes(10));
  EXPECT_EQ(parse_ttl("24h"), hours(24));
  EXPECT_EQ(parse_ttl("86400"), hours(24));
  for (const char* text : {"", "0", "0m", "-1", "+1", "1d", "10ms", "m", "25h", "86401", "1441m", "1.5h", " 1", "1 ",
                           "99999999999999999999", "4294967297h"})
    EXPECT_EQ(parse_ttl(text), std::nullopt) << text;
}

TEST(IntroducerCli, DefaultsAreThoseOfTheManualPage) {
  auto options = std::get<Options>(parse({}));
  EXPECT_EQ(options.folder, ".");
  EXPECT_FALSE(options.listen);
  EXPECT_EQ(options.ttl, minutes(10));
  EXPECT_EQ(options.max_peers, 100'000U);
}

TEST(IntroducerCli, ReadsItsOptions) {
  auto options =
      std::get<Options>(parse({"-C", "/x", "--listen", "10.0.0.1", "--ttl", "30s", "--max-peers", "7", "-q"}));
  EXPECT_EQ(options.folder, "/x");
  EXPECT_EQ(options.listen->to_string(), "10.0.0.1:7494");
  EXPECT_EQ(options.ttl, seconds(30));
  EXPECT_EQ(options.max_peers, 7U);
  EXPECT_TRUE(options.quiet);
  EXPECT_EQ(std::get<Options>(parse({"--listen", "[::1]:99"})).listen->to_string(), "[::1]:99");
}

TEST(IntroducerCli, MistakesAreStatusTwo) {
  for (const std::vector<const char*>& args : {std::vector<const char*>{"--ttl", "never"},
                                               {"--ttl", ""},
                                               {"--listen", "host"},
                                               {"--listen", ""},
                                               {"--max-peers", "0"},
                                               {"--max-peers", "1000001"},
                                               {"--max-peers", "-1"},
                                               {"--what"},
                                               {"stray"}}) {
    testing::internal::CaptureStderr();
    const auto parsed = parse(args);
    const int* status = std::get_if<int>(&parsed);
    EXPECT_TRUE(status && *status == 2) << args[0];
    EXPECT_NE(testing::internal::GetCapturedStderr(), "");
  }
}

}  // namespace
}  // namespace peer::introducer
