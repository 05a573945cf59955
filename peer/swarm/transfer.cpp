// SPDX-License-Identifier: MIT
#include "peer/swarm/transfer.h"

#include <algorithm>
#include <utility>

#include "net/check.h"

namespace peer::swarm {
namespace {

/// Chunks asked of a source before its rate is known, and at least.
constexpr std::size_t kMinWindow = 2;
/// Bytes asked of one source at most, however fast it is.
constexpr double kMaxWindowBytes = 32.0 * 1024 * 1024;
/// A source is asked for what it delivers in this time.
constexpr double kWindowSeconds = 0.5;
/// Silence after which what was asked is asked elsewhere too.
constexpr net::Duration kStallTime = std::chrono::seconds(5);
constexpr net::Duration kLayerTimeout = std::chrono::seconds(10);
/// A source that refused a chunk is left alone for this long, twice as long each time, up to kLongestPause.
constexpr net::Duration kRefusedPause = std::chrono::seconds(1);
constexpr net::Duration kLongestPause = std::chrono::seconds(30);
/// Near the end a chunk that has not come for this long is asked of a second source. Sooner, small files that several
/// peers have would be sent twice as a rule.
constexpr net::Duration kEndgameAfter = std::chrono::milliseconds(300);
/// Sources that one chunk may be asked of at a time.
constexpr std::uint8_t kMaxAskers = 2;

}  // namespace

Transfer::Transfer(FetchRequest request, std::uint64_t seed, net::TimePoint now)
    : request_(std::move(request)),
      grid_(files::chunk_grid(request_.id.length)),
      have_(grid_.count()),
      askers_(grid_.count(), 0),
      in_store_(grid_.count(), false),
      picker_(grid_.count(), seed),
      started_(now),
      last_progress_(now) {
  if (grid_.count() == 1) layer_ = {request_.id.root};
}

// --- the store ---

void Transfer::opened(StoreOpened result, net::TimePoint now) {
  if (state_ != State::kOpening) return;
  if (!result.error.empty()) return fail(std::move(result.error));
  if (result.already_there) {
    bytes_done_ = request_.id.length;
    result_ = {"", std::move(*result.already_there), true};
    state_ = State::kDone;
    return;
  }
  source_file_ = std::move(result.source);
  if (layer_.empty()) layer_ = std::move(result.layer);
  CHECK(layer_.empty() || layer_.size() == grid_.count());
  if (result.have.size() == grid_.count()) {
    result.have.for_each([&](std::uint32_t chunk) {
      if (!have_.set(chunk)) return;
      unwant(chunk);
      bytes_done_ += grid_.size(chunk);
    });
  }
  state_ = State::kFetching;
  last_progress_ = now;
  check_complete();
}

void Transfer::layer_part_came(ConnectionId id, net::TimePoint now) {
  last_progress_ = now;
  if (layer_asked_ == id) layer_asked_at_ = now;
}

bool Transfer::layer_came(ConnectionId id, std::vector<files::Hash> layer, net::TimePoint now) {
  if (layer_asked_ == id) layer_asked_.reset();
  if (state_ != State::kFetching || layer_known()) return true;
  Source* from = find_source(id);
  if (!files::layer_matches(layer, request_.id)) {
    if (from != nullptr) from->pause_until = now + kRefusedPause;
    return false;
  }
  // It may have been given up meanwhile; it was only slow.
  if (from != nullptr) from->pause_until = now;
  layer_ = std::move(layer);
  last_progress_ = now;
  return true;
}

const files::Hash& Transfer::expected(std::uint32_t chunk) const {
  CHECK(chunk < layer_.size());
  return layer_[chunk];
}

bool Transfer::stored(const ChunkStored& result, net::TimePoint now) {
  in_store_[result.chunk] = false;
  if (state_ != State::kFetching || have_.test(result.chunk)) return false;
  switch (result.outcome) {
    case ChunkStored::Outcome::kWritten:
      break;
    case ChunkStored::Outcome::kBadHash:
      if (askers_[result.chunk] == 0) want(result.chunk);
      return false;
    case ChunkStored::Outcome::kNoSpace:
    case ChunkStored::Outcome::kFailed:
      fail(result.error);
      return false;
  }
  have_.set(result.chunk);
  unwant(result.chunk);
  bytes_done_ += grid_.size(result.chunk);
  bytes_fetched_ += grid_.size(result.chunk);
  last_progress_ = now;
  // Whoever else was asked for it need not send it any more.
  for (auto& [other, from] : sources_) {
    if (!from.asked.contains(result.chunk)) continue;
    release(from, result.chunk);
    cancels_.push_back({other, result.chunk});
  }
  check_complete();
  return true;
}

void Transfer::finished(StoreFinished result) {
  if (state_ != State::kFinishing) return;
  if (!result.error.empty()) return fail(std::move(result.error));
  result_ = std::move(result);
  state_ = State::kDone;
}

bool Transfer::take_finish() {
  if (state_ != State::kFinishing || finish_taken_) return false;
  finish_taken_ = true;
  return true;
}

void Transfer::fail(std::string error) {
  if (ended()) return;
  error_ = std::move(error);
  state_ = State::kFailed;
  for (auto& [id, from] : sources_) {
    for (const auto& [chunk, counted] : from.asked) cancels_.push_back({id, chunk});
    from.asked.clear();
  }
}

void Transfer::check_complete() {
  if (state_ == State::kFetching && have_.full()) state_ = State::kFinishing;
}

// --- the sources ---

Transfer::Source& Transfer::source(ConnectionId id) {
  auto [found, added] = sources_.try_emplace(id);
  if (added) found->second.has = found->second.useful = files::ChunkSet(grid_.count());
  return found->second;
}

Transfer::Source* Transfer::find_source(ConnectionId id) {
  auto found = sources_.find(id);
  return found == sources_.end() ? nullptr : &found->second;
}

void Transfer::source_complete(ConnectionId id) {
  Source& from = source(id);
  if (from.complete) return;
  from.complete = true;
  from.has.for_each([&](std::uint32_t chunk) { picker_.source_lost(chunk); });
  from.has = from.useful = files::ChunkSet(grid_.count());
  count_partial_sources();
}

void Transfer::source_has(ConnectionId id, std::uint32_t first, std::uint32_t count) {
  Source& from = source(id);
  if (from.complete || first >= grid_.count()) return;
  std::uint32_t end = first + std::min(count, grid_.count() - first);
  // Only the chunks that are new: ranges that repeat each other cost next to nothing (threat T21).
  for (auto chunk = from.has.first_missing(first); chunk && *chunk < end; chunk = from.has.first_missing(*chunk + 1)) {
    from.has.set(*chunk);
    picker_.source_gained(*chunk);
    if (picker_.wants(*chunk)) from.useful.set(*chunk);
  }
  if (from.has.full()) return source_complete(id);
  count_partial_sources();
}

void Transfer::count_partial_sources() {
  auto partial = std::count_if(sources_.begin(), sources_.end(), [](const auto& s) { return !s.second.complete; });
  picker_.set_partial_sources(static_cast<std::size_t>(partial));
}

void Transfer::drop_source(ConnectionId id) {
  auto found = sources_.find(id);
  if (found == sources_.end()) return;
  if (layer_asked_ == id) layer_asked_.reset();
  while (!found->second.asked.empty()) release(found->second, found->second.asked.begin()->first);
  found->second.has.for_each([&](std::uint32_t chunk) { picker_.source_lost(chunk); });
  sources_.erase(found);
  std::erase_if(cancels_, [&](const CancelOrder& order) { return order.source == id; });
  count_partial_sources();
}

void Transfer::withdraw_source(ConnectionId id) {
  Source* from = find_source(id);
  if (from == nullptr || !from->complete) return;
  std::vector<CancelOrder> orders;
  for (const auto& [chunk, counted] : from->asked) orders.push_back({id, chunk});
  drop_source(id);
  cancels_.insert(cancels_.end(), orders.begin(), orders.end());
}

// --- who is asked for what ---

void Transfer::want(std::uint32_t chunk) {
  picker_.put_back(chunk);
  for (auto& [id, from] : sources_) {
    if (!from.complete && from.has.test(chunk)) from.useful.set(chunk);
  }
}

void Transfer::unwant(std::uint32_t chunk) {
  picker_.take(chunk);
  for (auto& [id, from] : sources_) from.useful.reset(chunk);
}

void Transfer::count_asker(std::uint32_t chunk, net::TimePoint now) {
  unwant(chunk);
  ++askers_[chunk];
  in_flight_[chunk] = now;
}

void Transfer::uncount_asker(std::uint32_t chunk) {
  CHECK(askers_[chunk] > 0);
  if (--askers_[chunk] > 0) return;
  in_flight_.erase(chunk);
  if (!have_.test(chunk) && !in_store_[chunk]) want(chunk);
}

void Transfer::ask(Plan& plan, ConnectionId id, Source& from, std::uint32_t chunk, net::TimePoint now) {
  if (from.asked.empty()) {
    from.heard_at = now;
    from.silent = false;
  }
  auto [asked, is_new] = from.asked.emplace(chunk, true);
  // Where it was asked for already, and has been silent since, it is still to come.
  asked->second = true;
  count_asker(chunk, now);
  if (is_new) plan.chunks.push_back({id, chunk});
}

void Transfer::release(Source& from, std::uint32_t chunk) {
  auto found = from.asked.find(chunk);
  if (found == from.asked.end()) return;
  bool counted = found->second;
  from.asked.erase(found);
  if (counted) uncount_asker(chunk);
}

void Transfer::note_alive(Source& from, net::TimePoint now) {
  from.heard_at = now;
  if (!from.silent) return;
  from.silent = false;
  from.pause_until = now;
  for (auto& [chunk, counted] : from.asked) {
    if (counted || !picker_.wants(chunk)) continue;
    counted = true;
    count_asker(chunk, now);
  }
}

void Transfer::note_silent(net::TimePoint now) {
  for (auto& [id, from] : sources_) {
    if (from.silent || from.asked.empty() || now - from.heard_at < kStallTime) continue;
    from.silent = true;
    // It is tried again should all that was asked of it come from others.
    from.pause_until = now + kStallTime;
    for (auto& [chunk, counted] : from.asked) {
      if (std::exchange(counted, false)) uncount_asker(chunk);
    }
  }
}

// --- requests ---

Plan Transfer::plan(net::TimePoint now) {
  Plan plan;
  planned_at_ = now;
  if (state_ == State::kFetching) {
    if (!layer_known()) {
      plan_layer(plan, now);
    } else {
      note_silent(now);
      plan_chunks(plan, now);
      if (picker_.empty()) plan_endgame(plan, now);
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
    if (from.pause_until > now) continue;
    layer_asked_ = id;
    layer_asked_at_ = now;
    plan.layer_from = id;
    return;
  }
}

std::size_t Transfer::window(const Source& from, net::TimePoint now) const {
  double bytes = std::min(from.rate.per_second(now) * kWindowSeconds, kMaxWindowBytes);
  return std::max(kMinWindow, static_cast<std::size_t>(bytes / grid_.chunk_size) + 1);
}

bool Transfer::can_ask(const Source& from, net::TimePoint now) const {
  bool waited_for = from.silent && !from.asked.empty();
  return from.pause_until <= now && !waited_for && from.asked.size() < window(from, now);
}

void Transfer::plan_chunks(Plan& plan, net::TimePoint now) {
  // A chunk to each source in turn, so that the first does not take all.
  for (bool any = true; any && !picker_.empty();) {
    any = false;
    for (auto& [id, from] : sources_) {
      if ((!from.complete && from.useful.empty()) || !can_ask(from, now)) continue;
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
    if (!from.asked.empty() || !can_ask(from, now)) continue;
    for (const auto& [chunk, asked_at] : in_flight_) {
      if (!needs_help(chunk) || now - asked_at < kEndgameAfter) continue;
      if (!from.complete && !from.has.test(chunk)) continue;
      ask(plan, id, from, chunk, now);
      break;
    }
  }
}

bool Transfer::needs_help(std::uint32_t chunk) const { return askers_[chunk] < kMaxAskers && !in_store_[chunk]; }

bool Transfer::begin_chunk(ConnectionId id, std::uint32_t chunk) {
  auto found = sources_.find(id);
  return state_ == State::kFetching && found != sources_.end() && found->second.asked.contains(chunk) &&
         !in_store_[chunk];
}

void Transfer::heard(ConnectionId id, std::uint64_t bytes, net::TimePoint now) {
  Source* from = find_source(id);
  if (from == nullptr || ended()) return;
  note_alive(*from, now);
  from->rate.add(bytes, now);
  rate_.add(bytes, now);
  last_progress_ = now;
}

void Transfer::chunk_came(ConnectionId id, std::uint32_t chunk, net::TimePoint now) {
  in_store_[chunk] = true;
  unwant(chunk);
  Source* from = find_source(id);
  if (from == nullptr) return;
  release(*from, chunk);
  note_alive(*from, now);
  from->refusals = 0;
}

void Transfer::unwanted(ConnectionId id, std::uint32_t chunk) {
  if (Source* from = find_source(id)) release(*from, chunk);
}

void Transfer::refused(ConnectionId id, std::uint32_t chunk, net::TimePoint now) {
  Source* from = find_source(id);
  if (from == nullptr) return;
  release(*from, chunk);
  // All that was asked of it at once counts as one.
  if (from->refusals > 0 && from->pause_until > now) return;
  net::Duration pause = kRefusedPause;
  for (unsigned i = 0; i < from->refusals && pause < kLongestPause; ++i) pause *= 2;
  ++from->refusals;
  from->pause_until = now + std::min(pause, kLongestPause);
}

void Transfer::layer_refused(ConnectionId id, net::TimePoint now) {
  if (layer_asked_ != id) return;
  layer_asked_.reset();
  if (Source* from = find_source(id)) from->pause_until = now + kLayerTimeout;
}

std::optional<net::TimePoint> Transfer::deadline() const {
  if (state_ != State::kFetching || sources_.empty()) return std::nullopt;
  std::optional<net::TimePoint> next;
  if (!layer_known()) {
    if (layer_asked_) return layer_asked_at_ + kLayerTimeout;
    for (const auto& [id, from] : sources_) {
      if (from.pause_until > planned_at_) next = net::earlier(next, from.pause_until);
    }
    return next;
  }
  bool idle_source = false;
  for (const auto& [id, from] : sources_) {
    if (!from.asked.empty() && !from.silent) next = net::earlier(next, from.heard_at + kStallTime);
    if (from.pause_until > planned_at_) next = net::earlier(next, from.pause_until);
    idle_source = idle_source || from.asked.empty();
  }
  if (!picker_.empty() || !idle_source) return next;
  for (const auto& [chunk, asked_at] : in_flight_) {
    net::TimePoint at = asked_at + kEndgameAfter;
    if (needs_help(chunk) && at > planned_at_) next = net::earlier(next, at);
  }
  return next;
}

}  // namespace peer::swarm
