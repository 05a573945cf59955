// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/peer_list.h"

namespace net {

/// One line of a peer list, p2p-peers(5), taken apart.
struct PeerListLine {
  enum class Kind { kNoEntry, kEntry, kBad };
  Kind kind = Kind::kNoEntry;         ///< kNoEntry: blank or a comment. kBad: see problems.
  PeerListEntry entry;                ///< Where kind is kEntry.
  std::string rest;                   ///< Fields beyond the known ones, or a comment after the endpoint.
  std::vector<std::string> problems;  ///< As PeerListProblem::what. With an entry: what was left out of it.
};

/// `text` has no line end.
PeerListLine parse_peer_list_line(std::string_view text);

/// The line for an entry, at most PeerList::kMaxLine bytes: where `rest` would make it longer, it is left out.
std::string format_peer_list_line(const PeerListEntry& entry, std::string_view rest);

/// Brings an entry into a form that a line can hold and that reads back the same: see PeerList::put.
PeerListEntry normalised(PeerListEntry entry);

}  // namespace net
