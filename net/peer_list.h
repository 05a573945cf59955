// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace net {

/// One host of a peer list, man/p2p-peers.5. Only the endpoint is required.
struct PeerListEntry {
  Endpoint endpoint;
  std::optional<MacAddress> mac;
  std::string vendor;              ///< UTF-8; no tab or line end.
  std::string last_seen;           ///< RFC 3339, or empty.
  std::vector<std::string> flags;  ///< "peer", "self", "conflict", "proxy"; unknown ones are kept.

  bool has_flag(std::string_view flag) const;
  bool operator==(const PeerListEntry&) const = default;
};

/// A line that could not be read: the rest of the list is still good.
struct PeerListProblem {
  std::size_t line;  ///< Counted from 1.
  std::string what;  ///< For people; already safe to print.
};

/// The peer-list file, p2p-peers(5): a sequence of lines, each an entry, a comment or blank. Comments, unknown trailing
/// fields and the order of lines survive parse -> change -> format.
class PeerList {
 public:
  static constexpr std::size_t kMaxFileSize = 16u << 20;  ///< A larger file is not a peer list.
  static constexpr std::size_t kMaxLine = 1024;           ///< Longer lines are problems.
  static constexpr std::size_t kMaxEntries = 100'000;     ///< Further entries are problems.

  /// Never fails: what cannot be read is in problems() (at most 100 are kept), and such lines are kept as they are.
  /// A second entry for an endpoint is a problem of its own and is dropped.
  static PeerList parse(std::string_view text);

  std::string format() const;
  std::vector<PeerListEntry> entries() const;
  std::size_t size() const { return entry_count_; }
  bool contains(const Endpoint& endpoint) const;
  const std::vector<PeerListProblem>& problems() const { return problems_; }

  /// Adds the entry, or replaces the fields of the one with the same endpoint. False when nothing changed or the list
  /// is full.
  bool put(PeerListEntry entry);
  /// False when there was none.
  bool erase(const Endpoint& endpoint);
  /// Adds a "# text" line at the end. REQUIRES: no line end in `text`.
  void add_comment(std::string_view text);

 private:
  struct Line {
    std::string text;  ///< As read; used where there is no entry.
    std::optional<PeerListEntry> entry;
    std::string unknown_fields;  ///< Tab-separated fields beyond those we know.
  };
  std::vector<Line> lines_;
  std::vector<PeerListProblem> problems_;
  std::size_t entry_count_ = 0;
};

}  // namespace net
