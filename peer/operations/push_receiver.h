// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/rate.h"
#include "peer/files/catalog.h"
#include "peer/node.h"
#include "peer/operations/events.h"

namespace peer::operations {

/// What is pushed, cut into pieces that fit one OFFER each: the files first, then the folders, those that are in others
/// before them. Made once, used for every receiver.
struct PushBatches {
  explicit PushBatches(const std::vector<files::CatalogEntry>& entries);

  std::vector<std::vector<files::CatalogEntry>> batches;
  std::size_t file_batches = 0;  ///< The first of them; the others are of folders.
  std::size_t entries = 0;
  std::uint64_t bytes = 0;  ///< Of all files.
};

/// One receiver of a push: it is offered the batches one after another, and watched. Each receiver begins with another
/// batch, so that they have small files, too, to pass on to each other. When its connection goes and comes
/// again (two that were dialled at once become one), what was not over is offered anew. One that gets on too little in
/// half an hour is given up, whatever it says meanwhile. Passive and without a clock.
class PushReceiver {
 public:
  /// `peer` is connected or was visited. `number`: how many receivers there were before it.
  PushReceiver(const Node::PeerView& peer, std::size_t number, net::TimePoint now);

  const NodeId& node() const { return node_; }
  /// Goes on with it. `peer`: its connection now; null while there is none.
  void step(Node& node, const Node::PeerView* peer, const PushBatches& what, net::TimePoint now);
  /// Ends it, in this state (see Receiver). Means nothing once it has ended.
  void end(Node& node, const std::string& state, const std::string& error, net::TimePoint now);

  bool ended() const { return !state_.empty(); }
  const std::string& state() const { return state_; }
  /// Entries that it has by now.
  std::uint64_t done() const { return sum_.done; }
  ReceiverProgress progress(const PushBatches& what, net::TimePoint now) const;
  /// REQUIRES: ended().
  Receiver result(const PushBatches& what) const;

 private:
  struct Sent {
    OfferId offer;
    std::size_t batch;
  };

  std::optional<std::size_t> next_batch(const PushBatches& what);
  void offer_some(Node& node, const Node::PeerView& peer, const PushBatches& what, net::TimePoint now);
  void look_at_offers(Node& node, net::TimePoint now);
  /// False when the offer is not to be watched any more.
  bool look_at(Node& node, const Sent& sent, net::TimePoint now);
  bool refused(Node& node, const Sent& sent, wire::ErrorCode code, net::TimePoint now);
  bool hold(Node& node, bool connected, net::TimePoint now);
  void lost(Node& node, net::TimePoint now);
  bool stalled(net::TimePoint now);

  NodeId node_;
  std::string endpoint_, name_;
  std::optional<net::Endpoint> listening_;
  net::TimePoint started_, ended_at_{};

  std::size_t number_;
  std::size_t begun_ = 0;          ///< Batches that were offered.
  std::deque<std::size_t> again_;  ///< Batches that were offered and are to be offered once more.
  std::vector<Sent> sent_;
  wire::OfferStatus sum_;       ///< Of the offers that are over.
  wire::OfferStatus current_;   ///< With those that are not.
  std::uint64_t progress_ = 0;  ///< How far it is: bytes, and so many for each entry.
  std::uint64_t mark_ = 0;      ///< How far it was ...
  net::TimePoint mark_at_;      ///< ... when it had last got on by enough.
  std::optional<net::TimePoint> lost_at_;
  std::optional<net::TimePoint> busy_since_;
  net::TimePoint offer_again_at_{};
  unsigned losses_ = 0;
  std::uint64_t sent_bytes_ = 0;              ///< On connections that are gone.
  std::optional<ConnectionId> connection_;    ///< The current one, or the last ...
  std::uint64_t base_bytes_ = 0, bytes_ = 0;  ///< ... what it had sent when we began, and has now.
  net::RateMeter rate_;

  std::string state_, error_;
};

}  // namespace peer::operations
