// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "peer/operations/events.h"
#include "peer/view/live_table.h"

namespace peer::view {

/// What --watch tells: a LiveTable, or a line for each change.
class WatchView {
 public:
  enum class What { kNothing, kFiles, kPeers };
  WatchView(What what, bool as_table);

  /// The line that tells of it; empty where there is a table.
  std::string show(operations::Change change, const operations::File& file);
  std::string show(operations::Change change, const operations::Peer& peer);

  /// LiveTable::draw() where there is a table.
  std::string draw(std::size_t width, std::size_t height) { return as_table_ ? table_.draw(width, height) : ""; }
  void leave() { table_.leave(); }

 private:
  What what_;
  bool as_table_;
  LiveTable table_;
};

}  // namespace peer::view
