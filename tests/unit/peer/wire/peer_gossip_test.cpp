// SPDX-License-Identifier: MIT
#include "peer/wire/peer_gossip.h"

#include <gtest/gtest.h>

#include <random>

#include "peer/wire/opening.h"

namespace peer::wire {
namespace {

using State = PeerGossipParser::State;

std::vector<std::string> texts(const PeerGossipParser& parser) {
  std::vector<std::string> out;
  for (const net::Endpoint& endpoint : parser.endpoints()) out.push_back(endpoint.to_string());
  return out;
}

struct Parsed {
  State state;
  std::vector<std::string> entries;
  std::size_t dropped;
  std::size_t consumed;
  bool operator==(const Parsed&) const = default;
};

Parsed parse(std::string_view text, std::size_t step = std::string_view::npos) {
  PeerGossipParser parser;
  std::size_t consumed = 0;
  while (consumed < text.size() && parser.state() == State::kMore) {
    const std::size_t taken = parser.feed(net::as_bytes(text.substr(consumed, step)));
    consumed += taken;
  }
  return {parser.state(), texts(parser), parser.dropped(), consumed};
}

using Entries = std::vector<std::string>;

net::Endpoint endpoint(std::string_view text) {
  const auto parsed = net::Endpoint::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(net::Endpoint{});
}

TEST(PeerGossip, ReadsEntries) {
  EXPECT_EQ(
      parse("10.0.0.1,10.0.0.2:2000,[fd00::1],[fd00::2]:7,\nrest"),
      (Parsed{State::kDone, Entries{"10.0.0.1:12345", "10.0.0.2:2000", "[fd00::1]:12345", "[fd00::2]:7"}, 0, 46}));
}

TEST(PeerGossip, AnEmptyListIsAList) { EXPECT_EQ(parse("\n"), (Parsed{State::kDone, {}, 0, 1})); }

TEST(PeerGossip, AnyByteThatCannotStandInAnEntryEndsIt) {
  for (int value = 0; value < 256; ++value) {
    const std::string text = "10.0.0.1," + std::string(1, static_cast<char>(value));
    const Parsed parsed = parse(text);
    const bool in_entry = value >= 0x20 && value <= 0x7e;
    EXPECT_EQ(parsed.state, in_entry ? State::kMore : State::kDone) << value;
    EXPECT_EQ(parsed.consumed, in_entry || value == '\n' ? text.size() : text.size() - 1) << value;
    EXPECT_EQ(parsed.entries, Entries{"10.0.0.1:12345"}) << value;
  }
}

TEST(PeerGossip, WhatStandsAfterTheLastCommaIsDropped) {
  EXPECT_EQ(parse("10.0.0.1,10.0.0.2\n"), (Parsed{State::kDone, Entries{"10.0.0.1:12345"}, 1, 18}));
}

TEST(PeerGossip, JunkIsDroppedAndGoodEntriesAreKept) {  // T08
  const Parsed parsed = parse("10.0.0.1,,what is this?,10.0.0.256,10.0.0.2:0,10.0.0.2:65536,-1," +
                              std::string(65, '1') + "," + std::string(9000, 'x') + ",10.0.0.1:12345,10.0.0.3,\n");
  EXPECT_EQ(parsed.state, State::kDone);
  EXPECT_EQ(parsed.entries, (Entries{"10.0.0.1:12345", "10.0.0.3:12345"}));
  EXPECT_EQ(parsed.dropped, 9u);
}

TEST(PeerGossip, ZonesAreRemoved) { EXPECT_EQ(parse("[fe80::1%eth0]:2000,\n").entries, Entries{"[fe80::1]:2000"}); }

TEST(PeerGossip, EntriesBeyondTheBoundAreCounted) {  // T08
  std::string text;
  for (int i = 0; i < 1500; ++i) {
    text += "10.0.";
    text += std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + ",";
  }
  const Parsed parsed = parse(text + "\n");
  EXPECT_EQ(parsed.entries.size(), PeerGossipParser::kMaxEntries);
  EXPECT_EQ(parsed.dropped, 1500 - PeerGossipParser::kMaxEntries);
}

TEST(PeerGossip, AListThatNeverEndsIsAnError) {  // T08
  const std::string commas(PeerGossipParser::kMaxLength, ',');
  EXPECT_EQ(parse(commas).state, State::kMore);
  EXPECT_EQ(parse(commas + "\n").state, State::kDone);
  EXPECT_EQ(parse(commas + ",").state, State::kTooLong);
  const Parsed one_entry = parse("10.0.0.1," + std::string(1'000'000, 'x'));  // no comma
  EXPECT_EQ(one_entry.state, State::kTooLong);
  EXPECT_EQ(one_entry.entries, Entries{"10.0.0.1:12345"});
  EXPECT_EQ(one_entry.consumed, PeerGossipParser::kMaxLength);
}

TEST(PeerGossip, TheSplitDoesNotMatter) {  // T03
  const std::string text = "10.0.0.1,junk,[fd00::1]:99," + std::string(70, 'y') + ",10.0.0.9:1234,half\x01";
  const Parsed whole = parse(text);
  for (std::size_t step = 1; step < text.size(); ++step) EXPECT_EQ(parse(text, step), whole) << step;
}

TEST(PeerGossip, EncodesShortly) {
  const std::vector<net::Endpoint> peers = {endpoint("10.0.0.1:12345"), endpoint("10.0.0.2:9"),
                                            endpoint("[fe80::1%lo]"), endpoint("[fd00::2]:99")};
  EXPECT_EQ(net::as_text(encode_peer_gossip(peers)),
            "\x10"
            "10.0.0.1,10.0.0.2:9,[fe80::1],[fd00::2]:99,\n");
  EXPECT_EQ(net::as_text(encode_peer_gossip({})), "\x10\n");
}

TEST(PeerGossip, EncodesNoMoreThanTheParserTakes) {
  std::vector<net::Endpoint> peers;
  for (std::uint32_t i = 0; i < 3000; ++i) peers.push_back({net::Ipv4Address{0x0a000001 + i}, 23456});
  const net::Bytes bytes = encode_peer_gossip(peers);
  const Parsed parsed = parse(net::as_text(bytes).substr(1));
  EXPECT_EQ(parsed.state, State::kDone);
  EXPECT_EQ(parsed.dropped, 0u);
  EXPECT_EQ(parsed.entries.size(), PeerGossipParser::kMaxEntries);
  EXPECT_EQ(parsed.consumed, bytes.size() - 1);
}

TEST(PeerGossip, EncodedListsComeBack) {
  std::mt19937 random(1);
  std::vector<net::Endpoint> peers;
  for (int i = 0; i < 500; ++i) {
    net::Ipv6Address v6;
    for (auto& octet : v6.octets) octet = static_cast<std::uint8_t>(random());
    peers.push_back({v6, static_cast<std::uint16_t>(random() % 65535 + 1)});
  }
  PeerGossipParser parser;
  parser.feed(net::ByteView(encode_peer_gossip(peers)).subspan(1));
  EXPECT_EQ(parser.endpoints(), peers);
}

TEST(AddressPolicy, OnlyLocalNetworksAreDialled) {  // T34
  const AddressPolicy policy{{endpoint("192.168.1.7"), endpoint("[fe80::7%eth0]")},
                             {*net::Ipv4Network::parse("192.168.1.0/24"), *net::Ipv4Network::parse("10.9.0.0/31")},
                             false};
  for (const char* good : {"192.168.1.8", "192.168.1.7:2000", "10.1.2.3:1024", "172.16.0.1", "100.64.0.1",
                           "169.254.3.4", "[fe80::8]", "[fd12::1]:65535", "10.9.0.0", "10.9.0.1"}) {
    EXPECT_TRUE(acceptable(endpoint(good), policy)) << good;
  }
  for (const char* bad :
       {"127.0.0.1", "[::1]", "8.8.8.8", "[2001:db8::1]", "224.0.0.1", "239.192.123.45", "[ff02::1]", "255.255.255.255",
        "0.0.0.0", "[::]", "192.168.1.255", "192.168.1.0", "192.168.1.7", "[fe80::7]", "192.168.1.8:22",
        "192.168.1.8:1023", "[::ffff:8.8.8.8]", "[::ffff:127.0.0.1]"}) {
    EXPECT_FALSE(acceptable(endpoint(bad), policy)) << bad;
  }
}

TEST(AddressPolicy, LoopbackOnlyWhereAllowed) {
  const AddressPolicy policy{{endpoint("127.0.0.1:2000")}, {}, true};
  EXPECT_TRUE(acceptable(endpoint("127.0.0.1:2001"), policy));
  EXPECT_TRUE(acceptable(endpoint("[::1]:2001"), policy));
  EXPECT_FALSE(acceptable(endpoint("127.0.0.1:2000"), policy));
  EXPECT_FALSE(acceptable(endpoint("127.0.0.1:22"), policy));
}

TEST(Opening, TellsTheDialectsApart) {
  for (int value = 0; value < 256; ++value) {
    Opening expected = Opening::kUnknown;
    if (value == 0x01) expected = Opening::kPeer;
    if (value == 0x16) expected = Opening::kTls;
    if (value == 'r' || value == 'q') expected = Opening::kLegacy;
    if (value == 'G' || value == 'H') expected = Opening::kHttp;
    EXPECT_EQ(opening_of(static_cast<std::byte>(value)), expected) << value;
  }
}

}  // namespace
}  // namespace peer::wire
