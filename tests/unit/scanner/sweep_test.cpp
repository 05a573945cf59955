// SPDX-License-Identifier: MIT
#include "scanner/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <set>

namespace scanner {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kBase = 0x0a000000;

AddressSet network(unsigned prefix) {
  AddressSet set;
  const std::uint32_t size = 1U << (32 - prefix);
  set.add({{kBase + 1}, {kBase + size - 2}});
  return set;
}

// Plays a network to a sweep: answers arrive when the test says, on a clock that goes from deadline to deadline.
struct Lab {
  // How long until the host at `address` answers its n-th request (counted from 1); nothing: not at all.
  using Hosts = std::function<std::optional<net::Duration>(std::uint32_t address, unsigned request)>;

  Lab(const AddressSet& targets, SweepSettings settings, Hosts answers)
      : sweep(targets, std::move(settings), now), hosts(std::move(answers)) {}
  Lab(const AddressSet& targets, Hosts answers)
      : Lab(targets, make_settings(Profile::kLan, targets.size(), {}), std::move(answers)) {}

  void run() {
    while (!sweep.done(now)) {
      deliver();
      send();
      net::TimePoint next = *sweep.deadline(now);
      if (!pending.empty()) next = std::min(next, pending.top().first);
      // A deadline that lies in the past without anything to do would spin for ever.
      ASSERT_LT(++passes, 3'000'000U);
      now = std::max(now, next);
      if (next <= now) now += microseconds(1);
    }
  }
  void deliver() {
    while (!pending.empty() && pending.top().first <= now) {
      const std::uint32_t address = pending.top().second;
      const net::TimePoint at = pending.top().first;
      pending.pop();
      const auto answer = sweep.answered(at, {address}, Sweep::Evidence::kReply);
      EXPECT_TRUE(answer.target);
      if (answer.first) found[address] = answer;
    }
  }
  void send() {
    std::array<net::Ipv4Address, 64> batch;
    while (const std::size_t count = sweep.due(now, batch)) {
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t address = batch[i].value;
        EXPECT_FALSE(found.contains(address)) << "asked after it had answered";
        asked[address].push_back(now);
        if (const auto delay = hosts(address, static_cast<unsigned>(asked[address].size()))) {
          pending.emplace(now + *delay, address);
        }
      }
      sweep.sent(now, count);
    }
  }
  net::Duration took() const { return now - start; }

  const net::TimePoint start{seconds(5000)};
  net::TimePoint now = start;
  Sweep sweep;
  Hosts hosts;
  std::priority_queue<std::pair<net::TimePoint, std::uint32_t>, std::vector<std::pair<net::TimePoint, std::uint32_t>>,
                      std::greater<>>
      pending;
  std::map<std::uint32_t, Sweep::Answer> found;
  std::map<std::uint32_t, std::vector<net::TimePoint>> asked;
  std::size_t passes = 0;
};

Lab::Hosts every(std::uint32_t n, net::Duration delay) {
  return [=](std::uint32_t address, unsigned) { return address % n == 0 ? std::optional(delay) : std::nullopt; };
}

