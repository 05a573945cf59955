// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "peer/files/match.h"
#include "peer/node.h"
#include "peer/operations/events.h"
#include "peer/operations/file_walk.h"

namespace peer::operations {

/// What all these peers offer now, for the Matcher. The offers point into the node's catalogs: use them at once.
/// A provider's number is its position in `peers`.
std::vector<files::Offer> offers_of(const std::vector<Node::PeerView>& peers);

/// "10.0.0.7:12345": where the peer listens, or the connection's other end where it does not.
std::string endpoint_text(const Node::PeerView& peer);

/// The providers with these numbers, at most kMaxProviders.
std::vector<Provider> providers_of(const std::vector<std::uint32_t>& numbers, const std::vector<Node::PeerView>& peers);

/// A peer that we are connected to, or have visited.
Peer peer_line(const Node::PeerView& peer);

/// That the peer, whose catalog is growing, has more than it offers by now.
Growing growing_peer(const Node::PeerView& peer);

/// Whether it is a file whose path holds `text`, whatever the case of ASCII letters.
bool is_file_with(const files::CatalogEntry& entry, std::string_view text);
File file_line(const FoundFile& file, const std::vector<Node::PeerView>& peers);

/// What to tell when no peer was reached at all, and what to do about it.
Error no_peer_reached(const Node& node);

}  // namespace peer::operations
