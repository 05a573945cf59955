// SPDX-License-Identifier: MIT
#include "peer/operations/list.h"

#include <algorithm>
#include <map>
#include <utility>

#include "peer/operations/exit_status.h"
#include "peer/operations/network_files.h"

namespace peer::operations {
namespace {

bool holds(std::string_view path, std::string_view text) {
  auto same = [](char a, char b) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return lower(a) == lower(b);
  };
  return std::search(path.begin(), path.end(), text.begin(), text.end(), same) != path.end() || text.empty();
}

}  // namespace

void List::tell(Summary& summary) {
  std::vector<Node::PeerView> peers = node().peers();
  struct Found {
    const files::CatalogEntry* entry;
    std::vector<std::uint32_t> providers;
  };
  std::map<std::pair<std::string_view, files::ContentId>, Found> found;
  for (const files::Offer& offer : offers_of(peers)) {
    if (offer.entry->kind != files::CatalogEntry::Kind::kFile || !holds(offer.entry->path, text_)) continue;
    Found& file = found[{offer.entry->path, offer.entry->id}];
    file.entry = offer.entry;
    file.providers.push_back(offer.provider);
  }
  for (const auto& [key, file] : found) {
    File line;
    line.path = file.entry->path;
    line.id = file.entry->id.to_string();
    line.size = file.entry->id.length;
    line.mtime = file.entry->mtime_s;
    line.providers = providers_of(file.providers, peers);
    line.providers_count = file.providers.size();
    summary.bytes += line.size;
    emit(to_json_line(line));
  }
  summary.files = found.size();
  summary.peers = peers.size();
  if (peers.empty()) {
    emit(to_json_line(no_peer_reached(node())));
    summary.exit = kExitNoPeer;
  } else if (!text_.empty() && found.empty()) {
    emit(to_json_line(NotFound{text_}));
    summary.exit = kExitNotFound;
  }
}

}  // namespace peer::operations
