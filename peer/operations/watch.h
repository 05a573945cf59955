// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "peer/node.h"
#include "peer/operations/events.h"
#include "peer/operations/feed.h"
#include "peer/operations/operation.h"

namespace peer::operations {

/// The control socket's WATCH: tells what changes from now on until it is cancelled. A "peer" line for each peer that
/// comes (connected) or goes (gone), but for those that live for one command; what the feed gets, as it is.
class Watch final : public Operation {
 public:
  /// Both must outlive it.
  Watch(const Node& node, const Feed& feed);

  void step(net::TimePoint now) override;
  void cancel(net::TimePoint now) override;

 private:
  void look(bool tell);

  const Node& node_;
  const Feed& feed_;
  std::uint64_t seen_;
  std::optional<std::uint64_t> revision_;
  std::map<NodeId, Peer> present_;
};

}  // namespace peer::operations
