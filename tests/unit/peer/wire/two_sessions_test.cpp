// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "peer/files/merkle.h"
#include "tests/unit/peer/wire/session_support.h"

namespace peer::wire {
namespace {

/// The content of a file, for both ends: what a driver would send with sendfile().
struct Content : net::SendSource {
  explicit Content(net::Bytes b) : bytes(std::move(b)) {}
  net::Bytes bytes;
};

/// A peer that asks for every chunk of the other's content at once and serves its own, each chunk `kChunk` bytes.
struct Side {
  static constexpr std::uint32_t kChunk = files::kMinChunkSize;

  Side(Role role, std::uint64_t instance, net::Bytes bytes, std::vector<net::Endpoint> first_peers)
      : content(std::make_shared<Content>(std::move(bytes))),
        session(role, hello_of("peer", instance), std::move(first_peers), sink, {}, clock.now()) {}

  support::ManualClock clock;
  FakeSink sink;
  std::shared_ptr<Content> content;
  Session session;
  std::map<std::uint32_t, net::Bytes> received;
  std::vector<net::Endpoint> peers;

  void ask(std::uint32_t chunks) {
    for (std::uint32_t i = 0; i < chunks; ++i) session.send(ChunkGet{i, samples::id(), 4, i, {}, 0, 0});
  }

  void take_events(std::uint32_t chunks_wanted) {
    while (auto event = session.next_event()) {
      if (std::holds_alternative<HelloReceived>(*event)) ask(chunks_wanted);
      if (auto* list = std::get_if<PeersReceived>(&*event)) peers = list->endpoints;
      if (auto* chunk = std::get_if<ChunkReceived>(&*event)) {
        received[chunk->header.chunk] = sink.places.front().second;
        sink.places.pop_front();
      }
      if (auto* message = std::get_if<MessageReceived>(&*event)) serve(message->message);
      ASSERT_FALSE(std::holds_alternative<Failed>(*event)) << std::get<Failed>(*event).reason;
    }
  }

  void serve(const Message& message) {
    const ChunkGet& get = std::get<ChunkGet>(message);
    const std::uint64_t offset = std::uint64_t{get.chunk} * kChunk;
    const std::uint64_t length = std::min<std::uint64_t>(kChunk, content->bytes.size() - offset);
    session.send_chunk({get.request, get.chunk, 0}, {content, offset, length});
  }
};

/// Moves at most `limit` bytes; what a pair of drivers and a wire do.
bool move_some(Side& from, Side& to, std::size_t limit) {
  auto& queue = from.session.queue();
  const std::span<std::byte> space = to.session.space();
  if (queue.empty() || space.empty()) return false;
  const auto front = queue.front();
  net::ByteView bytes;
  if (const auto* view = std::get_if<net::ByteView>(&front)) {
    bytes = *view;
  } else {
    const auto& range = std::get<net::FileRange>(front);
    bytes = net::ByteView(static_cast<const Content&>(*range.source).bytes).subspan(range.offset, range.length);
  }
  const std::size_t count = std::min({limit, bytes.size(), space.size()});
  std::copy_n(bytes.begin(), count, space.begin());
  to.session.received(to.clock.now(), count);
  queue.consume(count);
  return true;
}

net::Bytes random_content(std::mt19937& random, std::size_t size) {
  net::Bytes bytes(size);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

TEST(TwoSessions, FetchFromEachOtherAtTheSameTimeOverOneConnection) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    std::mt19937 random(seed);
    const std::vector<net::Endpoint> list = {*net::Endpoint::parse("10.0.0.9")};
    Side dialling(Role::kDialled, 1, random_content(random, 5 * Side::kChunk + 77), {});
    Side accepting(Role::kAccepted, 2, random_content(random, 3 * Side::kChunk), list);
    bool moving = true;
    while (moving) {
      const std::size_t limit = random() % 100'000 + 1;
      moving = move_some(dialling, accepting, limit);
      accepting.take_events(6);
      moving = move_some(accepting, dialling, random() % 100'000 + 1) || moving;
      dialling.take_events(3);
    }
    const auto joined = [](const Side& side) {
      net::Bytes all;
      for (const auto& [chunk, bytes] : side.received) append(all, bytes);
      return all;
    };
    EXPECT_EQ(joined(accepting), dialling.content->bytes) << seed;
    EXPECT_EQ(joined(dialling), accepting.content->bytes) << seed;
    EXPECT_EQ(dialling.peers, list);
    EXPECT_TRUE(accepting.peers.empty());
  }
}

}  // namespace
}  // namespace peer::wire
