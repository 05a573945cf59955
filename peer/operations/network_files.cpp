// SPDX-License-Identifier: MIT
#include "peer/operations/network_files.h"

namespace peer::operations {

std::vector<files::Offer> offers_of(const std::vector<Node::PeerView>& peers) {
  std::vector<files::Offer> offers;
  for (std::uint32_t i = 0; i < peers.size(); ++i) {
    peers[i].catalog->for_each([&](const files::CatalogEntry& entry) { offers.push_back({i, &entry}); });
  }
  return offers;
}

std::string endpoint_text(const Node::PeerView& peer) { return peer.listening.value_or(peer.remote).to_string(); }

std::vector<Provider> providers_of(const std::vector<std::uint32_t>& numbers,
                                   const std::vector<Node::PeerView>& peers) {
  std::vector<Provider> providers;
  for (std::uint32_t number : numbers) {
    if (providers.size() == kMaxProviders) break;
    providers.push_back({endpoint_text(peers[number]), peers[number].name});
  }
  return providers;
}

Error no_peer_reached(const Node& node) {
  if (node.failures().empty()) {
    return {
        "no peer was found; where announcements do not pass, find hosts with `sudo p2pscan` in the home folder, or "
        "name one with --from"};
  }
  constexpr std::string_view kAdvice = "; scan again with `sudo p2pscan`, or name a host with --from";
  if (node.failures().size() == 1) {
    const auto& [endpoint, reason] = *node.failures().begin();
    return {"no peer was reached at " + endpoint.to_string() + ": " + reason + std::string(kAdvice)};
  }
  return {"no peer was reached at any of " + std::to_string(node.failures().size()) +
          " addresses (`p2ppeer peers` says why)" + std::string(kAdvice)};
}

}  // namespace peer::operations
