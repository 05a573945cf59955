// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "peer/operations/file_walk.h"
#include "peer/operations/query.h"

namespace peer::operations {

/// `p2ppeer list` and `p2ppeer search TEXT`: a "file" line for each (path, content) that any peer offers, by
/// path; then a "summary". With a text only paths that hold it count, whatever the case of ASCII letters. Exit status
/// 0; 5 when no peer was reached; 4 when a text was given and no path holds it.
class List final : public Query {
 public:
  /// Entries of catalogs that are looked at in one step.
  static constexpr std::size_t kAtOnce = 10'000;
  /// Bytes of lines that are told in one step: far from what may wait for a client of the control socket.
  static constexpr std::size_t kSizeAtOnce = std::size_t{4} << 20;

  List(Node& node, net::TimePoint now, std::string text = {})
      : Query(node, now, Discovery::State::kLikely), text_(std::move(text)) {}

 private:
  bool tell(Summary& summary) override;

  std::string text_;
  std::optional<FileKey> told_;  ///< The last file that was looked at.
};

}  // namespace peer::operations
