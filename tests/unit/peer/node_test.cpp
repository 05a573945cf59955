// SPDX-License-Identifier: MIT
// Connections and membership; for what a node sends and fetches see node_serve_test.cpp and node_fetch_test.cpp.
#include "peer/node.h"

#include <gtest/gtest.h>

#include "tests/unit/peer/node_support.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using wire::ErrorCode;

struct NodeTest : NodeFixture {};

/// Our id is that of key 0; keys whose ids are smaller and larger.
std::uint8_t key_with_id(bool larger) {
  NodeId own = wire::node_id(NodeFixture::hello_of(0));
  std::uint8_t key = 1;
  while ((own < wire::node_id(NodeFixture::hello_of(key))) != larger) ++key;
  return key;
}

// --- opening ---

TEST_F(NodeTest, AnAcceptedConnectionIsGivenTheListAndThenHello) {
  accept(1);
  Remote& remote = accept(2);
  ASSERT_FALSE(remote.lists.empty());
  EXPECT_EQ(remote.lists[0].endpoints, (std::vector<net::Endpoint>{endpoint(1)}));
  EXPECT_TRUE(remote.session.established());
  ASSERT_EQ(node.peers().size(), 2u);
  EXPECT_EQ(node.peers()[1].name, "peer 2");
  EXPECT_EQ(node.peers()[1].node, wire::node_id(hello_of(2)));
  EXPECT_EQ(node.peers()[1].listening, endpoint(2));
  EXPECT_EQ(node.known_endpoints(), (std::vector<net::Endpoint>{endpoint(1), endpoint(2)}));
}

TEST_F(NodeTest, APeerThatDoesNotListenIsNothingToRemember) {
  accept(hello_of(1, 1, 0));
  ASSERT_EQ(node.peers().size(), 1u);
  EXPECT_FALSE(node.peers()[0].listening);
  EXPECT_TRUE(node.known_endpoints().empty());
}

TEST_F(NodeTest, WhatTheUserNamesIsDialledAtOnce) {
  dial(hello_of(1), endpoint(1));
  ASSERT_EQ(node.peers().size(), 1u);
  EXPECT_TRUE(dials.empty());
  EXPECT_TRUE(node.failures().empty());
  EXPECT_FALSE(node.settled()) << "its catalog has not come";
  offer(*remotes[0], {});
  EXPECT_TRUE(node.settled());
}

TEST_F(NodeTest, ADialThatFailsIsNotedWithItsReasonUntilItSucceeds) {
  begin_dial(endpoint(1));
  EXPECT_FALSE(node.settled());
  node.dial_failed(clock.now(), dials.front().connection, "Connection refused");
  dials.clear();
  EXPECT_EQ(node.failures().at(endpoint(1)), "Connection refused");
  EXPECT_TRUE(node.settled());
  wait(5s);
  ASSERT_EQ(dials.size(), 1u) << "tried again";
  reach(hello_of(1));
  EXPECT_TRUE(node.failures().empty());
}

TEST_F(NodeTest, APeerThatReachesUsIsNotUnreachable) {
  begin_dial(endpoint(1));
  node.dial_failed(clock.now(), dials.front().connection, "No route to host");
  accept(1);
  EXPECT_TRUE(node.failures().empty());
}

TEST_F(NodeTest, ADialWithoutAnAnswerIsGivenUp) {
  begin_dial(endpoint(1));
  ConnectionId id = dials.front().connection;
  dials.clear();
  wait(6s);
  EXPECT_FALSE(node.has(id));
  EXPECT_EQ(closed, (std::vector<ConnectionId>{id}));
  EXPECT_EQ(node.failures().at(endpoint(1)), "no answer");
  node.dialled(clock.now(), id);
  node.dial_failed(clock.now(), id, "late");
  EXPECT_EQ(node.failures().at(endpoint(1)), "no answer") << "what comes later changes nothing";
}

