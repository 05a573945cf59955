// SPDX-License-Identifier: MIT
#include "scanner/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace scanner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

net::Ipv4Address ip(const std::string& text) { return net::Ipv4Address::parse(text).value(); }

net::Interface ethernet(const std::string& name, const std::vector<std::string>& addresses) {
  net::Interface interface;
  interface.name = name;
  interface.up = interface.broadcast = interface.ethernet = true;
  interface.mac = {{2, 0, 0, 0, 0, 1}};
  for (const std::string& text : addresses) {
    const std::size_t slash = text.find('/');
    interface.addresses.push_back(
        {ip(text.substr(0, slash)), static_cast<unsigned>(std::stoul(text.substr(slash + 1))), std::nullopt});
  }
  return interface;
}

net::Interface loopback() {
  net::Interface interface = ethernet("lo", {"127.0.0.1/8"});
  interface.loopback = true;
  interface.ethernet = false;
  return interface;
}

net::Interface tunnel() {
  net::Interface interface = ethernet("tun0", {"10.8.0.2/32"});
  interface.ethernet = interface.broadcast = false;
  interface.no_arp = interface.point_to_point = true;
  return interface;
}

std::vector<AddressRange> ranges(std::initializer_list<const char*> texts) {
  std::vector<AddressRange> result;
  for (const std::string text : texts) {
    const auto network = net::Ipv4Network::parse(text);
    const std::size_t dash = text.find('-');
    if (network) {
      result.push_back({network->base, network->last()});
    } else if (dash != std::string::npos) {
      result.push_back({ip(text.substr(0, dash)), ip(text.substr(dash + 1))});
    } else {
      result.push_back({ip(text), ip(text)});
    }
  }
  return result;
}

std::string shown(const AddressSet& set) {
  std::string text;
  for (const AddressRange& range : set.ranges()) {
    text += (text.empty() ? "" : " ") + range.first.to_string() +
            (range.size() > 1 ? "-" + range.last.to_string() : std::string());
  }
  return text;
}

// Our address in the network that a target is asked in; nothing when it is not asked.
std::optional<net::Ipv4Address> source_for(const InterfacePlan& plan, net::Ipv4Address target) {
  for (const SourcedTargets& part : plan.parts) {
    if (part.targets.contains(target)) return part.source;
  }
  return std::nullopt;
}

// Interfaces and their targets, or the error.
std::vector<std::string> planned(const std::vector<net::Interface>& interfaces, std::optional<std::string> route,
                                 const PlanRequest& request = {}) {
  const auto plan = make_plan(interfaces, route, request);
  if (!plan.ok()) return {"error: " + plan.error().message};
  std::vector<std::string> result;
  for (const InterfacePlan& part : plan->interfaces)
    result.push_back(part.interface.name + ": " + shown(part.targets()));
  return result;
}

TEST(Plan, OwnNetworkWithoutItsOwnBroadcastAndOurAddress) {
  EXPECT_THAT(planned({loopback(), ethernet("eth0", {"10.0.0.7/24"})}, "eth0"),
              ElementsAre("eth0: 10.0.0.1-10.0.0.6 10.0.0.8-10.0.0.254"));
}

TEST(Plan, SmallestNetworksAreWhole) {
  EXPECT_THAT(planned({ethernet("eth0", {"10.0.0.6/31"})}, {}), ElementsAre("eth0: 10.0.0.7"));
  EXPECT_THAT(planned({ethernet("eth0", {"10.0.0.6/32"})}, {}), ElementsAre("eth0: "));
  EXPECT_THAT(planned({ethernet("eth0", {"10.0.0.5/30"})}, {}), ElementsAre("eth0: 10.0.0.6"));
}

TEST(Plan, TheDefaultRouteDecides) {
  EXPECT_THAT(planned({ethernet("eth0", {"10.0.0.2/30"}), ethernet("eth1", {"10.1.0.2/30"})}, "eth1"),
              ElementsAre("eth1: 10.1.0.1"));
}

