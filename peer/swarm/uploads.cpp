// SPDX-License-Identifier: MIT
#include "peer/swarm/uploads.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace peer::swarm {
namespace {

/// So little left in a connection's queue that the next chunk must follow to keep the link busy. What is in the socket
/// keeps it busy for as long as that takes; more here, and all connections would be filled at once.
constexpr std::uint64_t kNearlySent = 16u << 10;
/// A connection is judged after this long, and then again at every look.
constexpr net::Duration kJudgeAfter = std::chrono::milliseconds(250);
/// Slower than this part of the peak is not the link's fault.
constexpr double kSlowShare = 1.0 / 8;
/// The best rate seen counts half after this time.
constexpr double kPeakHalfLifeSeconds = 10;

}  // namespace

bool Uploads::add(const UploadRequest& request) {
  std::deque<Waiting>& queue = by_connection_[request.connection];
  if (queue.size() >= kMaxPerConnection) return false;
  if (request.choice) {
    auto choices =
        std::count_if(queue.begin(), queue.end(), [](const Waiting& w) { return w.request.choice.has_value(); });
    if (static_cast<std::size_t>(choices) >= kMaxChoicesPerConnection) return false;
  }
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
  served_.erase(connection);
  auto found = by_connection_.find(connection);
  if (found == by_connection_.end()) return;
  waiting_ -= found->second.size();
  by_connection_.erase(found);
}

bool Uploads::holds_slot(const Active& active, net::TimePoint now) const {
  net::Duration age = now - active.since;
  if (age < kJudgeAfter) return true;
  return static_cast<double>(active.bytes) / net::to_seconds(age) >= peak_ * kSlowShare;
}

Uploads::Queues::iterator Uploads::next_in_turn() {
  bool by_need = handed_out_ % 2 == 0;
  auto rank = [&](const Queues::value_type& queue) {
    const Waiting& front = queue.second.front();
    auto served = served_.find(queue.first);
    return std::tuple(by_need ? front.request.asker_has : 0, served == served_.end() ? 0 : served->second, front.turn);
  };
  auto first = by_connection_.end();
  for (auto queue = by_connection_.begin(); queue != by_connection_.end(); ++queue) {
    if (active_.contains(queue->first)) continue;
    if (first == by_connection_.end() || rank(*queue) < rank(*first)) first = queue;
  }
  return first;
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
  auto first = next_in_turn();
  if (first == by_connection_.end()) return std::nullopt;
  UploadRequest request = std::move(first->second.front().request);
  first->second.pop_front();
  if (first->second.empty()) by_connection_.erase(first);
  --waiting_;
  served_[request.connection] = ++handed_out_;
  active_[request.connection] = Active{now, 0};
  return request;
}

void Uploads::note_rate(net::TimePoint now) {
  peak_ *= std::exp2(-net::to_seconds(now - peak_at_) / kPeakHalfLifeSeconds);
  peak_ = std::max(peak_, total_.per_second(now));
  peak_at_ = now;
}

void Uploads::sent(ConnectionId connection, std::uint64_t count, std::uint64_t pending, net::TimePoint now) {
  total_.add(count, now);
  note_rate(now);
  auto found = active_.find(connection);
  if (found == active_.end()) return;
  found->second.bytes += count;
  if (pending <= kNearlySent) active_.erase(found);
}

}  // namespace peer::swarm
