// SPDX-License-Identifier: MIT
#include "peer/introducer/limits.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace peer::introducer {
namespace {

Origin origin(const char* address) { return Origin::of(*net::IpAddress::parse(address)); }

int allowed(Limits& limits, net::TimePoint now, const Origin& from) {
  int count = 0;
  while (limits.allow(now, from)) ++count;
  return count;
}

TEST(IntroducerLimits, T19ASourceHasABurstAndARate) {
  support::ManualClock clock;
  Limits limits;
  EXPECT_EQ(allowed(limits, clock.now(), origin("10.0.0.1")), 100);
  EXPECT_EQ(allowed(limits, clock.now(), origin("10.0.0.2")), 100);
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(allowed(limits, clock.now(), origin("10.0.0.1")), 10);
  clock.advance(std::chrono::hours(2));
  EXPECT_EQ(allowed(limits, clock.now(), origin("10.0.0.1")), 100);
}

TEST(IntroducerLimits, AnIpv6NetworkSharesALargerAllowance) {
  support::ManualClock clock;
  Limits limits;
  EXPECT_EQ(allowed(limits, clock.now(), origin("2001:db8::1")), 1600);
  EXPECT_FALSE(limits.allow(clock.now(), origin("2001:db8::2")));
  EXPECT_TRUE(limits.allow(clock.now(), origin("2001:db8:1::2")));
}

TEST(IntroducerLimits, T19AFloodOfSourcesIsBounded) {
  support::ManualClock clock;
  Limits limits;
  for (std::uint32_t i = 0; i < 3 * Limits::kMaxOrigins; ++i) {
    ASSERT_TRUE(limits.allow(clock.now(), Origin::of(net::IpAddress(net::Ipv4Address{i}))));
    // One that goes on asking is not forgotten among them.
    if (i % 1000 == 0 && i < 100'000) limits.allow(clock.now(), origin("192.168.0.1"));
  }
  EXPECT_EQ(limits.remembered(), Limits::kMaxOrigins);
  EXPECT_LT(allowed(limits, clock.now(), origin("192.168.0.1")), 60);
}

}  // namespace
}  // namespace peer::introducer
