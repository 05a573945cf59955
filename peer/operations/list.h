// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "peer/operations/query.h"

namespace peer::operations {

/// `p2ppeer list` and `p2ppeer search TEXT`: a "file" line for each (path, content) that any connected peer offers, by
/// path; then a "summary". With a text only paths that hold it count, whatever the case of ASCII letters. Exit status
/// 0; 5 when no peer was reached; 4 when a text was given and no path holds it.
class List final : public Query {
 public:
  List(const Node& node, net::TimePoint now, std::string text = {})
      : Query(node, now, Discovery::State::kLikely), text_(std::move(text)) {}

 private:
  void tell(Summary& summary) override;

  std::string text_;
};

}  // namespace peer::operations
