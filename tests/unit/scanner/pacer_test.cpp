// SPDX-License-Identifier: MIT
#include "scanner/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "scanner/settings.h"

namespace scanner {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

const net::TimePoint kStart{seconds(1000)};

// Requests that go in `time` when the sender comes by every `step`.
std::size_t sent_in(Pacer& pacer, net::TimePoint from, net::Duration time, net::Duration step) {
  std::size_t sent = 0;
  for (net::TimePoint now = from; now < from + time; now += step) {
    const std::size_t count = pacer.allowance(now);
    pacer.spent(now, count);
    sent += count;
  }
  return sent;
}

TEST(Pacer, KeepsTheRateWithinFivePercent) {
  for (const double rate : {10.0, 1000.0, 5000.0, 250000.0}) {
    for (const auto step : {microseconds(50), microseconds(333), microseconds(2000)}) {
      Pacer pacer(rate, rate, kStart);
      const auto sent = static_cast<double>(sent_in(pacer, kStart, seconds(10), step));
      EXPECT_NEAR(sent, rate * 10, rate * 10 * 0.05) << rate << " at steps of " << step.count() << " us";
    }
  }
}

TEST(Pacer, NeverBursts) {
  Pacer pacer(1000, 1000, kStart);
  EXPECT_EQ(pacer.allowance(kStart), 1U);
  EXPECT_LE(pacer.allowance(kStart + seconds(5)), 20U);
  Pacer fast(5000, 5000, kStart);
  EXPECT_LE(fast.allowance(kStart + seconds(5)), 32U);
  Pacer slow(10, 10, kStart);
  EXPECT_LE(slow.allowance(kStart + seconds(5)), 2U);
}

struct Sent {
  net::TimePoint at;
  double before;
  double after;
};

// What goes in `time` when the sender wakes `lateness()` after the time it asked for.
template <typename Lateness>
std::vector<Sent> sent_lately(Pacer& pacer, net::Duration time, Lateness lateness) {
  std::vector<Sent> sent;
  double total = 0;
  for (net::TimePoint now = kStart; now < kStart + time;
       now = std::max(now, pacer.ready_at(now)) + net::Duration(lateness(now))) {
    const std::size_t count = pacer.allowance(now);
    if (count == 0) continue;
    pacer.spent(now, count);
    sent.push_back({now, total, total + static_cast<double>(count)});
    total += static_cast<double>(count);
  }
  return sent;
}

// In no span of time does more go than one burst (20 ms' worth, at most 32, or 5 ms' worth where that is more) and what
// one and a half times the rate allows.
void expect_no_bursts(const std::vector<Sent>& sent, double rate) {
  const double burst = std::max({2.0, std::min(32.0, rate * 0.02), rate * 0.005});
  for (std::size_t i = 0; i < sent.size(); ++i) {
    for (std::size_t j = i; j < std::min(sent.size(), i + 20); ++j) {
      const double span = std::chrono::duration<double>(sent[j].at - sent[i].at).count();
      const double count = sent[j].after - sent[i].before;
      ASSERT_LE(count, burst + span * rate * 1.5 + 1) << rate << " a second";
      ASSERT_LE(count, std::max(burst, rate * 0.1) + span * rate + 1) << rate << " a second";
    }
  }
}

// A busy machine wakes the sender late now and then.
TEST(Pacer, MakesUpForLateWakeUpsWithoutBursts) {
  for (const double rate : {50.0, 1000.0, 5000.0, 20000.0, 250000.0}) {
    for (unsigned seed = 0; seed < 3; ++seed) {
      std::mt19937 random(seed);
      Pacer pacer(rate, rate, kStart);
      const unsigned latest_us = rate > 5000 ? 4000 : rate > 1600 ? 5000 : 15000;
      const auto sent = sent_lately(pacer, seconds(2), [&](net::TimePoint) {
        return microseconds(random() % 3 == 0 ? random() % latest_us : 50);
      });
      EXPECT_NEAR(sent.back().after, rate * 2, rate * 2 * 0.05) << rate << " a second, seed " << seed;
      expect_no_bursts(sent, rate);
    }
  }
}

// It does not run at all for 20 ms of each 100.
TEST(Pacer, MakesUpForPausesLongerThanABurst) {
  for (const double rate : {1000.0, 5000.0, 20000.0, 250000.0}) {
    Pacer pacer(rate, rate, kStart);
    net::TimePoint pause = kStart + milliseconds(80);
    const auto sent = sent_lately(pacer, seconds(2), [&](net::TimePoint now) -> net::Duration {
      if (now < pause) return microseconds(50);
      pause += milliseconds(100);
      return milliseconds(20);
    });
    EXPECT_NEAR(sent.back().after, rate * 2, rate * 2 * 0.05) << rate << " a second";
    expect_no_bursts(sent, rate);
  }
}

TEST(Pacer, IdleTimeIsNotMadeUpFor) {
  Pacer pacer(1000, 1000, kStart);
  EXPECT_EQ(pacer.allowance(kStart), 1U);
  pacer.spent(kStart, 1);
  pacer.idle();
  const net::TimePoint later = kStart + seconds(5);
  const std::size_t sent = sent_in(pacer, later, milliseconds(200), milliseconds(1));
  // A burst of 20 and the rate.
  EXPECT_GE(sent, 200U);
  EXPECT_LE(sent, 221U);
}

TEST(Pacer, SaysWhenTheNextMayGo) {
  Pacer pacer(1000, 1000, kStart);
  pacer.spent(kStart, 1);
  const net::TimePoint next = pacer.ready_at(kStart);
  EXPECT_NEAR(std::chrono::duration<double>(next - kStart).count(), 0.001, 0.00001);
  EXPECT_EQ(pacer.allowance(next), 1U);
}

TEST(Pacer, GrowsToTheCapWhileNothingIsLost) {
  Pacer pacer(1000, 5000, kStart);
  sent_in(pacer, kStart, seconds(2), milliseconds(1));
  EXPECT_DOUBLE_EQ(pacer.rate(), 5000);
  sent_in(pacer, kStart + seconds(2), seconds(2), milliseconds(1));
  EXPECT_DOUBLE_EQ(pacer.rate(), 5000);
}

TEST(Pacer, LossHalvesTheRateAndHoldsIt) {
  Pacer pacer(1000, 5000, kStart);
  sent_in(pacer, kStart, seconds(2), milliseconds(1));
  const net::TimePoint now = kStart + seconds(2);
  pacer.lost(now);
  EXPECT_DOUBLE_EQ(pacer.rate(), 2500);
  pacer.lost(now + milliseconds(10));  // The same trouble, still on its way.
  EXPECT_DOUBLE_EQ(pacer.rate(), 2500);
  sent_in(pacer, now, milliseconds(900), milliseconds(1));
  EXPECT_DOUBLE_EQ(pacer.rate(), 2500);
  sent_in(pacer, now + milliseconds(900), milliseconds(400), milliseconds(1));
  EXPECT_GT(pacer.rate(), 2500);
}

TEST(Pacer, NeverFallsToNothing) {
  Pacer pacer(1000, 1000, kStart);
  for (int i = 1; i < 100; ++i) pacer.lost(kStart + i * seconds(1));
  EXPECT_DOUBLE_EQ(pacer.rate(), 100);
  Pacer slow(5, 5, kStart);
  slow.lost(kStart + seconds(1));
  EXPECT_DOUBLE_EQ(slow.rate(), 5);
}

TEST(Pacer, AFullQueuePausesIt) {
  Pacer pacer(1000, 1000, kStart);
  pacer.blocked(kStart);
  EXPECT_EQ(pacer.allowance(kStart), 0U);
  EXPECT_EQ(pacer.allowance(kStart + milliseconds(1)), 0U);
  EXPECT_EQ(pacer.ready_at(kStart), kStart + milliseconds(2));
  EXPECT_GT(pacer.allowance(kStart + milliseconds(2)), 0U);
}

TEST(Settings, SmallNetworksKeepTheRateAndLargeOnesGrow) {
  EXPECT_EQ(make_settings(Profile::kLan, 254, {}).rate_cap, 1000);
  EXPECT_EQ(make_settings(Profile::kLan, 65534, {}).rate, 1000);
  EXPECT_EQ(make_settings(Profile::kLan, 65534, {}).rate_cap, 5000);
  EXPECT_FALSE(make_settings(Profile::kLan, 254, {}).sampled_rounds);
  EXPECT_TRUE(make_settings(Profile::kLan, 65534, {}).sampled_rounds);
}

TEST(Settings, TheUserIsObeyed) {
  const auto settings =
      make_settings(Profile::kLan, 65534, {.rate = 250000, .retries = 0, .timeout = milliseconds(100)});
  EXPECT_EQ(settings.rate, 250000);
  EXPECT_EQ(settings.rate_cap, 250000);
  EXPECT_TRUE(settings.gaps.empty());
  EXPECT_EQ(settings.extra_rounds, 0U);
  EXPECT_FALSE(settings.sampled_rounds);
  EXPECT_EQ(settings.timeout, milliseconds(100));
  EXPECT_LE(settings.tail, milliseconds(100));
  const auto patient = make_settings(Profile::kLan, 10, {.rate = {}, .retries = 4, .timeout = {}});
  EXPECT_EQ(patient.gaps.size(), 4U);
  EXPECT_EQ(patient.gaps.back(), milliseconds(500));
}

TEST(Settings, WirelessIsAskedMoreOftenAndAwaitedLonger) {
  const auto wifi = make_settings(Profile::kWifi, 254, {});
  EXPECT_EQ(wifi.gaps.size(), 4U);
  EXPECT_EQ(wifi.tail, milliseconds(1500));
}

}  // namespace
}  // namespace scanner
