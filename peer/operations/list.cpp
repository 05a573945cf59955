// SPDX-License-Identifier: MIT
#include "peer/operations/list.h"

#include "peer/operations/exit_status.h"
#include "peer/operations/network_files.h"

namespace peer::operations {
void List::tell(Summary& summary) {
  const std::vector<Node::PeerView> peers = node().peers();
  for (FileWalk walk(peers); walk.next();) {
    if (!is_file_with(*walk.file().entry, text_)) continue;
    const File line = file_line(walk.file(), peers);
    ++summary.files;
    summary.bytes += line.size;
    emit(to_json_line(line));
  }
  for (const Node::PeerView& peer : peers) {
    if (peer.catalog_growing) emit(to_json_line(growing_peer(peer)));
  }
  summary.peers = peers.size();
  if (peers.empty()) {
    emit(to_json_line(no_peer_reached(node())));
    summary.exit = kExitNoPeer;
  } else if (!text_.empty() && summary.files == 0) {
    emit(to_json_line(NotFound{text_}));
    summary.exit = kExitNotFound;
  }
}

}  // namespace peer::operations
