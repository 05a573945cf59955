// SPDX-License-Identifier: MIT
#include "net/iface.h"

#include <gtest/gtest.h>
#include <net/if.h>

#include <algorithm>

namespace net {
namespace {

const Interface* find(const std::vector<Interface>& interfaces, std::string_view name) {
  auto found = std::find_if(interfaces.begin(), interfaces.end(), [&](const Interface& i) { return i.name == name; });
  return found == interfaces.end() ? nullptr : &*found;
}

TEST(Interfaces, ListTheLoopbackInterface) {
  std::vector<Interface> all = list_interfaces();
  const Interface* lo = find(all, "lo");
  ASSERT_NE(lo, nullptr);
  EXPECT_TRUE(lo->loopback);
  EXPECT_TRUE(lo->up);
  EXPECT_FALSE(lo->ethernet);
  EXPECT_FALSE(lo->wireless);
  EXPECT_FALSE(lo->point_to_point);
  EXPECT_TRUE(lo->mac.is_zero());
  EXPECT_EQ(lo->index, ::if_nametoindex("lo"));
  auto own = std::find_if(lo->addresses.begin(), lo->addresses.end(),
                          [](const InterfaceAddress& a) { return a.address == IpAddress(Ipv4Address{0x7f000001}); });
  ASSERT_NE(own, lo->addresses.end());
  EXPECT_EQ(own->prefix, 8u);
  EXPECT_FALSE(own->peer);
}

TEST(Interfaces, ComeByIndexAndOnceEach) {
  std::vector<Interface> all = list_interfaces();
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].index, all[i].index);
  for (const Interface& item : all) {
    EXPECT_EQ(item.index, ::if_nametoindex(item.name.c_str())) << item.name;
    for (const InterfaceAddress& address : item.addresses) {
      EXPECT_LE(address.prefix, address.address.v4() ? 32u : 128u);
      if (address.address.v6() && address.address.is_link_local()) {
        EXPECT_EQ(address.address.v6()->zone, item.name);
      }
    }
  }
}

TEST(Interfaces, ADefaultRouteGoesThroughOneOfThem) {
  auto name = default_route_interface();
  EXPECT_TRUE(!name || find(list_interfaces(), *name) != nullptr) << *name;
}

}  // namespace
}  // namespace net
