// SPDX-License-Identifier: MIT
#include "scanner/sweep.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "net/check.h"

namespace scanner {
namespace {

using std::chrono::milliseconds;

// 10 us resolution lets 32 bits span twelve hours.
using Tick = std::chrono::duration<std::uint32_t, std::ratio<1, 100'000>>;

// "Soon" is three times the median of the first so many sure round trips, and no less than this.
constexpr std::size_t kLearned = 64;
constexpr auto kSoonAtLeast = milliseconds(20);
// When everybody has answered, a second claimant of an address still gets this long to show up.
constexpr auto kConflictGrace = milliseconds(25);
// A sampled round asks a quarter of the silent targets, no fewer than this, and waits for their answers so long.
constexpr auto kSampleWait = milliseconds(250);
constexpr std::size_t kSampleAtLeast = 4096;
// A further round is worth its time while it is expected to find more than this many hosts.
constexpr double kWorthARound = 0.02;
// Where an answer took more than half of the time that is waited, the end comes so much later.
constexpr auto kLateExtension = milliseconds(100);
// Addresses in a row, of which one that answers makes the others likely.
constexpr std::uint32_t kNeighbourhood = 16;

// The stride that spreads `count` positions most evenly: near count divided by the golden ratio, and coprime to it.
std::uint64_t spread_stride(std::uint64_t count) {
  auto stride = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(count) * 0.6180339887));
  while (std::gcd(stride, count) != 1) ++stride;
  return stride;
}

}  // namespace

Sweep::Sweep(const AddressSet& targets, SweepSettings settings, net::TimePoint now)
    : ranges_(targets.ranges()),
      settings_(std::move(settings)),
      pacer_(settings_.rate, settings_.rate_cap, now),
      start_(now),
      first_round_end_(now),
      last_sent_(now),
      last_found_(now) {
  CHECK(!targets.empty() && targets.size() <= kMaxTargets);
  std::uint32_t index = 0;
  for (const AddressRange& range : ranges_) {
    starts_.push_back(index);
    index += static_cast<std::uint32_t>(range.size());
  }
  targets_.resize(index);
  fill_first_round();
}

void Sweep::fill_first_round() {
  const std::uint64_t count = targets_.size();
  const std::uint64_t stride = spread_stride(count);
  queue_.resize(count);
  std::uint64_t position = 0;
  for (std::uint32_t& index : queue_) {
    index = static_cast<std::uint32_t>(position);
    position = (position + stride) % count;
  }
}

std::optional<std::uint32_t> Sweep::index_of(net::Ipv4Address address) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                      [](net::Ipv4Address a, const AddressRange& r) { return a < r.first; });
  if (after == ranges_.begin()) return std::nullopt;
  const auto range = std::prev(after);
  if (!range->contains(address)) return std::nullopt;
  return starts_[static_cast<std::size_t>(range - ranges_.begin())] + (address.value - range->first.value);
}

net::Ipv4Address Sweep::address_of(std::uint32_t index) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), index);
  const auto range = static_cast<std::size_t>(after - starts_.begin() - 1);
  return {ranges_[range].first.value + (index - starts_[range])};
}

std::uint32_t Sweep::ticks(net::TimePoint at) const {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::duration<std::int64_t, Tick::period>>(at - start_).count());
}

net::TimePoint Sweep::time_of(std::uint32_t ticks) const { return start_ + Tick(ticks); }

std::size_t Sweep::due(net::TimePoint now, std::span<net::Ipv4Address> out) {
  advance(now);
  batch_.clear();
  if (phase_ == Phase::kTail) {
    pacer_.idle();
    return 0;
  }
  const std::size_t most = std::min(out.size(), pacer_.allowance(now));
  for (std::size_t at = position_; at < queue_.size() && batch_.size() < most; ++at) {
    const Target& target = targets_[queue_[at]];
    if (target.answered) continue;
    // The queue is in the order of the round before, so nobody behind is due sooner.
    if (target.requests > 0 && time_of(target.last_asked) + gap_ > now) break;
    out[batch_.size()] = address_of(queue_[at]);
    batch_.push_back(static_cast<std::uint32_t>(at));
  }
  if (batch_.size() < most) pacer_.idle();
  return batch_.size();
}

