// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>

#include "net/time.h"
#include "peer/ids.h"

namespace peer::members {

/// Whose place a newcomer gets where all are taken: that of whoever has used its connection for the longest time no
/// more, if it says itself that it has enough others. As such a one does not look for others afterwards, each eviction
/// leaves one peer fewer that looks for a place, and they come to an end; and whoever was evicted takes nobody's place
/// for a while, so that two never take turns. Pure; times are given.
class Eviction {
 public:
  struct Limits {
    net::Duration idle = std::chrono::minutes(1);        ///< Nobody who has used the connection later is evicted.
    net::Duration pause = std::chrono::seconds(10);      ///< From one eviction to the next.
    net::Duration no_return = std::chrono::minutes(30);  ///< Whoever was evicted takes nobody's place for so long.
  };
  explicit Eviction(Limits limits) : limits_(limits) {}

  /// An open connection that may be given up as far as its owner is concerned.
  struct Candidate {
    ConnectionId connection = 0;
    NodeId node{};
    net::TimePoint used{};   ///< When something was asked or sent on it last.
    std::size_t others = 0;  ///< Connections that the peer says it has besides.
  };
  /// The connection to close, which counts as evicted from now on; nothing: the newcomer gets no place. `enough`: how
  /// many others a peer must have.
  std::optional<ConnectionId> choose(net::TimePoint now, const NodeId& newcomer, std::span<const Candidate> candidates,
                                     std::size_t enough);

 private:
  Limits limits_;
  std::optional<net::TimePoint> last_;
  std::map<NodeId, net::TimePoint> evicted_;  ///< Of those that may not return yet: one for each pause at most.
};

}  // namespace peer::members
