// SPDX-License-Identifier: MIT
// A node with few places in a larger network: whom it visits, what for, and how it treats visitors.
#include <gtest/gtest.h>

#include "tests/unit/peer/node_support.h"

namespace peer {
namespace {

using namespace std::chrono_literals;

/// Keeps two connections, of which it dials one, and has the peer 1 dialled.
struct Visiting : NodeFixture {
  Visiting() : NodeFixture(two_places()) {
    first = &dial(hello_of(1), endpoint(1));
    offer(*first, {});
    other = &accept(2);
    offer(*other, {});
  }
  static Node::Config two_places() {
    Config config = config_of();
    config.max_connections = 2;
    return config;
  }
  using Config = Node::Config;

  /// Others tell of them.
  void told_of(std::initializer_list<int> lasts) {
    std::vector<net::Endpoint> endpoints;
    for (const int last : lasts) endpoints.push_back(endpoint(last));
    first->session.send_peers(endpoints);
    run();
  }
  void look_for_all() {
    began = clock.now();
    look_on();
  }
  void look_on() {
    node.look_for_all(clock.now(), began);
    run();
  }
  /// The peer where it was dialled last is visited.
  Remote& reach_next() {
    EXPECT_FALSE(dials.empty());
    const std::string text = dials.front().to.address.to_string();
    return reach(hello_of(static_cast<std::uint8_t>(std::stoi(text.substr(text.rfind('.') + 1)))));
  }
  std::size_t everybody() const { return node.everybody().size(); }

