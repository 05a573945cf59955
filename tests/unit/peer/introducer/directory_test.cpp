// SPDX-License-Identifier: MIT
#include "peer/introducer/directory.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace peer::introducer {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

net::IpAddress ip(const std::string& text) { return *net::IpAddress::parse(text); }
Peer peer(const std::string& id, const std::string& address, std::uint16_t port = 12345) {
  return {id, {ip(address), port}};
}
/// Different private addresses for different numbers.
Peer numbered(std::uint32_t i) {
  return {"n" + std::to_string(i), {net::IpAddress(net::Ipv4Address{0x0a000001U + i}), 12345}};
}

class IntroducerDirectory : public testing::Test {
 protected:
  bool join(const Peer& one) { return directory.join(clock.advance(std::chrono::milliseconds(1)), one); }
  std::vector<std::string> newest(const std::string& asker, std::size_t count = 5, const std::string& except = "") {
    std::vector<std::string> ids;
    for (const Peer& one : directory.newest(clock.now(), except, ip(asker), count)) ids.push_back(one.id);
    return ids;
  }
  using Ids = std::vector<std::string>;

  support::ManualClock clock;
  Directory directory{{minutes(10), 1000}};
};

TEST_F(IntroducerDirectory, TellsTheNewestFirstAndNotTheAsker) {
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT_TRUE(join(numbered(i)));
  EXPECT_EQ(newest("10.9.0.1"), (Ids{"n7", "n6", "n5", "n4", "n3"}));
  EXPECT_EQ(newest("10.9.0.1", 3, "n6"), (Ids{"n7", "n5", "n4"}));
  EXPECT_EQ(newest("10.9.0.1", 0), Ids{});
  EXPECT_EQ(newest("10.9.0.1", 32).size(), 8U);
  EXPECT_TRUE(join(numbered(2)));
  EXPECT_EQ(newest("10.9.0.1", 2), (Ids{"n2", "n7"}));
  EXPECT_EQ(directory.size(), 8U);
}

TEST_F(IntroducerDirectory, AnEntryBelongsToItsAddress) {
  join(peer("a", "10.0.0.1"));
  join(peer("a", "10.0.0.2"));
  EXPECT_EQ(directory.size(), 2U);
  directory.leave("a", ip("10.0.0.3"));
  EXPECT_EQ(directory.size(), 2U);
  directory.leave("a", ip("10.0.0.2"));
  auto left = directory.newest(clock.now(), "", ip("10.0.0.9"), 5);
  EXPECT_EQ(left, (std::vector<Peer>{peer("a", "10.0.0.1")}));
}

TEST_F(IntroducerDirectory, OneEndpointIsOnePeer) {
  join(peer("old", "10.0.0.1", 4000));
  join(peer("other", "10.0.0.1", 4001));
  join(peer("new", "10.0.0.1", 4000));
  EXPECT_EQ(newest("10.0.0.9"), (Ids{"new", "other"}));
  // A peer that moves to the port of another.
  join(peer("new", "10.0.0.1", 4001));
  EXPECT_EQ(newest("10.0.0.9"), (Ids{"new"}));
  EXPECT_EQ(directory.newest(clock.now(), "", ip("10.0.0.9"), 5)[0].endpoint.port, 4001);
}

TEST_F(IntroducerDirectory, ForgetsWhoDoesNotComeAgain) {
  join(peer("a", "10.0.0.1"));
  auto first = clock.now();
  clock.advance(minutes(6));
  join(peer("b", "8.8.8.8"));
  EXPECT_EQ(directory.deadline(), first + minutes(10));
  clock.advance_to(first + minutes(10) - seconds(1));
  directory.expire(clock.now());
  EXPECT_EQ(newest("10.0.0.9"), (Ids{"b", "a"}));
  // Not told any more, even before expire() was called.
  clock.advance_to(first + minutes(10));
  EXPECT_EQ(newest("10.0.0.9"), (Ids{"b"}));
  directory.expire(clock.now());
  EXPECT_EQ(directory.size(), 1U);
  clock.advance(minutes(10));
  directory.expire(clock.now());
  EXPECT_EQ(directory.size(), 0U);
  EXPECT_EQ(directory.deadline(), std::nullopt);
}

TEST_F(IntroducerDirectory, ExpiresInBoundedSteps) {
  Directory large{{minutes(1), 5000}};
  for (std::uint32_t i = 0; i < 3000; ++i) ASSERT_TRUE(large.join(clock.now(), numbered(i)));
  clock.advance(minutes(1));
  large.expire(clock.now());
  EXPECT_EQ(large.size(), 3000 - Directory::kMaxExpired);
  EXPECT_LE(*large.deadline(), clock.now());
  for (int i = 0; i < 3; ++i) large.expire(clock.now());
  EXPECT_EQ(large.size(), 0U);
}

