// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <vector>

#include "net/address.h"
#include "net/number.h"

namespace net {
namespace {

constexpr std::size_t kGroups = 8;

std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.size() > 4) return std::nullopt;
  return parse_number<std::uint16_t>(text, 16);
}

/// The groups of one side of "::", or of a whole address without it. The last group may be a dotted quad where
/// `may_end_in_ipv4`; it makes two groups.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text, bool may_end_in_ipv4) {
  std::vector<std::uint16_t> groups;
  if (text.empty()) return groups;
  while (groups.size() < kGroups) {
    std::size_t colon = text.find(':');
    std::string_view part = text.substr(0, colon);
    if (colon == std::string_view::npos && may_end_in_ipv4 && part.find('.') != std::string_view::npos) {
      auto quad = Ipv4Address::parse(part);
      if (!quad) return std::nullopt;
      groups.push_back(static_cast<std::uint16_t>(quad->value >> 16));
      groups.push_back(static_cast<std::uint16_t>(quad->value & 0xffff));
      return groups;
    }
    auto group = parse_group(part);
    if (!group) return std::nullopt;
    groups.push_back(*group);
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

bool is_zone(std::string_view zone) {
  return !zone.empty() && zone.size() <= 15 && std::all_of(zone.begin(), zone.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
  });
}

unsigned group_at(const std::array<std::uint8_t, 16>& octets, std::size_t index) {
  return static_cast<unsigned>(octets[2 * index]) << 8 | octets[2 * index + 1];
}

/// Without zeros in front, in lower case (RFC 5952 sections 4.1 and 4.3).
void append_group(unsigned value, std::string& text) {
  std::array<char, 4> digits;
  text.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value, 16).ptr);
}

/// The longest run of two or more zero groups, the first of equal ones (RFC 5952 section 4.2): begin and length.
std::pair<std::size_t, std::size_t> longest_zero_run(const std::array<std::uint8_t, 16>& octets) {
  std::pair<std::size_t, std::size_t> best{kGroups, 0};
  for (std::size_t begin = 0; begin < kGroups;) {
    std::size_t end = begin;
    while (end < kGroups && group_at(octets, end) == 0) ++end;
    if (end - begin >= 2 && end - begin > best.second) best = {begin, end - begin};
    begin = end + 1;
  }
  return best;
}

}  // namespace

std::optional<Ipv6Address> Ipv6Address::parse(std::string_view text) {
  Ipv6Address address;
  if (std::size_t percent = text.find('%'); percent != std::string_view::npos) {
    address.zone = text.substr(percent + 1);
    if (!is_zone(address.zone)) return std::nullopt;
    text = text.substr(0, percent);
  }
  std::size_t gap = text.find("::");
  bool has_gap = gap != std::string_view::npos;
  auto left = parse_groups(text.substr(0, gap), !has_gap);
  auto right = has_gap ? parse_groups(text.substr(gap + 2), true) : std::vector<std::uint16_t>{};
  if (!left || !right) return std::nullopt;
  std::size_t given = left->size() + right->size();
  // "::" stands for at least one group.
  if (has_gap ? given >= kGroups : given != kGroups) return std::nullopt;
  left->resize(kGroups - right->size());
  left->insert(left->end(), right->begin(), right->end());
  for (std::size_t i = 0; i < kGroups; ++i) {
    address.octets[2 * i] = static_cast<std::uint8_t>((*left)[i] >> 8);
    address.octets[2 * i + 1] = static_cast<std::uint8_t>((*left)[i] & 0xff);
  }
  // Elsewhere a zone changes nothing, and would make two names for one address.
  if (!address.zone.empty() && !address.is_link_local() && !address.is_multicast()) return std::nullopt;
  return address;
}

std::string Ipv6Address::to_string() const {
  std::string text;
  if (auto mapped = mapped_ipv4()) {
    text = "::ffff:" + mapped->to_string();
  } else {
    auto [gap, length] = longest_zero_run(octets);
    for (std::size_t i = 0; i < kGroups; ++i) {
      if (i == gap) {
        text += "::";
        i += length - 1;
        continue;
      }
      if (!text.empty() && text.back() != ':') text += ':';
      append_group(group_at(octets, i), text);
    }
  }
  if (!zone.empty()) text += '%' + zone;
  return text;
}

bool Ipv6Address::is_unspecified() const { return octets == std::array<std::uint8_t, 16>{}; }

bool Ipv6Address::is_loopback() const {
  return octets[15] == 1 && std::all_of(octets.begin(), octets.end() - 1, [](std::uint8_t o) { return o == 0; });
}

std::optional<Ipv4Address> Ipv6Address::mapped_ipv4() const {
  constexpr std::array<std::uint8_t, 12> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!std::equal(kPrefix.begin(), kPrefix.end(), octets.begin())) return std::nullopt;
  return Ipv4Address{group_at(octets, 6) << 16 | group_at(octets, 7)};
}

}  // namespace net
