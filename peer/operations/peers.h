// SPDX-License-Identifier: MIT
#pragma once

#include "peer/operations/query.h"

namespace peer::operations {

/// `p2ppeer peers`: a "peer" line for each peer and for each endpoint where none was reached; then a
/// "summary". Exit status 0, 5 when no peer was reached.
class Peers final : public Query {
 public:
  Peers(Node& node, net::TimePoint now) : Query(node, now, Discovery::State::kSettled) {}

 private:
  bool tell(Summary& summary) override;
};

}  // namespace peer::operations
