// SPDX-License-Identifier: MIT
#include "scanner/peer_file.h"

#include <gtest/gtest.h>

namespace scanner {
namespace {

net::Ipv4Address ipv4(const char* text) { return net::Ipv4Address::parse(text).value(); }

struct Scan {
  Scan() {
    asked.add({ipv4("10.0.0.1"), ipv4("10.0.0.254")});
    found("10.0.0.7", 7);
  }
  void found(const char* address, std::uint8_t mac, PeerState peer = PeerState::kUnknown) {
    table
        .see({.interface = "eth0",
              .address = ipv4(address),
              .mac = net::MacAddress{{0, 0, 0, 0, 1, mac}},
              .source = Source::kReply,
              .round_trip = {},
              .requests = 1})
        .host->peer = peer;
  }
  std::string update(std::string_view before) {
    net::PeerList list = net::PeerList::parse(before);
    update_peer_list(list, {.table = table, .vendors = nullptr, .last_seen = "2026-01-02T03:04:05Z", .asked = asked});
    return list.format();
  }
  HostTable table;
  AddressSet asked;
};

TEST(PeerFile, ListsWhatWasFound) {
  Scan scan;
  scan.found("10.0.0.3", 3);
  EXPECT_EQ(
      scan.update(""),
      "10.0.0.3\t00:00:00:00:01:03\t\t2026-01-02T03:04:05Z\n10.0.0.7\t00:00:00:00:01:07\t\t2026-01-02T03:04:05Z\n");
}

TEST(PeerFile, LeavesUsOut) {
  Scan scan;
  scan.table.add_self("eth0", ipv4("10.0.0.1"), {{0, 0, 0, 0, 1, 1}});
  EXPECT_EQ(scan.update("10.0.0.1\n"), "10.0.0.7\t00:00:00:00:01:07\t\t2026-01-02T03:04:05Z\n");
}

TEST(PeerFile, KeepsCommentsAndWhatIsNotItsOwn) {
  Scan scan;
  const std::string kept =
      "# mine\n"
      "192.168.5.5\t00:00:00:00:02:05\tAcme\t2025-06-07T08:09:10Z\n"  // another network
      "10.0.0.9\n"                                                    // made by hand, silent now
      "[fe80::1%eth0]:12345\n";
  const std::string after = scan.update(kept);
  EXPECT_NE(after.find("# mine\n"), std::string::npos);
  EXPECT_NE(after.find("192.168.5.5\t00:00:00:00:02:05\tAcme\t2025-06-07T08:09:10Z\n"), std::string::npos);
  EXPECT_NE(after.find("10.0.0.9\n"), std::string::npos);
  EXPECT_NE(after.find("fe80::1%eth0"), std::string::npos);
  EXPECT_NE(after.find("10.0.0.7\t00:00:00:00:01:07"), std::string::npos);
}

TEST(PeerFile, TakesOutWhatAScanFoundOnceAndThisOneDidNot) {
  Scan scan;
  EXPECT_EQ(scan.update("10.0.0.9\t00:00:00:00:01:09\t\t2025-06-07T08:09:10Z\n"),
            "10.0.0.7\t00:00:00:00:01:07\t\t2026-01-02T03:04:05Z\n");
  scan.asked = {};
  EXPECT_NE(scan.update("10.0.0.9\t00:00:00:00:01:09\t\t2025-06-07T08:09:10Z\n").find("10.0.0.9"), std::string::npos);
}

TEST(PeerFile, UpdatesInPlaceAndKeepsPortsAndForeignFlags) {
  Scan scan;
  EXPECT_EQ(scan.update("10.0.0.7:4000\t00:00:00:00:09:09\tOld\t2025-06-07T08:09:10Z\tconflict,peer,mine\n# end\n"),
            "10.0.0.7:4000\t00:00:00:00:01:07\tOld\t2026-01-02T03:04:05Z\tpeer,mine\n# end\n");
}

TEST(PeerFile, PeersComeFirstWhenTheyWereLookedFor) {
  Scan scan;
  scan.found("10.0.0.2", 2, PeerState::kNoPeer);
  scan.found("10.0.0.9", 9, PeerState::kPeer);
  const std::string after = scan.update("# top\n10.0.0.2\t00:00:00:00:01:02\t\t2025-06-07T08:09:10Z\tpeer\n");
  EXPECT_EQ(after,
            "# "
            "top\n10.0.0.9\t00:00:00:00:01:09\t\t2026-01-02T03:04:05Z\tpeer\n10.0.0.2\t00:00:00:00:01:02\t\t2026-01-"
            "02T03:04:05Z\n"
            "10.0.0.7\t00:00:00:00:01:07\t\t2026-01-02T03:04:05Z\n");
}

TEST(PeerFile, FieldsItDoesNotKnowMoveAlong) {
  Scan scan;
  scan.found("10.0.0.9", 9, PeerState::kPeer);
  EXPECT_EQ(scan.update("10.0.0.7\t00:00:00:00:01:07\t\t2025-06-07T08:09:10Z\tmine\tcolour=blue\n"),
            "10.0.0.9\t00:00:00:00:01:09\t\t2026-01-02T03:04:05Z\tpeer\n"
            "10.0.0.7\t00:00:00:00:01:07\t\t2026-01-02T03:04:05Z\tmine\tcolour=blue\n");
}

TEST(PeerFile, MarksConflicts) {
  Scan scan;
  scan.found("10.0.0.7", 8);
  EXPECT_EQ(scan.update(""), "10.0.0.7\t00:00:00:00:01:07\t\t2026-01-02T03:04:05Z\tconflict\n");
}

// T45: a vendor's name may not end the field or the line.
TEST(PeerFile, VendorsCannotForgeLines) {
  Scan scan;
  Vendors vendors;
  vendors.add_registry("MA-L,000000,\"Evil\t10.6.6.6\x1b[2J\",x\n");
  vendors.finish();
  net::PeerList list;
  update_peer_list(
      list, {.table = scan.table, .vendors = &vendors, .last_seen = "2026-01-02T03:04:05Z", .asked = scan.asked});
  EXPECT_EQ(list.format(), "10.0.0.7\t00:00:00:00:01:07\tEvil 10.6.6.6 [2J\t2026-01-02T03:04:05Z\n");
}

TEST(PeerFile, TenThousandHostsTakeNoQuadraticTime) {
  Scan scan;
  for (std::uint32_t i = 0; i < 30000; ++i) {
    scan.table.see({.interface = "eth0",
                    .address = net::Ipv4Address{0x0a010000 + i},
                    .mac = net::MacAddress{{0, 1, 1, 1, 1, 1}},
                    .source = Source::kReply,
                    .round_trip = {},
                    .requests = 1});
  }
  const std::string once = scan.update("");
  EXPECT_EQ(scan.update(once), once);
}

}  // namespace
}  // namespace scanner
