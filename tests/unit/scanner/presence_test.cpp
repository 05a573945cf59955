// SPDX-License-Identifier: MIT
#include "scanner/presence.h"

#include <gtest/gtest.h>

#include <random>

namespace scanner {
namespace {

using Kind = Presence::Kind;

Presence::Key host(std::uint32_t last) { return {net::Ipv4Address{0x0a000000 + last}, "eth0"}; }
net::MacAddress mac_of(std::uint8_t last) { return {{0, 1, 2, 3, 4, last}}; }

std::vector<Kind> kinds(const std::vector<Presence::Event>& events) {
  std::vector<Kind> result;
  for (const auto& event : events) result.push_back(event.kind);
  return result;
}

TEST(Presence, AJoinIsToldAtOnceAndOnce) {
  Presence presence;
  const auto event = presence.seen(host(1), mac_of(1));
  ASSERT_TRUE(event);
  EXPECT_EQ(*event, (Presence::Event{Kind::kJoin, host(1), mac_of(1), {}, {}}));
  EXPECT_FALSE(presence.seen(host(1), mac_of(1)));
  EXPECT_TRUE(presence.end_sweep().empty());
}

TEST(Presence, AHostLeavesAfterThreeSweepsWithoutIt) {
  Presence presence;
  presence.seen(host(1), mac_of(1));
  EXPECT_TRUE(presence.end_sweep().empty());
  EXPECT_TRUE(presence.end_sweep().empty());
  EXPECT_TRUE(presence.end_sweep().empty());
  EXPECT_EQ(presence.end_sweep(), (std::vector{Presence::Event{Kind::kLeave, host(1), mac_of(1), {}, {}}}));
  EXPECT_TRUE(presence.end_sweep().empty());
  EXPECT_TRUE(presence.seen(host(1), mac_of(1)));  // And is back.
}

TEST(Presence, LostAnswersAreNoEvents) {
  Presence presence;
  std::mt19937 random(3);
  std::size_t events = 0;
  for (int sweep = 0; sweep < 500; ++sweep) {
    for (std::uint32_t i = 0; i < 40; ++i) {
      // Three requests, each answer lost with 30 %.
      const bool heard = random() % 1000 >= 27;
      if (heard && presence.seen(host(i), mac_of(static_cast<std::uint8_t>(i)))) ++events;
    }
    events += presence.end_sweep().size();
  }
  EXPECT_EQ(events, 40U);
}

TEST(Presence, AnotherMacIsAChange) {
  Presence presence;
  presence.seen(host(1), mac_of(1));
  presence.end_sweep();
  EXPECT_FALSE(presence.seen(host(1), mac_of(2)));
  EXPECT_EQ(presence.end_sweep(), (std::vector{Presence::Event{Kind::kChange, host(1), mac_of(2), mac_of(1), {}}}));
  presence.seen(host(1), mac_of(2));
  EXPECT_TRUE(presence.end_sweep().empty());
}

TEST(Presence, ASecondMacBesideTheFirstIsAConflictToldOnce) {
  Presence presence;
  presence.seen(host(1), mac_of(1));
  presence.end_sweep();
  presence.seen(host(1), mac_of(1));
  presence.seen(host(1), mac_of(2));
  EXPECT_EQ(kinds(presence.end_sweep()), std::vector{Kind::kConflict});
  presence.seen(host(1), mac_of(2));
  EXPECT_TRUE(presence.end_sweep().empty());
  presence.seen(host(1), mac_of(1));
  EXPECT_TRUE(presence.end_sweep().empty());
}

TEST(Presence, AMacThatTakesAnotherAddressMoves) {
  Presence presence;
  presence.seen(host(1), mac_of(1));
  presence.end_sweep();
  EXPECT_FALSE(presence.seen(host(2), mac_of(1)));
  EXPECT_EQ(presence.end_sweep(), (std::vector{Presence::Event{Kind::kMove, host(2), mac_of(1), {}, host(1).first}}));
  presence.seen(host(2), mac_of(1));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(presence.end_sweep().empty());
  EXPECT_EQ(kinds(presence.end_sweep()), std::vector{Kind::kLeave});
}

TEST(Presence, AMoveInTheMiddleOfASweepIsAMoveToo) {
  Presence presence;
  presence.seen(host(1), mac_of(1));
  presence.end_sweep();
  presence.seen(host(1), mac_of(1));
  EXPECT_FALSE(presence.seen(host(2), mac_of(1)));
  EXPECT_TRUE(presence.end_sweep().empty());
  EXPECT_FALSE(presence.seen(host(2), mac_of(1)));
  EXPECT_EQ(presence.end_sweep(), (std::vector{Presence::Event{Kind::kMove, host(2), mac_of(1), {}, host(1).first}}));
}

TEST(Presence, AnAddressMoreIsAJoinOnceTheOldOneHasAnsweredAgain) {
  Presence presence;
  presence.seen(host(1), mac_of(1));
  presence.end_sweep();
  for (int sweep = 0; sweep < 2; ++sweep) {
    presence.seen(host(1), mac_of(1));
    EXPECT_FALSE(presence.seen(host(2), mac_of(1)));
    EXPECT_EQ(kinds(presence.end_sweep()), sweep == 0 ? std::vector<Kind>{} : std::vector{Kind::kJoin});
  }
  presence.seen(host(1), mac_of(1));
  EXPECT_FALSE(presence.seen(host(2), mac_of(1)));
  EXPECT_TRUE(presence.end_sweep().empty());
}

TEST(Presence, ASecondAddressOfAMachineIsAJoin) {
  Presence presence;
  presence.seen(host(1), mac_of(1));
  EXPECT_TRUE(presence.seen(host(2), mac_of(1)));
  presence.end_sweep();
  // The new address answers first, the old one a little later.
  (void)presence.seen(host(3), mac_of(1));
  presence.seen(host(1), mac_of(1));
  presence.seen(host(2), mac_of(1));
  const auto events = presence.end_sweep();
  for (const auto& event : events) EXPECT_EQ(event.kind, Kind::kJoin);
}

}  // namespace
}  // namespace scanner
