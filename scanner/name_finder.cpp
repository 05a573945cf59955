// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "scanner/enquiries.h"

namespace scanner {
namespace {

constexpr unsigned kThreads = 16;

std::string name_of_address(const net::IpAddress& address) {
  std::array<char, NI_MAXHOST> name{};
  int status = EAI_FAMILY;
  if (const net::Ipv4Address* v4 = address.v4()) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(v4->value);
    status = getnameinfo(reinterpret_cast<const sockaddr*>(&place), sizeof place, name.data(), name.size(), nullptr, 0,
                         NI_NAMEREQD);
  } else if (const net::Ipv6Address* v6 = address.v6()) {
    sockaddr_in6 place{};
    place.sin6_family = AF_INET6;
    std::memcpy(&place.sin6_addr, v6->octets.data(), v6->octets.size());
    place.sin6_scope_id = if_nametoindex(v6->zone.c_str());
    status = getnameinfo(reinterpret_cast<const sockaddr*>(&place), sizeof place, name.data(), name.size(), nullptr, 0,
                         NI_NAMEREQD);
  }
  return status == 0 ? name.data() : std::string();
}

unsigned prepare_resolver() {
  // Read by the C library when it is first used; there are no other threads yet.
  setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);
  return kThreads;
}

}  // namespace

NameFinder::NameFinder(net::SelectLoop& loop, Done done)
    : loop_(loop), done_(std::move(done)), workers_(prepare_resolver()) {
  loop_.add(workers_);
}

NameFinder::~NameFinder() { loop_.remove(workers_); }

void NameFinder::ask(const HostTable::Key& host) {
  workers_.submit([address = host.first] { return name_of_address(address); },
                  [this, host](std::string name) { done_(host, std::move(name)); });
}

}  // namespace scanner
