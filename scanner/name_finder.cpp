// SPDX-License-Identifier: MIT
#include "scanner/name_finder.h"

#include <netdb.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include "net/address.h"
#include "net/socket_address.h"

namespace scanner {
namespace {

constexpr unsigned kThreads = 16;

/// Empty where none is known.
std::string name_of_address(const net::IpAddress& address) {
  const auto place = net::SocketAddress::of({address, 0});
  std::array<char, NI_MAXHOST> name{};
  const bool known =
      place && getnameinfo(place->get(), place->length(), name.data(), name.size(), nullptr, 0, NI_NAMEREQD) == 0;
  return known ? name.data() : std::string();
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
