// SPDX-License-Identifier: MIT
#include "net/iface.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "net/route_table.h"
#include "net/socket_address.h"

namespace net {
namespace {

bool is_wireless(const std::string& name) {
  std::string folder = "/sys/class/net/" + name;
  return ::access((folder + "/phy80211").c_str(), F_OK) == 0 || ::access((folder + "/wireless").c_str(), F_OK) == 0;
}

/// An old-style alias ("eth0:1") is a label of an address; the interface is what stands before the colon.
std::string interface_name(const ifaddrs& item) {
  std::string name = item.ifa_name;
  return name.substr(0, name.find(':'));
}

/// getifaddrs gives each interface one AF_PACKET item, with its index, link type and hardware address; one without any
/// address where the link has none, as with a tunnel.
bool is_link(const ifaddrs& item) { return item.ifa_addr == nullptr || item.ifa_addr->sa_family == AF_PACKET; }

Interface describe(const ifaddrs& item) {
  sockaddr_ll link{};
  link.sll_hatype = ARPHRD_NONE;
  if (item.ifa_addr != nullptr) std::memcpy(&link, item.ifa_addr, sizeof link);
  Interface out;
  out.name = interface_name(item);
  out.index = item.ifa_addr != nullptr ? static_cast<unsigned>(link.sll_ifindex) : ::if_nametoindex(item.ifa_name);
  // The kernel sets IFF_RUNNING for the operational states "up" and "unknown", the latter being that of tun and dummy.
  out.up = (item.ifa_flags & IFF_UP) != 0 && (item.ifa_flags & IFF_RUNNING) != 0;
  out.loopback = (item.ifa_flags & IFF_LOOPBACK) != 0;
  out.point_to_point = (item.ifa_flags & IFF_POINTOPOINT) != 0;
  out.broadcast = (item.ifa_flags & IFF_BROADCAST) != 0;
  out.no_arp = (item.ifa_flags & IFF_NOARP) != 0;
  out.ethernet = link.sll_hatype == ARPHRD_ETHER;
  if (out.ethernet && link.sll_halen == out.mac.octets.size()) {
    std::copy_n(std::begin(link.sll_addr), out.mac.octets.size(), out.mac.octets.begin());
  }
  out.wireless = is_wireless(out.name);
  return out;
}

unsigned prefix_of(const sockaddr* netmask) {
  if (netmask == nullptr) return 0;
  if (netmask->sa_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, netmask, sizeof in);
    return static_cast<unsigned>(std::popcount(in.sin_addr.s_addr));
  }
  sockaddr_in6 in;
  std::memcpy(&in, netmask, sizeof in);
  int bits = 0;
  for (std::uint8_t octet : in.sin6_addr.s6_addr) bits += std::popcount(octet);
  return static_cast<unsigned>(bits);
}

std::optional<InterfaceAddress> address_in(const ifaddrs& item, bool point_to_point) {
  auto endpoint = endpoint_of(item.ifa_addr);
  if (!endpoint) return std::nullopt;
  InterfaceAddress out{endpoint->address, prefix_of(item.ifa_netmask), std::nullopt};
  if (!point_to_point || item.ifa_dstaddr == nullptr || !endpoint->address.v4()) return out;
  auto other = endpoint_of(item.ifa_dstaddr);
  if (other && other->address.v4() && other->address != out.address) out.peer = *other->address.v4();
  return out;
}

}  // namespace

std::vector<Interface> list_interfaces() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) throw std::system_error(errno, std::generic_category(), "list the interfaces");
  std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, &::freeifaddrs);

  std::vector<Interface> out;
  for (const ifaddrs* item = first; item != nullptr; item = item->ifa_next) {
    if (is_link(*item)) out.push_back(describe(*item));
  }
  for (const ifaddrs* item = first; item != nullptr; item = item->ifa_next) {
    if (item->ifa_addr == nullptr) continue;
    auto found =
        std::find_if(out.begin(), out.end(), [&](const Interface& i) { return i.name == interface_name(*item); });
    if (found == out.end()) continue;
    if (auto address = address_in(*item, found->point_to_point)) found->addresses.push_back(std::move(*address));
  }
  std::sort(out.begin(), out.end(), [](const Interface& a, const Interface& b) { return a.index < b.index; });
  return out;
}

std::optional<std::string> default_route_interface() {
  std::ifstream table("/proc/net/route");
  std::string text{std::istreambuf_iterator<char>(table), std::istreambuf_iterator<char>()};
  return default_route_in(text);
}

}  // namespace net
