// SPDX-License-Identifier: MIT
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "net/address.h"

namespace net {

/// A socket address as the kernel takes and gives it. A zone is turned into an interface index and back.
class SocketAddress {
 public:
  /// Empty, to be filled by a call such as accept(2): see out().
  SocketAddress() = default;
  /// Nothing when the zone names no interface.
  static std::optional<SocketAddress> of(const Endpoint& endpoint);

  int family() const { return storage_.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }
  /// Where a call is to write an address and its length; both may be handed over again.
  sockaddr* out() { return reinterpret_cast<sockaddr*>(&storage_); }
  socklen_t* out_length() {
    length_ = sizeof storage_;
    return &length_;
  }
  /// Nothing when it is neither IPv4 nor IPv6.
  std::optional<Endpoint> endpoint() const;

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

/// The endpoint in any socket address, such as those of getifaddrs(3); nothing when it is neither IPv4 nor IPv6.
std::optional<Endpoint> endpoint_of(const sockaddr* address);

}  // namespace net