void Sweep::sent(net::TimePoint now, std::size_t count) {
  CHECK(count <= batch_.size());
  if (count == 0) return;
  for (std::size_t i = 0; i < count; ++i) {
    Target& target = targets_[queue_[batch_[i]]];
    target.last_asked = ticks(now);
    if (target.requests == 0) target.first_asked = target.last_asked;
    if (target.requests < 255) ++target.requests;
  }
  position_ = batch_[count - 1] + 1;
  batch_.clear();
  pacer_.spent(now, count);
  requests_ += count;
  last_sent_ = now;
  if (round_ == 1) first_round_end_ = now;
  advance(now);
}

void Sweep::dropped(net::TimePoint now, std::uint64_t total) {
  if (total > dropped_) pacer_.lost(now);
  dropped_ = total;
}

Sweep::Answer Sweep::answered(net::TimePoint now, net::Ipv4Address address, Evidence evidence) {
  const auto index = index_of(address);
  if (!index) return {};
  Target& target = targets_[*index];
  Answer answer{.target = true, .first = !target.answered, .round_trip = std::nullopt, .requests = target.requests};
  if (!answer.first) return answer;
  target.answered = true;
  ++answered_;
  last_found_ = now;
  if (evidence == Evidence::kUnasked || target.requests == 0) return answer;

  const net::Duration since_first = now - time_of(target.first_asked);
  const net::Duration since_last = now - time_of(target.last_asked);
  if (target.requests == 1) {
    answer.round_trip = since_first;
    learn(since_first);
  } else if (since_last <= soon()) {
    answer.round_trip = since_last;
    ++found_later_;
  } else {
    answer.round_trip = since_first;
  }
  if (*answer.round_trip > settings_.timeout / 2) late_seen_ = true;
  return answer;
}

void Sweep::learn(net::Duration round_trip) {
  if (round_trips_.size() == kLearned) return;
  round_trips_.insert(std::upper_bound(round_trips_.begin(), round_trips_.end(), round_trip), round_trip);
}

net::Duration Sweep::soon() const {
  if (round_trips_.empty()) return kSoonAtLeast;
  return std::max<net::Duration>(kSoonAtLeast, 3 * round_trips_[round_trips_.size() / 2]);
}

void Sweep::skip_answered() {
  while (position_ < queue_.size() && targets_[queue_[position_]].answered) ++position_;
}

// Moves on to whatever comes at `now`: the rest of a round, the next round, the tail.
void Sweep::advance(net::TimePoint now) {
  for (;;) {
    skip_answered();
    if (phase_ == Phase::kTail) {
      if (!extra_round_earned() || now < extra_round_at()) return;
      ++extra_used_;
      phase_ = Phase::kAsking;
      begin_round(settings_.extra_gap, false);
      continue;
    }
    if (position_ < queue_.size()) return;
    if (phase_ == Phase::kSample && now < last_sent_ + kSampleWait && answered_ < targets_.size()) return;
    end_queue(now);
  }
}

// The queue has run out: what follows it.
void Sweep::end_queue(net::TimePoint now) {
  if (phase_ == Phase::kSample) {
    phase_ = Phase::kAsking;
    if (found_later_ > later_before_round_) {
      queue_ = std::exchange(rest_, {});
      position_ = 0;
      return;
    }
    // Nobody in the sample had been missed: the network loses next to nothing, so the silent ones are not there.
    rest_.clear();
    phase_ = Phase::kTail;
    return;
  }
  if (round_ <= settings_.gaps.size() && answered_ < targets_.size()) {
    // A round that found many whom the one before had missed asks for a gentler pace.
    if (round_ > 1 && (found_later_ - later_before_round_) * 20 > answered_) pacer_.lost(now);
    begin_round(settings_.gaps[round_ - 1], settings_.sampled_rounds);
    return;
  }
  phase_ = Phase::kTail;
}

