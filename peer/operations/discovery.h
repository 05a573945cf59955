// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "net/time.h"
#include "peer/node.h"

namespace peer::operations {

/// Looks at all of the network, also at those that the node is not connected with, while look_on() is called, and says
/// when enough of it is known to answer a question about it. Hosts that are down take seconds to be recognised as such,
/// and there are some in every list, so the answer is not kept from the user until the last of them has been given up.
class Discovery {
 public:
  /// `node` must outlive it.
  Discovery(Node& node, net::TimePoint now) : node_(node), started_(now) {}

  enum class State {
    kLooking,  ///< Somebody may still answer soon.
    kLikely,   ///< All who answered so far have told everything; those who are missing may be down: nobody has seen
               ///< them.
    kSettled,  ///< Every endpoint was tried and everybody has told everything, or it took too long.
  };
  State state(net::TimePoint now) const;
  /// To be called again and again while the network is looked at, and what was seen is used.
  void look_on(net::TimePoint now) { node_.look_for_all(now, started_); }
  /// When state() may change without anything happening.
  std::optional<net::TimePoint> deadline(net::TimePoint now) const;

 private:
  Node& node_;
  net::TimePoint started_;
};

}  // namespace peer::operations