// T16: one deadline spans the handshake.
TEST_F(NodeTest, T16_AConnectionWithoutHelloIsClosed) {
  auto id = node.accepted(clock.now(), endpoint(1));
  run();
  for (int i = 0; i < 5; ++i) {
    wait(1s);
    ASSERT_TRUE(node.has(*id));
    node.space(*id)[0] = i == 0 ? std::byte{0x01} : std::byte{0};
    node.received(clock.now(), *id, 1);
  }
  wait(6s);
  EXPECT_FALSE(node.has(*id));
}

TEST_F(NodeTest, AByeInsteadOfHelloTellsWhyAPeerIsNotReached) {
  begin_dial(endpoint(1));
  ConnectionId id = dials.front().connection;
  node.dialled(clock.now(), id);
  net::Bytes bye = wire::encode(wire::Bye{ErrorCode::kBusy});
  std::copy(bye.begin(), bye.end(), node.space(id).begin());
  node.received(clock.now(), id, bye.size());
  EXPECT_FALSE(node.has(id));
  EXPECT_EQ(node.failures().at(endpoint(1)), "busy");
}

TEST_F(NodeTest, HintsOutsideThePolicyAreIgnored) {
  using members::HintSource;
  EXPECT_FALSE(node.hint(clock.now(), *net::Endpoint::parse("8.8.8.8"), HintSource::kGossip));
  EXPECT_FALSE(node.hint(clock.now(), *net::Endpoint::parse("224.0.0.1"), HintSource::kUser));
  EXPECT_FALSE(node.hint(clock.now(), *net::Endpoint::parse("0.0.0.0"), HintSource::kUser));
  EXPECT_TRUE(node.hint(clock.now(), *net::Endpoint::parse("8.8.8.8"), HintSource::kUser));
}

// --- bounds ---

// T17: connections are bounded for one address and in all.
TEST_F(NodeTest, T17_AFloodOfConnectionsIsRefused) {
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(node.accepted(clock.now(), endpoint(1, static_cast<std::uint16_t>(i + 1))));
  EXPECT_FALSE(node.accepted(clock.now(), endpoint(1, 99)));
  for (int i = 2; i < 9; ++i) {
    for (int j = 0; j < 8; ++j) EXPECT_TRUE(node.accepted(clock.now(), endpoint(i, static_cast<std::uint16_t>(j + 1))));
  }
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(node.accepted(clock.now(), endpoint(99))) << "to be told of others";
  EXPECT_TRUE(node.accepted(clock.now(), endpoint(100))) << "another one has said nothing";
  collect_actions();
  EXPECT_EQ(closed.size(), 1u) << "and made room: there are no more of them than before";
  wait(11s);
  EXPECT_TRUE(node.accepted(clock.now(), endpoint(100))) << "those that said nothing are gone";
}

TEST_F(NodeTest, T17_DialsLeaveRoomForThoseWhoDialUs) {
  for (int i = 1; i <= 200; ++i) node.hint(clock.now(), endpoint(i), members::HintSource::kFile);
  for (int round = 0; round < 20; ++round) {
    node.expire(clock.now());
    collect_actions();
    while (!dials.empty()) reach(hello_of(static_cast<std::uint8_t>(remotes.size() + 1)));
  }
  EXPECT_EQ(node.peers().size(), 48u);
  EXPECT_TRUE(node.accepted(clock.now(), endpoint(250)));
  auto at = node.deadline();
  ASSERT_TRUE(at);
  EXPECT_GT(*at, clock.now()) << "hints that cannot be followed do not make the loop spin";
}

// T18: a peer that does not read is closed, although nothing comes from it that would show the failure.
TEST_F(NodeTest, T18_APeerThatNeverReadsIsClosed) {
  Remote& remote = accept(1);
  Remote& other = accept(2);
  remote.reads = false;
  const auto content = memory.generate(100, 1);
  for (int i = 0; i < 10'000 && remote.open; ++i) {
    library.add("file", content);
    library.remove("file");
    node.library_changed(clock.now());
    run();
  }
  EXPECT_FALSE(remote.open);
  EXPECT_FALSE(node.has(remote.id));
  EXPECT_TRUE(other.open);
  EXPECT_EQ(node.peers().size(), 1u);
}

