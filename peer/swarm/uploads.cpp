// SPDX-License-Identifier: MIT
#include "peer/swarm/uploads.h"

#include <algorithm>

namespace peer::swarm {
namespace {

/// So little left in a connection's queue that the next chunk must follow to keep the socket busy.
constexpr std::uint64_t kNearlySent = 128u << 10;
/// A connection is judged after this long, and then again at every look.
constexpr net::Duration kJudgeAfter = std::chrono::milliseconds(250);
/// Slower than this part of the peak is not the link's fault.
constexpr double kSlowShare = 1.0 / 8;

double seconds(net::Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

bool Uploads::add(const UploadRequest& request) {
  std::deque<Waiting>& queue = by_connection_[request.connection];
  if (queue.size() >= kMaxPerConnection) return false;
  queue.push_back({++last_turn_, request});
  ++waiting_;
  return true;
}

void Uploads::cancel(ConnectionId connection, std::uint32_t request) {
  auto found = by_connection_.find(connection);
  if (found == by_connection_.end()) return;
  waiting_ -= std::erase_if(found->second, [&](const Waiting& waiting) { return waiting.request.request == request; });
  if (found->second.empty()) by_connection_.erase(found);
}

void Uploads::drop(ConnectionId connection) {
  active_.erase(connection);
  auto found = by_connection_.find(connection);
  if (found == by_connection_.end()) return;
  waiting_ -= found->second.size();
  by_connection_.erase(found);
}

bool Uploads::holds_slot(const Active& active, net::TimePoint now) const {
  net::Duration age = now - active.since;
  if (age < kJudgeAfter) return true;
  return static_cast<double>(active.bytes) / seconds(age) >= peak_ * kSlowShare;
}

std::optional<UploadRequest> Uploads::next(net::TimePoint now) {
  look_again_.reset();
  if (waiting_ == 0) return std::nullopt;
  auto holding =
      std::count_if(active_.begin(), active_.end(), [&](const auto& a) { return holds_slot(a.second, now); });
  if (static_cast<std::size_t>(holding) >= slots_) {
    look_again_ = now + kJudgeAfter;
    return std::nullopt;
  }
  auto first = by_connection_.end();
  for (auto it = by_connection_.begin(); it != by_connection_.end(); ++it) {
    if (active_.contains(it->first)) continue;
    if (first == by_connection_.end() || it->second.front().turn < first->second.front().turn) first = it;
  }
  if (first == by_connection_.end()) return std::nullopt;
  UploadRequest request = first->second.front().request;
  first->second.pop_front();
  if (first->second.empty()) by_connection_.erase(first);
  --waiting_;
  active_[request.connection] = Active{now, 0};
  return request;
}

void Uploads::sent(ConnectionId connection, std::uint64_t count, std::uint64_t pending, net::TimePoint now) {
  total_.add(count, now);
  peak_ = std::max(peak_ * 0.9999, total_.per_second(now));
  auto found = active_.find(connection);
  if (found == active_.end()) return;
  found->second.bytes += count;
  if (pending <= kNearlySent) active_.erase(found);
}

}  // namespace peer::swarm
