// SPDX-License-Identifier: MIT
#include "peer/members/announce_targets.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace peer::members {
namespace {

net::Interface ethernet(unsigned index, const std::vector<std::string>& addresses) {
  net::Interface out;
  out.name = "eth" + std::to_string(index);
  out.index = index;
  out.up = out.broadcast = out.ethernet = true;
  for (const std::string& text : addresses) {
    const std::size_t slash = text.find('/');
    out.addresses.push_back({*net::IpAddress::parse(text.substr(0, slash)),
                             static_cast<unsigned>(std::stoul(text.substr(slash + 1))), std::nullopt});
  }
  return out;
}

/// "interface to source", in order.
std::vector<std::string> targets(const std::vector<net::Interface>& interfaces,
                                 const std::vector<std::string>& listening = {"0.0.0.0:12345", "[::]:12345"}) {
  std::vector<net::Endpoint> endpoints;
  for (const std::string& text : listening) endpoints.push_back(*net::Endpoint::parse(text));
  std::vector<std::string> out;
  for (const AnnounceTarget& target : announce_targets(interfaces, endpoints)) {
    EXPECT_EQ(target.to.port, 12345);
    out.push_back(std::to_string(target.interface) + " " + target.to.address.to_string() + " " +
                  (target.source ? target.source->to_string() : "-"));
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(AnnounceTargets, EachNetworkAndBothGroups) {
  EXPECT_EQ(targets({ethernet(2, {"10.0.0.7/24", "192.168.4.1/22", "fd00::7/64", "fe80::7%eth2/64"})}),
            (Texts{"2 10.0.0.255 10.0.0.7", "2 192.168.7.255 192.168.4.1", "2 239.192.123.45 10.0.0.7",
                   "2 ff12::7032:3039 fe80::7"}));
}

TEST(AnnounceTargets, EachInterfaceButThoseWithoutNeighbours) {
  net::Interface loopback = ethernet(1, {"127.0.0.1/8"});
  loopback.loopback = true;
  net::Interface tunnel = ethernet(3, {"10.8.0.2/24"});
  tunnel.point_to_point = true;
  net::Interface down = ethernet(4, {"10.9.0.2/24"});
  down.up = false;
  net::Interface silent = ethernet(5, {"10.5.0.1/24"});
  silent.broadcast = false;
  EXPECT_EQ(targets({loopback, ethernet(2, {"10.0.0.7/31"}), tunnel, down, silent, ethernet(6, {})}),
            (Texts{"2 239.192.123.45 10.0.0.7", "5 239.192.123.45 10.5.0.1"}));
}

TEST(AnnounceTargets, OnlyWhereThePeerListens) {
  const std::vector<net::Interface> two = {ethernet(2, {"10.0.0.7/24", "fe80::7%eth2/64"}),
                                           ethernet(3, {"10.1.0.7/24", "fe80::8%eth3/64"})};
  EXPECT_EQ(targets(two, {"10.1.0.7:999"}), (Texts{"3 10.1.0.255 10.1.0.7", "3 239.192.123.45 10.1.0.7"}));
  EXPECT_EQ(targets(two, {"[::]:999"}), (Texts{"2 ff12::7032:3039 fe80::7", "3 ff12::7032:3039 fe80::8"}));
  EXPECT_EQ(targets(two, {"[fe80::8%eth3]:999"}), (Texts{"3 ff12::7032:3039 fe80::8"}));
  EXPECT_EQ(targets(two, {"127.0.0.1:999"}), Texts{});
  EXPECT_EQ(targets(two, {}), Texts{});
}

TEST(AnnounceTargets, InterfacesAreBounded) {
  std::vector<net::Interface> many;
  for (unsigned i = 1; i <= 100; ++i) many.push_back(ethernet(i, {"10.0." + std::to_string(i) + ".1/24"}));
  EXPECT_EQ(targets(many).size(), 2 * kMaxAnnounceInterfaces);
}

}  // namespace
}  // namespace peer::members