TEST(Plan, ABridgeOfContainersDoesNotCountBesideALan) {
  EXPECT_THAT(planned({loopback(), ethernet("docker0", {"172.17.0.1/30"}), ethernet("wlan0", {"10.0.0.2/30"})}, {}),
              ElementsAre("wlan0: 10.0.0.1"));
  EXPECT_THAT(planned({ethernet("docker0", {"172.17.0.1/30"})}, {}), ElementsAre("docker0: 172.17.0.2"));
}

TEST(Plan, SeveralAndNoRouteMeansToAsk) {
  const auto result = planned({ethernet("eth0", {"10.0.0.2/30"}), ethernet("eth1", {"10.1.0.2/30"})}, {});
  EXPECT_THAT(result, ElementsAre(HasSubstr("Say which with -i")));
  EXPECT_THAT(result, ElementsAre(HasSubstr("eth1 10.1.0.2/30")));
}

TEST(Plan, ATunnelWithTheDefaultRouteIsPassedOver) {
  EXPECT_THAT(planned({tunnel(), ethernet("eth0", {"10.0.0.2/30"})}, "tun0"), ElementsAre("eth0: 10.0.0.1"));
  EXPECT_THAT(planned({tunnel()}, "tun0"), ElementsAre(HasSubstr("error: no Ethernet-like interface")));
}

TEST(Plan, AnInterfaceThatIsDownIsPassedOver) {
  net::Interface down = ethernet("eth0", {"10.0.0.2/30"});
  down.up = false;
  EXPECT_THAT(planned({down, ethernet("eth1", {"10.1.0.2/30"})}, "eth0"), ElementsAre("eth1: 10.1.0.1"));
  EXPECT_THAT(planned({down}, "eth0", {{}, "eth0", false}), ElementsAre(HasSubstr("ip link set eth0 up")));
}

TEST(Plan, PortsOfABridgeHaveNoAddressAndDoNotCount) {
  EXPECT_THAT(planned({ethernet("eth0", {}), ethernet("eth1", {}), ethernet("lan", {"10.0.0.2/30"})}, {}),
              ElementsAre("lan: 10.0.0.1"));
}

TEST(Plan, NamedInterfacesAreExplained) {
  const std::vector interfaces{loopback(), tunnel(), ethernet("eth0", {})};
  const auto of = [&](const char* name) { return planned(interfaces, {}, {{}, name, false}); };
  EXPECT_THAT(of("eth9"), ElementsAre("error: there is no interface eth9"));
  EXPECT_THAT(of("lo"), ElementsAre(HasSubstr("loopback")));
  EXPECT_THAT(of("tun0"), ElementsAre(HasSubstr("not an Ethernet-like")));
  EXPECT_THAT(of("eth0"), ElementsAre(HasSubstr("no IPv4 address")));
  EXPECT_THAT(of("\x1b[2J"), ElementsAre("error: there is no interface \\x1b[2J"));
}

TEST(Plan, TargetsChooseTheInterfaceAndTheSource) {
  const std::vector interfaces{ethernet("eth0", {"10.0.0.2/24"}), ethernet("eth1", {"10.1.0.2/24", "10.2.0.9/24"})};
  EXPECT_THAT(planned(interfaces, "eth0", {ranges({"10.1.0.5"}), {}, false}), ElementsAre("eth1: 10.1.0.5"));
  const auto plan = make_plan(interfaces, "eth0", {ranges({"10.1.0.5", "10.2.0.5"}), {}, false});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(source_for(plan->interfaces.at(0), ip("10.1.0.5")), ip("10.1.0.2"));
  EXPECT_EQ(source_for(plan->interfaces.at(0), ip("10.2.0.5")), ip("10.2.0.9"));
}

TEST(Plan, TheMostSpecificNetworkGivesTheSource) {
  const auto plan = make_plan({ethernet("eth0", {"10.0.0.2/16", "10.0.7.2/24"})}, {}, {});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(source_for(plan->interfaces.at(0), ip("10.0.7.9")), ip("10.0.7.2"));
  EXPECT_EQ(source_for(plan->interfaces.at(0), ip("10.0.8.9")), ip("10.0.0.2"));
}

