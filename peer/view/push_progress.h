// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "peer/operations/events.h"

namespace peer::view {

/// How a push is getting on, as one line that fits the terminal: how many receivers are done, a bar with rate and time
/// of the slowest, and as many receivers with their percentage as there is room for, those that lack most first.
class PushProgress {
 public:
  void update(const operations::ReceiverProgress& progress);
  void end(const operations::Receiver& receiver);

  /// True while some receiver is under way.
  bool active() const { return !receivers_.empty(); }
  /// Escaped, without end of line, at most `width` columns; empty when nothing is under way.
  std::string render(std::size_t width) const;

 private:
  std::map<std::string, operations::ReceiverProgress> receivers_;  ///< By endpoint.
  std::size_t ended_ = 0;
};

}  // namespace peer::view
