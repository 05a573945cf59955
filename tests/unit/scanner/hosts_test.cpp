// SPDX-License-Identifier: MIT
#include "scanner/hosts.h"

#include <gtest/gtest.h>

namespace scanner {
namespace {

using Flags = std::vector<std::string>;

net::Ipv4Address ip(std::uint32_t last) { return {0x0a000000 + last}; }
net::MacAddress mac(std::uint8_t last) { return {{0, 1, 2, 3, 4, last}}; }

Sighting sighting(std::uint32_t address, std::uint8_t last) {
  return {.interface = "eth0",
          .address = ip(address),
          .mac = mac(last),
          .source = Source::kReply,
          .round_trip = {},
          .requests = 1};
}

TEST(HostTable, KeepsHostsInTheOrderOfTheirAddresses) {
  HostTable table;
  EXPECT_EQ(table.see(sighting(200, 1)).change, HostTable::Change::kNew);
  EXPECT_EQ(table.see(sighting(3, 2)).change, HostTable::Change::kNew);
  EXPECT_EQ(table.see(sighting(200, 1)).change, HostTable::Change::kNone);
  ASSERT_EQ(table.hosts().size(), 2U);
  EXPECT_EQ(table.hosts().begin()->second.address, net::IpAddress(ip(3)));
}

TEST(HostTable, TheSameAnswerTwiceIsNoConflict) {
  HostTable table;
  table.see(sighting(1, 1));
  table.see(sighting(1, 1));
  EXPECT_EQ(table.flags(*table.find("eth0", ip(1))), Flags{});
}

TEST(HostTable, TwoMacsAreAConflictAndBothAreKept) {
  HostTable table;
  table.see(sighting(1, 1));
  EXPECT_EQ(table.see(sighting(1, 2)).change, HostTable::Change::kNewMac);
  const Host& host = *table.find("eth0", ip(1));
  EXPECT_EQ(table.own_macs(host), (std::vector{mac(1), mac(2)}));
  EXPECT_EQ(table.flags(host), Flags{"conflict"});
}

TEST(HostTable, OneMacForManyAddressesIsAProxy) {
  HostTable table;
  for (std::uint32_t i = 1; i < HostTable::kProxyAddresses; ++i) table.see(sighting(i, 9));
  EXPECT_EQ(table.flags(*table.find("eth0", ip(1))), Flags{});
  table.see(sighting(100, 9));
  EXPECT_EQ(table.flags(*table.find("eth0", ip(1))), Flags{"proxy"});
  EXPECT_EQ(table.flags(*table.find("eth0", ip(100))), Flags{"proxy"});
}

TEST(HostTable, AHostBehindAProxyIsItselfAndInNoConflict) {
  HostTable table;
  for (std::uint32_t i = 1; i <= 20; ++i) table.see(sighting(i, 9));
  table.see(sighting(7, 1));
  const Host& host = *table.find("eth0", ip(7));
  EXPECT_EQ(table.own_macs(host), std::vector{mac(1)});
  EXPECT_EQ(table.flags(host), Flags{});
}

TEST(HostTable, WeAreMarkedAndNotCounted) {
  HostTable table;
  table.add_self("eth0", ip(5), mac(5));
  table.see(sighting(6, 6));
  EXPECT_EQ(table.others(), 1U);
  EXPECT_EQ(table.flags(*table.find("eth0", ip(5))), Flags{"self"});
  table.see(sighting(5, 7));
  EXPECT_EQ(table.flags(*table.find("eth0", ip(5))), (Flags{"self", "conflict"}));
  EXPECT_EQ(table.others(), 1U);
}

TEST(HostTable, TheSameAddressOnTwoInterfacesIsTwoHosts) {
  HostTable table;
  table.see(sighting(1, 1));
  Sighting other = sighting(1, 2);
  other.interface = "eth1";
  EXPECT_EQ(table.see(other).change, HostTable::Change::kNew);
  EXPECT_EQ(table.flags(*table.find("eth0", ip(1))), Flags{});
}

TEST(HostTable, ClaimantsOfOneAddressAreBounded) {
  HostTable table;
  for (int i = 0; i < 250; ++i) table.see(sighting(1, static_cast<std::uint8_t>(i)));
  EXPECT_EQ(table.find("eth0", ip(1))->macs.size(), HostTable::kMaxMacs);
}

TEST(HostTable, KeepsTheFirstRoundTrip) {
  HostTable table;
  Sighting first = sighting(1, 1);
  first.round_trip = std::chrono::milliseconds(3);
  table.see(first);
  first.round_trip = std::chrono::milliseconds(9);
  table.see(first);
  EXPECT_EQ(table.find("eth0", ip(1))->round_trip, net::Duration(std::chrono::milliseconds(3)));
}

}  // namespace
}  // namespace scanner
