// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "peer/files/merkle.h"
#include "peer/node.h"
#include "tests/support/chunk_memory.h"
#include "tests/support/fake_library.h"
#include "tests/support/fake_store.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/peer/wire/session_support.h"

/// What the tests of Node share: a node, and peers at the other ends of its connections that do what a test says.
namespace peer {

/// The chunks of the contents in these tests, and their height in the tree.
constexpr std::uint32_t kChunk = files::kMinChunkSize;
constexpr std::uint8_t kLevel = 3;

inline net::Endpoint endpoint(int last, std::uint16_t port = 12345) {
  return {*net::IpAddress::parse("10.0.0." + std::to_string(last)), port};
}

/// The other end of one connection. It answers nothing by itself.
struct Remote {
  Remote(wire::Role role, wire::Hello own, net::TimePoint now)
      : session(role, std::move(own), std::nullopt, sink, wire::SessionLimits{}, now) {}

  /// The oldest message of the type that came and was not taken; nothing when there is none.
  template <class T>
  std::optional<T> take() {
    for (auto at = messages.begin(); at != messages.end(); ++at) {
      if (T* found = std::get_if<T>(&*at)) {
        T message = std::move(*found);
        messages.erase(at);
        return message;
      }
    }
    return std::nullopt;
  }
  template <class T>
  std::vector<T> take_all() {
    std::vector<T> all;
    while (auto message = take<T>()) all.push_back(std::move(*message));
    return all;
  }

  ConnectionId id = 0;
  bool open = true;   ///< Until the node closes it.
  bool reads = true;  ///< Takes what the node sends.
  wire::FakeSink sink;
  wire::Session session;
  std::vector<wire::Message> messages;
  std::vector<wire::PeersReceived> lists;
  std::vector<wire::ChunkReceived> chunks;
};

/// Bytes off a queue, as a socket would take them.
inline net::Bytes take_bytes(net::SendQueue& queue, std::size_t limit) {
  net::Bytes out;
  auto front = queue.front();
  if (auto* bytes = std::get_if<net::ByteView>(&front)) {
    *bytes = bytes->first(std::min(limit, bytes->size()));
    out.assign(bytes->begin(), bytes->end());
  } else {
    const auto& range = std::get<net::FileRange>(front);
    out.resize(std::min<std::size_t>(limit, range.length));
    dynamic_cast<const support::MemorySource&>(*range.source).read(range.offset, out);
  }
  queue.consume(out.size());
  return out;
}

struct NodeFixture : ::testing::Test {
  explicit NodeFixture(Node::Config config = config_of()) : node(std::move(config), library, clock.now()) {}

  static wire::Hello hello_of(std::uint8_t key, std::uint64_t instance = 1, std::uint16_t port = 12345) {
    wire::Hello hello;
    hello.public_key.fill(std::byte{key});
    hello.instance = instance;
    hello.port = port;
    hello.name = "peer " + std::to_string(key);
    return hello;
  }
  static Node::Config config_of() {
    Node::Config config;
    config.hello = hello_of(0, 4711);
    config.seed = 1;
    return config;
  }

  /// A peer dials the node and says HELLO; its other messages wait to be taken.
  Remote& accept(const wire::Hello& hello, const net::Endpoint& from = endpoint(1, 50000)) {
    Remote& remote = add(wire::Role::kDialled, hello);
    auto id = node.accepted(clock.now(), from);
    EXPECT_TRUE(id);
    remote.id = id.value_or(0);
    remote.open = id.has_value();
    run();
    return remote;
  }
  Remote& accept(std::uint8_t key) { return accept(hello_of(key), endpoint(key, 50000)); }
  /// The node dials an endpoint that the user names, and reaches the peer there.
  Remote& dial(const wire::Hello& hello, const net::Endpoint& to) {
    begin_dial(to);
    return reach(hello);
  }
  void begin_dial(const net::Endpoint& to) {
    node.hint(clock.now(), to, members::HintSource::kUser);
    node.expire(clock.now());
    collect_actions();
  }
  /// The oldest dial succeeds.
  Remote& reach(const wire::Hello& hello, bool run_now = true) {
    Remote& remote = add(wire::Role::kAccepted, hello);
    EXPECT_FALSE(dials.empty());
    remote.id = dials.front().connection;
    dials.pop_front();
    node.dialled(clock.now(), remote.id);
    if (run_now) run();
    return remote;
  }
  Remote& add(wire::Role role, const wire::Hello& hello) {
    return *remotes.emplace_back(std::make_unique<Remote>(role, hello, clock.now()));
  }

