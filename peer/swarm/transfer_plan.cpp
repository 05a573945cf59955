// SPDX-License-Identifier: MIT
// Who is asked for what, and when.
#include <algorithm>
#include <utility>

#include "net/check.h"
#include "peer/swarm/transfer.h"

namespace peer::swarm {
namespace {

/// Chunks asked of a source before its rate is known, and at least: the next stands ready when one has come.
constexpr std::size_t kMinWindow = 2;
/// Of this many sources one chunk each keeps our link as busy, and a chunk that does not wait in one's queue can still
/// be asked of another.
constexpr std::size_t kManySources = 5;
/// Where there are so many and some fetch the file too, chunks asked for at a time. What is not asked for yet can be
/// asked of whoever has got it meanwhile; otherwise everybody queues up at the first who had it, and others are idle.
constexpr std::size_t kMostWaiting = 12;
/// More of small chunks: of one host's each waits for all before it, and questions take their time too.
constexpr std::size_t kMostWaitingBytes = 3u << 20;
/// A chunk that comes for longer than this does not count among them: its source is slow, and delays nobody else. Nor
/// does one that has not begun to come for so long: a dozen sources that answer late must not hold up all others.
constexpr net::Duration kSlowChunk = std::chrono::milliseconds(300);
constexpr net::Duration kLongWait = std::chrono::milliseconds(1500);
/// Bytes asked of one source at most, however fast it is.
constexpr double kMaxWindowBytes = 32.0 * 1024 * 1024;
/// All sources together are asked for what they deliver in this time, and none for less than it delivers in the other.
constexpr double kWindowSeconds = 0.5;
constexpr double kSourceWindowSeconds = 0.1;
/// Silence after which what was asked is asked elsewhere too.
constexpr net::Duration kStallTime = std::chrono::seconds(5);
/// Near the end a chunk that has not come for this long is asked of a second source. Sooner, small files that several
/// peers have would be sent twice as a rule.
constexpr net::Duration kEndgameAfter = std::chrono::milliseconds(300);
/// What a source that has sent nothing yet is taken to need for a chunk.
constexpr net::Duration kUnknownResponse = std::chrono::milliseconds(500);
/// Chunks of its own choice asked of a source at a time.
constexpr unsigned kMaxChoices = 2;
/// More have no bitmap in the question (p2p-protocol(7), CHUNK_GET).
constexpr std::uint32_t kMaxChoiceChunks = 65535 * 8;
/// Sources that one chunk may be asked of at a time.
constexpr std::uint8_t kMaxAskers = 2;

}  // namespace

Plan Transfer::plan(net::TimePoint now) {
  Plan plan;
  planned_at_ = now;
  if (state_ == State::kFetching) {
    if (!layer_known()) {
      plan_layer(plan, now);
    } else if (paused_.empty() || paused_until_ <= now) {
      note_silent(now);
      if (choices_ > 0 && picker_.unavailable() == 0) cancel_choices();
      plan_chunks(plan, now);
      if (picker_.empty() && paused_.empty()) plan_endgame(plan, now);
    }
  }
  plan.cancels.swap(cancels_);
  return plan;
}

void Transfer::plan_layer(Plan& plan, net::TimePoint now) {
  if (layer_asked_ && now - layer_asked_at_ < kLayerTimeout) return;
  if (layer_asked_) {
    source(*layer_asked_).pause_until = now + kLayerTimeout;
    layer_asked_.reset();
  }
  for (auto& [id, from] : sources_) {
    // Who has nothing of the file yet has no layer either.
    if (from.pause_until > now || (!from.complete && from.has.empty())) continue;
    layer_asked_ = id;
    layer_asked_at_ = now;
    plan.layer_from = id;
    return;
  }
}

bool Transfer::may_ask(ConnectionId id, net::TimePoint now) const {
  const Source* from = find_source(id);
  if (from == nullptr || !can_ask(*from, now)) return false;
  if (!layer_known()) return !layer_asked_;
  if (picker_.empty()) return true;
  return !enough_waits_ && (from->complete || !from->useful.empty());
}

bool Transfer::has_chunk(ConnectionId id, std::uint32_t chunk) const {
  const Source* from = find_source(id);
  return from != nullptr && (from->complete || from->has.test(chunk));
}

std::uint32_t Transfer::chunks_of(ConnectionId id) const {
  const Source* from = find_source(id);
  if (from == nullptr) return 0;
  return from->complete ? grid_.count() : from->has.count();
}

std::size_t Transfer::window(const Source& from, net::TimePoint now) const {
  double share = kWindowSeconds / static_cast<double>(std::max<std::size_t>(1, awake_sources_));
  double seconds = std::max(share, kSourceWindowSeconds);
  double bytes = std::min(from.rate.per_second(now) * seconds, kMaxWindowBytes);
  std::size_t least = awake_sources_ < kManySources ? kMinWindow : 1;
  return std::max(least, static_cast<std::size_t>(bytes / grid_.chunk_size));
}

bool Transfer::can_ask(const Source& from, net::TimePoint now) const {
  bool waited_for = from.silent && !idle(from);
  return from.pause_until <= now && !waited_for && outstanding(from) < window(from, now);
}

std::vector<std::pair<ConnectionId, Transfer::Source*>> Transfer::sources_in_turn(net::TimePoint now) {
  std::vector<std::pair<ConnectionId, Source*>> turns;
  for (auto& [id, from] : sources_) {
    if ((from.complete || !from.useful.empty()) && can_ask(from, now)) turns.emplace_back(id, &from);
  }
  // All the others have an order of their own, so that what is asked for is spread evenly.
  std::stable_sort(turns.begin(), turns.end(),
                   [](const auto& a, const auto& b) { return a.second->asked_at < b.second->asked_at; });
  return turns;
}

net::TimePoint Transfer::stops_waiting_at(const InFlight& chunk) {
  return chunk.moved_at + (chunk.begun ? kSlowChunk : kLongWait);
}

bool Transfer::enough_waits(net::TimePoint now) const {
  if (partial_sources_ == 0 || awake_sources_ < kManySources) return false;
  const std::size_t most = std::max(kMostWaiting, kMostWaitingBytes / grid_.chunk_size);
  if (in_flight_.size() < most) return false;
  auto waits = [&](const auto& chunk) { return now < stops_waiting_at(chunk.second); };
  return static_cast<std::size_t>(std::count_if(in_flight_.begin(), in_flight_.end(), waits)) >= most;
}

void Transfer::plan_chunks(Plan& plan, net::TimePoint now) {
  enough_waits_ = false;
  if (picker_.empty() || tries_the_disk()) return;
  const auto turns = sources_in_turn(now);
  // A chunk to each source in turn, so that the first does not take all.
  for (bool any = true; any && !picker_.empty() && !tries_the_disk();) {
    any = false;
    for (const auto& [id, source] : turns) {
      Source& from = *source;
      if ((!from.complete && from.useful.empty()) || !can_ask(from, now) || tries_the_disk()) continue;
      if (paused_.empty() && can_choose(from)) {
        if (from.choices >= kMaxChoices) continue;
        note_asked(from, now);
        ++from.choices;
        ++choices_;
        plan.choices.push_back(id);
        any = true;
        continue;
      }
      enough_waits_ = enough_waits(now);
      if (enough_waits_) continue;
      auto chunk = picker_.best(from.complete ? nullptr : &from.useful);
      if (!chunk) continue;
      ask(plan, id, from, *chunk, now);
      any = true;
    }
  }
}

void Transfer::plan_endgame(Plan& plan, net::TimePoint now) {
  for (auto& [id, from] : sources_) {
    // Only a source with nothing else to do helps out.
    if (!idle(from) || !can_ask(from, now)) continue;
    for (const auto& [chunk, times] : in_flight_) {
      if (!needs_help(chunk) || now < late_at(times, from)) continue;
      if (!from.complete && !from.has.test(chunk)) continue;
      ask(plan, id, from, chunk, now);
      break;
    }
  }
}

bool Transfer::needs_help(std::uint32_t chunk) const { return askers_[chunk] < kMaxAskers && !in_store_[chunk]; }

net::TimePoint Transfer::late_at(const InFlight& chunk, const Source& helper) {
  net::Duration twice = 2 * helper.response.value_or(kUnknownResponse);
  if (chunk.sender_takes && *chunk.sender_takes > twice) return chunk.moved_at;
  return chunk.moved_at + std::max(kEndgameAfter, twice);
}

// --- chunks that the source chooses ---

bool Transfer::can_choose(const Source& from) const {
  if (!from.complete || from.chooses_badly || partial_sources_ == 0) return false;
  if (grid_.count() > kMaxChoiceChunks) return false;
  // Several sources that choose at a time may choose the same, seldom where there is much to choose among. And as many
  // chunks as others fetch the file are on their way to one of them: what is chosen comes from there as well.
  const std::size_t on_their_way = partial_sources_;
  return picker_.unavailable() > std::max<std::size_t>(4 * (choices_ - from.choices), on_their_way);
}

void Transfer::cancel_choices(ConnectionId id, Source& from) {
  if (from.choices == 0) return;
  choices_ -= std::exchange(from.choices, 0u);
  cancels_.push_back({id, CancelOrder::kChoices});
}

void Transfer::cancel_choices() {
  for (auto& [id, from] : sources_) cancel_choices(id, from);
}

bool Transfer::wants_choice(ConnectionId id, std::uint32_t chunk) const {
  const Source* from = find_source(id);
  if (state_ != State::kFetching || from == nullptr || from->choices == 0 || chunk >= grid_.count()) return false;
  if (have_.test(chunk) || in_store_[chunk] || from->asked.contains(chunk)) return false;
  return std::none_of(sources_.begin(), sources_.end(),
                      [&](const auto& s) { return s.second.begun == chunk && !s.second.silent; });
}

void Transfer::chose(ConnectionId id, std::uint32_t chunk, net::TimePoint now) {
  Source& from = source(id);
  CHECK(from.choices > 0);
  --from.choices;
  --choices_;
  from.asked.emplace(chunk, true);
  count_asker(chunk, now);
}

void Transfer::choice_failed(ConnectionId id) {
  Source* from = find_source(id);
  if (from == nullptr || from->choices == 0) return;
  --from->choices;
  --choices_;
  from->chooses_badly = true;
}

void Transfer::note_silent(net::TimePoint now) {
  awake_sources_ = 0;
  for (auto& [id, from] : sources_) {
    if (from.silent) continue;
    if (idle(from) || now - from.heard_at < kStallTime) {
      ++awake_sources_;
      continue;
    }
    from.silent = true;
    // It is tried again should all that was asked of it come from others.
    from.pause_until = now + kStallTime;
    for (auto& [chunk, counted] : from.asked) {
      if (std::exchange(counted, false)) uncount_asker(chunk);
    }
  }
}

std::optional<net::TimePoint> Transfer::deadline() const {
  if (state_ != State::kFetching || sources_.empty()) return std::nullopt;
  std::optional<net::TimePoint> next;
  if (!paused_.empty() && paused_until_ > planned_at_) return paused_until_;
  if (!layer_known()) {
    if (layer_asked_) return layer_asked_at_ + kLayerTimeout;
    for (const auto& [id, from] : sources_) {
      if (from.pause_until > planned_at_) next = net::earlier(next, from.pause_until);
    }
    return next;
  }
  for (const auto& [id, from] : sources_) {
    if (!idle(from) && !from.silent) next = net::earlier(next, from.heard_at + kStallTime);
    if (from.pause_until > planned_at_) next = net::earlier(next, from.pause_until);
  }
  if (enough_waits_) {
    for (const auto& [chunk, times] : in_flight_) {
      if (stops_waiting_at(times) > planned_at_) next = net::earlier(next, stops_waiting_at(times));
    }
  }
  if (!picker_.empty()) return next;
  for (const auto& [id, from] : sources_) {
    if (!idle(from)) continue;
    for (const auto& [chunk, times] : in_flight_) {
      net::TimePoint at = late_at(times, from);
      if (needs_help(chunk) && at > planned_at_) next = net::earlier(next, at);
    }
  }
  return next;
}

}  // namespace peer::swarm