TEST_F(NodeTest, ASilentPeerIsNoticed) {
  Remote& remote = accept(1);
  wait(29s);
  remote.reads = false;
  wait(2min);
  EXPECT_FALSE(remote.open);
}

TEST_F(NodeTest, AQuietPeerThatAnswersStays) {
  Remote& remote = accept(1);
  wait(10min);
  EXPECT_TRUE(remote.open);
}

// --- who is who ---

// T38: nobody else is taken for us.
TEST_F(NodeTest, T38_ANodeWithOurIdIsRefused) {
  Remote& remote = accept(hello_of(0, 1));
  EXPECT_EQ(remote.take<wire::Bye>(), wire::Bye{ErrorCode::kSelf});
  EXPECT_FALSE(remote.open);
  EXPECT_TRUE(node.peers().empty());
}

TEST_F(NodeTest, OurselvesAreNotDialledAgain) {
  for (std::uint64_t instance : {4711u, 1u}) {
    begin_dial(endpoint(static_cast<int>(instance % 200)));
    Remote& remote = reach(hello_of(0, instance));
    EXPECT_FALSE(node.has(remote.id));
    wait(1h);
    EXPECT_TRUE(dials.empty()) << instance;
    dials.clear();
  }
}

// T51: both ends have dialled. Both must keep the same one, whatever comes first.
TEST_F(NodeTest, T51_TheConnectionThatTheSmallerIdDialledStays) {
  for (bool theirs_is_larger : {false, true}) {
    for (bool theirs_first : {false, true}) {
      SCOPED_TRACE(std::to_string(theirs_is_larger) + std::to_string(theirs_first));
      NodeFixture* f = this;
      std::uint8_t key = key_with_id(theirs_is_larger);
      int address = 10 + 2 * theirs_is_larger + theirs_first;
      f->begin_dial(endpoint(address));
      Remote* ours = nullptr;
      Remote* theirs = nullptr;
      if (theirs_first) theirs = &accept(hello_of(key), endpoint(address, 40000));
      ours = &reach(hello_of(key));
      if (!theirs_first) theirs = &accept(hello_of(key), endpoint(address, 40000));
      Remote& kept = theirs_is_larger ? *ours : *theirs;
      Remote& gone = theirs_is_larger ? *theirs : *ours;
      EXPECT_TRUE(kept.open);
      EXPECT_FALSE(gone.open);
      EXPECT_EQ(gone.take<wire::Bye>(), wire::Bye{ErrorCode::kDuplicate});
      EXPECT_EQ(node.peers().size(), 1u);
      wait(30min);
      for (const Dial& dial : dials) EXPECT_NE(dial.to, endpoint(address)) << "it is connected";
      EXPECT_TRUE(kept.open);
      kept.session.send(wire::Bye{ErrorCode::kLeaving});
      run();
      EXPECT_TRUE(node.peers().empty());
      dials.clear();
      wait(5s);
      auto again =
          std::any_of(dials.begin(), dials.end(), [&](const Dial& dial) { return dial.to == endpoint(address); });
      EXPECT_TRUE(again) << "and dialled again when that one is gone";
      for (const Dial& dial : dials) node.dial_failed(clock.now(), dial.connection, "gone");
      dials.clear();
      run();
      remotes.clear();
    }
  }
}

TEST_F(NodeTest, T51_ASecondWayToTheSameNodeIsTurnedAway) {
  Remote& first = dial(hello_of(1), endpoint(1));
  Remote& second = dial(hello_of(1), endpoint(2));
  EXPECT_TRUE(first.open);
  EXPECT_FALSE(second.open);
  wait(9min);
  EXPECT_TRUE(dials.empty());
  EXPECT_TRUE(first.open);
}

