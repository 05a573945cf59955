// SPDX-License-Identifier: MIT
#include "peer/operations/watch.h"

#include <utility>

#include "peer/operations/exit_status.h"
#include "peer/operations/network_files.h"

namespace peer::operations {

Watch::Watch(const Node& node, const Feed& feed) : node_(node), feed_(feed), seen_(feed.count()) { look(false); }

void Watch::step(net::TimePoint) {
  look(true);
  for (std::string& line : feed_.since(seen_)) emit(std::move(line));
  seen_ = feed_.count();
}

void Watch::cancel(net::TimePoint) {
  if (!done()) finish(kExitDone);
}

void Watch::look(bool tell) {
  if (revision_ == node_.membership_revision()) return;
  revision_ = node_.membership_revision();
  std::map<NodeId, Peer> now;
  for (const Node::PeerView& peer : node_.peers()) {
    if (peer.transient) continue;
    Peer& line = now[peer.node];
    line = peer_line(peer);
    if (tell && !present_.contains(peer.node)) emit(to_json_line(line));
  }
  for (auto& [node, peer] : present_) {
    if (now.contains(node)) continue;
    peer.state = "gone";
    if (tell) emit(to_json_line(peer));
  }
  present_ = std::move(now);
}

}  // namespace peer::operations
