// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "net/address.h"
#include "net/bytes.h"
#include "net/fd.h"
#include "net/result.h"
#include "net/system_error.h"

namespace net {

enum class IpFamily { kV4, kV6 };

/// A non-blocking UDP socket on every address of the family, at `port` (0: any free one). Others may be bound to the
/// same port (SO_REUSEADDR): what is sent to a broadcast or multicast address reaches all of them, what is sent to one
/// address only one of them. It may send broadcasts; nothing that it sends passes a router (TTL 1). Of multicast it
/// receives only the groups that it joined itself. Throws std::system_error naming the port.
Fd open_udp(IpFamily family, std::uint16_t port);

struct Datagram {
  Endpoint from;
  /// Sent to a broadcast or multicast address, not to one of this host's.
  bool to_all = false;
  /// Its whole length. Longer than the buffer: the rest is lost.
  std::size_t size = 0;
};
/// Takes one datagram; its beginning is in `into`. EAGAIN when none waits.
Result<Datagram, SystemError> receive_datagram(int fd, std::span<std::byte> into);

/// Sends one datagram. `interface`: the index of the interface it leaves through, 0: where the route goes. `source`:
/// one of the host's addresses that it comes from.
Result<void, SystemError> send_datagram(int fd, ByteView datagram, const Endpoint& to, unsigned interface = 0,
                                        const std::optional<IpAddress>& source = std::nullopt);

/// Receive what is sent to `group` on an interface. Joining twice is fine.
Result<void, SystemError> join_group(int fd, const IpAddress& group, unsigned interface);

}  // namespace net
