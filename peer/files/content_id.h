// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/digest.h"

namespace peer::files {

using Hash = net::Sha256;

/// The longest file that is offered or fetched: 4 TiB, so that a file has at most 2^20 chunks and a layer 32 MiB.
inline constexpr std::uint64_t kMaxFileLength = std::uint64_t{1} << 42;

/// What a file is, whatever its name: its length in bytes and its BEP 52 pieces root. The root alone is not enough: a
/// 64-byte file equal to two hashes has the root of the 32 KiB file with those leaves. An empty file has length 0 and a
/// root of zeros.
struct ContentId {
  std::uint64_t length = 0;
  Hash root{};

  /// "p2p:<64 lower-case hex digits>:<length>".
  std::string to_string() const;
  /// The inverse of to_string (hex digits of either case; a length without leading zeros); nothing for any other text,
  /// and nothing for a pair that is not valid().
  static std::optional<ContentId> parse(std::string_view text);
  /// Why parse() has nothing for the text, for people.
  static std::string why_not(std::string_view text);
  /// False for pairs that no file can have: longer than kMaxFileLength, or empty with a root, or not empty without one.
  /// To be checked on every id from the wire.
  bool valid() const { return length <= kMaxFileLength && (length == 0) == (root == Hash{}); }
  auto operator<=>(const ContentId&) const = default;
};

/// For unordered containers. The root is a SHA-256, so its first bytes spread well.
struct ContentIdHash {
  std::size_t operator()(const ContentId& id) const noexcept;
};

}  // namespace peer::files
