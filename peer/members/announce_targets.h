// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "net/address.h"
#include "net/iface.h"

/// Where announcements are sent: p2p-protocol(7), ANNOUNCEMENTS.
namespace peer::members {

inline constexpr net::Ipv4Address kAnnounceGroupV4{0xefc07b2d};  ///< 239.192.123.45
/// ff12::7032:3039: link-local, not permanently assigned (RFC 4291 section 2.7).
net::Ipv6Address announce_group_v6();

/// One way out.
struct AnnounceTarget {
  unsigned interface = 0;
  net::Endpoint to;
  std::optional<net::IpAddress> source;  ///< Nothing: the kernel chooses.
  auto operator<=>(const AnnounceTarget&) const = default;
};

inline constexpr std::size_t kMaxAnnounceInterfaces = 20;  ///< The kernel lets a socket join no more groups.

/// The ways out of this host for a peer that listens at `listening`: for each interface that is up, not loopback and
/// not point-to-point, the broadcast address of each IPv4 network and the groups. A family or address that the peer
/// does not listen on is left out.
std::set<AnnounceTarget> announce_targets(std::span<const net::Interface> interfaces,
                                          std::span<const net::Endpoint> listening);

}  // namespace peer::members