  Remote* first = nullptr;
  Remote* other = nullptr;
  net::TimePoint began{};
  support::MemoryContent content = memory.generate(3 * kChunk, 5);
};

TEST_F(Visiting, NobodyIsVisitedUntilSomebodyWantsToKnow) {
  told_of({3, 4});
  wait(5s);
  EXPECT_TRUE(dials.empty()) << "the places are taken";
  EXPECT_EQ(everybody(), 2u);
}

TEST_F(Visiting, WhoIsNotConnectedIsSeenForAMoment) {
  told_of({3, 4});
  look_for_all();
  ASSERT_EQ(dials.size(), 2u);
  EXPECT_FALSE(node.settled());
  EXPECT_TRUE(node.expects_more());
  for (int i = 0; i < 2; ++i) {
    Remote& visited = reach_next();
    EXPECT_TRUE(visited.open);
    EXPECT_EQ(node.peers().size(), 2u) << "it takes no place";
    offer(visited, {{"file of " + std::to_string(i), content.id}});
    EXPECT_FALSE(visited.open);
    EXPECT_EQ(visited.take<wire::Bye>(), wire::Bye{wire::ErrorCode::kNone});
  }
  EXPECT_TRUE(node.settled());
  EXPECT_FALSE(node.expects_more());
  const auto all = node.everybody();
  ASSERT_EQ(all.size(), 4u);
  for (std::size_t i : {2u, 3u}) {
    EXPECT_EQ(all[i].connection, 0u);
    EXPECT_TRUE(all[i].visited);
    EXPECT_TRUE(all[i].catalog_complete);
    EXPECT_TRUE(all[i].catalog->has_content(content.id));
    EXPECT_EQ(all[i].name.substr(0, 5), "peer ");
  }
  EXPECT_TRUE(first->open);
  EXPECT_TRUE(other->open);
  EXPECT_EQ(node.known_endpoints().size(), 4u) << "whom one has seen is worth remembering";
}

TEST_F(Visiting, AVisitorSaysThatItGoesAgainAndListensNowhere) {
  told_of({3});
  look_for_all();
  Remote& visited = add(wire::Role::kAccepted, hello_of(3));
  std::optional<wire::Hello> hello;
  visited.id = dials.front().connection;
  dials.pop_front();
  node.dialled(clock.now(), visited.id);
  const net::Bytes bytes = take_bytes(node.queue(visited.id), 1 << 20);
  std::copy(bytes.begin(), bytes.end(), visited.session.space().begin());
  visited.session.received(clock.now(), bytes.size());
  while (auto event = visited.session.next_event()) {
    if (auto* received = std::get_if<wire::HelloReceived>(&*event)) hello = received->hello;
  }
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->features & wire::kTransient, wire::kTransient);
  EXPECT_EQ(hello->port, 0);
  EXPECT_EQ(wire::node_id(*hello), node.id());
}

TEST_F(Visiting, NobodyIsToldOfVisits) {
  told_of({3});
  wait(5s);
  first->lists.clear();
  other->messages.clear();
  look_for_all();
  Remote& visited = reach_next();
  wait(1500ms);
  EXPECT_TRUE(first->lists.empty());
  offer(visited, {});
  wait(20s);
  EXPECT_TRUE(first->lists.empty());
  EXPECT_TRUE(visited.lists.empty());
  EXPECT_TRUE(other->take_all<wire::PeersSeen>().empty());
}

TEST_F(Visiting, WhatWasSeenIsForgottenWhenNobodyAsksAnyMore) {
  told_of({3});
  look_for_all();
  offer(reach_next(), {});
  for (int i = 0; i < 5; ++i) {
    wait(Node::kSurveyLease / 2);
    look_on();
    EXPECT_EQ(everybody(), 3u);
  }
  EXPECT_TRUE(dials.empty()) << "once is enough";
  wait(Node::kSurveyLease + 1s);
  EXPECT_EQ(everybody(), 2u);
  look_for_all();
  EXPECT_EQ(dials.size(), 1u) << "there may be something new";
}

TEST_F(Visiting, TheLaterQuestionWantsToKnowAnew) {
  told_of({3});
  look_for_all();
  offer(reach_next(), {{"old", content.id}});
  wait(1s);
  look_for_all();
  Remote& again = reach_next();
  EXPECT_EQ(everybody(), 3u) << "what was seen before is better than nothing";
  EXPECT_FALSE(node.settled());
  offer(again, {}, 2);
  EXPECT_FALSE(node.everybody().back().catalog->has_content(content.id));
}

// What it has not hashed yet comes later.
TEST_F(Visiting, WhoIsStillHashingIsVisitedAgain) {
  told_of({3});
  look_for_all();
  Remote& hashing = reach_next();
  auto question = hashing.take<wire::CatalogGet>();
  ASSERT_TRUE(question);
  wire::Catalog page{question->request, 1, false, true, true, {}, 0};
  hashing.session.send(page);
  run();
  EXPECT_FALSE(hashing.open);
  EXPECT_TRUE(node.everybody().back().catalog_growing);
  wait(1s);
  EXPECT_TRUE(dials.empty());
  wait(1500ms);
  look_on();
  offer(reach_next(), {{"file", content.id}}, 2);
  EXPECT_FALSE(node.everybody().back().catalog_growing);
  EXPECT_TRUE(node.everybody().back().catalog->has_content(content.id));
  wait(3s);
  EXPECT_TRUE(dials.empty());
}

TEST_F(Visiting, WhoHasNoPlaceIsVisitedOnceMore) {
  told_of({3});
  look_for_all();
  Remote& full = reach_next();
  full.session.send(wire::Bye{wire::ErrorCode::kBusy});
  run();
  EXPECT_TRUE(node.expects_more());
  wait(300ms);
  offer(reach_next(), {{"file", content.id}});
  EXPECT_EQ(everybody(), 3u);
  EXPECT_TRUE(node.settled());
}

TEST_F(Visiting, WhoIsNotThereHoldsNobodyUpForLong) {
  told_of({3, 4});
  look_for_all();
  ASSERT_EQ(dials.size(), 2u);
  dials.clear();
  wait(2s);
  EXPECT_TRUE(node.settled());
  EXPECT_EQ(everybody(), 2u);
  EXPECT_EQ(node.failures().size(), 2u);
  look_for_all();
  EXPECT_TRUE(dials.empty()) << "it is left in peace for a while";
}

TEST_F(Visiting, WhoSaysNothingIsGivenUp) {
  told_of({3});
  look_for_all();
  Remote& silent = reach_next();
  wait(3s);
  EXPECT_FALSE(silent.open);
  EXPECT_TRUE(node.settled());
}

// T16: a catalog that trickles in is not waited for.
TEST_F(Visiting, T16_WhoTricklesIsGivenUp) {
  told_of({3});
  look_for_all();
  Remote& slow = reach_next();
  for (int i = 0; i < 12 && slow.open; ++i) {
    slow.session.send(wire::Ping{1});
    wait(1s);
    look_on();
  }
  EXPECT_FALSE(slow.open);
}

// T35: by day and by night they tell of others that are not there.
TEST_F(Visiting, T35_VisitsUnderWayAreBounded) {
  std::vector<net::Endpoint> lies;
  for (int last = 10; last < 210; ++last) lies.push_back(endpoint(last));
  first->session.send_peers(lies);
  run();
  look_for_all();
  EXPECT_EQ(dials.size(), Config().max_looks);
  wait(5s);
  EXPECT_LE(dials.size(), 4 * Config().max_looks);
}

TEST_F(Visiting, OneThatComesToStayTakesTheVisitsPlace) {
  node.closed(clock.now(), other->id, "reset");
  other->open = false;
  told_of({3});
  look_for_all();
  wait(600ms);
  ASSERT_FALSE(dials.empty());
  while (dials.front().to != endpoint(3)) dials.pop_front();
  Remote& visit = reach_next();
  Remote& stays = accept(3);
  EXPECT_TRUE(stays.open);
  EXPECT_FALSE(visit.open);
  EXPECT_TRUE(node.connected(wire::node_id(hello_of(3))));
  offer(stays, {});
  wait(1s);
  EXPECT_TRUE(stays.open);
}

// --- what is needed of them ---

TEST_F(Visiting, AFileIsFetchedFromWhoWasVisited) {
  told_of({3});
  look_for_all();
  offer(reach_next(), {{"file", content.id}});
  const TransferId transfer = fetch(content.id);
  wait(200ms);
  look_on();
  Remote& source = reach_next();
  wait(1s);
  EXPECT_TRUE(source.open) << "it is needed";
  EXPECT_FALSE(source.take<wire::CatalogGet>()) << "what it has is known";
  serve(source, content);
  EXPECT_EQ(state(transfer), swarm::Transfer::State::kDone);
  wait(200ms);
  EXPECT_FALSE(source.open);
}

TEST_F(Visiting, WhoIsVisitedWhileItsFileIsFetchedStays) {
  const TransferId transfer = fetch(content.id);
  told_of({3});
  look_for_all();
  Remote& source = reach_next();
  offer(source, {{"file", content.id}});
  EXPECT_TRUE(source.open);
  serve(source, content);
  EXPECT_EQ(state(transfer), swarm::Transfer::State::kDone);
}

TEST_F(Visiting, WhoIsHeldStaysAndMayBeOfferedSomething) {
  told_of({3});
  look_for_all();
  offer(reach_next(), {});
  const NodeId id = wire::node_id(hello_of(3));
  EXPECT_TRUE(node.hold(clock.now(), endpoint(3), id));
  run();
  Remote& held = reach_next();
  for (int i = 0; i < 20; ++i) {
    wait(Node::kHoldLease / 2);
    EXPECT_TRUE(node.hold(clock.now(), endpoint(3), id));
    run();
  }
  EXPECT_TRUE(held.open);
  EXPECT_EQ(everybody(), 3u);
  const OfferId offered =
      node.offer(clock.now(), held.id, {{files::CatalogEntry::Kind::kFile, "file", content.id, 0, 0600}});
  node.let_go(endpoint(3));
  wait(10s);
  EXPECT_TRUE(held.open) << "the offer is not over";
  node.withdraw(offered);
  node.hold(clock.now(), endpoint(3), id);
  node.let_go(endpoint(3));
  wait(1s);
  EXPECT_FALSE(held.open);
}

TEST_F(Visiting, WhoIsHeldAndGoesIsVisitedAgainButNotAtOnceAndNotForEver) {
  const NodeId id = wire::node_id(hello_of(3));
  std::size_t visits = 0;
  for (int i = 0; i < 200; ++i) {
    node.hold(clock.now(), endpoint(3), id);
    run();
    while (!dials.empty()) {
      ++visits;
      Remote& held = reach_next();
      held.session.send(wire::Bye{wire::ErrorCode::kBusy});
      run();
    }
    wait(100ms);
  }
  EXPECT_LE(visits, members::Visits::Limits().tries);
  EXPECT_GE(visits, 3u);
}

TEST_F(Visiting, AsManyAreHeldAsThereArePlaces) {
  std::size_t held = 0;
  for (int last = 3; last < 250; ++last) {
    held += node.hold(clock.now(), endpoint(last), wire::node_id(hello_of(static_cast<std::uint8_t>(last))));
  }
  EXPECT_EQ(held, Config().max_needed);
  EXPECT_TRUE(node.hold(clock.now(), endpoint(1), wire::node_id(hello_of(1)))) << "it is connected";
  node.let_go(endpoint(3));
  EXPECT_TRUE(node.hold(clock.now(), endpoint(250), wire::node_id(hello_of(250))));
}

// --- guests ---

wire::Hello visitor(std::uint8_t key) {
  wire::Hello hello = NodeFixture::hello_of(key, 1, 0);
  hello.features = wire::kTransient;
  return hello;
}

TEST_F(Visiting, AVisitorIsLetInWhenAllPlacesAreTaken) {
  EXPECT_FALSE(accept(3).open) << "there is no place to stay";
  wait(5s);
  first->lists.clear();
  Remote& guest = accept(visitor(4), endpoint(4, 50000));
  EXPECT_TRUE(guest.open);
  library.add("ours", content);
  guest.session.send(wire::CatalogGet{1, 0, ""});
  run();
  ASSERT_TRUE(guest.take<wire::Catalog>());
  EXPECT_TRUE(first->open);
  EXPECT_TRUE(other->open);
  wait(5s);
  EXPECT_TRUE(first->lists.empty()) << "nobody is told of it";
}

// T17: they hold their places, and have come to an end.
TEST_F(Visiting, T17_GuestsAreBoundedAndIdleOnesMakePlace) {
  std::vector<Remote*> guests;
  for (std::uint8_t key = 10; key < 60; ++key) guests.push_back(&accept(visitor(key), endpoint(key, 50000)));
  const auto open = std::count_if(guests.begin(), guests.end(), [](const Remote* guest) { return guest->open; });
  EXPECT_EQ(open, static_cast<std::ptrdiff_t>(Config().max_guests));
  EXPECT_EQ(guests.back()->take<wire::Bye>(), wire::Bye{wire::ErrorCode::kBusy});
  wait(31s);
  EXPECT_TRUE(accept(visitor(100), endpoint(100, 50000)).open);
  EXPECT_FALSE(guests.front()->open);
  EXPECT_TRUE(first->open);
  EXPECT_TRUE(other->open);
}

TEST_F(Visiting, T17_OfOneAddressAFewAreGuests) {
  std::size_t open = 0;
  for (std::uint8_t key = 10; key < 60; ++key) {
    const auto id = node.accepted(clock.now(), endpoint(66, static_cast<std::uint16_t>(50000 + key)));
    if (!id) continue;
    Remote& guest = add(wire::Role::kDialled, visitor(key));
    guest.id = *id;
    run();
    open += guest.open;
  }
  EXPECT_EQ(open, Config().max_connections_per_address);
}

}  // namespace
}  // namespace peer
