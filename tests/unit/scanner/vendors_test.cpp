// SPDX-License-Identifier: MIT
#include "scanner/vendors.h"

#include <gtest/gtest.h>

#include <random>

namespace scanner {
namespace {

net::MacAddress mac(const char* text) { return net::MacAddress::parse(text).value(); }

Vendors sample_vendors() {
  Vendors vendors;
  vendors.add_registry(
      "Registry,Assignment,Organization Name,Organization Address\r\n"
      "MA-L,001B21,Intel Corporate,\"Lot 8, Jalan\"\r\n"
      "MA-L,001EFC,\"JSC \"\"MASSA-K\"\"\",\"15, A\"\r\n"
      "MA-L,70B3D5,IEEE Registration Authority,x\r\n"
      "MA-L,AABBCC,first,x\n"
      "MA-L,AABBCC,second,x\n");
  vendors.add_registry("MA-M,741AE09,\"Private, Limited\",\nMA-M,001B210,Smaller block,");
  vendors.add_registry("MA-S,70B3D5F2F,TELEPLATFORMS,\"Polbina st.\"\n");
  vendors.finish();
  return vendors;
}

TEST(Vendors, TheLongestPrefixWins) {
  const Vendors vendors = sample_vendors();
  EXPECT_EQ(vendors.name(mac("00:1b:21:10:00:01")), "Intel Corporate");
  EXPECT_EQ(vendors.name(mac("00:1b:21:00:00:01")), "Smaller block");
  EXPECT_EQ(vendors.name(mac("70:b3:d5:f2:f0:01")), "TELEPLATFORMS");
  EXPECT_EQ(vendors.name(mac("70:b3:d5:f2:e0:01")), "IEEE Registration Authority");
  EXPECT_EQ(vendors.name(mac("74:1a:e0:9f:ff:ff")), "Private, Limited");
  EXPECT_EQ(vendors.name(mac("74:1a:e0:8f:ff:ff")), "");
}

TEST(Vendors, QuotesAndRepeatedEntries) {
  const Vendors vendors = sample_vendors();
  EXPECT_EQ(vendors.name(mac("00:1e:fc:00:00:00")), "JSC \"MASSA-K\"");
  EXPECT_EQ(vendors.name(mac("a8:bb:cc:00:00:00")), "");
}

TEST(Vendors, LocalAddressesHaveNoVendor) {
  const Vendors vendors = sample_vendors();
  EXPECT_EQ(vendors.name(mac("02:42:ac:11:00:02")), "(random/local)");
  EXPECT_EQ(vendors.name(mac("aa:bb:cc:00:00:00")), "(random/local)");
  EXPECT_EQ(vendors.name(mac("00:00:00:00:00:00")), "");
}

TEST(Vendors, NamesStayGoodWhenTheTableMoves) {
  Vendors vendors;
  vendors.add_registry("A,001B21,x,\n");
  for (int i = 0; i < 100; ++i) vendors.add_registry("A,00AAAA,y,\n");
  vendors.finish();
  const Vendors moved = std::move(vendors);
  EXPECT_EQ(moved.name(mac("00:1b:21:00:00:00")), "x");
}

TEST(Vendors, SkipsWhatIsNoEntry) {
  Vendors vendors;
  vendors.add_registry("\n\n,,,\nMA-L,12345G,x,\nMA-L,12345,x,\nMA-L,,x\n\"MA-L\nMA-L,001122\nMA-L,\"001133\",\"open");
  vendors.finish();
  EXPECT_EQ(vendors.name(mac("00:11:22:00:00:00")), "");
  EXPECT_EQ(vendors.name(mac("00:11:33:00:00:00")), "open");
  EXPECT_EQ(vendors.size(), 1U);
}

TEST(Vendors, NoTextMakesItFail) {
  const std::string_view alphabet = ",\"\nA0F9 \r";
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    std::string text(random() % 60, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    Vendors vendors;
    vendors.add_registry(text);
    vendors.finish();
    (void)vendors.name(mac("00:00:00:00:00:00"));
  }
}

}  // namespace
}  // namespace scanner
