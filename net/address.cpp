// SPDX-License-Identifier: MIT
#include "net/address.h"

#include <algorithm>
#include <cstddef>

#include "net/bytes.h"
#include "net/check.h"
#include "net/number.h"

namespace net {
namespace {

/// Port 0 means nothing to connect to.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto port = parse_exact_number<std::uint16_t>(text);
  return port && *port != 0 ? port : std::nullopt;
}

std::uint32_t mask_of(unsigned prefix) { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }

}  // namespace

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  if (text.size() != 17 || (text[2] != ':' && text[2] != '-')) return std::nullopt;
  MacAddress mac;
  for (std::size_t i = 0; i < mac.octets.size(); ++i) {
    if (i > 0 && text[3 * i - 1] != text[2]) return std::nullopt;
    std::byte octet{};
    if (!from_hex(text.substr(3 * i, 2), std::span(&octet, 1))) return std::nullopt;
    mac.octets[i] = std::to_integer<std::uint8_t>(octet);
  }
  return mac;
}

std::string MacAddress::to_string() const {
  std::string text;
  for (std::uint8_t octet : octets) {
    if (!text.empty()) text += ':';
    auto digits = static_cast<std::byte>(octet);
    text += to_hex(std::span(&digits, 1));
  }
  return text;
}

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) {
  Ipv4Address address;
  for (int i = 0; i < 4; ++i) {
    std::size_t end = i < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return std::nullopt;
    auto number = parse_exact_number<std::uint8_t>(text.substr(0, end));
    if (!number) return std::nullopt;
    address.value = address.value << 8 | *number;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return address;
}

std::string Ipv4Address::to_string() const {
  return std::to_string(value >> 24) + '.' + std::to_string(value >> 16 & 0xff) + '.' +
         std::to_string(value >> 8 & 0xff) + '.' + std::to_string(value & 0xff);
}

bool Ipv4Address::is_private() const {
  return value >> 24 == 10 || value >> 20 == 0xac1 || value >> 16 == 0xc0a8 || value >> 22 == (0x64400000 >> 22);
}

IpAddress::IpAddress(Ipv6Address address) {
  if (auto mapped = address.mapped_ipv4()) {
    address_ = *mapped;
  } else {
    address_ = std::move(address);
  }
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (auto address = Ipv4Address::parse(text)) return IpAddress(*address);
  if (auto address = Ipv6Address::parse(text)) return IpAddress(std::move(*address));
  return std::nullopt;
}

std::string IpAddress::to_string() const { return v4() ? v4()->to_string() : v6()->to_string(); }
bool IpAddress::is_unspecified() const { return v4() ? v4()->is_unspecified() : v6()->is_unspecified(); }
bool IpAddress::is_loopback() const { return v4() ? v4()->is_loopback() : v6()->is_loopback(); }
bool IpAddress::is_multicast() const { return v4() ? v4()->is_multicast() : v6()->is_multicast(); }
bool IpAddress::is_link_local() const { return v4() ? v4()->is_link_local() : v6()->is_link_local(); }
bool IpAddress::is_private_range() const {
  return is_link_local() || (v4() ? v4()->is_private() : v6()->is_unique_local());
}

std::optional<Endpoint> Endpoint::parse(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::optional<std::string_view> port_text;
  if (!text.empty() && text[0] == '[') {
    std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    std::string_view after = text.substr(close + 1);
    if (!after.empty()) {
      if (after[0] != ':') return std::nullopt;
      port_text = after.substr(1);
    }
    // Brackets are for IPv6 alone.
    if (!Ipv6Address::parse(host)) return std::nullopt;
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    host = text.substr(0, text.find(':'));
    port_text = text.substr(host.size() + 1);
  }
  auto address = IpAddress::parse(host);
  if (!address) return std::nullopt;
  std::uint16_t number = default_port;
  if (port_text) {
    auto port = parse_port(*port_text);
    if (!port) return std::nullopt;
    number = *port;
  }
  return Endpoint{std::move(*address), number};
}

std::string Endpoint::to_string() const {
  std::string text = address.v6() ? '[' + address.to_string() + ']' : address.to_string();
  return text + ':' + std::to_string(port);
}

std::string Endpoint::to_short_string(std::uint16_t default_port) const {
  if (port != default_port) return to_string();
  return address.v6() ? '[' + address.to_string() + ']' : address.to_string();
}

Ipv4Network Ipv4Network::of(Ipv4Address address, unsigned prefix) {
  CHECK(prefix <= 32);
  return {Ipv4Address{address.value & mask_of(prefix)}, prefix};
}

std::optional<Ipv4Network> Ipv4Network::parse(std::string_view text) {
  std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto address = Ipv4Address::parse(text.substr(0, slash));
  auto prefix = parse_exact_number<unsigned>(text.substr(slash + 1));
  if (!address || !prefix || *prefix > 32) return std::nullopt;
  return of(*address, *prefix);
}

std::string Ipv4Network::to_string() const { return base.to_string() + '/' + std::to_string(prefix); }
std::uint32_t Ipv4Network::mask() const { return mask_of(prefix); }
Ipv4Address Ipv4Network::last() const { return {base.value | ~mask()}; }
bool Ipv4Network::contains(Ipv4Address address) const { return (address.value & mask()) == base.value; }

}  // namespace net