TEST_F(NodeTest, AnotherInstanceOfTheNodeReplacesTheOldConnection) {
  Remote& old = accept(hello_of(1, 1));
  Remote& fresh = accept(hello_of(1, 2), endpoint(1, 50001));
  EXPECT_FALSE(old.open);
  EXPECT_TRUE(fresh.open);
  EXPECT_EQ(node.peers().size(), 1u);
}

TEST_F(NodeTest, T51_ATransferGoesOnOverTheConnectionThatStays) {
  auto content = memory.generate(2 << 20, 1);
  Remote& old = accept(hello_of(1, 1));
  offer(old, {{"file", content.id}});
  TransferId transfer = fetch(content.id);
  answer_layer(old, content);
  auto question = old.take<wire::ChunkGet>();
  ASSERT_TRUE(question);
  // The old connection closes in the middle of a chunk.
  old.session.send_chunk({question->request, question->chunk, 0}, {content.source, 0, kChunk});
  net::Bytes part = take_bytes(old.session.queue(), 100);
  std::copy(part.begin(), part.end(), node.space(old.id).begin());
  node.received(clock.now(), old.id, part.size());
  old.reads = false;
  Remote& fresh = add(wire::Role::kDialled, hello_of(1, 2));
  fresh.id = *node.accepted(clock.now(), endpoint(1, 50001));
  run();
  EXPECT_FALSE(old.open);
  offer(fresh, {{"file", content.id}});
  serve(fresh, content);
  EXPECT_EQ(state(transfer), swarm::Transfer::State::kDone);
}

TEST_F(NodeTest, ABannedNodeIsTurnedAwayAndNotDialled) {
  auto content = memory.generate(100, 1);
  auto wrong = memory.generate(100, 2);
  Remote& liar = dial(hello_of(1), endpoint(1));
  offer(liar, {{"file", content.id}});
  TransferId transfer = fetch(content.id);
  for (int i = 0; i < 3; ++i) {
    auto question = liar.take<wire::ChunkGet>();
    ASSERT_TRUE(question) << i;
    send_chunk(liar, *question, wrong);
  }
  EXPECT_FALSE(liar.open);
  EXPECT_EQ(liar.take<wire::Bye>(), wire::Bye{ErrorCode::kBanned});
  EXPECT_EQ(node.transfer(transfer)->source_count(), 0u);
  Remote& again = accept(hello_of(1, 2), endpoint(1, 50000));
  EXPECT_FALSE(again.open);
  wait(1h);
  EXPECT_TRUE(dials.empty());
}

// --- gossip ---

TEST_F(NodeTest, ChangesOfMembershipAreToldAtMostOnceASecond) {
  Remote& first = accept(1);
  wait(2s);
  first.lists.clear();
  for (std::uint8_t key = 2; key < 20; ++key) accept(key);
  wait(5s);
  ASSERT_GE(first.lists.size(), 1u);
  EXPECT_LE(first.lists.size(), 2u);
  EXPECT_EQ(first.lists.back().endpoints.size(), 18u);
  for (const net::Endpoint& told : first.lists.back().endpoints) EXPECT_NE(told, endpoint(1)) << "it knows itself";
}

// T34: what peers tell of is dialled only within the policy.
TEST_F(NodeTest, T34_GossipIsFilteredAndDialled) {
  Remote& remote = accept(1);
  std::vector<net::Endpoint> list{endpoint(2), *net::Endpoint::parse("127.0.0.1"), *net::Endpoint::parse("8.8.8.8"),
                                  endpoint(3, 22), *net::Endpoint::parse("239.1.1.1")};
  remote.session.send_peers(list);
  run();
  ASSERT_EQ(dials.size(), 1u);
  EXPECT_EQ(dials[0].to, endpoint(2));
}

struct NodeWithoutGossip : NodeFixture {
  NodeWithoutGossip() : NodeFixture(config()) {}
  static Node::Config config() {
    Node::Config config = config_of();
    config.dial_gossip = false;
    return config;
  }
};

