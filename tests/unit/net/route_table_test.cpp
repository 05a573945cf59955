// SPDX-License-Identifier: MIT
#include "net/route_table.h"

#include <gtest/gtest.h>

namespace net {
namespace {

constexpr std::string_view kHeading =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

std::optional<std::string> default_in(std::string lines) { return default_route_in(std::string(kHeading) + lines); }

TEST(RouteTable, TakesTheDefaultRouteOfLowestMetric) {
  EXPECT_EQ(default_in("wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
                       "eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                       "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"),
            "eth0");
}

TEST(RouteTable, TheFirstOfEqualMetricsWins) {
  EXPECT_EQ(default_in("a\t00000000\t0\t0003\t0\t0\t0\t00000000\nb\t00000000\t0\t0003\t0\t0\t0\t00000000\n"), "a");
}

TEST(RouteTable, OtherRoutesAreNoDefault) {
  EXPECT_FALSE(default_in(""));
  EXPECT_FALSE(default_route_in(""));
  EXPECT_FALSE(default_in("eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"));
  EXPECT_FALSE(default_in("half\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0\n"));
  EXPECT_FALSE(default_in("down\t00000000\t0100000A\t0002\t0\t0\t0\t00000000\t0\t0\t0\n"));
  EXPECT_FALSE(default_in("*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n"));
}

TEST(RouteTable, EveryTruncationIsHarmless) {
  const std::string line = "eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n";
  const std::size_t mask_begins = line.find("\t00000000\t0\t0");
  for (std::size_t length = 0; length <= mask_begins; ++length)
    EXPECT_FALSE(default_in(line.substr(0, length))) << length;
  EXPECT_FALSE(default_in("eth0 00000000 0 0003 0 0 -1 00000000\neth0 00000000 0 0003 0 0 99999999999 00000000\n"));
  EXPECT_FALSE(default_in("eth0 zz000000 0 0003 0 0 1 00000000\neth0 00000000 0 xx 0 0 1 00000000\n"));
}

}  // namespace
}  // namespace net
