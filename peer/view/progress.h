// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "peer/operations/events.h"

namespace peer::view {

/// How downloads are getting on, as one line that fits the terminal. One file: its name, a bar, percent, bytes, rate,
/// time left, sources. Several: the same for all of them together, and how many are done.
class ProgressLine {
 public:
  void start(const operations::Start& start);
  void update(const operations::Progress& progress);
  /// The file is done or has failed.
  void end(const std::string& path, const std::string& id, bool complete);

  /// True while something is under way.
  bool active() const { return !active_.empty(); }
  /// Escaped, without end of line, at most `width` columns; empty when nothing is under way.
  std::string render(std::size_t width) const;

 private:
  /// All that is under way and was done, as one download.
  operations::Progress whole() const;

  std::map<std::string, operations::Progress> active_;  ///< By id.
  std::size_t begun_ = 0, ended_ = 0;                   ///< Files.
  std::uint64_t bytes_ended_ = 0;                       ///< Of files that are complete.
};

}  // namespace peer::view
