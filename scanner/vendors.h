// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace scanner {

/// Who made a network card: the IEEE's registries MA-L, MA-M and MA-S (prefixes of 24, 28 and 36 bits). Pure: it is
/// given the text of the registries' CSV files, which it keeps and refers into.
class Vendors {
 public:
  /// Reads "Registry,Assignment,Organization Name,..." (RFC 4180), one entry a line; lines that are not like that are
  /// skipped. May be called for several files, in any order.
  void add_registry(std::string csv);
  /// To be called once after the last add_registry.
  void finish();

  /// The organisation of the longest prefix; "(random/local)" for a locally administered address, and an empty text
  /// for one that nobody registered. May hold any byte.
  std::string name(const net::MacAddress& mac) const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t prefix;   ///< The assignment's bits at the top of 48, and its length in bits below them.
    std::string_view name;  ///< Between its quotes, doubled quotes still doubled.
  };
  const Entry* find(std::uint64_t mac, unsigned bits) const;

  std::deque<std::string> texts_;  ///< Their characters never move.
  std::vector<Entry> entries_;
};

}  // namespace scanner