void Sweep::begin_round(net::Duration gap, bool sampled) {
  ++round_;
  gap_ = gap;
  later_before_round_ = found_later_;
  // Everybody is asked in the order of the first round, so that each waits the same time between requests.
  fill_first_round();
  std::erase_if(queue_, [this](std::uint32_t index) { return targets_[index].answered; });
  position_ = 0;
  if (!sampled) return;

  // The sample is taken where hosts are most likely: close to those that answered.
  std::vector<bool> inhabited(targets_.size() / kNeighbourhood + 1);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (targets_[i].answered) inhabited[i / kNeighbourhood] = true;
  }
  std::stable_partition(queue_.begin(), queue_.end(), [&](std::uint32_t i) { return inhabited[i / kNeighbourhood]; });
  const std::size_t sample = std::max(kSampleAtLeast, queue_.size() / 4);
  if (queue_.size() <= sample) return;
  rest_.assign(queue_.begin() + static_cast<std::ptrdiff_t>(sample), queue_.end());
  queue_.resize(sample);
  phase_ = Phase::kSample;
}

// With a share p of the hosts found only by a later request, r rounds leave about found * p^r / (1 - p^r) unseen.
bool Sweep::extra_round_earned() const {
  if (extra_used_ >= settings_.extra_rounds || found_later_ == 0 || answered_ == targets_.size()) return false;
  const double found = static_cast<double>(answered_);
  const double lost = std::min(0.9, static_cast<double>(found_later_) / found);
  const double unseen = std::pow(lost, static_cast<double>(round_));
  return found * unseen / (1 - unseen) > kWorthARound;
}

net::TimePoint Sweep::extra_round_at() const {
  // The first silent target of the last round leads the next one.
  for (const std::uint32_t index : queue_) {
    if (!targets_[index].answered) return time_of(targets_[index].last_asked) + settings_.extra_gap;
  }
  return last_sent_;
}

net::TimePoint Sweep::tail_end() const {
  if (answered_ == targets_.size()) return last_found_ + kConflictGrace;
  const net::Duration late =
      late_seen_ ? std::min<net::Duration>(kLateExtension, settings_.timeout / 4) : net::Duration{};
  const net::TimePoint end = std::max(first_round_end_ + settings_.timeout + late, last_sent_ + settings_.tail);
  return extra_round_earned() ? std::max(end, extra_round_at()) : end;
}

bool Sweep::done(net::TimePoint now) const {
  if (answered_ == targets_.size()) return now >= tail_end();
  return phase_ == Phase::kTail && now >= tail_end() && !extra_round_earned();
}

net::TimePoint Sweep::next_due() const {
  for (std::size_t at = position_; at < queue_.size(); ++at) {
    const Target& target = targets_[queue_[at]];
    if (!target.answered) return target.requests == 0 ? start_ : time_of(target.last_asked) + gap_;
  }
  return phase_ == Phase::kSample ? last_sent_ + kSampleWait : last_sent_;
}

std::optional<net::TimePoint> Sweep::deadline(net::TimePoint now) const {
  if (answered_ == targets_.size()) return tail_end();
  if (phase_ == Phase::kTail) {
    return extra_round_earned() ? std::min(tail_end(), extra_round_at()) : tail_end();
  }
  return std::max(next_due(), pacer_.ready_at(now));
}

Sweep::Progress Sweep::progress() const {
  return {.targets = targets_.size(),
          .answered = answered_,
          .requests = requests_,
          .round = round_,
          .round_targets = queue_.size() + rest_.size(),
          .round_done = position_,
          .found_later = found_later_,
          .dropped = dropped_,
          .rate = pacer_.rate()};
}

}  // namespace scanner
