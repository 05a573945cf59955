// SPDX-License-Identifier: MIT
#include "scanner/targets.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

namespace scanner {
namespace {

std::string shown(std::string_view text) {
  const auto target = parse_target(text);
  if (!target.ok()) return "error: " + std::string(describe(target.error()));
  if (const auto* range = std::get_if<AddressRange>(&*target)) {
    return range->first.to_string() + "-" + range->last.to_string();
  }
  if (const auto* address = std::get_if<net::Ipv6Address>(&*target)) return "v6 " + address->to_string();
  return "name " + std::get<HostName>(*target).name;
}

std::optional<TargetError> error_of(std::string_view text) {
  const auto target = parse_target(text);
  return target.ok() ? std::nullopt : std::optional(target.error());
}

TEST(Targets, ReadsNetworksRangesAddressesAndNames) {
  EXPECT_EQ(shown("10.0.0.0/24"), "10.0.0.0-10.0.0.255");
  EXPECT_EQ(shown("10.0.0.77/24"), "10.0.0.0-10.0.0.255");
  EXPECT_EQ(shown("10.0.0.6/31"), "10.0.0.6-10.0.0.7");
  EXPECT_EQ(shown("10.0.0.6/32"), "10.0.0.6-10.0.0.6");
  EXPECT_EQ(shown("10.0.0.7"), "10.0.0.7-10.0.0.7");
  EXPECT_EQ(shown("10.0.0.7-10.0.1.2"), "10.0.0.7-10.0.1.2");
  EXPECT_EQ(shown("10.0.0.7-20"), "10.0.0.7-10.0.0.20");
  EXPECT_EQ(shown("fe80::1%eth0"), "v6 fe80::1%eth0");
  EXPECT_EQ(shown("printer"), "name printer");
  EXPECT_EQ(shown("nas-2.example.net"), "name nas-2.example.net");
  EXPECT_EQ(shown("3com"), "name 3com");
}

TEST(Targets, RefusesEverythingElse) {
  EXPECT_EQ(error_of(""), TargetError::kEmpty);
  EXPECT_EQ(error_of("10.0.0.0/33"), TargetError::kPrefix);
  EXPECT_EQ(error_of("10.0.0.0/"), TargetError::kPrefix);
  EXPECT_EQ(error_of("/24"), TargetError::kPrefix);
  EXPECT_EQ(error_of("10.0.0.9-10.0.0.8"), TargetError::kRange);
  EXPECT_EQ(error_of("10.0.0.9-8"), TargetError::kRange);
  EXPECT_EQ(error_of("10.0.0.9-"), TargetError::kRange);
  EXPECT_EQ(error_of("10.0.0.9-256"), TargetError::kRange);
  EXPECT_EQ(error_of("10.0.0.9-20x"), TargetError::kRange);
  EXPECT_EQ(error_of("10.0.0.256"), TargetError::kAddress);
  EXPECT_EQ(error_of("10.0.0"), TargetError::kAddress);
  EXPECT_EQ(error_of("fe80:::1"), TargetError::kAddress);
  EXPECT_EQ(error_of("a..b"), TargetError::kName);
  EXPECT_EQ(error_of("a b"), TargetError::kName);
  EXPECT_EQ(error_of("a\x1b[2J"), TargetError::kName);
  EXPECT_EQ(error_of(std::string(64, 'a')), TargetError::kName);
  EXPECT_EQ(error_of(std::string(63, 'a')), std::nullopt);
}

TEST(Targets, RefusesWhatNoHostCanAnswerFor) {
  for (const char* text : {"127.0.0.1", "127.0.0.0/8", "224.0.0.1", "255.255.255.255", "0.0.0.0", "0.0.0.0/0",
                           "126.0.0.0-128.0.0.1", "240.0.0.0/4", "ff02::1", "::", "::1"}) {
    EXPECT_EQ(error_of(text), TargetError::kNotUnicast) << text;
  }
}

TEST(Targets, NetworksAreWholeForEveryPrefix) {
  for (unsigned prefix = 8; prefix <= 32; ++prefix) {
    const auto target = parse_target("192.0.2.77/" + std::to_string(prefix));
    ASSERT_TRUE(target.ok()) << prefix;
    const auto& range = std::get<AddressRange>(*target);
    EXPECT_EQ(range.size(), std::uint64_t{1} << (32 - prefix));
    EXPECT_TRUE(range.contains({0xc000024d}));
  }
}

TEST(Targets, NoTextMakesItFail) {
  std::mt19937 random(7);
  const std::string_view alphabet = "0123456789./-:%ax\x1b\xff ";
  for (int i = 0; i < 20000; ++i) {
    std::string text(random() % 20, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    const auto target = parse_target(text);
    if (!target.ok()) continue;
    if (const auto* range = std::get_if<AddressRange>(&*target)) {
      ASSERT_LE(range->first, range->last) << text;
    }
  }
}

}  // namespace
}  // namespace scanner
