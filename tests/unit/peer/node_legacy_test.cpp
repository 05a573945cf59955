// SPDX-License-Identifier: MIT
// How a node answers older programs.
#include <gtest/gtest.h>

#include <set>

#include "peer/legacy/limits.h"
#include "peer/legacy/reply_reader.h"
#include "peer/node.h"
#include "tests/unit/peer/node_support.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using legacy::ReplyReader;

Node::Config legacy_config() {
  Node::Config config = NodeFixture::config_of();
  config.legacy = true;
  return config;
}

struct NodeLegacy : NodeFixture {
  explicit NodeLegacy(Node::Config config = legacy_config()) : NodeFixture(std::move(config)) {}

  ConnectionId dial_in(int last = 1) {
    const auto id = node.accepted(clock.now(), endpoint(last, 50000));
    EXPECT_TRUE(id);
    return id.value_or(0);
  }
  void say(ConnectionId id, std::string_view text) {
    const std::span<std::byte> space = node.space(id);
    ASSERT_GE(space.size(), text.size());
    const net::ByteView bytes = net::as_bytes(text);
    std::copy(bytes.begin(), bytes.end(), space.begin());
    node.received(clock.now(), id, text.size());
  }
  /// What the node sends until it has nothing more to say, and what a Close leaves.
  net::Bytes hear(ConnectionId id, std::size_t piece = 1 << 20) {
    net::Bytes heard;
    const auto add = [&](const net::Bytes& more) { heard.insert(heard.end(), more.begin(), more.end()); };
    for (bool worked = true; worked;) {
      worked = false;
      while (node.has(id) && !node.queue(id).empty()) {
        const net::Bytes bytes = take_bytes(node.queue(id), piece);
        add(bytes);
        node.sent(clock.now(), id, bytes.size());
        worked = true;
      }
      if (auto at = node.deadline(); at && *at <= clock.now()) {
        node.expire(clock.now());
        worked = true;
      }
    }
    Outbox actions = node.take_actions();
    for (Action& action : actions) {
      if (auto* close = std::get_if<Close>(&action); close != nullptr && close->connection == id) {
        while (!close->last_words.empty()) add(take_bytes(close->last_words, piece));
      }
      if (auto* warning = std::get_if<Warn>(&action)) warnings.push_back(warning->message);
    }
    return heard;
  }
  static std::vector<net::Bytes> items_of(const ReplyReader& reply) {
    std::vector<net::Bytes> items;
    for (std::size_t i = 0; i < reply.pickle().size(); ++i) {
      items.emplace_back(reply.pickle().item(i).begin(), reply.pickle().item(i).end());
    }
    return items;
  }
  net::Bytes bytes_of(const support::MemoryContent& content) {
    net::Bytes bytes(content.id.length);
    if (!bytes.empty()) content.source->read(0, bytes);
    return bytes;
  }
};

TEST_F(NodeLegacy, ReqIsAnsweredWithWhatIsShared) {
  auto one = memory.generate(1000, 1), two = memory.generate(700'000, 2), three = memory.generate(3, 3);
  library.add("b/two", two);
  library.add("a", one);
  library.add("b/zero", memory.generate(0, 0));
  library.add("c", three);
  library.set_fetched("c");
  for (const std::size_t piece : {7u, 100'000u}) {
    const ConnectionId id = dial_in();
    say(id, "req");
    ReplyReader reply;
    reply.feed(hear(id, piece));
    ASSERT_EQ(reply.state(), ReplyReader::State::kDone);
    EXPECT_EQ(items_of(reply), (std::vector<net::Bytes>{bytes_of(one), bytes_of(two), {}}));
    say(id, "q");
    EXPECT_FALSE(node.has(id));
  }
  EXPECT_TRUE(warnings.empty());
}

TEST_F(NodeLegacy, ItMayAskAgain) {
  library.add("a", memory.generate(10, 1));
  const ConnectionId id = dial_in();
  say(id, "reqreqreq");
  const auto pickles = [](const net::Bytes& heard) {
    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < heard.size(); ++i)
      count += heard[i] == std::byte{0x80} && heard[i + 1] == std::byte{3};
    return count;
  };
  // T19: an answer a second.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pickles(hear(id)), 1u);
    clock.advance(999ms);
    EXPECT_EQ(pickles(hear(id)), 0u);
    clock.advance(1ms);
  }
  EXPECT_EQ(pickles(hear(id)), 0u);
  EXPECT_TRUE(node.has(id));
}

// T19: however many ask, the catalog is looked at once for each of its revisions, and once a second.
TEST_F(NodeLegacy, TheListIsKept) {
  for (unsigned i = 0; i < 100; ++i) library.add(std::to_string(100 + i), memory.generate(i, i));
  const auto answer = [&](int last) {
    const ConnectionId id = dial_in(last);
    say(id, "req");
    ReplyReader reply;
    reply.feed(hear(id));
    return reply.pickle().size();
  };
  for (int last = 1; last <= 5; ++last) EXPECT_EQ(answer(last), 100u);
  EXPECT_EQ(library.asked_if_shared(), 100u);
  library.add("new", memory.generate(7, 1000));
  const ConnectionId id = dial_in(6);
  say(id, "req");
  hear(id);
  EXPECT_EQ(library.asked_if_shared(), 100u) << "it waits";
  clock.advance(1s);
  ReplyReader reply;
  reply.feed(hear(id));
  EXPECT_EQ(reply.pickle().size(), 101u) << "and has what is new";
  EXPECT_EQ(library.asked_if_shared(), 201u);
}

