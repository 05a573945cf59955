// SPDX-License-Identifier: MIT
#include "peer/operations/discovery.h"

#include <algorithm>

namespace peer::operations {
namespace {

/// A peer that is up answers within a few milliseconds on a LAN; gossip from it leads to others as fast.
constexpr net::Duration kLikelyAfter = std::chrono::milliseconds(1500);
/// A dial to a host that is down has failed after this (Node gives up after 5 s).
constexpr net::Duration kGiveUpAfter = std::chrono::seconds(7);
/// While nobody was reached, what was just begun may lead on: a list that comes now, a dial that starts now. A peer
/// that was reached has told of others before its HELLO.
constexpr net::Duration kAtLeast = std::chrono::milliseconds(150);

}  // namespace

Discovery::State Discovery::state(net::TimePoint now) const {
  net::Duration waited = now - started_;
  if (waited >= kGiveUpAfter) return State::kSettled;
  std::vector<Node::PeerView> peers = node_.everybody();
  if (waited < kAtLeast && peers.empty()) return State::kLooking;
  if (node_.settled()) return State::kSettled;
  bool all_told = !peers.empty() && std::all_of(peers.begin(), peers.end(),
                                                [](const Node::PeerView& peer) { return peer.catalog_complete; });
  return all_told && waited >= kLikelyAfter && !node_.expects_more() ? State::kLikely : State::kLooking;
}

std::optional<net::TimePoint> Discovery::deadline(net::TimePoint now) const {
  for (net::Duration step : {kAtLeast, kLikelyAfter, kGiveUpAfter}) {
    if (started_ + step > now) return started_ + step;
  }
  return std::nullopt;
}

}  // namespace peer::operations