  /// Answers the catalog questions that came with these entries, on one page.
  void offer(Remote& remote, const std::vector<std::pair<std::string, files::ContentId>>& entries,
             std::uint64_t revision = 1, bool growing = false) {
    for (const auto& question : remote.take_all<wire::CatalogGet>()) {
      wire::Catalog page{question.request, revision, false, true, growing, {}, 0};
      for (const auto& [path, id] : entries) {
        page.entries.push_back({files::CatalogEntry::Kind::kFile, path, id, 1'700'000'000, 0600});
      }
      remote.session.send(page);
    }
    run();
  }
  void answer_layer(Remote& remote, const support::MemoryContent& content) {
    for (const auto& question : remote.take_all<wire::LayerGet>()) {
      auto begin = content.layer->begin() + question.first;
      remote.session.send(wire::Layer{question.request, {begin, begin + question.count}});
    }
    run();
  }
  /// Answers with the chunk asked for; where that is left to the remote, with the first that the node lacks.
  std::uint32_t send_chunk(Remote& remote, const wire::ChunkGet& question, const support::MemoryContent& content) {
    files::ChunkGrid grid = files::chunk_grid(content.id.length);
    std::uint32_t chunk = question.chunk;
    if (chunk == wire::kYourChoice) chunk = *files::ChunkSet::from_bytes(question.have, grid.count())->first_missing();
    remote.session.send_chunk({question.request, chunk, 0}, {content.source, grid.offset(chunk), grid.size(chunk)});
    run();
    return chunk;
  }
  /// Answers layer and chunk questions until there are none left.
  void serve(Remote& remote, const support::MemoryContent& content) {
    answer_layer(remote, content);
    for (int i = 0; i < 10'000; ++i) {
      auto question = remote.take<wire::ChunkGet>();
      if (!question) return;
      send_chunk(remote, *question, content);
    }
    ADD_FAILURE() << "it asks on and on";
  }

  TransferId fetch(const files::ContentId& id, const std::string& path = "file") {
    swarm::FetchRequest request;
    request.id = id;
    request.path = path;
    TransferId transfer = node.fetch(clock.now(), request);
    run();
    return transfer;
  }
  swarm::Transfer::State state(TransferId transfer) const { return node.transfer(transfer)->state(); }

  /// Moves bytes and carries out actions until nothing is left to do, as a driver's loop would at this moment.
  void run() {
    for (int pass = 0; pass < 1000; ++pass) {
      bool worked = collect_actions();
      for (std::size_t i = 0; i < remotes.size(); ++i) worked = move(*remotes[i]) || worked;
      if (worked) continue;
      auto deadline = node.deadline();
      if (!deadline || *deadline > clock.now()) return;
      node.expire(clock.now());
    }
    ADD_FAILURE() << "the loop spins";
  }
  /// Lets time pass, waking the node at its deadlines.
  void wait(net::Duration time) {
    net::TimePoint end = clock.now() + time;
    for (int i = 0; i < 100'000; ++i) {
      auto deadline = node.deadline();
      if (!deadline || *deadline > end) break;
      clock.advance_to(*deadline);
      run();
    }
    clock.advance_to(end);
    run();
  }

  bool collect_actions() {
    Outbox actions = node.take_actions();
    for (Action& action : actions) {
      std::visit([this](auto& what) { carry_out(what); }, action);
    }
    return !actions.empty();
  }
  void carry_out(Dial& action) { dials.push_back(action); }
  void carry_out(Close& action) {
    for (auto& remote : remotes) {
      if (remote->id != action.connection || !remote->open) continue;
      remote->open = false;
      while (remote->reads && !action.last_words.empty()) give(*remote, take_bytes(action.last_words, 1 << 20));
      remote->session.end_of_input();
      take_events(*remote);
    }
    closed.push_back(action.connection);
  }
  void carry_out(OpenStore& action) {
    opened.push_back(action.transfer);
    last_opened = action;
    if (store_works) node.store_opened(clock.now(), action.transfer, store.open(action));
  }
  void carry_out(SetLayer& action) { store.set_layer(std::move(action)); }
  void carry_out(StoreChunk& action) {
    if (!store_works) return chunks_to_store.push_back(std::move(action));
    TransferId transfer = action.transfer;
    node.chunk_stored(clock.now(), transfer, store.store(std::move(action)));
  }
  void carry_out(FinishStore& action) {
    finished.push_back(action);
    if (store_works) node.store_finished(clock.now(), action.transfer, store.finish(action));
  }
  void carry_out(MakeFolder& action) {
    folders_made.push_back(action.path);
    last_folder = action;
    if (folders_work) node.folder_made(clock.now(), action.id, {folder_there, folder_error});
  }
  void carry_out(ReleaseStore& action) {
    released.push_back(action.transfer);
    store.release(action);
  }

  void carry_out(Warn& action) { warnings.push_back(action.message); }

  bool move(Remote& remote) {
    bool worked = false;
    while (remote.open && node.has(remote.id) && remote.reads && !node.queue(remote.id).empty()) {
      const std::uint64_t allowed = node.may_send(remote.id);
      if (allowed == 0) break;
      net::Bytes bytes = take_bytes(node.queue(remote.id), std::min<std::uint64_t>(allowed, 1 << 20));
      node.sent(clock.now(), remote.id, bytes.size());
      give(remote, bytes);
      worked = true;
    }
    while (remote.open && node.has(remote.id) && !remote.session.queue().empty()) {
      std::span<std::byte> space = node.space(remote.id);
      if (space.empty()) break;
      net::Bytes bytes = take_bytes(remote.session.queue(), space.size());
      std::copy(bytes.begin(), bytes.end(), space.begin());
      node.received(clock.now(), remote.id, bytes.size());
      worked = true;
    }
    return worked;
  }
  void give(Remote& remote, net::ByteView bytes) {
    while (!bytes.empty()) {
      std::span<std::byte> space = remote.session.space();
      if (space.empty()) return;
      std::size_t count = std::min(space.size(), bytes.size());
      std::copy_n(bytes.begin(), count, space.begin());
      remote.session.received(clock.now(), count);
      bytes = bytes.subspan(count);
      take_events(remote);
    }
  }
  void take_events(Remote& remote) {
    while (auto event = remote.session.next_event()) {
      if (auto* message = std::get_if<wire::MessageReceived>(&*event)) remote.messages.push_back(message->message);
      if (auto* list = std::get_if<wire::PeersReceived>(&*event)) remote.lists.push_back(*list);
      if (auto* chunk = std::get_if<wire::ChunkReceived>(&*event)) remote.chunks.push_back(*chunk);
    }
  }

  support::ManualClock clock;
  support::ChunkMemory memory;
  support::FakeLibrary library;
  support::FakeStore store{memory, library};
  bool store_works = true;  ///< Off: what the store is to do is only noted.
  Node node;
  std::vector<std::unique_ptr<Remote>> remotes;
  std::deque<Dial> dials;
  std::vector<ConnectionId> closed;
  std::vector<TransferId> opened, released;
  OpenStore last_opened;
  std::vector<FinishStore> finished;
  std::vector<StoreChunk> chunks_to_store;
  MakeFolder last_folder;
  std::vector<std::string> folders_made;
  std::vector<std::string> warnings;
  bool folders_work = true;
  bool folder_there = false;
  std::string folder_error;  ///< What the disk says to the next ones.
};

}  // namespace peer
