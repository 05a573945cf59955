// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "net/address.h"

namespace peer::introducer {

/// Who is counted as one: an IPv4 address, or an IPv6 /64 network, of which one host may hold every address. There may
/// also be many hosts in such a network, so it has `kNetworkWeight` times the allowance.
struct Origin {
  net::IpAddress base;
  auto operator<=>(const Origin&) const = default;

  static constexpr std::size_t kNetworkWeight = 16;
  static Origin of(const net::IpAddress& address);
  std::size_t weight() const { return base.v6() ? kNetworkWeight : 1; }
};

/// How far an address means the same host.
enum class Scope { kHost, kLocal, kWorld };
Scope scope_of(const net::IpAddress& address);

}  // namespace peer::introducer