TEST(Plan, SeveralNetworksOfOneInterfaceAreAllScanned) {
  EXPECT_THAT(planned({ethernet("eth0", {"10.0.0.2/30", "10.1.0.2/30"})}, {}), ElementsAre("eth0: 10.0.0.1 10.1.0.1"));
}

TEST(Plan, SelfAssignedAddressesDoNotAddTheirNetwork) {
  EXPECT_THAT(planned({ethernet("eth0", {"169.254.3.4/16", "10.1.0.2/30"})}, {}), ElementsAre("eth0: 10.1.0.1"));
  const auto only = make_plan({ethernet("eth0", {"169.254.3.4/16"})}, {}, {});
  ASSERT_TRUE(only.ok());
  EXPECT_EQ(only->interfaces.at(0).targets().size(), 65533U);
}

TEST(Plan, OfALargeNetworkThePartAroundUsIsScanned) {
  const auto plan = make_plan({ethernet("eth0", {"10.20.30.40/8"})}, {}, {});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->interfaces.at(0).targets().size(), 65535U);
  EXPECT_THAT(plan->warnings, ElementsAre(HasSubstr("10.20.0.0/16")));
  const auto named = make_plan({ethernet("eth0", {"10.20.30.40/8"})}, {}, {ranges({"10.0.0.0/8"}), {}, false});
  EXPECT_EQ(named->interfaces.at(0).targets().size(), (1U << 24) - 3);
}

TEST(Plan, TargetsThatArpDoesNotReachAreLeftOutAndSaid) {
  const std::vector interfaces{ethernet("eth0", {"10.0.0.2/24"})};
  const auto plan = make_plan(interfaces, {}, {ranges({"10.0.0.250-10.0.1.9"}), {}, false});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(shown(plan->interfaces.at(0).targets()), "10.0.0.250-10.0.0.254");
  EXPECT_THAT(plan->warnings, ElementsAre(HasSubstr("10 addresses")));
  EXPECT_THAT(planned(interfaces, {}, {ranges({"192.168.1.0/24"}), {}, false}),
              ElementsAre(HasSubstr("error: no target")));
  EXPECT_THAT(planned(interfaces, {}, {ranges({"10.0.0.255"}), {}, false}), ElementsAre(HasSubstr("error: no target")));
}

TEST(Plan, AllMeansAllThatAreSuitable) {
  net::Interface down = ethernet("eth2", {"10.5.0.2/30"});
  down.up = false;
  EXPECT_THAT(
      planned({loopback(), ethernet("eth0", {"10.0.0.2/30"}), tunnel(), ethernet("docker0", {"10.1.0.2/30"}), down},
              "eth0", {{}, {}, true}),
      ElementsAre("eth0: 10.0.0.1", "docker0: 10.1.0.1"));
}

TEST(Plan, PartsAreDisjointAndEveryTargetHasASourceInItsNetwork) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::string> addresses;
    for (std::size_t i = 0; i <= random() % 4; ++i) {
      addresses.push_back("10.0." + std::to_string(random() % 4) + "." + std::to_string(1 + random() % 250) + "/" +
                          std::to_string(22 + random() % 11));
    }
    const auto plan = make_plan({ethernet("eth0", addresses)}, {}, {});
    ASSERT_TRUE(plan.ok());
    const InterfacePlan& part = plan->interfaces.at(0);
    std::uint64_t sum = 0;
    for (const SourcedTargets& sourced : part.parts) {
      sum += sourced.targets.size();
      ASSERT_TRUE(sourced.network.contains(sourced.source));
      for (const AddressRange& range : sourced.targets.ranges()) {
        ASSERT_TRUE(sourced.network.contains(range.first) && sourced.network.contains(range.last));
      }
      for (const net::Ipv4Address own : part.own) ASSERT_FALSE(sourced.targets.contains(own));
    }
    ASSERT_EQ(sum, part.targets().size()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace scanner
