// SPDX-License-Identifier: MIT
#include "peer/operations/network_files.h"

#include <algorithm>

#include "net/bytes.h"

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

Peer peer_line(const Node::PeerView& peer) {
  Peer line;
  line.endpoint = endpoint_text(peer);
  line.name = peer.name;
  line.node = net::to_hex(peer.node);
  line.state = peer.visited ? "reachable" : "connected";
  line.files = peer.catalog->file_count();
  return line;
}

Growing growing_peer(const Node::PeerView& peer) { return {endpoint_text(peer), peer.name}; }

bool is_file_with(const files::CatalogEntry& entry, std::string_view text) {
  if (entry.kind != files::CatalogEntry::Kind::kFile) return false;
  auto same = [](char a, char b) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return lower(a) == lower(b);
  };
  const std::string& path = entry.path;
  return text.empty() || std::search(path.begin(), path.end(), text.begin(), text.end(), same) != path.end();
}

File file_line(const FoundFile& file, const std::vector<Node::PeerView>& peers) {
  File line;
  line.path = file.entry->path;
  line.id = file.entry->id.to_string();
  line.size = file.entry->id.length;
  line.mtime = file.entry->mtime_s;
  line.providers = providers_of(file.providers, peers);
  line.providers_count = file.providers.size();
  return line;
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
  return {"no peer was reached at any of " + std::to_string(node.failures().size()) + " addresses (`peers` says why)" +
          std::string(kAdvice)};
}

}  // namespace peer::operations
