// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "net/time.h"
#include "peer/node.h"

namespace peer::operations {

/// When enough of the network is known to answer a question about all of it. Hosts that are down take seconds to be
/// recognised as such, and there are some in every list, so the answer is not kept from the user until the last of them
/// has been given up.
class Discovery {
 public:
  Discovery(const Node& node, net::TimePoint now) : node_(node), started_(now) {}

  enum class State {
    kLooking,  ///< Somebody may still answer soon.
    kLikely,   ///< All who answered so far have told everything; those who are missing may be down.
    kSettled,  ///< Every endpoint was tried and everybody has told everything, or it took too long.
  };
  State state(net::TimePoint now) const;
  /// When state() may change without anything happening.
  std::optional<net::TimePoint> deadline(net::TimePoint now) const;

 private:
  const Node& node_;
  net::TimePoint started_;
};

}  // namespace peer::operations
