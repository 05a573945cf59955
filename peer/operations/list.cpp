// SPDX-License-Identifier: MIT
#include "peer/operations/list.h"

#include <utility>

#include "peer/operations/exit_status.h"
#include "peer/operations/network_files.h"

namespace peer::operations {

bool List::tell(Summary& summary) {
  const std::vector<Node::PeerView> peers = node().everybody();
  std::size_t size = 0;
  for (FileWalk walk(peers, told_); walk.next();) {
    const files::CatalogEntry& entry = *walk.file().entry;
    if (is_file_with(entry, text_)) {
      const File line = file_line(walk.file(), peers);
      ++summary.files;
      summary.bytes += line.size;
      std::string text = to_json_line(line);
      size += text.size();
      emit(std::move(text));
    }
    if (walk.looked_at() < kAtOnce && size < kSizeAtOnce) continue;
    told_ = FileKey(entry.path, entry.id);
    return false;
  }
  for (const Node::PeerView& peer : peers) {
    if (peer.catalog_growing) emit(to_json_line(growing_peer(peer)));
  }
  summary.peers = peers.size();
  if (peers.empty() && summary.files == 0) {
    emit(to_json_line(no_peer_reached(node())));
    summary.exit = kExitNoPeer;
  } else if (!text_.empty() && summary.files == 0) {
    emit(to_json_line(NotFound{text_}));
    summary.exit = kExitNotFound;
  }
  return true;
}

}  // namespace peer::operations
