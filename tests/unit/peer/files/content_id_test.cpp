// SPDX-License-Identifier: MIT
#include "peer/files/content_id.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace peer::files {
namespace {

const std::string kText = "p2p:ab571d12466f75ae481bdbbbfec70a0c53bf78e2849862addfa9a049d8f6fbc0:16384";
const std::string kZeros(64, '0');

TEST(ContentId, TextIsReadAndWrittenBack) {
  const auto id = ContentId::parse(kText);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->length, 16384u);
  EXPECT_EQ(id->root[0], std::byte{0xab});
  EXPECT_EQ(id->root[31], std::byte{0xc0});
  EXPECT_EQ(id->to_string(), kText);
}

TEST(ContentId, UpperCaseDigitsAreAccepted) {
  std::string upper = kText;
  for (std::size_t i = 4; i < 68; ++i) upper[i] = static_cast<char>(std::toupper(upper[i]));
  EXPECT_EQ(ContentId::parse(upper), ContentId::parse(kText));
}

TEST(ContentId, EveryTruncationIsRefusedOrAnotherLength) {
  for (std::size_t size = 0; size < kText.size(); ++size) {
    const auto id = ContentId::parse(kText.substr(0, size));
    EXPECT_EQ(id.has_value(), size > 69) << size;
  }
}

TEST(ContentId, OtherTextsAreRefused) {
  const std::string head = kText.substr(0, 69);
  for (const std::string& bad :
       {std::string("P2P") + kText.substr(3), " " + kText, kText + " ", kText + "x", head + "-1", head + "+1",
        head + "016384", head + "1e3", head + "18446744073709551616", head + "99999999999999999999999",
        kText.substr(0, 10) + "g" + kText.substr(11), kText + std::string(1, '\0'), std::string("p2p::1")}) {
    EXPECT_FALSE(ContentId::parse(bad)) << bad;
  }
}

// T31: a size that cannot be is refused where it is read.
TEST(ContentId, PairsThatNoFileHasAreRefusedT31) {
  const std::string head = kText.substr(0, 69);
  EXPECT_TRUE(ContentId::parse(head + std::to_string(kMaxFileLength)));
  EXPECT_FALSE(ContentId::parse(head + std::to_string(kMaxFileLength + 1)));
  EXPECT_FALSE(ContentId::parse(head + "4611686018427387904"));
  EXPECT_FALSE(ContentId::parse(head + "0"));
  EXPECT_FALSE(ContentId::parse("p2p:" + kZeros + ":1"));
  EXPECT_EQ(ContentId::parse("p2p:" + kZeros + ":0"), ContentId{});
}

TEST(ContentId, WhatIsWrongWithAPairIsSaid) {
  const std::string head = kText.substr(0, 69);
  EXPECT_NE(ContentId::why_not("lab.iso").find("p2p:<64 hex digits>:<length>"), std::string::npos);
  EXPECT_NE(ContentId::why_not(head + "0").find("with the length 0 all 64 digits are zeros"), std::string::npos);
  EXPECT_NE(ContentId::why_not("p2p:" + kZeros + ":1").find("64 zeros stand for an empty file"), std::string::npos);
  EXPECT_NE(ContentId::why_not(head + std::to_string(kMaxFileLength + 1)).find("more than 4 TiB"), std::string::npos);
  EXPECT_NE(ContentId::why_not("p2p:" + kZeros + ":" + std::to_string(kMaxFileLength + 1)).find("64 zeros"),
            std::string::npos);
}

TEST(ContentId, IdentityIsThePair) {
  ContentId a = *ContentId::parse(kText);
  ContentId b = a;
  b.length = 1;
  EXPECT_NE(a, b);
  EXPECT_GT(a, b);
  std::unordered_set<ContentId, ContentIdHash> set{a, b, a};
  EXPECT_EQ(set.size(), 2u);
}

}  // namespace
}  // namespace peer::files