TEST_F(NodeWithoutGossip, DialsOnlyWhatItIsTold) {
  Remote& remote = accept(1);
  std::vector<net::Endpoint> list{endpoint(2)};
  remote.session.send_peers(list);
  run();
  EXPECT_TRUE(dials.empty());
}

TEST_F(NodeTest, ATransientPeerIsForgottenWhenItLeaves) {
  wire::Hello hello = hello_of(1);
  hello.features = wire::kTransient;
  Remote& remote = accept(hello);
  EXPECT_EQ(node.peers().size(), 1u);
  EXPECT_TRUE(node.known_endpoints().empty());
  remote.session.send(wire::Bye{});
  run();
  wait(10min);
  EXPECT_TRUE(dials.empty());
}

TEST_F(NodeTest, APeerThatIsLostIsDialledAgain) {
  Remote& remote = accept(1);
  std::uint64_t revision = node.membership_revision();
  node.closed(clock.now(), remote.id, "reset");
  remote.open = false;
  EXPECT_NE(node.membership_revision(), revision);
  EXPECT_EQ(node.known_endpoints(), (std::vector<net::Endpoint>{endpoint(1)}));
  wait(5s);
  ASSERT_EQ(dials.size(), 1u);
  EXPECT_EQ(dials[0].to, endpoint(1));
  node.closed(clock.now(), remote.id, "again");
}

// --- the end ---

TEST_F(NodeTest, ShuttingDownEndsConnectionsInEveryState) {
  auto content = memory.generate(1 << 20, 1);
  Remote& open = accept(1);
  offer(open, {{"file", content.id}});
  store_works = false;
  TransferId opening = fetch(content.id);
  TransferId waiting = fetch(content.id);
  auto silent = node.accepted(clock.now(), endpoint(2));
  begin_dial(endpoint(3));
  ConnectionId dialling = dials.front().connection;

  node.shut_down(clock.now());
  run();
  EXPECT_EQ(open.take<wire::Bye>(), wire::Bye{ErrorCode::kLeaving});
  for (ConnectionId id : {open.id, *silent, dialling}) EXPECT_FALSE(node.has(id));
  EXPECT_EQ(closed.size(), 3u);
  EXPECT_EQ(state(opening), swarm::Transfer::State::kFailed);
  EXPECT_EQ(state(waiting), swarm::Transfer::State::kFailed);
  EXPECT_EQ(released, opened);
  EXPECT_EQ(node.running_transfers(), 0u);

  node.store_opened(clock.now(), opening, {});
  node.store_finished(clock.now(), opening, {});
  EXPECT_FALSE(node.accepted(clock.now(), endpoint(4)));
  begin_dial(endpoint(5));
  wait(1h);
  EXPECT_EQ(dials.size(), 1u);
  node.shut_down(clock.now());
}

TEST_F(NodeTest, ShuttingDownWhileChunksAreWrittenLosesNoBuffer) {
  auto content = memory.generate(2 << 20, 1);
  Remote& remote = accept(1);
  offer(remote, {{"file", content.id}});
  TransferId transfer = fetch(content.id);
  answer_layer(remote, content);
  store_works = false;
  send_chunk(remote, *remote.take<wire::ChunkGet>(), content);
  ASSERT_EQ(chunks_to_store.size(), 1u);
  node.shut_down(clock.now());
  ChunkStored result;
  result.chunk = chunks_to_store[0].chunk;
  result.outcome = ChunkStored::Outcome::kBadHash;
  result.data = std::move(chunks_to_store[0].data);
  node.chunk_stored(clock.now(), transfer, std::move(result));
  run();
  EXPECT_EQ(state(transfer), swarm::Transfer::State::kFailed);
  node.forget(transfer);
  EXPECT_EQ(node.transfer(transfer), nullptr);
}

}  // namespace
}  // namespace peer
