// SPDX-License-Identifier: MIT
// From the text of targets to the addresses that are asked, against a set that is filled one address at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "scanner/plan.h"
#include "scanner/sweep.h"
#include "scanner/targets.h"

namespace scanner {
namespace {

using Addresses = std::set<std::uint32_t>;

constexpr std::uint32_t kRange = 0xc0a80000;  // 192.168.0.0; everything happens in the /20 from here.
constexpr std::uint32_t kSpace = 4096;

std::string dotted(std::uint32_t address) { return net::Ipv4Address{address}.to_string(); }

struct Case {
  explicit Case(unsigned seed) : random(seed) {
    interface.name = "eth0";
    interface.up = interface.broadcast = interface.ethernet = true;
    interface.mac = {{2, 0, 0, 0, 0, 1}};
    for (std::size_t i = 0; i <= random() % 3; ++i) {
      const auto prefix = static_cast<unsigned>(20 + random() % 13);
      interface.addresses.push_back({net::Ipv4Address{pick()}, prefix, std::nullopt});
    }
    for (std::size_t i = 0; i <= random() % 5; ++i) add_target();
  }

  std::uint32_t pick() { return kRange + static_cast<std::uint32_t>(random() % kSpace); }

  void add_target() {
    const std::uint32_t address = pick();
    std::uint32_t first = address;
    std::uint32_t last = address;
    switch (random() % 4) {
      case 0: {
        const auto bits = static_cast<unsigned>(random() % 12);
        texts.push_back(dotted(address) + "/" + std::to_string(32 - bits));
        first = address >> bits << bits;
        last = first + (1U << bits) - 1;
        break;
      }
      case 1:
        last = std::min(address + static_cast<std::uint32_t>(random() % 600), kRange + kSpace - 1);
        texts.push_back(dotted(address) + "-" + dotted(last));
        break;
      case 2:
        last = address + static_cast<std::uint32_t>(random() % (256 - (address & 0xff)));
        texts.push_back(dotted(address) + "-" + std::to_string(last & 0xff));
        break;
      default:
        texts.push_back(dotted(address));
    }
    for (std::uint32_t a = first; a <= last; ++a) named.insert(a);
  }

  // Those named that are on a network of the interface, without our own addresses and the networks' first and last.
  Addresses expected() const {
    Addresses wanted;
    for (const std::uint32_t address : named) {
      bool reached = false;
      bool excluded = false;
      for (const net::InterfaceAddress& own : interface.addresses) {
        const std::uint32_t mask = own.prefix == 32 ? 0xffffffff : ~(0xffffffffU >> own.prefix);
        const std::uint32_t ours = own.address.v4()->value;
        const std::uint32_t network = ours & mask;
        reached = reached || (address & mask) == network;
        excluded = excluded || address == ours;
        excluded = excluded || (own.prefix <= 30 && (address == network || address == (network | ~mask)));
      }
      if (reached && !excluded) wanted.insert(address);
    }
    return wanted;
  }

  std::mt19937 random;
  net::Interface interface;
  std::vector<std::string> texts;
  Addresses named;
};

PlanRequest request_of(const Case& given) {
  PlanRequest request;
  for (const std::string& text : given.texts) {
    const auto target = parse_target(text);
    EXPECT_TRUE(target.ok()) << text;
    if (target.ok()) request.targets.push_back(std::get<AddressRange>(*target));
  }
  return request;
}

// Everyone the sweep asks in its first round; asking somebody twice is a failure.
Addresses asked(const AddressSet& targets) {
  Addresses all;
  if (targets.empty()) return all;
  net::TimePoint now{std::chrono::seconds(100)};
  SweepSettings settings = make_settings(Profile::kLan, targets.size(), {.rate = 1e6, .retries = 0, .timeout = {}});
  Sweep sweep(targets, settings, now);
  std::array<net::Ipv4Address, 64> batch;
  while (!sweep.done(now)) {
    const std::size_t count = sweep.due(now, batch);
    for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(all.insert(batch.at(i).value).second);
    sweep.sent(now, count);
    now += std::chrono::milliseconds(1);
  }
  return all;
}

TEST(TargetExpansion, AgreesWithANaiveSet) {
  std::size_t non_empty = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    const Case given(seed);
    std::string described = "seed " + std::to_string(seed);
    for (const std::string& text : given.texts) described += " " + text;
    const auto plan = make_plan({given.interface}, std::nullopt, request_of(given));
    const Addresses expected = given.expected();
    if (!plan.ok()) {
      ASSERT_TRUE(expected.empty()) << described << ": " << plan.error().message;
      continue;
    }
    ASSERT_EQ(plan->interfaces.size(), 1U) << described;
    ASSERT_EQ(asked(plan->interfaces[0].targets()), expected) << described;
    non_empty += expected.empty() ? 0U : 1U;
  }
  // Most cases are about something.
  EXPECT_GT(non_empty, 200U);
}

}  // namespace
}  // namespace scanner
