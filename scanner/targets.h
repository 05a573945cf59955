// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "net/address.h"
#include "net/result.h"
#include "scanner/address_set.h"

namespace scanner {

/// A host name still to be looked up.
struct HostName {
  std::string name;
  bool operator==(const HostName&) const = default;
};

/// What one TARGET argument means.
using Target = std::variant<AddressRange, net::Ipv6Address, HostName>;

enum class TargetError {
  kEmpty,
  kPrefix,      ///< Something like 10.0.0.0/33.
  kRange,       ///< A range whose end is missing, malformed or before its start.
  kAddress,     ///< All digits and dots, but no address.
  kNotUnicast,  ///< Loopback, multicast, 0.0.0.0/8 or the limited broadcast address: nobody answers ARP for those.
  kName,        ///< Neither an address nor a possible host name.
};

/// For people, without the target itself.
std::string_view describe(TargetError error);

/// Reads a TARGET: "10.0.0.0/24", "10.0.0.5-10.0.0.20", "10.0.0.5-20" (last number only), "10.0.0.7", an IPv6 address,
/// or a name (RFC 1123 letters, digits, hyphens and dots, also '_'; at most 253). A network stands for all of its
/// addresses here; which of them are a network's own and its broadcast address is known once the interface is.
net::Result<Target, TargetError> parse_target(std::string_view text);

}  // namespace scanner
