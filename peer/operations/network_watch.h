// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "peer/files/content_id.h"
#include "peer/ids.h"
#include "peer/node.h"
#include "peer/operations/events.h"
#include "peer/operations/operation.h"

namespace peer::operations {

/// What is known of the network, and how that changes, until it is cancelled: first all that is there as added, then
/// each change. Peers that live for one command are left out. What changes within kGather is told together, and while
/// whoever reads the lines is behind, only what is left of the changes is.
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

  /// Emits what has changed since the last call. False when there is more to tell.
  virtual bool tell(const std::vector<Node::PeerView>& peers) = 0;
  /// Looking takes so long that there should be this pause before the next.
  virtual net::Duration pause() const { return {}; }

 private:
  const Node& node_;
  std::optional<std::uint64_t> seen_;
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
/// for List.
class WatchFiles final : public NetworkWatch {
 public:
  explicit WatchFiles(const Node& node, std::string text = {}) : NetworkWatch(node), text_(std::move(text)) {}

 private:
  bool tell(const std::vector<Node::PeerView>& peers) override;
  net::Duration pause() const override;

  std::string text_;
  std::map<std::pair<std::string, files::ContentId>, File> told_;
};

}  // namespace peer::operations
