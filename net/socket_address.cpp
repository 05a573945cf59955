// SPDX-License-Identifier: MIT
#include "net/socket_address.h"

#include <net/if.h>

#include <algorithm>
#include <cstring>

#include "net/number.h"

namespace net {
namespace {

/// The interface index that a zone stands for (RFC 4007 section 11.2: a name or a number); 0 for none.
unsigned zone_index(const std::string& zone) {
  if (unsigned index = ::if_nametoindex(zone.c_str())) return index;
  return parse_number<unsigned>(zone).value_or(0);
}

/// The interface's name, or its number where the name cannot stand in a zone or the interface has gone.
std::string zone_name(unsigned index) {
  char name[IF_NAMESIZE];
  if (::if_indextoname(index, name) != nullptr && Ipv6Address::parse(std::string("fe80::%") + name)) return name;
  return std::to_string(index);
}

}  // namespace

std::optional<SocketAddress> SocketAddress::of(const Endpoint& endpoint) {
  SocketAddress out;
  if (const Ipv4Address* v4 = endpoint.address.v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    in.sin_addr.s_addr = htonl(v4->value);
    std::memcpy(&out.storage_, &in, sizeof in);
    out.length_ = sizeof in;
    return out;
  }
  const Ipv6Address& v6 = *endpoint.address.v6();
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(endpoint.port);
  std::copy(v6.octets.begin(), v6.octets.end(), in.sin6_addr.s6_addr);
  if (!v6.zone.empty()) {
    in.sin6_scope_id = zone_index(v6.zone);
    if (in.sin6_scope_id == 0) return std::nullopt;
  }
  std::memcpy(&out.storage_, &in, sizeof in);
  out.length_ = sizeof in;
  return out;
}

std::optional<Endpoint> SocketAddress::endpoint() const { return endpoint_of(get()); }

std::optional<Endpoint> endpoint_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, address, sizeof in);
    return Endpoint{Ipv4Address{ntohl(in.sin_addr.s_addr)}, ntohs(in.sin_port)};
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, address, sizeof in);
    Ipv6Address v6;
    std::copy(std::begin(in.sin6_addr.s6_addr), std::end(in.sin6_addr.s6_addr), v6.octets.begin());
    bool zoned = v6.is_link_local() || v6.is_multicast();
    if (zoned && in.sin6_scope_id != 0) v6.zone = zone_name(in.sin6_scope_id);
    return Endpoint{std::move(v6), ntohs(in.sin6_port)};
  }
  return std::nullopt;
}

}  // namespace net