TEST(Sweep, AsksSilentHostsThreeTimesAndOthersOnce) {
  Lab lab(network(24), every(7, milliseconds(1)));
  lab.run();
  EXPECT_EQ(lab.asked.size(), 254U);
  EXPECT_EQ(lab.found.size(), 36U);
  for (const auto& [address, times] : lab.asked) {
    ASSERT_EQ(times.size(), address % 7 == 0 ? 1U : 3U);
    if (times.size() < 3) continue;
    // Times are kept to 10 us.
    EXPECT_GT(times[1] - times[0], microseconds(249'980));
    EXPECT_LT(times[1] - times[0], milliseconds(270));
    EXPECT_GT(times[2] - times[1], microseconds(499'980));
  }
  EXPECT_LT(lab.took(), milliseconds(1120));
  EXPECT_GE(lab.took(), milliseconds(1100));
}

TEST(Sweep, KeepsTheRateWithinFivePercent) {
  for (const double rate : {200.0, 1000.0, 20000.0}) {
    Lab lab(network(22), make_settings(Profile::kLan, 1022, {.rate = rate, .retries = 0, .timeout = milliseconds(100)}),
            every(1000, milliseconds(1)));
    lab.run();
    std::vector<net::TimePoint> all;
    for (const auto& [address, times] : lab.asked) all.insert(all.end(), times.begin(), times.end());
    std::sort(all.begin(), all.end());
    const double time = std::chrono::duration<double>(all.back() - all.front()).count();
    EXPECT_NEAR(static_cast<double>(all.size() - 1) / time, rate, rate * 0.05);
  }
}

TEST(Sweep, NeighbouringAddressesAreNotAskedInARun) {
  Lab lab(network(24), every(1000, {}));
  std::vector<std::uint32_t> order;
  std::array<net::Ipv4Address, 1> one;
  while (order.size() < 254) {
    if (lab.sweep.due(lab.now, one) == 1) {
      order.push_back(one[0].value);
      lab.sweep.sent(lab.now, 1);
    }
    lab.now += microseconds(100);
  }
  EXPECT_EQ(std::set<std::uint32_t>(order.begin(), order.end()).size(), 254U);
  for (std::size_t i = 1; i < order.size(); ++i) {
    EXPECT_GT(std::max(order[i], order[i - 1]) - std::min(order[i], order[i - 1]), 16U);
  }
}

TEST(Sweep, EndsEarlyWhenEverybodyHasAnswered) {
  Lab lab(network(28), every(1, milliseconds(1)));
  lab.run();
  EXPECT_EQ(lab.found.size(), 14U);
  EXPECT_LT(lab.took(), milliseconds(60));
}

TEST(Sweep, OneTarget) {
  AddressSet one;
  one.add({{kBase + 5}, {kBase + 5}});
  Lab lab(one, every(1, milliseconds(3)));
  lab.run();
  EXPECT_EQ(lab.found.size(), 1U);
  Lab silent(one, every(7777777, {}));
  silent.run();
  EXPECT_EQ(silent.asked[kBase + 5].size(), 3U);
  EXPECT_GE(silent.took(), milliseconds(850));
  EXPECT_LT(silent.took(), milliseconds(851));
}

TEST(Sweep, AHostThatTakesEightHundredMillisecondsIsFound) {
  Lab lab(network(24), [](std::uint32_t address, unsigned) -> std::optional<net::Duration> {
    if (address % 6 != 0) return std::nullopt;
    return address % 60 == 0 ? milliseconds(800) : milliseconds(1);
  });
  lab.run();
  EXPECT_EQ(lab.found.size(), 43U);
  EXPECT_LT(lab.took(), milliseconds(1250));
  // Late is not lost: no further round.
  EXPECT_EQ(lab.sweep.progress().found_later, 0U);
}

TEST(Sweep, RoundTripsAreMatchedToTheRequestThatWasAnswered) {
  Lab lab(network(24), [](std::uint32_t address, unsigned request) -> std::optional<net::Duration> {
    switch (address & 0xff) {
      case 10:
        return milliseconds(2);
      case 20:
        return request == 2 ? std::optional(milliseconds(2)) : std::nullopt;
      case 30:
        return request == 3 ? std::optional(milliseconds(3)) : std::nullopt;
      case 40:
        return milliseconds(800);
      case 50:
        return milliseconds(400);
      default:
        return std::nullopt;
    }
  });
  lab.run();
  ASSERT_EQ(lab.found.size(), 5U);
  const auto near = [&](std::uint32_t host, int ms) {
    const double got = std::chrono::duration<double, std::milli>(*lab.found[kBase + host].round_trip).count();
    EXPECT_NEAR(got, ms, 0.02) << host;
  };
  near(10, 2);
  near(20, 2);
  near(30, 3);
  near(40, 800);
  near(50, 400);
}

TEST(Sweep, LossEarnsFurtherRounds) {
  std::size_t live = 0;
  std::size_t found = 0;
  net::Duration longest{};
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    Lab lab(network(24), [&](std::uint32_t address, unsigned) -> std::optional<net::Duration> {
      if (address % 6 != 0 || random() % 100 < 20) return std::nullopt;
      return milliseconds(1);
    });
    lab.run();
    live += 43;
    found += lab.found.size();
    longest = std::max(longest, lab.took());
  }
  EXPECT_GE(static_cast<double>(found) / static_cast<double>(live), 0.997);
  EXPECT_LT(longest, milliseconds(2000));
}

// A fifth of the requests is lost and, of the hosts, a fifth takes up to 800 ms, as on a wireless network: whatever the
// size and the profile, nearly all are found, none is asked after it has answered, and the sweep ends.
TEST(Sweep, LateAndLossyNetworksAreFoundNearlyWhole) {
  for (const Profile profile : {Profile::kLan, Profile::kWifi}) {
    std::size_t live = 0;
    std::size_t found = 0;
    for (unsigned seed = 0; seed < 30; ++seed) {
      std::mt19937 random(seed);
      const auto prefix = static_cast<unsigned>(22 + seed % 6);
      const auto every_nth = static_cast<std::uint32_t>(2 + random() % 9);
      const AddressSet targets = network(prefix);
      Lab lab(targets, make_settings(profile, targets.size(), {}),
              [&](std::uint32_t address, unsigned) -> std::optional<net::Duration> {
                if (address % every_nth != 0 || random() % 100 < 20) return std::nullopt;
                const bool slow = address / every_nth % 5 == 0;
                return microseconds(200 + random() % (slow ? 800'000 : 5'000));
              });
      lab.run();
      for (const AddressRange& range : targets.ranges()) {
        for (std::uint32_t a = range.first.value; a <= range.last.value; ++a) live += a % every_nth == 0 ? 1U : 0U;
      }
      found += lab.found.size();
      EXPECT_LT(lab.took(), seconds(6)) << "seed " << seed;
    }
    EXPECT_GE(static_cast<double>(found) / static_cast<double>(live), 0.995) << live;
  }
}

// Hosts are lost because the kernel drops frames while the pace is too high: the pace falls, and they are found later.
TEST(Sweep, BacksOffUntilTheKernelKeepsUp) {
  Lab* at_work = nullptr;
  std::uint64_t drops = 0;
  std::map<std::int64_t, unsigned> in_slice;
  Lab lab(network(18), [&](std::uint32_t address, unsigned) -> std::optional<net::Duration> {
    // Ten answers are kept in each 10 ms: those to 2000 requests a second.
    const std::int64_t slice = at_work->now.time_since_epoch() / milliseconds(10);
    if (address % 2 != 0) return std::nullopt;
    if (++in_slice[slice] > 10) {
      at_work->sweep.dropped(at_work->now, ++drops);
      return std::nullopt;
    }
    return milliseconds(1);
  });
  at_work = &lab;
  lab.run();
  EXPECT_GT(drops, 0U);
  // At 5000 requests a second, three of five answers would be dropped.
  EXPECT_LT(drops, 8191U / 20);
  EXPECT_GE(lab.found.size(), 8191U * 99 / 100) << drops << " drops";
}

TEST(Sweep, UnaskedEvidenceCountsAndHasNoRoundTrip) {
  Lab lab(network(24), every(1000, {}));
  const auto answer = lab.sweep.answered(lab.now, {kBase + 9}, Sweep::Evidence::kUnasked);
  EXPECT_TRUE(answer.target);
  EXPECT_TRUE(answer.first);
  EXPECT_FALSE(answer.round_trip);
  EXPECT_FALSE(lab.sweep.answered(lab.now, {kBase + 9}, Sweep::Evidence::kReply).first);
  EXPECT_FALSE(lab.sweep.answered(lab.now, {kBase}, Sweep::Evidence::kReply).target);
  EXPECT_FALSE(lab.sweep.answered(lab.now, {kBase + 255}, Sweep::Evidence::kReply).target);
  EXPECT_FALSE(lab.sweep.answered(lab.now, {0}, Sweep::Evidence::kReply).target);
  lab.run();
  EXPECT_FALSE(lab.asked.contains(kBase + 9));
}

TEST(Sweep, SeveralNetworksAreOneSweep) {
  AddressSet targets;
  targets.add({{kBase + 1}, {kBase + 2}});
  targets.add({{kBase + 100}, {kBase + 101}});
  targets.add({{0xc0a80001}, {0xc0a80001}});
  Lab lab(targets, every(1, milliseconds(1)));
  lab.run();
  std::set<std::uint32_t> found;
  for (const auto& [address, answer] : lab.found) found.insert(address);
  EXPECT_EQ(found, (std::set<std::uint32_t>{kBase + 1, kBase + 2, kBase + 100, kBase + 101, 0xc0a80001}));
}

TEST(Sweep, WhatWasNotSentIsNamedAgain) {
  Lab lab(network(28), every(1000, {}));
  std::array<net::Ipv4Address, 8> batch;
  lab.now += milliseconds(100);
  const std::size_t count = lab.sweep.due(lab.now, batch);
  ASSERT_GE(count, 3U);
  const net::Ipv4Address third = batch[2];
  lab.sweep.sent(lab.now, 2);
  lab.sweep.blocked(lab.now);
  EXPECT_EQ(lab.sweep.due(lab.now, batch), 0U);
  lab.now += milliseconds(3);
  ASSERT_GE(lab.sweep.due(lab.now, batch), 1U);
  EXPECT_EQ(batch[0], third);
}

TEST(Sweep, ALargeNetworkWithoutLossIsOverAfterASampleOfTheSecondRound) {
  Lab lab(network(16), every(6, milliseconds(1)));
  lab.run();
  EXPECT_EQ(lab.found.size(), 10923U);
  EXPECT_LT(lab.took(), seconds(18));
  const auto progress = lab.sweep.progress();
  EXPECT_LT(progress.requests, 82000U);
  EXPECT_DOUBLE_EQ(progress.rate, 5000);
}

TEST(Sweep, LossInALargeNetworkIsNoticedInTheSampleAndMadeGood) {
  std::mt19937 random(1);
  Lab lab(network(18), [&](std::uint32_t address, unsigned) -> std::optional<net::Duration> {
    if (address % 6 != 0 || random() % 100 < 5) return std::nullopt;
    return milliseconds(1);
  });
  lab.run();
  EXPECT_GE(lab.found.size(), 2728U);
  EXPECT_GE(lab.asked.at(kBase + 1).size(), 3U);
}

TEST(Sweep, DropsByTheKernelSlowItDown) {
  Lab lab(network(16), every(100000, {}));
  std::array<net::Ipv4Address, 64> batch;
  for (int i = 0; i < 3000; ++i) {
    lab.sweep.sent(lab.now, lab.sweep.due(lab.now, batch));
    lab.now += milliseconds(1);
  }
  EXPECT_DOUBLE_EQ(lab.sweep.progress().rate, 5000);
  lab.sweep.dropped(lab.now, 3);
  EXPECT_DOUBLE_EQ(lab.sweep.progress().rate, 2500);
  lab.sweep.dropped(lab.now + seconds(1), 3);  // No new ones.
  EXPECT_DOUBLE_EQ(lab.sweep.progress().rate, 2500);
}

TEST(Sweep, AskingOnceMeansOnce) {
  Lab lab(network(24), make_settings(Profile::kLan, 254, {.rate = {}, .retries = 0, .timeout = milliseconds(100)}),
          every(1000, {}));
  lab.run();
  for (const auto& [address, times] : lab.asked) EXPECT_EQ(times.size(), 1U);
  EXPECT_LT(lab.took(), milliseconds(360));
}

}  // namespace
}  // namespace scanner
