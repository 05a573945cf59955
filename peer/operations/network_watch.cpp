// SPDX-License-Identifier: MIT
#include "peer/operations/network_watch.h"

#include <algorithm>
#include <tuple>

#include "net/bytes.h"
#include "peer/operations/network_files.h"

namespace peer::operations {
namespace {

/// To look at a file takes a microsecond or two; a small part of the time goes into it, however much is offered.
constexpr net::Duration kPausePerFile = std::chrono::microseconds(20);

bool comes_before(const FileKey& key, const files::CatalogEntry& entry) {
  return std::tie(key.first, key.second) < std::tie(entry.path, entry.id);
}

}  // namespace

void NetworkWatch::step(net::TimePoint now) {
  const std::uint64_t revision = node_.network_revision();
  if (!look_at_ && seen_ == revision) return;
  // What is there at the beginning is told at once; later changes come in flocks.
  if (!look_at_) look_at_ = seen_ ? next_round(now) : now;
  if (now < *look_at_) return;
  look_at_.reset();
  if (!in_round_) seen_ = revision;
  std::vector<Node::PeerView> peers = node_.peers();
  std::erase_if(peers, [](const Node::PeerView& peer) { return peer.transient; });
  in_round_ = !tell(peers);
  if (in_round_) {
    look_at_ = now;
    return;
  }
  rest_until_ = now + pause();
  if (seen_ != revision) look_at_ = next_round(now);
}

bool WatchPeers::tell(const std::vector<Node::PeerView>& peers) {
  std::map<NodeId, Peer> now;
  for (const Node::PeerView& peer : peers) now.emplace(peer.node, peer_line(peer));
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
  if (!cursor_) looked_at_ = 0;
  FileWalk walk(peers, cursor_);
  auto old = cursor_ ? told_.upper_bound(*cursor_) : told_.begin();
  std::size_t lines = 0, gone = 0;
  bool more = walk.next();
  // Both are in the same order.
  while ((more || old != told_.end()) && lines < kMaxLines && walk.looked_at() + gone < kMaxLooked + peers.size()) {
    if (old != told_.end() && (!more || comes_before(old->first, *walk.file().entry))) {
      emit(to_json_line(FileRemoved{old->second}));
      cursor_ = old->first;
      old = told_.erase(old);
      ++gone;
      ++lines;
      continue;
    }
    const files::CatalogEntry& entry = *walk.file().entry;
    cursor_ = FileKey(entry.path, entry.id);
    if (is_file_with(entry, text_)) {
      File line = file_line(walk.file(), peers);
      if (old == told_.end() || old->first != *cursor_) {
        emit(to_json_line(FileAdded{line}));
        told_.emplace_hint(old, *cursor_, std::move(line));
        ++lines;
      } else {
        if (old->second != line) {
          emit(to_json_line(FileChanged{line}));
          old->second = std::move(line);
          ++lines;
        }
        ++old;
      }
    }
    more = walk.next();
  }
  looked_at_ += walk.looked_at() + gone;
  const bool over = !more && old == told_.end();
  if (over) cursor_.reset();
  return over;
}

net::Duration WatchFiles::pause() const { return kPausePerFile * looked_at_; }

}  // namespace peer::operations
