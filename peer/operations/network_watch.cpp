// SPDX-License-Identifier: MIT
#include "peer/operations/network_watch.h"

#include <algorithm>

#include "net/bytes.h"
#include "peer/operations/network_files.h"

namespace peer::operations {
namespace {

/// To look at a file takes a few microseconds; a small part of the time goes into it, however much is offered.
constexpr net::Duration kPausePerFile = std::chrono::microseconds(20);

}  // namespace

void NetworkWatch::step(net::TimePoint now) {
  const std::uint64_t revision = node_.network_revision();
  if (!look_at_ && seen_ == revision) return;
  // What is there at the beginning is told at once; later changes come in flocks.
  if (!look_at_) look_at_ = seen_ ? std::max(now + kGather, rest_until_) : now;
  if (now < *look_at_) return;
  look_at_.reset();
  seen_ = revision;
  std::vector<Node::PeerView> peers = node_.peers();
  std::erase_if(peers, [](const Node::PeerView& peer) { return peer.transient; });
  if (!tell(peers)) look_at_ = now;
  rest_until_ = now + pause();
}

bool WatchPeers::tell(const std::vector<Node::PeerView>& peers) {
  std::map<NodeId, Peer> now;
  for (const Node::PeerView& peer : peers) now.emplace(peer.node, connected_peer(peer));
  for (const auto& [node, peer] : told_) {
    if (!now.contains(node)) emit(to_json_line(PeerRemoved{peer}));
  }
  for (const auto& [node, peer] : now) {
    auto before = told_.find(node);
    if (before == told_.end()) {
      emit(to_json_line(PeerAdded{peer}));
    } else if (before->second != peer) {
      emit(to_json_line(PeerChanged{peer}));
    }
  }
  told_ = std::move(now);
  return true;
}

bool WatchFiles::tell(const std::vector<Node::PeerView>& peers) {
  const FoundFiles found = find_files(peers, text_);
  std::size_t room = kMaxLines;
  // Both are in the same order.
  auto old = told_.begin();
  auto now = found.begin();
  for (; old != told_.end() || now != found.end();) {
    if (room == 0) return false;
    const auto key = old == told_.end() ? FoundFiles::key_type() : FoundFiles::key_type(old->first);
    const bool gone = now == found.end() || (old != told_.end() && key < now->first);
    const bool fresh = !gone && (old == told_.end() || now->first < key);
    if (gone) {
      emit(to_json_line(FileRemoved{old->second}));
      old = told_.erase(old);
      --room;
      continue;
    }
    File file = file_line(now->second, peers);
    if (fresh) {
      emit(to_json_line(FileAdded{file}));
      told_.emplace_hint(old, std::pair(std::string(now->first.first), now->first.second), std::move(file));
      --room;
    } else {
      if (old->second != file) {
        emit(to_json_line(FileChanged{file}));
        old->second = std::move(file);
        --room;
      }
      ++old;
    }
    ++now;
  }
  return true;
}

net::Duration WatchFiles::pause() const { return kPausePerFile * told_.size(); }

}  // namespace peer::operations
