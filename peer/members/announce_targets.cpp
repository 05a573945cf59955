// SPDX-License-Identifier: MIT
#include "peer/members/announce_targets.h"

#include <algorithm>

namespace peer::members {
namespace {

net::IpAddress without_zone(const net::IpAddress& address) {
  if (address.v6() == nullptr) return address;
  net::Ipv6Address bare = *address.v6();
  bare.zone.clear();
  return bare;
}

/// True when the peer can be reached at the address.
bool listens_at(const net::IpAddress& address, std::span<const net::Endpoint> listening) {
  return std::any_of(listening.begin(), listening.end(), [&](const net::Endpoint& endpoint) {
    if ((endpoint.address.v4() == nullptr) != (address.v4() == nullptr)) return false;
    return endpoint.address.is_unspecified() || without_zone(endpoint.address) == without_zone(address);
  });
}

void add_v4(std::set<AnnounceTarget>& out, const net::Interface& interface, const net::InterfaceAddress& own,
            bool first) {
  const net::Ipv4Address address = *own.address.v4();
  if (interface.broadcast && own.prefix > 0 && own.prefix < 31) {
    const net::Ipv4Address broadcast = net::Ipv4Network::of(address, own.prefix).last();
    out.insert({interface.index, {broadcast, net::kPeerPort}, own.address});
  }
  if (first) out.insert({interface.index, {kAnnounceGroupV4, net::kPeerPort}, own.address});
}

void add_interface(std::set<AnnounceTarget>& out, const net::Interface& interface,
                   std::span<const net::Endpoint> listening) {
  bool first_v4 = true;
  std::optional<net::IpAddress> v6;
  for (const net::InterfaceAddress& own : interface.addresses) {
    if (!listens_at(own.address, listening)) continue;
    if (own.address.v4() != nullptr) {
      add_v4(out, interface, own, first_v4);
      first_v4 = false;
    } else if (!v6 || own.address.is_link_local()) {
      // A link-local address is the one that everybody on the link can answer.
      v6 = without_zone(own.address);
    }
  }
  if (v6) out.insert({interface.index, {announce_group_v6(), net::kPeerPort}, v6});
}

}  // namespace

net::Ipv6Address announce_group_v6() {
  net::Ipv6Address group;
  group.octets = {0xff, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x70, 0x32, 0x30, 0x39};
  return group;
}

std::set<AnnounceTarget> announce_targets(std::span<const net::Interface> interfaces,
                                          std::span<const net::Endpoint> listening) {
  std::set<AnnounceTarget> out;
  std::size_t used = 0;
  for (const net::Interface& interface : interfaces) {
    if (!interface.up || interface.loopback || interface.point_to_point) continue;
    const std::size_t before = out.size();
    add_interface(out, interface, listening);
    if (out.size() > before && ++used == kMaxAnnounceInterfaces) break;
  }
  return out;
}

}  // namespace peer::members
