// SPDX-License-Identifier: MIT
#include "peer/swarm/transfer.h"

#include <algorithm>
#include <utility>

#include "net/check.h"

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
/// A chunk that comes for longer than this does not count among them: its source is slow, and delays nobody else.
constexpr net::Duration kSlowChunk = std::chrono::milliseconds(300);
/// Bytes asked of one source at most, however fast it is.
constexpr double kMaxWindowBytes = 32.0 * 1024 * 1024;
/// All sources together are asked for what they deliver in this time, and none for less than it delivers in the other.
constexpr double kWindowSeconds = 0.5;
constexpr double kSourceWindowSeconds = 0.1;
/// Silence after which what was asked is asked elsewhere too.
constexpr net::Duration kStallTime = std::chrono::seconds(5);
constexpr net::Duration kLayerTimeout = std::chrono::seconds(10);
/// A source that refused a chunk is left alone for this long, twice as long each time, up to kLongestPause.
constexpr net::Duration kRefusedPause = std::chrono::seconds(1);
constexpr net::Duration kLongestPause = std::chrono::seconds(30);
/// Near the end a chunk that has not come for this long is asked of a second source. Sooner, small files that several
/// peers have would be sent twice as a rule.
constexpr net::Duration kEndgameAfter = std::chrono::milliseconds(300);
/// What a source that has sent nothing yet is taken to need for a chunk.
constexpr net::Duration kUnknownResponse = std::chrono::milliseconds(500);
/// Chunks of its own choice asked of a source at a time.
constexpr unsigned kMaxChoices = 2;
/// More have no bitmap in the question (p2p-protocol(7), CHUNK_GET).
constexpr std::uint32_t kMaxChoiceChunks = 65535 * 8;
/// A full disk is tried again after this, then after twice as long each time, up to the other.
constexpr net::Duration kFirstDiskPause = std::chrono::seconds(1);
constexpr net::Duration kLongestDiskPause = std::chrono::seconds(15);
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

// --- requests ---

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

bool Transfer::enough_waits(net::TimePoint now) const {
  if (partial_sources_ == 0 || awake_sources_ < kManySources || in_flight_.size() < kMostWaiting) return false;
  auto waits = [&](const auto& chunk) { return !chunk.second.begun || now - chunk.second.moved_at < kSlowChunk; };
  return static_cast<std::size_t>(std::count_if(in_flight_.begin(), in_flight_.end(), waits)) >= kMostWaiting;
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
  // Several sources that choose at a time may choose the same, seldom where there is much to choose among.
  return picker_.unavailable() > 4 * (choices_ - from.choices);
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
      if (times.begun && times.moved_at + kSlowChunk > planned_at_)
        next = net::earlier(next, times.moved_at + kSlowChunk);
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
