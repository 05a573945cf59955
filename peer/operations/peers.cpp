// SPDX-License-Identifier: MIT
#include "peer/operations/peers.h"

#include "peer/operations/exit_status.h"
#include "peer/operations/network_files.h"

namespace peer::operations {

bool Peers::tell(Summary& summary) {
  for (const Node::PeerView& peer : node().everybody()) {
    const Peer line = peer_line(peer);
    summary.files += line.files;
    ++summary.peers;
    emit(to_json_line(line));
  }
  for (const auto& [endpoint, reason] : node().failures()) {
    Peer line;
    line.endpoint = endpoint.to_string();
    line.state = "unreachable";
    line.error = reason;
    emit(to_json_line(line));
  }
  if (summary.peers == 0) {
    emit(to_json_line(no_peer_reached(node())));
    summary.exit = kExitNoPeer;
  }
  return true;
}

}  // namespace peer::operations
