// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "peer/files/push_contents.h"
#include "peer/node.h"
#include "peer/operations/discovery.h"
#include "peer/operations/operation.h"
#include "peer/operations/push_receiver.h"

namespace peer::operations {

/// Who is to receive a push.
struct PushTargets {
  bool all = false;  ///< Every peer that is there to stay.
  std::vector<net::Endpoint> endpoints;
};

/// `p2ppeer push`: waits until the contents are hashed and the receivers found, offers the one to the others, and tells
/// how far each is ("left_out", "push", "receiver_progress", "receiver", in the end "summary"). The contents must be
/// had from the node's Library while it lives. A receiver that fails does not hold up the others.
class Push final : public Operation {
 public:
  /// `node` must outlive it.
  Push(Node& node, std::shared_ptr<const files::PushContents> contents, PushTargets targets, net::TimePoint now);

  void step(net::TimePoint now) override;
  std::optional<net::TimePoint> deadline() const override { return look_at_; }
  void cancel(net::TimePoint now) override;
  bool outlives_client() const override { return true; }

 private:
  bool begin(net::TimePoint now);
  void find_receivers(const std::vector<Node::PeerView>& peers, net::TimePoint now);
  bool find_endpoint(const net::Endpoint& endpoint, const std::vector<Node::PeerView>& peers, net::TimePoint now);
  void add_receiver(const Node::PeerView& peer, net::TimePoint now);
  void unreachable(const net::Endpoint& endpoint, const std::string& error);
  void step_receivers(const std::vector<Node::PeerView>& peers, net::TimePoint now);
  void tell_result(const PushReceiver& receiver);
  void end(net::TimePoint now);
  int exit_status_now() const;

  Node& node_;
  std::shared_ptr<const files::PushContents> contents_;
  PushTargets targets_;
  Discovery discovery_;
  net::TimePoint started_;
  std::optional<net::TimePoint> look_at_;
  std::uint64_t seen_turns_ = 0;  ///< Node::offer_turns() when they were last looked at.
  std::optional<net::TimePoint> progress_at_;
  bool cancelled_ = false;

  std::optional<PushBatches> what_;  ///< Once the contents are ready.
  bool found_all_ = false;
  struct Watched {
    PushReceiver receiver;
    bool told = false;  ///< Its result.
  };
  std::vector<Watched> receivers_;
  std::set<NodeId> nodes_;  ///< Theirs.
  std::size_t told_ = 0;    ///< Results.
  std::size_t complete_ = 0, reached_some_ = 0, unreachable_ = 0;
  std::uint64_t moved_ = 0;
};

}  // namespace peer::operations
