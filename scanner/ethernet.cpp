// SPDX-License-Identifier: MIT
#include "scanner/ethernet.h"

#include <algorithm>

namespace scanner {

net::MacAddress read_mac(net::ByteReader& in) {
  net::MacAddress mac;
  const net::ByteView bytes = in.bytes(mac.octets.size());
  std::transform(bytes.begin(), bytes.end(), mac.octets.begin(),
                 [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return mac;
}

}  // namespace scanner
