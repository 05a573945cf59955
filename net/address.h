// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace net {

/// The port of p2ppeer, TCP and UDP.
inline constexpr std::uint16_t kPeerPort = 12345;

/// An EUI-48.
struct MacAddress {
  std::array<std::uint8_t, 6> octets{};

  /// "aa:bb:cc:dd:ee:ff" (also with '-'); nothing for any other text.
  static std::optional<MacAddress> parse(std::string_view text);
  std::string to_string() const;
  bool is_multicast() const { return (octets[0] & 0x01) != 0; }
  bool is_locally_administered() const { return (octets[0] & 0x02) != 0; }
  bool is_zero() const { return *this == MacAddress{}; }
  auto operator<=>(const MacAddress&) const = default;
};

/// An IPv4 address as a number in host order, so that ranges can be counted.
struct Ipv4Address {
  std::uint32_t value = 0;

  /// Strict dotted quad: four decimal numbers 0..255 without leading zeros.
  static std::optional<Ipv4Address> parse(std::string_view text);
  std::string to_string() const;
  bool is_unspecified() const { return value == 0; }
  bool is_loopback() const { return value >> 24 == 127; }
  bool is_multicast() const { return value >> 28 == 14; }
  bool is_limited_broadcast() const { return value == 0xffffffff; }
  bool is_link_local() const { return value >> 16 == 0xa9fe; }
  /// RFC 1918, and the shared space of RFC 6598.
  bool is_private() const;
  auto operator<=>(const Ipv4Address&) const = default;
};

/// An IPv6 address, with the zone (interface name or number, RFC 4007) where it is link-local and one was given.
struct Ipv6Address {
  std::array<std::uint8_t, 16> octets{};
  std::string zone;

  /// RFC 4291 text with an optional "%zone" (1..15 letters, digits, '.', '_', '-'), which only link-local and multicast
  /// addresses may have.
  static std::optional<Ipv6Address> parse(std::string_view text);
  /// RFC 5952 text, with "%zone" where there is one.
  std::string to_string() const;
  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_multicast() const { return octets[0] == 0xff; }
  bool is_link_local() const { return octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80; }
  /// fc00::/7 (RFC 4193).
  bool is_unique_local() const { return (octets[0] & 0xfe) == 0xfc; }
  /// The IPv4 address inside ::ffff:0:0/96; nothing for others.
  std::optional<Ipv4Address> mapped_ipv4() const;
  auto operator<=>(const Ipv6Address&) const = default;
};

/// An IPv4 or IPv6 address. IPv4 sorts before IPv6. An IPv4-mapped IPv6 address is turned into the IPv4 address it
/// maps.
class IpAddress {
 public:
  IpAddress() = default;
  IpAddress(Ipv4Address address) : address_(address) {}
  IpAddress(Ipv6Address address);

  static std::optional<IpAddress> parse(std::string_view text);
  std::string to_string() const;
  const Ipv4Address* v4() const { return std::get_if<Ipv4Address>(&address_); }
  const Ipv6Address* v6() const { return std::get_if<Ipv6Address>(&address_); }
  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_multicast() const;
  bool is_link_local() const;
  /// An address of a local network: RFC 1918, RFC 6598, unique local or link-local. Not loopback.
  bool is_private_range() const;
  auto operator<=>(const IpAddress&) const = default;

 private:
  std::variant<Ipv4Address, Ipv6Address> address_;
};

/// Address and TCP or UDP port. Text: "10.0.0.7:12345", "[fe80::1%eth0]:12345".
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  /// Accepts "A", "A:port", "[A6]", "[A6]:port" and a bare IPv6 address; `default_port` stands in for a missing port.
  /// A written port is 1..65535 without leading zeros.
  static std::optional<Endpoint> parse(std::string_view text, std::uint16_t default_port = kPeerPort);
  /// Always with the port.
  std::string to_string() const;
  /// Without the port where it is `default_port`: "10.0.0.7", "[fe80::1%eth0]".
  std::string to_short_string(std::uint16_t default_port = kPeerPort) const;
  auto operator<=>(const Endpoint&) const = default;
};

/// An IPv4 network in CIDR notation. `base` has no host bits; prefix is 0..32.
struct Ipv4Network {
  Ipv4Address base;
  unsigned prefix = 32;

  /// Builds from any address of the network; host bits are cleared. REQUIRES: prefix <= 32.
  static Ipv4Network of(Ipv4Address address, unsigned prefix);
  /// "10.0.0.0/24"; host bits in the text are accepted and cleared.
  static std::optional<Ipv4Network> parse(std::string_view text);
  std::string to_string() const;
  std::uint32_t mask() const;
  Ipv4Address last() const;
  bool contains(Ipv4Address address) const;
  auto operator<=>(const Ipv4Network&) const = default;
};

}  // namespace net
