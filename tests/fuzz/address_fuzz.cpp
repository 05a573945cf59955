// SPDX-License-Identifier: MIT
// Any text as each kind of address: what is accepted has one canonical text, which reads back the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/address.h"
#include "net/check.h"

namespace {

template <class Address>
void round_trip(std::string_view text) {
  auto address = Address::parse(text);
  if (!address) return;
  std::string canonical = address->to_string();
  auto again = Address::parse(canonical);
  CHECK(again.has_value());
  CHECK(*again == *address);
  CHECK(again->to_string() == canonical);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  round_trip<net::MacAddress>(text);
  round_trip<net::Ipv4Address>(text);
  round_trip<net::Ipv6Address>(text);
  round_trip<net::IpAddress>(text);
  round_trip<net::Endpoint>(text);
  round_trip<net::Ipv4Network>(text);
  if (auto endpoint = net::Endpoint::parse(text)) {
    CHECK(endpoint->port != 0);
    CHECK(net::Endpoint::parse(endpoint->to_short_string()) == endpoint);
  }
  if (auto network = net::Ipv4Network::parse(text)) {
    CHECK(network->contains(network->base));
    CHECK(network->contains(network->last()));
  }
  return 0;
}
