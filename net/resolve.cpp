// SPDX-License-Identifier: MIT
#include "net/resolve.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "net/socket_address.h"

namespace net {

std::vector<IpAddress> resolve_host(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &first) != 0) return {};
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(first, &::freeaddrinfo);
  std::vector<IpAddress> found;
  for (const addrinfo* info = first; info != nullptr; info = info->ai_next) {
    auto endpoint = endpoint_of(info->ai_addr);
    if (!endpoint || std::find(found.begin(), found.end(), endpoint->address) != found.end()) continue;
    found.push_back(std::move(endpoint->address));
  }
  return found;
}

}  // namespace net
