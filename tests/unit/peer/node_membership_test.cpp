// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/unit/peer/node_support.h"

/// What announcements need of the node: hints with a teller, probes, and waiting for hints.
namespace peer {
namespace {

using std::chrono::seconds;

struct NodeMembership : NodeFixture {
  /// From deadline to deadline.
  void go_on(net::Duration duration) {
    const net::TimePoint end = clock.now() + duration;
    while (node.deadline() && *node.deadline() <= end) {
      clock.advance_to(*node.deadline());
      node.expire(clock.now());
      run();
    }
    clock.advance_to(end);
  }
};

TEST_F(NodeMembership, T33AnAnswerEndsAProbe) {
  Remote& remote = accept(1);
  const NodeId id = wire::node_id(hello_of(1));
  EXPECT_TRUE(node.connected(id));
  clock.advance(seconds(1));
  node.probe(clock.now(), id);
  run();
  go_on(seconds(20));
  EXPECT_TRUE(remote.open);
  EXPECT_TRUE(node.connected(id));
}

TEST_F(NodeMembership, T33WhoDoesNotAnswerAProbeIsGivenUp) {
  Remote& remote = accept(1);
  remote.reads = false;
  const NodeId id = wire::node_id(hello_of(1));
  clock.advance(seconds(1));
  node.probe(clock.now(), id);
  node.probe(clock.now() + seconds(2), id);
  go_on(seconds(4));
  EXPECT_TRUE(node.connected(id));
  go_on(seconds(2));
  EXPECT_FALSE(node.connected(id));
}

TEST_F(NodeMembership, AProbeOfAStrangerMeansNothing) {
  node.probe(clock.now(), wire::node_id(hello_of(9)));
  EXPECT_FALSE(node.connected(wire::node_id(hello_of(9))));
}

TEST_F(NodeMembership, ASecondConnectionMakesUsLookAfterTheFirst) {
  Remote& old = accept(1);
  old.reads = false;
  clock.advance(seconds(1));
  Remote& fresh = accept(1);
  EXPECT_FALSE(fresh.open) << "the first may be alive";
  go_on(seconds(6));
  EXPECT_FALSE(old.open);
  EXPECT_TRUE(accept(1).open);
}

TEST_F(NodeMembership, NothingIsSettledWhileHintsAreExpected) {
  EXPECT_TRUE(node.settled());
  node.expect_hints(true);
  EXPECT_FALSE(node.settled());
  node.expect_hints(false);
  EXPECT_TRUE(node.settled());
}

TEST_F(NodeMembership, T35ATellersHintsAreBounded) {
  const net::IpAddress teller = *net::IpAddress::parse("10.0.0.66");
  int taken = 0;
  for (std::uint16_t port = 2000; port < 3000; ++port) {
    if (node.hint(clock.now(), {teller, port}, members::HintSource::kAnnouncement, teller)) ++taken;
  }
  EXPECT_EQ(taken, 256);
  EXPECT_TRUE(node.hint(clock.now(), endpoint(7), members::HintSource::kAnnouncement, endpoint(7).address));
}

TEST_F(NodeMembership, T34OnlyAcceptableAddressesAreHints) {
  for (const char* text : {"8.8.8.8", "127.0.0.1", "10.0.0.5:80", "224.0.0.1", "0.0.0.0"}) {
    EXPECT_FALSE(node.hint(clock.now(), *net::Endpoint::parse(text), members::HintSource::kAnnouncement)) << text;
  }
  wire::AddressPolicy policy;
  policy.own.push_back(endpoint(3));
  node.set_policy(policy);
  EXPECT_FALSE(node.hint(clock.now(), endpoint(3), members::HintSource::kAnnouncement));
  EXPECT_TRUE(node.hint(clock.now(), endpoint(4), members::HintSource::kAnnouncement));
}

// --- what others tell of others ---

wire::PeersSeen seen(int last, std::uint16_t age_s = 0) { return {{{endpoint(last), age_s}}}; }

TEST_F(NodeMembership, PeersHearOfEachOtherAndOfThoseFartherAway) {
  Remote& one = accept(1);
  Remote& two = accept(2);
  one.session.send(seen(9, 5));
  run();
  EXPECT_TRUE(node.has_heard_of(endpoint(9)));
  wait(seconds(2));
  EXPECT_EQ(one.take_all<wire::PeersSeen>(), std::vector{seen(2)});
  const std::vector<wire::PeersSeen> expected{{{{endpoint(1), 0}, {endpoint(9), 6}}}};
  EXPECT_EQ(two.take_all<wire::PeersSeen>(), expected);
  wait(seconds(60));
  EXPECT_TRUE(two.take_all<wire::PeersSeen>().empty());
}

TEST_F(NodeMembership, WhoLivesForOneCommandIsNeitherToldNorToldOf) {
  Remote& one = accept(1);
  wire::Hello hello = hello_of(2);
  hello.features = wire::kTransient;
  Remote& transient = accept(hello, endpoint(2, 50000));
  transient.session.send(seen(9));
  run();
  wait(seconds(5));
  EXPECT_TRUE(one.take_all<wire::PeersSeen>().empty());
  EXPECT_TRUE(transient.take_all<wire::PeersSeen>().empty());
  EXPECT_FALSE(node.has_heard_of(endpoint(9)));
}

TEST_F(NodeMembership, T34_RumoursOfAddressesThatMayNotBeDialledAreNotTaken) {
  Remote& one = accept(1);
  wire::PeersSeen seen;
  for (const char* text : {"8.8.8.8", "127.0.0.1", "10.0.0.5:80", "224.0.0.1", "169.254.1.1", "[fe80::1]"}) {
    seen.peers.push_back({*net::Endpoint::parse(text), 0});
  }
  one.session.send(seen);
  run();
  for (const wire::SeenPeer& peer : seen.peers) {
    EXPECT_FALSE(node.has_heard_of(peer.endpoint)) << peer.endpoint.to_string();
  }
  EXPECT_TRUE(dials.empty());
}

TEST_F(NodeMembership, NobodyWaitsForRumours) {
  Remote& one = accept(1);
  offer(one, {});
  EXPECT_TRUE(node.settled());
  one.session.send(wire::PeersSeen{{{endpoint(8), 0}, {endpoint(9), 0}}});
  run();
  ASSERT_EQ(dials.size(), 1u) << "one a second";
  const net::Endpoint first = dials.front().to;
  EXPECT_TRUE(node.settled());
  node.dial_failed(clock.now(), dials.front().connection, "connection refused");
  dials.clear();
  EXPECT_TRUE(node.settled());
  EXPECT_TRUE(node.failures().empty()) << "nobody asked for it";
  go_on(std::chrono::milliseconds(1500));
  ASSERT_EQ(dials.size(), 1u);
  EXPECT_NE(dials.front().to, first);
  Remote& other = reach(hello_of(9));
  EXPECT_FALSE(node.settled()) << "it may offer something";
  offer(other, {});
  EXPECT_TRUE(node.settled());
  EXPECT_EQ(node.known_endpoints().size(), 2u);
  go_on(seconds(100));
  EXPECT_TRUE(dials.empty()) << "each is tried once";
}

// T35: a neighbour that always has news.
TEST_F(NodeMembership, T35_ALiarIsBelievedInBoundsAndDialsStayRare) {
  Remote& liar = accept(66);
  Remote& honest = accept(1);
  honest.session.send(seen(2));
  run();
  std::size_t told = 0;
  for (std::uint16_t minute = 0; minute < 20; ++minute) {
    wire::PeersSeen lies;
    for (std::uint16_t i = 0; i < wire::kMaxSeenPeers; ++i) {
      const auto port = static_cast<std::uint16_t>(2000 + minute * wire::kMaxSeenPeers + i);
      lies.peers.push_back({endpoint(200, port), 0});
    }
    liar.session.send(lies);
    honest.session.send(seen(2));
    run();
    wait(seconds(60));
    for (const wire::PeersSeen& news : honest.take_all<wire::PeersSeen>()) told += news.peers.size();
    EXPECT_LE(dials.size(), 61u);
    for (const Dial& dial : dials) node.dial_failed(clock.now(), dial.connection, "connection refused");
    dials.clear();
    EXPECT_TRUE(node.has_heard_of(endpoint(2)));
  }
  EXPECT_LE(told, 2 * Node::Config().rumours.entries_per_teller + 20) << "512 in each quarter of an hour";
}

// --- a network in which every place is taken ---

struct FullNode : NodeFixture {
  FullNode() : NodeFixture(two_places()) {}
  static Node::Config two_places() {
    Config config = config_of();
    config.max_connections = 2;
    return config;
  }
  using Config = Node::Config;
};

TEST_F(FullNode, ANewcomerIsToldOfOthersAndThatThereIsNoPlace) {
  Remote& first = accept(1);
  Remote& second = accept(2);
  Remote& newcomer = accept(3);
  EXPECT_FALSE(newcomer.open);
  ASSERT_EQ(newcomer.lists.size(), 1u);
  EXPECT_EQ(newcomer.lists[0].endpoints, (std::vector<net::Endpoint>{endpoint(1), endpoint(2)}));
  EXPECT_EQ(newcomer.take<wire::Bye>(), wire::Bye{wire::ErrorCode::kBusy});
  EXPECT_TRUE(first.open);
  EXPECT_TRUE(second.open);
  node.closed(clock.now(), first.id, "reset");
  EXPECT_TRUE(accept(4).open);
}

/// Says that it has another connection: with two places nobody looks for more.
void list_one(Remote& remote) { remote.session.send_peers(std::vector{endpoint(77)}); }

TEST_F(FullNode, WhoHasBeenIdleLongestAndHasOthersGivesItsPlaceToANewcomer) {
  Remote& first = accept(1);
  clock.advance(seconds(1));
  Remote& second = accept(2);
  list_one(first);
  list_one(second);
  wait(seconds(58));
  EXPECT_FALSE(accept(3).open);
  wait(seconds(2));
  Remote& newcomer = accept(4);
  EXPECT_TRUE(newcomer.open);
  EXPECT_EQ(first.take<wire::Bye>(), wire::Bye{wire::ErrorCode::kBusy});
  EXPECT_FALSE(first.open);
  EXPECT_TRUE(second.open);
  wait(seconds(60));
  EXPECT_FALSE(accept(1).open) << "they would take turns";
  EXPECT_TRUE(dials.empty()) << "nor is it dialled";
  EXPECT_TRUE(accept(5).open);
  EXPECT_FALSE(second.open);
}

TEST_F(FullNode, WhoHasTooFewOthersIsUsedOrWasChosenKeepsItsPlace) {
  accept(1);  // Has nobody else.
  Remote& interested = accept(2);
  list_one(interested);
  interested.session.send(wire::Interest{memory.generate(kChunk, 1).id, kLevel, true});
  wait(seconds(100));
  EXPECT_FALSE(accept(3).open);
  node.closed(clock.now(), interested.id, "reset");
  interested.open = false;
  Remote& known = accept(4);
  list_one(known);
  node.hint(clock.now(), endpoint(4), members::HintSource::kFile);
  wait(seconds(100));
  EXPECT_FALSE(accept(3).open);
  node.closed(clock.now(), known.id, "reset");
  known.open = false;
  dials.clear();
  Remote& plain = accept(5);
  list_one(plain);
  wait(seconds(100));
  EXPECT_TRUE(accept(6).open);
  EXPECT_FALSE(plain.open);
}

// T35: who comes from one address drives out one other at most.
TEST_F(FullNode, T35_OneHostTakesOnePlaceOfOthers) {
  for (int key : {1, 2}) list_one(accept(static_cast<std::uint8_t>(key)));
  wait(seconds(100));
  const auto sybil = [&](std::uint8_t key) -> Remote& {
    return accept(hello_of(key, 1, 0), endpoint(66, 50000 + key));
  };
  EXPECT_TRUE(sybil(60).open);
  wait(seconds(100));
  EXPECT_FALSE(sybil(61).open);
  EXPECT_TRUE(accept(3).open);
}

// T17: who connects and says nothing keeps neither those that come out nor the node from dialling.
TEST_F(FullNode, T17_SilentConnectionsOfOneHostHoldNoPlace) {
  for (int i = 0; i < 6; ++i)
    EXPECT_TRUE(node.accepted(clock.now(), endpoint(66, static_cast<std::uint16_t>(50000 + i))));
  EXPECT_TRUE(accept(1).open);
  EXPECT_EQ(closed.size(), 1u) << "one of them has made room";
  EXPECT_TRUE(dial(hello_of(2), endpoint(2)).open);
  EXPECT_FALSE(accept(3).open);
}

struct NodeWithFourPlaces : NodeFixture {
  NodeWithFourPlaces() : NodeFixture(four_places()) {}
  static Node::Config four_places() {
    Config config = config_of();
    config.max_connections = 4;
    return config;
  }
  using Config = Node::Config;
  Remote& of_one_host(std::uint8_t key) { return accept(hello_of(key, 1, 0), endpoint(66, 50000 + key)); }
};

// T35: as long as one host has more places than two, others need not be idle for a newcomer to get one.
TEST_F(NodeWithFourPlaces, T35_ManyPlacesOfOneHostGiveWayToOtherHosts) {
  Remote& plain = accept(1);
  std::vector<Remote*> crowd;
  for (std::uint8_t key = 60; key < 63; ++key) crowd.push_back(&of_one_host(key));
  EXPECT_FALSE(of_one_host(63).open) << "it drives nobody out";
  EXPECT_TRUE(accept(2).open);
  EXPECT_EQ(crowd[2]->take<wire::Bye>(), wire::Bye{wire::ErrorCode::kBusy});
  EXPECT_FALSE(accept(3).open) << "two are no crowd";
  EXPECT_TRUE(crowd[0]->open && crowd[1]->open && plain.open);
}

TEST_F(NodeWithFourPlaces, WhomTheUserChoseIsOfNoCrowd) {
  accept(1);
  std::vector<Remote*> chosen;
  for (std::uint8_t key = 60; key < 63; ++key) {
    const auto port = static_cast<std::uint16_t>(20000 + key);
    chosen.push_back(&accept(hello_of(key, 1, port), endpoint(66, 50000 + key)));
    node.hint(clock.now(), endpoint(66, port), members::HintSource::kFile);
  }
  EXPECT_FALSE(accept(2).open);
  for (const Remote* remote : chosen) EXPECT_TRUE(remote->open);
}

TEST_F(FullNode, WhomTheNodeDialledKeepsItsPlace) {
  node.hint(clock.now(), endpoint(1), members::HintSource::kAnnouncement, endpoint(1).address);
  node.expire(clock.now());
  collect_actions();
  Remote& chosen = reach(hello_of(1));
  list_one(chosen);
  list_one(accept(2));
  wait(seconds(100));
  EXPECT_TRUE(accept(3).open);
  wait(seconds(100));
  EXPECT_FALSE(accept(4).open) << "3 has nobody else";
  EXPECT_TRUE(chosen.open);
}

TEST_F(NodeMembership, WhoWasBusyIsDialledAgainWhenTheUserAsks) {
  Remote& busy = dial(hello_of(1), endpoint(1));
  busy.session.send(wire::Bye{wire::ErrorCode::kBusy});
  run();
  dial(hello_of(2), endpoint(2));
  begin_dial(endpoint(3));
  Remote& another_way = reach(hello_of(2));
  EXPECT_FALSE(another_way.open);
  begin_dial(endpoint(4));
  reach(hello_of(0, 4711));  // Ourselves.
  node.try_all_again(clock.now());
  run();
  ASSERT_EQ(dials.size(), 1u);
  EXPECT_EQ(dials.front().to, endpoint(1));
}

TEST_F(NodeMembership, WhoHadToGoDoesNotComeBackForTenMinutes) {
  node.hint(clock.now(), endpoint(1), members::HintSource::kAnnouncement, endpoint(1).address);
  node.expire(clock.now());
  collect_actions();
  Remote& remote = reach(hello_of(1));
  offer(remote, {});
  wait(seconds(60));
  remote.session.send(wire::Bye{wire::ErrorCode::kBusy});
  run();
  wait(seconds(599));
  EXPECT_TRUE(dials.empty());
  wait(seconds(2));
  EXPECT_EQ(dials.size(), 1u);
}

TEST_F(FullNode, AnotherProcessOfAConnectedNodeTakesItsPlace) {
  accept(1);
  Remote& old = accept(2);
  EXPECT_TRUE(accept(hello_of(2, 99), endpoint(2, 50001)).open);
  EXPECT_FALSE(old.open);
}

// T19: who is only told of others takes few places, and no longer than a HELLO may take.
TEST_F(FullNode, T19_FewAreTakenBeyondTheLimit) {
  accept(1);
  accept(2);
  std::size_t taken = 0;
  for (int i = 0; i < 10; ++i) taken += node.accepted(clock.now(), endpoint(10 + i, 50000)).has_value();
  EXPECT_EQ(taken, 4u);
  wait(seconds(11));
  EXPECT_TRUE(node.accepted(clock.now(), endpoint(30, 50000)));
}

TEST_F(NodeMembership, WhyNobodyWasReachedIsKnownWhereThereIsNoPlace) {
  Remote& busy = dial(hello_of(1), endpoint(1));
  busy.session.send(wire::Bye{wire::ErrorCode::kBusy});
  Remote& ending = dial(hello_of(2), endpoint(2));
  ending.session.send(wire::Bye{wire::ErrorCode::kLeaving});
  run();
  ASSERT_EQ(node.failures().size(), 1u);
  EXPECT_EQ(node.failures().begin()->first, endpoint(1));
  EXPECT_EQ(node.failures().begin()->second, "busy");
}

TEST_F(NodeMembership, WhoIsBusyIsNotDialledAgainForAMinute) {
  Remote& remote = dial(hello_of(1), endpoint(1));
  remote.session.send(wire::Bye{wire::ErrorCode::kBusy});
  run();
  EXPECT_FALSE(remote.open);
  wait(seconds(59));
  EXPECT_TRUE(dials.empty());
  wait(seconds(2));
  ASSERT_EQ(dials.size(), 1u);
  EXPECT_EQ(dials.front().to, endpoint(1));
}

}  // namespace
}  // namespace peer
