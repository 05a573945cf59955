// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "peer/ids.h"
#include "peer/node.h"
#include "peer/operations/events.h"
#include "peer/operations/file_walk.h"
#include "peer/operations/operation.h"

namespace peer::operations {

/// What is known of the network, and how that changes, until it is cancelled: first all that is there as added, then
/// each change. Peers that live for one command are left out. What changes within kGather is told together, and while
/// whoever reads the lines is behind, only what is left of the changes is. A round over all that is known may take
/// several steps; what changes meanwhile behind it is for the next round.
class NetworkWatch : public Operation {
 public:
  static constexpr net::Duration kGather = std::chrono::milliseconds(100);
  /// Lines that one step tells at most; the next follow in the next.
  static constexpr std::size_t kMaxLines = 4096;

  void step(net::TimePoint now) final;
  std::optional<net::TimePoint> deadline() const final { return look_at_; }
  void cancel(net::TimePoint) final {
    if (!done()) finish(0);
  }
  bool endless() const final { return true; }

 protected:
  /// `node` must outlive it.
  explicit NetworkWatch(const Node& node) : node_(node) {}

  /// Goes on with the round, or begins one, and emits what has changed. False when the round is not over.
  virtual bool tell(const std::vector<Node::PeerView>& peers) = 0;
  /// The round that is over took so long that there should be this pause before the next.
  virtual net::Duration pause() const { return {}; }

 private:
  const Node& node_;
  /// When the next round is due, as something has changed.
  net::TimePoint next_round(net::TimePoint now) const { return std::max(now + kGather, rest_until_); }

  std::optional<std::uint64_t> seen_;  ///< The network's revision when the last round began.
  bool in_round_ = false;
  std::optional<net::TimePoint> look_at_;
  net::TimePoint rest_until_{};
};

/// `p2ppeer peers --watch`: "peer_added", "peer_changed", "peer_removed".
class WatchPeers final : public NetworkWatch {
 public:
  explicit WatchPeers(const Node& node) : NetworkWatch(node) {}

 private:
  bool tell(const std::vector<Node::PeerView>& peers) override;

  std::map<NodeId, Peer> told_;
};

/// `p2ppeer list --watch` and `p2ppeer search TEXT --watch`: "file_added", "file_changed", "file_removed"; `text` as
/// for List. A round goes over all files once, and a step looks at kMaxLooked of them, whether they have the text or
/// not; the next goes on where it ended.
class WatchFiles final : public NetworkWatch {
 public:
  /// Entries of catalogs that one step looks at, but for the other providers of the last file.
  static constexpr std::size_t kMaxLooked = 8192;

  explicit WatchFiles(const Node& node, std::string text = {}) : NetworkWatch(node), text_(std::move(text)) {}

  /// In this round, or the last one where none is going on.
  std::size_t looked_at() const { return looked_at_; }

 private:
  bool tell(const std::vector<Node::PeerView>& peers) override;
  net::Duration pause() const override;

  std::string text_;
  std::optional<FileKey> cursor_;  ///< Up to this one the round has come; none: it begins.
  std::size_t looked_at_ = 0;
  std::map<FileKey, File> told_;
};

}  // namespace peer::operations
