// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "net/address.h"

namespace scanner {

/// The addresses first..last, both included. REQUIRES: first <= last.
struct AddressRange {
  net::Ipv4Address first;
  net::Ipv4Address last;

  std::uint64_t size() const { return std::uint64_t{last.value} - first.value + 1; }
  bool contains(net::Ipv4Address address) const { return first <= address && address <= last; }
  auto operator<=>(const AddressRange&) const = default;
};

/// A set of IPv4 addresses, kept as the fewest ranges, in ascending order, none touching the next. Its cost depends on
/// the number of ranges, not of addresses.
class AddressSet {
 public:
  void add(AddressRange range);
  void add(const AddressSet& other);
  void remove(AddressRange range);
  /// What is in this set and in `range`.
  AddressSet within(AddressRange range) const;
  bool contains(net::Ipv4Address address) const;
  std::uint64_t size() const;
  bool empty() const { return ranges_.empty(); }
  const std::vector<AddressRange>& ranges() const { return ranges_; }
  bool operator==(const AddressSet&) const = default;

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace scanner
