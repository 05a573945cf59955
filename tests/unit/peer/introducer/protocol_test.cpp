// SPDX-License-Identifier: MIT
#include "peer/introducer/protocol.h"

#include <gtest/gtest.h>

namespace peer::introducer {
namespace {

net::Endpoint endpoint(const char* text) { return *net::Endpoint::parse(text); }

control::Status refused(const control::Request& request) {
  auto command = to_command(request);
  EXPECT_FALSE(command.ok()) << request.op;
  return command ? control::kOk : command.error();
}

TEST(IntroducerProtocol, PeerIdsAreShortAndPlain) {
  for (std::string_view id : {"a", "A-b_c.9", "0123456789abcdef"}) EXPECT_TRUE(is_peer_id(id)) << id;
  EXPECT_TRUE(is_peer_id(std::string(kMaxIdSize, 'x')));
  EXPECT_FALSE(is_peer_id(std::string(kMaxIdSize + 1, 'x')));
  for (std::string_view id : {"", "a,b", "a b", "a\n", "\xc3\xbc", "a\x1b[2J", "%41", "a/b"})
    EXPECT_FALSE(is_peer_id(id)) << id;
  EXPECT_FALSE(is_peer_id(std::string_view("a\0b", 3)));
}

TEST(IntroducerProtocol, ReadsJoin) {
  auto join = [](std::vector<std::string> args) { return std::get<Join>(*to_command({"JOIN", std::move(args)})); };
  EXPECT_EQ(join({"me", "10.0.0.7"}), (Join{{"me", endpoint("10.0.0.7:12345")}, 5}));
  EXPECT_EQ(join({"me", "10.0.0.7", "4000"}), (Join{{"me", endpoint("10.0.0.7:4000")}, 5}));
  EXPECT_EQ(join({"me", "2001:db8::1", "1", "0"}), (Join{{"me", endpoint("[2001:db8::1]:1")}, 0}));
  EXPECT_EQ(join({"me", "0.0.0.0", "65535", "32"}), (Join{{"me", endpoint("0.0.0.0:65535")}, 32}));
  EXPECT_EQ(join({"me", "::ffff:10.0.0.7"}).peer.endpoint.address, *net::IpAddress::parse("10.0.0.7"));
}

TEST(IntroducerProtocol, ReadsBothWordsForLeaving) {
  for (const char* op : {"DELETE", "LEAVE"}) EXPECT_EQ(std::get<Leave>(*to_command({op, {"me"}})), (Leave{"me"}));
}

TEST(IntroducerProtocol, RefusesWhatIsMissingWrongOrTooMuch) {
  const std::vector<control::Request> requests{
      {"JOIN", {}},
      {"JOIN", {"me"}},
      {"JOIN", {"", "10.0.0.7"}},
      {"JOIN", {"a,b", "10.0.0.7"}},
      {"JOIN", {"me", ""}},
      {"JOIN", {"me", "10.0.0"}},
      {"JOIN", {"me", "10.0.0.256"}},
      {"JOIN", {"me", "10.0.0.7:4000"}},
      {"JOIN", {"me", "host"}},
      {"JOIN", {"me", "10.0.0.7", ""}},
      {"JOIN", {"me", "10.0.0.7", "0"}},
      {"JOIN", {"me", "10.0.0.7", "65536"}},
      {"JOIN", {"me", "10.0.0.7", "-1"}},
      {"JOIN", {"me", "10.0.0.7", "+1"}},
      {"JOIN", {"me", "10.0.0.7", "01"}},
      {"JOIN", {"me", "10.0.0.7", "1x"}},
      {"JOIN", {"me", "10.0.0.7", "4294967297"}},
      {"JOIN", {"me", "10.0.0.7", "4000", "33"}},
      {"JOIN", {"me", "10.0.0.7", "4000", ""}},
      {"JOIN", {"me", "10.0.0.7", "4000", "99999999999999999999"}},
      {"JOIN", {"me", "10.0.0.7", "4000", "5", "x"}},
      {"DELETE", {}},
      {"DELETE", {""}},
      {"DELETE", {"a", "b"}},
      {"LEAVE", {"a b"}},
  };
  for (const auto& request : requests) EXPECT_EQ(refused(request).code, 422U) << request.args.size();
}

TEST(IntroducerProtocol, OtherOperationsAreUnknown) {
  for (const char* op : {"JOI", "JOINS", "HELLO", "STOP", "GET", "DELETE_ALL"}) {
    EXPECT_EQ(refused({op, {"me", "10.0.0.7"}}).code, 404U) << op;
    EXPECT_EQ(refused({op, {"me", "10.0.0.7"}}).message, "OPERATION UNKNOWN");
  }
}

TEST(IntroducerProtocol, ReadsTheRequestsItWrites) {
  for (const Command& command :
       {Command(Join{{"me", endpoint("10.0.0.7:4000")}, 5}), Command(Join{{"me", endpoint("[2001:db8::1]:1")}, 0}),
        Command(Join{{"me", endpoint("0.0.0.0:12345")}, 32}), Command(Leave{"me"})})
    EXPECT_EQ(*to_command(to_request(command)), command);
}

TEST(IntroducerProtocol, PeerLinesArePinned) {
  EXPECT_EQ(format_peer(1, {"alice", endpoint("10.1.0.7:12345")}), "1,alice,10.1.0.7,12345");
  EXPECT_EQ(format_peer(32, {"b-2", endpoint("[2001:db8::1]:4000")}), "32,b-2,2001:db8::1,4000");
}

TEST(IntroducerProtocol, ReadsThePeersItWrites) {
  for (const Peer& peer :
       {Peer{"alice", endpoint("10.1.0.7:12345")}, Peer{"b", endpoint("[::1]:1")}, Peer{"c", endpoint("[fe80::1]:9")}})
    EXPECT_EQ(parse_peer(format_peer(7, peer)), peer);
}

TEST(IntroducerProtocol, EveryTruncationOfAPeerLineIsNone) {
  const std::string line = "1,alice,10.1.0.7,4";
  ASSERT_TRUE(parse_peer(line));
  for (std::size_t size = 0; size < line.size(); ++size) EXPECT_FALSE(parse_peer(line.substr(0, size))) << size;
}

TEST(IntroducerProtocol, RefusesOtherPeerLines) {
  for (std::string_view line :
       {"1,a,10.0.0.7,4000,", "1,a,10.0.0.7,4000,x", "x,a,10.0.0.7,4000", ",a,10.0.0.7,4000", "1,,10.0.0.7,4000",
        "1,a b,10.0.0.7,4000", "1,a,host,4000", "1,a,10.0.0.7,0", "1,a,10.0.0.7,65536", "1,a,10.0.0.7, 1",
        "1,a,[::1],4000", "-1,a,10.0.0.7,4000", "4294967296,a,10.0.0.7,4000", ",,,", "1;a;10.0.0.7;4000"})
    EXPECT_FALSE(parse_peer(line)) << line;
}

}  // namespace
}  // namespace peer::introducer
