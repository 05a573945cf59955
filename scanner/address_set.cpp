// SPDX-License-Identifier: MIT
#include "scanner/address_set.h"

#include <algorithm>
#include <utility>

#include "net/check.h"

namespace scanner {
namespace {

constexpr std::uint32_t kHighest = 0xffffffff;

}  // namespace

void AddressSet::add(AddressRange range) {
  CHECK(range.first <= range.last);
  std::vector<AddressRange> merged;
  merged.reserve(ranges_.size() + 1);
  bool placed = false;
  for (const AddressRange& other : ranges_) {
    // Neighbours that only touch are merged too, so that equal sets are equal vectors.
    const bool before = other.last.value != kHighest && other.last.value + 1 < range.first.value;
    const bool after = range.last.value != kHighest && range.last.value + 1 < other.first.value;
    if (before) {
      merged.push_back(other);
    } else if (after) {
      if (!std::exchange(placed, true)) merged.push_back(range);
      merged.push_back(other);
    } else {
      range = {std::min(range.first, other.first), std::max(range.last, other.last)};
    }
  }
  if (!placed) merged.push_back(range);
  ranges_ = std::move(merged);
}

void AddressSet::add(const AddressSet& other) {
  for (const AddressRange& range : other.ranges_) add(range);
}

void AddressSet::remove(AddressRange range) {
  CHECK(range.first <= range.last);
  std::vector<AddressRange> kept;
  kept.reserve(ranges_.size() + 1);
  for (const AddressRange& other : ranges_) {
    if (other.last < range.first || range.last < other.first) {
      kept.push_back(other);
      continue;
    }
    if (other.first < range.first) kept.push_back({other.first, {range.first.value - 1}});
    if (range.last < other.last) kept.push_back({{range.last.value + 1}, other.last});
  }
  ranges_ = std::move(kept);
}

AddressSet AddressSet::within(AddressRange range) const {
  AddressSet common;
  for (const AddressRange& other : ranges_) {
    const auto first = std::max(other.first, range.first);
    const auto last = std::min(other.last, range.last);
    if (first <= last) common.ranges_.push_back({first, last});
  }
  return common;
}

bool AddressSet::contains(net::Ipv4Address address) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                      [](net::Ipv4Address a, const AddressRange& r) { return a < r.first; });
  return after != ranges_.begin() && std::prev(after)->contains(address);
}

std::uint64_t AddressSet::size() const {
  std::uint64_t total = 0;
  for (const AddressRange& range : ranges_) total += range.size();
  return total;
}

}  // namespace scanner
