// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "net/address.h"
#include "net/bytes.h"

namespace scanner {

// Ethernet types.
constexpr std::uint16_t kEtherArp = 0x0806;
constexpr std::uint16_t kEtherVlan = 0x8100;  ///< IEEE 802.1Q
constexpr std::uint16_t kEtherIpv6 = 0x86dd;
constexpr std::uint16_t kEtherServiceVlan = 0x88a8;  ///< IEEE 802.1ad

/// The six octets that come next; zeros when they are not there, and then `in` is not ok().
net::MacAddress read_mac(net::ByteReader& in);

}  // namespace scanner
