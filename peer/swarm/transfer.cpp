// SPDX-License-Identifier: MIT
#include "peer/swarm/transfer.h"

#include <algorithm>
#include <utility>

#include "net/check.h"

namespace peer::swarm {
namespace {

/// A source that refused a chunk is left alone for this long, twice as long each time, up to kLongestPause.
constexpr net::Duration kRefusedPause = std::chrono::seconds(1);
constexpr net::Duration kLongestPause = std::chrono::seconds(30);
/// A full disk is tried again after this, then after twice as long each time, up to the other.
constexpr net::Duration kFirstDiskPause = std::chrono::seconds(1);
constexpr net::Duration kLongestDiskPause = std::chrono::seconds(15);

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

void Transfer::opening(const StoreOpening& progress, net::TimePoint now) {
  if (state_ != State::kOpening) return;
  copies_ = progress.copying;
  bytes_done_ = std::min(progress.bytes, request_.id.length);
  last_progress_ = now;
}

void Transfer::opened(StoreOpened result, net::TimePoint now) {
  if (state_ != State::kOpening) return;
  bytes_done_ = 0;
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
      if (request_.waits_for_room) {
        pause(result.chunk, result.error, now);
      } else {
        fail(result.error);
      }
      return false;
    case ChunkStored::Outcome::kFailed:
      fail(result.error);
      return false;
  }
  paused_.clear();
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
  if (state_ == State::kFinishing) cancel_choices();
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
    cancel_choices(id, from);
  }
}

void Transfer::check_complete() {
  if (state_ == State::kFetching && have_.full()) state_ = State::kFinishing;
}

/// What was asked for is taken back: there is nowhere to put it.
void Transfer::pause(std::uint32_t chunk, std::string why, net::TimePoint now) {
  last_progress_ = now;
  if (askers_[chunk] == 0) want(chunk);
  for (auto& [id, from] : sources_) {
    while (!from.asked.empty()) {
      const std::uint32_t asked = from.asked.begin()->first;
      release(from, asked);
      cancels_.push_back({id, asked});
    }
  }
  cancel_choices();
  // Chunks that come to the same full disk one after another are one failure.
  if (!paused_.empty() && paused_until_ > now) return;
  pause_ = paused_.empty() ? kFirstDiskPause : std::min(2 * pause_, kLongestDiskPause);
  paused_ = why.empty() ? "the disk is full" : std::move(why);
  paused_until_ = now + pause_;
}

/// True while one chunk is out to see whether the disk has room again.
bool Transfer::tries_the_disk() const {
  return !paused_.empty() &&
         (!in_flight_.empty() || std::find(in_store_.begin(), in_store_.end(), true) != in_store_.end());
}

// --- the sources ---

Transfer::Source& Transfer::source(ConnectionId id) {
  auto [found, added] = sources_.try_emplace(id);
  if (added) found->second.has = found->second.useful = files::ChunkSet(grid_.count());
  return found->second;
}

const Transfer::Source* Transfer::find_source(ConnectionId id) const {
  auto found = sources_.find(id);
  return found == sources_.end() ? nullptr : &found->second;
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

void Transfer::source_interested(ConnectionId id) {
  source(id);
  count_partial_sources();
}

void Transfer::source_has(ConnectionId id, std::uint32_t first, std::uint32_t count) {
  const bool is_new = !has_source(id);
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
  if (is_new) count_partial_sources();
}

void Transfer::count_partial_sources() {
  auto partial = std::count_if(sources_.begin(), sources_.end(), [](const auto& s) { return !s.second.complete; });
  partial_sources_ = static_cast<std::size_t>(partial);
  picker_.set_partial_sources(partial_sources_);
}

void Transfer::drop_source(ConnectionId id) {
  auto found = sources_.find(id);
  if (found == sources_.end()) return;
  if (layer_asked_ == id) layer_asked_.reset();
  while (!found->second.asked.empty()) release(found->second, found->second.asked.begin()->first);
  choices_ -= found->second.choices;
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
  if (from->choices > 0) orders.push_back({id, CancelOrder::kChoices});
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
  in_flight_[chunk] = {now, now, std::nullopt, false};
}

void Transfer::uncount_asker(std::uint32_t chunk) {
  CHECK(askers_[chunk] > 0);
  if (--askers_[chunk] > 0) return;
  in_flight_.erase(chunk);
  if (!have_.test(chunk) && !in_store_[chunk]) want(chunk);
}

void Transfer::note_asked(Source& from, net::TimePoint now) {
  from.asked_at = now;
  if (!idle(from)) return;
  from.heard_at = now;
  from.silent = false;
}

void Transfer::ask(Plan& plan, ConnectionId id, Source& from, std::uint32_t chunk, net::TimePoint now) {
  note_asked(from, now);
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
  if (from.begun == chunk) from.begun.reset();
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

// --- chunks that come ---

bool Transfer::wants_chunk(ConnectionId id, std::uint32_t chunk) const {
  const Source* from = find_source(id);
  return state_ == State::kFetching && from != nullptr && from->asked.contains(chunk) && !in_store_[chunk];
}

void Transfer::begin_chunk(ConnectionId id, std::uint32_t chunk, net::TimePoint now) {
  Source& sender = source(id);
  sender.begun = chunk;
  if (auto asked = in_flight_.find(chunk); asked != in_flight_.end()) {
    asked->second.moved_at = now;
    asked->second.sender_takes = sender.response;
    asked->second.begun = true;
  }
  if (askers_[chunk] < 2) return;
  for (auto& [other, from] : sources_) {
    if (other == id || from.begun == chunk || !from.asked.contains(chunk)) continue;
    release(from, chunk);
    cancels_.push_back({other, chunk});
  }
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
  if (auto asked = in_flight_.find(chunk); asked != in_flight_.end()) {
    net::Duration taken = now - asked->second.asked_at;
    from->response = from->response ? (3 * *from->response + taken) / 4 : taken;
  }
  release(*from, chunk);
  note_alive(*from, now);
  from->refusals = 0;
  from->chooses_badly = false;
}

void Transfer::unwanted(ConnectionId id, std::uint32_t chunk) {
  if (Source* from = find_source(id)) release(*from, chunk);
}

void Transfer::refused(ConnectionId id, std::uint32_t chunk, net::TimePoint now) {
  Source* from = find_source(id);
  if (from == nullptr) return;
  if (chunk == CancelOrder::kChoices) {
    if (from->choices == 0) return;
    --from->choices;
    --choices_;
  } else {
    release(*from, chunk);
  }
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

}  // namespace peer::swarm
