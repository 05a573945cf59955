// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/address.h"

namespace net {

/// An address on an interface, with the size of its network.
struct InterfaceAddress {
  IpAddress address;
  unsigned prefix = 0;
  std::optional<Ipv4Address> peer;  ///< The other end of a point-to-point link.
};

/// A network interface as the kernel has it now.
struct Interface {
  std::string name;
  unsigned index = 0;
  MacAddress mac;  ///< All zero where it has no Ethernet address.
  /// Administratively up and running: it has a carrier, or is of a kind (tun, dummy) that does not say.
  bool up = false;
  bool loopback = false;
  bool point_to_point = false;
  bool broadcast = false;
  bool no_arp = false;
  bool ethernet = false;  ///< Link type ARPHRD_ETHER.
  bool wireless = false;
  std::vector<InterfaceAddress> addresses;
};

/// All interfaces, by index. Throws std::system_error when the kernel refuses.
std::vector<Interface> list_interfaces();

/// The name of the interface that the IPv4 default route of lowest metric goes through; nothing without one.
std::optional<std::string> default_route_interface();

}  // namespace net
