// SPDX-License-Identifier: MIT
#include "scanner/targets.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "net/number.h"

namespace scanner {
namespace {

using net::Failure;
using Parsed = net::Result<Target, TargetError>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool looks_numeric(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.front() == '-' || text.front() == '.') return false;
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (is_digit(c) || is_letter(c) || c == '-' || c == '_') {
      if (++label > 63) return false;
    } else {
      return false;
    }
  }
  return true;
}

Parsed checked(AddressRange range) {
  const auto refused = [](net::Ipv4Address a) {
    return a.value >> 24 == 0 || a.is_loopback() || a.is_multicast() || a.is_limited_broadcast();
  };
  if (refused(range.first) || refused(range.last)) return Failure{TargetError::kNotUnicast};
  // A range may not stretch across what is refused either.
  if (range.first.value >> 24 < 127 && range.last.value >> 24 > 127) return Failure{TargetError::kNotUnicast};
  return Target{range};
}

Parsed parse_range(std::string_view first_text, std::string_view last_text) {
  const auto first = net::Ipv4Address::parse(first_text);
  if (!first) return Failure{TargetError::kAddress};
  auto last = net::Ipv4Address::parse(last_text);
  if (!last) {
    const auto octet = net::parse_number<std::uint8_t>(last_text);
    if (!octet) return Failure{TargetError::kRange};
    last = net::Ipv4Address{(first->value & 0xffffff00U) | *octet};
  }
  if (*last < *first) return Failure{TargetError::kRange};
  return checked({*first, *last});
}

}  // namespace

std::string_view describe(TargetError error) {
  switch (error) {
    case TargetError::kEmpty:
      return "a target is empty";
    case TargetError::kPrefix:
      return "not a network; write it like 192.168.1.0/24";
    case TargetError::kRange:
      return "not a range; write it like 192.168.1.10-192.168.1.20";
    case TargetError::kAddress:
      return "not an IPv4 address";
    case TargetError::kNotUnicast:
      return "not an address of a host on a local network";
    case TargetError::kName:
      return "neither an address nor a host name";
  }
  return "not a target";
}

Parsed parse_target(std::string_view text) {
  if (text.empty()) return Failure{TargetError::kEmpty};
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto network = net::Ipv4Network::parse(text);
    if (!network) return Failure{TargetError::kPrefix};
    return checked({network->base, network->last()});
  }
  if (const auto address = net::Ipv4Address::parse(text)) return checked({*address, *address});
  if (text.find(':') != std::string_view::npos) {
    const auto address = net::Ipv6Address::parse(text);
    if (!address) return Failure{TargetError::kAddress};
    if (address->is_multicast() || address->is_unspecified() || address->is_loopback()) {
      return Failure{TargetError::kNotUnicast};
    }
    return Target{*address};
  }
  if (const auto dash = text.find('-'); dash != std::string_view::npos && looks_numeric(text.substr(0, dash))) {
    return parse_range(text.substr(0, dash), text.substr(dash + 1));
  }
  if (looks_numeric(text)) return Failure{TargetError::kAddress};
  if (!is_host_name(text)) return Failure{TargetError::kName};
  return Target{HostName{std::string(text)}};
}

}  // namespace scanner