TEST_F(NodeLegacy, ThousandsOfFilesAreSentAFewAtATime) {
  for (unsigned i = 0; i < 5000; ++i) library.add("file" + std::to_string(10'000 + i), memory.generate(9, 1 + i % 7));
  const ConnectionId id = dial_in();
  say(id, "req");
  ReplyReader reply;
  while (reply.state() == ReplyReader::State::kMore && node.has(id)) {
    if (node.queue(id).empty()) node.expire(clock.now());
    EXPECT_LE(node.queue(id).pending(), 32u * 11 + 10);
    ASSERT_FALSE(node.queue(id).empty());
    const net::Bytes bytes = take_bytes(node.queue(id), 100);
    reply.feed(bytes);
    node.sent(clock.now(), id, bytes.size());
  }
  EXPECT_EQ(reply.pickle().size(), 5000u);
}

TEST_F(NodeLegacy, WhatIsTooMuchIsNotSentAndThatIsTold) {
  library.add("a", memory.zeros(16u << 20));
  for (int last : {1, 2}) {
    const ConnectionId id = dial_in(last);
    say(id, "req");
    EXPECT_FALSE(node.has(id));
    ReplyReader reply;
    reply.feed(hear(id));
    reply.end();
    EXPECT_EQ(reply.state(), ReplyReader::State::kNothing) << "the peer list, and no pickle";
  }
  ASSERT_EQ(warnings.size(), 1u) << "once a minute";
  EXPECT_EQ(
      warnings.front(),
      "the older program at 10.0.0.1:50000 is sent no files: what is in shared/ is more than 16 MiB or 65536 files");
  wait(61s);
  const ConnectionId id = dial_in();
  say(id, "req");
  hear(id);
  EXPECT_EQ(warnings.size(), 2u);
  // What was fetched does not count.
  library.set_fetched("a");
  library.add("b", memory.generate(10, 1));
  const ConnectionId other = dial_in();
  say(other, "req");
  ReplyReader reply;
  reply.feed(hear(other));
  EXPECT_EQ(reply.state(), ReplyReader::State::kDone);
  EXPECT_EQ(reply.pickle().size(), 1u);
}

// T19: asking is cheap for us as well.
TEST_F(NodeLegacy, TooManyFilesAreTooMuch) {
  const auto nothing = memory.generate(0, 0);
  for (std::size_t i = 0; i <= legacy::kMaxItems; ++i) library.add(std::to_string(i), nothing);
  ConnectionId id = dial_in();
  say(id, "req");
  EXPECT_FALSE(node.has(id));
  library.remove("0");
  wait(1s);
  id = dial_in();
  say(id, "req");
  EXPECT_TRUE(node.has(id));
}

// T30
TEST_F(NodeLegacy, AFileThatIsGoneIsLeftOut) {
  auto one = memory.generate(300'000, 1), three = memory.generate(10, 3);
  library.add("1", one);
  library.add("2", memory.generate(300'000, 2));
  library.add("3", three);
  const ConnectionId id = dial_in();
  say(id, "req");
  ReplyReader reply;
  while (library.opened() == 0) {
    const net::Bytes bytes = take_bytes(node.queue(id), 10);
    reply.feed(bytes);
    node.sent(clock.now(), id, bytes.size());
  }
  library.remove("2");
  reply.feed(hear(id));
  EXPECT_EQ(items_of(reply), (std::vector<net::Bytes>{bytes_of(one), bytes_of(three)}));
}

TEST_F(NodeLegacy, FilesThatComeMeanwhileDoNotMakeItTooLong) {
  library.add("1", memory.generate(300'000, 1));
  const ConnectionId id = dial_in();
  say(id, "req");
  while (library.opened() == 0) {
    const net::Bytes bytes = take_bytes(node.queue(id), 10);
    node.sent(clock.now(), id, bytes.size());
  }
  library.add("2", memory.zeros(16u << 20));
  EXPECT_EQ(hear(id).back(), std::byte{'.'}) << "the list ends as it began";
  EXPECT_TRUE(node.has(id));
  EXPECT_EQ(library.opened(), 1u);
  EXPECT_TRUE(warnings.empty());
  wait(1s);
  say(id, "req");
  hear(id);
  EXPECT_FALSE(node.has(id));
  EXPECT_EQ(warnings.size(), 1u);
}

TEST_F(NodeLegacy, WhatIsTakenIsRecorded) {
  auto content = memory.generate(300'000, 1);
  library.add("a", content);
  const ConnectionId id = dial_in();
  say(id, "req");
  hear(id, 10'000);
  const auto taken = node.ledger().take_taken();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].id, content.id);
  EXPECT_EQ(taken[0].bytes, content.id.length);
  EXPECT_EQ(taken[0].party.endpoint, endpoint(1, 50000));
  EXPECT_EQ(taken[0].state, Ledger::Taken::State::kWhole);
}

TEST_F(NodeLegacy, AnythingElseIsClosed) {
  for (const char* text : {"rx", "reqx", "q", "req\x01"}) {
    const ConnectionId id = dial_in();
    say(id, text);
    hear(id);
    EXPECT_FALSE(node.has(id)) << text;
  }
}

// T16
TEST_F(NodeLegacy, WhoAsksNothingInTimeIsClosed) {
  const ConnectionId id = dial_in();
  say(id, "re");
  EXPECT_TRUE(node.settled()) << "nothing is to be expected of it";
  wait(9s);
  EXPECT_TRUE(node.has(id));
  wait(2s);
  EXPECT_FALSE(node.has(id));
}

// T18
TEST_F(NodeLegacy, WhoDoesNotReadIsClosed) {
  library.add("a", memory.generate(300'000, 1));
  const ConnectionId id = dial_in();
  say(id, "req");
  wait(29s);
  EXPECT_TRUE(node.has(id));
  wait(2s);
  EXPECT_FALSE(node.has(id));
}

// T17
TEST_F(NodeLegacy, EightAtATime) {
  std::set<ConnectionId> taken;
  for (int last = 1; last <= 9; ++last) {
    const ConnectionId id = dial_in(last);
    say(id, "r");
    EXPECT_EQ(node.has(id), last <= 8);
    if (node.has(id)) taken.insert(id);
  }
  say(*taken.begin(), "eqq");
  hear(*taken.begin());
  EXPECT_FALSE(node.has(*taken.begin()));
  const ConnectionId id = dial_in(9);
  say(id, "r");
  EXPECT_TRUE(node.has(id));
}

// T17
TEST_F(NodeLegacy, OneAddressGivesUpPlacesToOthers) {
  std::vector<ConnectionId> first;
  for (int i = 0; i < 8; ++i) {
    first.push_back(dial_in(1));
    say(first.back(), "r");
  }
  for (ConnectionId id : first) EXPECT_TRUE(node.has(id)) << "while nobody else wants one";
  for (int last = 2; last <= 5; ++last) {
    const ConnectionId id = dial_in(last);
    say(id, "r");
    EXPECT_TRUE(node.has(id)) << last;
    EXPECT_FALSE(node.has(first.back())) << "the one that came last";
    first.pop_back();
    const ConnectionId again = dial_in(1);
    say(again, "r");
    EXPECT_FALSE(node.has(again)) << "it has no more than its share back";
  }
  const ConnectionId id = dial_in(6);
  say(id, "r");
  EXPECT_FALSE(node.has(id)) << "nobody has more than a share";
  for (ConnectionId kept : first) EXPECT_TRUE(node.has(kept));
}

TEST_F(NodeLegacy, PeersAreServedAsEver) {
  auto content = memory.generate(1000, 1);
  library.add("a", content);
  const ConnectionId id = dial_in(1);
  say(id, "req");
  Remote& remote = accept(2);
  library.add("b", content);
  node.library_changed(clock.now());
  run();
  EXPECT_TRUE(remote.take<wire::CatalogChanged>());
  EXPECT_EQ(node.peers().size(), 1u);
  node.shut_down(clock.now());
  EXPECT_FALSE(node.has(id));
}

struct NodeLegacyLimited : NodeLegacy {
  static Node::Config config() {
    Node::Config config = legacy_config();
    config.limit = 100'000;
    return config;
  }
  NodeLegacyLimited() : NodeLegacy(config()) {}
};

TEST_F(NodeLegacyLimited, TheLimitHoldsForItToo) {
  library.add("a", memory.generate(1'000'000, 1));
  const ConnectionId id = dial_in();
  say(id, "req");
  std::uint64_t sent = 0;
  const net::TimePoint end = clock.now() + 5s;
  while (clock.now() < end) {
    node.expire(clock.now());
    while (!node.queue(id).empty()) {
      const std::uint64_t allowed = node.may_send(id);
      if (allowed == 0) break;
      const net::Bytes bytes = take_bytes(node.queue(id), allowed);
      sent += bytes.size();
      node.sent(clock.now(), id, bytes.size());
    }
    clock.advance(10ms);
  }
  EXPECT_GT(sent, 400'000u);
  EXPECT_LT(sent, 600'000u);
}

struct NodeWithoutLegacy : NodeLegacy {
  NodeWithoutLegacy() : NodeLegacy(config_of()) {}
};

TEST_F(NodeWithoutLegacy, TheDialectIsClosed) {
  library.add("a", memory.generate(10, 1));
  const ConnectionId id = dial_in();
  say(id, "req");
  EXPECT_FALSE(node.has(id));
  ReplyReader reply;
  reply.feed(hear(id));
  reply.end();
  EXPECT_EQ(reply.state(), ReplyReader::State::kNothing);
}

}  // namespace
}  // namespace peer
