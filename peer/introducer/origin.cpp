// SPDX-License-Identifier: MIT
#include "peer/introducer/origin.h"

#include <algorithm>

namespace peer::introducer {

Origin Origin::of(const net::IpAddress& address) {
  const net::Ipv6Address* v6 = address.v6();
  if (v6 == nullptr) return {address};
  net::Ipv6Address network = *v6;
  std::fill(network.octets.begin() + 8, network.octets.end(), std::uint8_t{0});
  return {network};
}

Scope scope_of(const net::IpAddress& address) {
  if (address.is_loopback()) return Scope::kHost;
  return address.is_private_range() ? Scope::kLocal : Scope::kWorld;
}

}  // namespace peer::introducer