TEST_F(IntroducerDirectory, ScopesAreKeptApart) {
  join(peer("host", "127.0.0.1"));
  join(peer("lan", "192.168.1.2"));
  join(peer("ula", "fd00::2"));
  join(peer("world", "8.8.8.8"));
  EXPECT_EQ(newest("127.0.0.1"), (Ids{"world", "ula", "lan", "host"}));
  EXPECT_EQ(newest("::1"), (Ids{"world", "ula", "lan", "host"}));
  EXPECT_EQ(newest("10.0.0.9"), (Ids{"world", "ula", "lan"}));
  EXPECT_EQ(newest("9.9.9.9"), (Ids{"world"}));
}

TEST_F(IntroducerDirectory, T35OneSourceNeitherPushesOthersOutNorFillsTheAnswers) {
  for (std::uint32_t i = 0; i < 5; ++i) join(numbered(i));
  for (std::uint16_t i = 0; i < 200; ++i) join(peer("sybil" + std::to_string(i), "10.9.9.9", 2000 + i));
  EXPECT_EQ(directory.size(), 5 + Directory::kPerOrigin);
  EXPECT_EQ(newest("10.0.0.9"), (Ids{"sybil199", "sybil198", "n4", "n3", "n2"}));
  EXPECT_EQ(newest("10.0.0.9", 9), (Ids{"sybil199", "sybil198", "sybil197", "sybil196", "n4", "n3", "n2", "n1", "n0"}));
}

TEST_F(IntroducerDirectory, T35AnIpv6NetworkIsOneSource) {
  Directory large{{minutes(10), 5000}};
  for (int i = 0; i < 3000; ++i) {
    large.join(clock.now(), peer("s" + std::to_string(i), "2001:db8::" + std::to_string(1 + i % 9999)));
  }
  EXPECT_EQ(large.size(), Directory::kPerOrigin * Origin::kNetworkWeight);
  EXPECT_EQ(Origin::of(ip("2001:db8::1")), Origin::of(ip("2001:db8::ffff:0:0:1")));
  EXPECT_NE(Origin::of(ip("2001:db8::1")), Origin::of(ip("2001:db8:0:1::1")));
  EXPECT_NE(Origin::of(ip("10.0.0.1")), Origin::of(ip("10.0.0.2")));
}

TEST_F(IntroducerDirectory, AFullOneTakesNobodyButKeepsWhoIsThere) {
  Directory small{{minutes(10), 3}};
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_TRUE(small.join(clock.advance(seconds(1)), numbered(i)));
  EXPECT_FALSE(small.join(clock.now(), numbered(3)));
  EXPECT_TRUE(small.join(clock.now(), numbered(1)));
  // Another peer at a known endpoint takes its place.
  EXPECT_TRUE(small.join(clock.now(), peer("x", "10.0.0.1")));
  EXPECT_EQ(small.size(), 3U);
  small.leave("x", ip("10.0.0.1"));
  EXPECT_TRUE(small.join(clock.now(), numbered(3)));
}

TEST_F(IntroducerDirectory, ChangesTellWhatToKeep) {
  join(peer("a", "10.0.0.1", 4000));
  join(peer("b", "10.0.0.1", 4000));
  directory.leave("nobody", ip("10.0.0.1"));
  auto changes = directory.take_changes();
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_TRUE(changes[0].peer.id == "a" && !changes[0].gone);
  EXPECT_TRUE(changes[1].peer.id == "a" && changes[1].gone);
  EXPECT_TRUE(changes[2].peer.id == "b" && !changes[2].gone);
  clock.advance(minutes(11));
  directory.expire(clock.now());
  changes = directory.take_changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].peer, peer("b", "10.0.0.1", 4000));
  EXPECT_TRUE(changes[0].gone);
  EXPECT_TRUE(directory.take_changes().empty());
}

TEST_F(IntroducerDirectory, AnAnswerLooksAtABoundedNumber) {
  Directory large{{minutes(10), 100'000}};
  // The only entry that is not the asker's own id lies behind more of them than are looked at.
  large.join(clock.now(), peer("far", "10.200.0.1"));
  for (std::uint32_t i = 0; i < Directory::kMaxLooked; ++i) {
    Peer one = numbered(i);
    one.id = "me";
    large.join(clock.now(), one);
  }
  EXPECT_TRUE(large.newest(clock.now(), "me", ip("10.0.0.1"), 5).empty());
  large.leave("me", numbered(0).endpoint.address);
  EXPECT_EQ(large.newest(clock.now(), "me", ip("10.0.0.1"), 5).size(), 1U);
}

}  // namespace
}  // namespace peer::introducer
