// SPDX-License-Identifier: MIT
#include "peer/operations/list.h"

#include "peer/operations/exit_status.h"
#include "peer/operations/network_files.h"

namespace peer::operations {
void List::tell(Summary& summary) {
  const std::vector<Node::PeerView> peers = node().peers();
  const FoundFiles found = find_files(peers, text_);
  for (const auto& [key, file] : found) {
    const File line = file_line(file, peers);
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
