// SPDX-License-Identifier: MIT
#include "peer/members/eviction.h"

namespace peer::members {

std::optional<ConnectionId> Eviction::choose(net::TimePoint now, const NodeId& newcomer,
                                             std::span<const Candidate> candidates, std::size_t enough) {
  if (last_ && now - *last_ < limits_.pause) return std::nullopt;
  std::erase_if(evicted_, [&](const auto& entry) { return now - entry.second >= limits_.no_return; });
  if (evicted_.contains(newcomer)) return std::nullopt;
  const Candidate* chosen = nullptr;
  for (const Candidate& candidate : candidates) {
    if (candidate.others < enough || now - candidate.used < limits_.idle) continue;
    if (chosen == nullptr || candidate.used < chosen->used) chosen = &candidate;
  }
  if (chosen == nullptr) return std::nullopt;
  last_ = now;
  evicted_[chosen->node] = now;
  return chosen->connection;
}

}  // namespace peer::members
