// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "net/address.h"
#include "peer/ids.h"

/// Who is who in the tests of this folder.
namespace peer::members {

inline NodeId node(std::uint8_t value) {
  NodeId id{};
  id[0] = std::byte{value};
  return id;
}

/// 10.0.0.0 and on.
inline net::IpAddress address(std::uint32_t host) { return net::Ipv4Address{(10u << 24) + host}; }

}  // namespace peer::members
