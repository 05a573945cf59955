// SPDX-License-Identifier: MIT
#include "scanner/pacer.h"

#include <algorithm>

#include "net/check.h"

namespace scanner {
namespace {

using std::chrono::milliseconds;

// While nothing is lost the rate is multiplied by this, this often: from 1000/s it reaches 5000/s in 0.8 s.
constexpr double kGrowth = 1.5;
constexpr auto kGrowEvery = milliseconds(200);
// What was sent before the rate fell is still answered, and lost, for a while: it falls no sooner again, and does not
// grow before that is long over.
constexpr auto kShrinkEvery = milliseconds(200);
constexpr auto kHoldAfterLoss = milliseconds(1000);
// For a full send queue to empty in part.
constexpr auto kBlockedPause = milliseconds(2);
// Requests a second: the rate falls no lower, so that a sweep always comes to an end.
constexpr double kLowestRate = 100;

// What goes at once after a late wake-up: 20 ms' worth, up to 32 requests, which any switch can buffer. At high rates
// 5 ms' worth.
double burst_of(double rate) { return std::max({2.0, std::min(32.0, rate * 0.02), rate * 0.005}); }

// The rest of what a busy machine's late wake-ups cost is made up for at this pace, where it is 100 ms' worth or less.
constexpr double kCatchUp = 1.5;
double credit_of(double rate) { return std::max(burst_of(rate), rate * 0.1); }

}  // namespace

Pacer::Pacer(double rate, double cap, net::TimePoint now)
    : bucket_(rate, credit_of(cap), now),
      peak_(rate * kCatchUp, burst_of(cap), now),
      floor_(std::min(rate, kLowestRate)),
      cap_(cap),
      grow_at_(now + kGrowEvery),
      shrink_at_(now),
      paused_until_(now) {
  CHECK(rate > 0 && rate <= cap);
  // Buckets start full; a sweep starts with a single request.
  for (net::TokenBucket* bucket : {&bucket_, &peak_}) {
    const std::uint64_t full = bucket->available(now);
    if (full > 1) bucket->spend(full - 1, now);
  }
}

std::size_t Pacer::allowance(net::TimePoint now) {
  if (now < paused_until_) return 0;
  if (now >= grow_at_) {
    if (bucket_.rate() < cap_) set_rate(std::min(cap_, bucket_.rate() * kGrowth), now);
    grow_at_ = now + kGrowEvery;
  }
  const auto most = static_cast<std::uint64_t>(burst_of(bucket_.rate()));
  if (idle_ && bucket_.available(now) > most) bucket_.spend(bucket_.available(now) - most, now);
  idle_ = false;
  return static_cast<std::size_t>(std::min({bucket_.available(now), peak_.available(now), most}));
}

void Pacer::spent(net::TimePoint now, std::size_t count) {
  bucket_.spend(count, now);
  peak_.spend(count, now);
}

net::TimePoint Pacer::ready_at(net::TimePoint now) const {
  return std::max({paused_until_, bucket_.ready_at(1, now), peak_.ready_at(1, now)});
}

void Pacer::set_rate(double rate, net::TimePoint now) {
  bucket_.set_rate(rate, now);
  peak_.set_rate(rate * kCatchUp, now);
}

void Pacer::blocked(net::TimePoint now) {
  paused_until_ = now + kBlockedPause;
  back_off(now, 0.8);
}

void Pacer::lost(net::TimePoint now) { back_off(now, 0.5); }

void Pacer::back_off(net::TimePoint now, double factor) {
  grow_at_ = now + kHoldAfterLoss;
  if (now < shrink_at_) return;
  set_rate(std::max(floor_, bucket_.rate() * factor), now);
  shrink_at_ = now + kShrinkEvery;
}

}  // namespace scanner
