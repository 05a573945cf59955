// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
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
  std::string vendor;              ///< UTF-8 without control characters, at most kMaxVendor bytes.
  std::string last_seen;           ///< RFC 3339, or empty.
  std::vector<std::string> flags;  ///< "peer", "self", "conflict", "proxy"; unknown ones are kept.

  static constexpr std::size_t kMaxVendor = 256;
  static constexpr std::size_t kMaxFlags = 16;

  bool has_flag(std::string_view flag) const;
  bool operator==(const PeerListEntry&) const = default;
};

/// A line that could not be read: the rest of the list is still good.
struct PeerListProblem {
  std::size_t line;  ///< Counted from 1.
  std::string what;  ///< For people; may hold a piece of the file: to be escaped, as net::Log does.
};

/// The peer-list file, p2p-peers(5): a sequence of lines, each an entry, a comment or blank. Comments, unknown trailing
/// fields and the order of lines survive parse -> change -> format.
class PeerList {
 public:
  static constexpr std::size_t kMaxFileSize = 16u << 20;  ///< A larger file is not a peer list.
  static constexpr std::size_t kMaxLine = 1024;           ///< Longer lines are problems.
  static constexpr std::size_t kMaxEntries = 100'000;     ///< Further entries are problems.

  /// Never fails: what cannot be read is in problems() (at most 100 are kept), and such lines are kept as they are.
  /// A second entry for an endpoint is a problem of its own and is dropped. A MAC address, time or flag that cannot be
  /// read is a problem and is left out; its entry stays. Of a text longer than kMaxFileSize nothing is read.
  static PeerList parse(std::string_view text);

  /// Lines end in LF. Entries are written in one way, whatever they looked like; all else is as it was read.
  std::string format() const;
  std::vector<PeerListEntry> entries() const;
  std::size_t size() const { return index_.size(); }
  bool contains(const Endpoint& endpoint) const;
  const std::vector<PeerListProblem>& problems() const { return problems_; }

  /// Adds the entry, or replaces the fields of the one with the same endpoint. What the file cannot hold is mended
  /// first: control characters in the vendor become spaces, a last_seen or flag that is none is left out. False when
  /// nothing changed, the list is full, or the port is 0.
  bool put(PeerListEntry entry);
  /// False when there was none.
  bool erase(const Endpoint& endpoint);
  /// Puts the entry after all other lines, with the fields that we do not know. False when there is none.
  bool move_to_end(const Endpoint& endpoint);
  /// Adds a "# text" line at the end. REQUIRES: no line end in `text`.
  void add_comment(std::string_view text);

 private:
  /// An entry, or lines that are none, each with its LF. Neither: an entry that was erased.
  struct Block {
    std::string text;
    std::optional<PeerListEntry> entry;
    std::string unknown_fields;  ///< Tab-separated fields beyond those we know, or a comment after the endpoint.
  };

  void read_line(std::string_view text, std::size_t number);
  void append_entry(PeerListEntry entry, std::string unknown_fields);
  void append_text(std::string_view line);
  void report(std::size_t line, std::string what);
  void forget(std::size_t block);

  std::vector<Block> blocks_;
  std::map<Endpoint, std::size_t> index_;  ///< Where in blocks_ each endpoint is, so that long lists stay fast.
  std::size_t erased_count_ = 0;
  std::vector<PeerListProblem> problems_;
};

}  // namespace net
