// SPDX-License-Identifier: MIT
// What a node answers to those who ask it.
#include <gtest/gtest.h>

#include <set>

#include "peer/node.h"
#include "tests/unit/peer/node_support.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using wire::ErrorCode;

struct NodeServe : NodeFixture {
  /// The code of the ERROR that answers the question.
  std::optional<ErrorCode> refusal(Remote& remote, const wire::Message& question, std::uint32_t request) {
    remote.session.send(question);
    run();
    auto error = remote.take<wire::Error>();
    if (!error) return std::nullopt;
    EXPECT_EQ(error->request, request);
    return error->code;
  }
  static wire::ChunkGet choice(std::uint32_t request, const files::ContentId& id, const files::ChunkSet& have) {
    return {request, id, kLevel, wire::kYourChoice, have.to_bytes(), 0, 0};
  }
  /// The payload that came last.
  net::Bytes last_payload(Remote& remote) {
    EXPECT_FALSE(remote.sink.places.empty());
    return remote.sink.places.empty() ? net::Bytes() : remote.sink.places.back().second;
  }
};

// --- catalogs ---

TEST_F(NodeServe, ACatalogComesInPages) {
  auto content = memory.generate(100, 1);
  for (int i = 0; i < 3000; ++i) library.add("file" + std::to_string(10'000 + i), content);
  Remote& remote = accept(1);
  std::string after;
  std::set<std::string> seen;
  for (std::uint32_t request = 1; request < 100; ++request) {
    remote.session.send(wire::CatalogGet{request, 0, after});
    run();
    auto page = remote.take<wire::Catalog>();
    ASSERT_TRUE(page);
    EXPECT_EQ(page->request, request);
    EXPECT_EQ(page->revision, library.catalog().revision());
    for (const auto& entry : page->entries) EXPECT_TRUE(seen.insert(entry.path).second);
    if (page->last) break;
    ASSERT_FALSE(page->entries.empty());
    after = page->entries.back().path;
  }
  EXPECT_EQ(seen.size(), 3000u);
}

TEST_F(NodeServe, AnUnchangedCatalogCostsOneSmallAnswer) {
  library.add("file", memory.generate(100, 1));
  Remote& remote = accept(1);
  remote.session.send(wire::CatalogGet{1, library.catalog().revision(), ""});
  remote.session.send(wire::CatalogGet{2, library.catalog().revision() - 1, ""});
  run();
  EXPECT_TRUE(remote.take<wire::Catalog>()->unchanged);
  EXPECT_EQ(remote.take<wire::Catalog>()->entries.size(), 1u);
}

TEST_F(NodeServe, WhetherTheCatalogGrowsIsTold) {
  library.set_growing(true);
  library.add("file", memory.generate(100, 1));
  Remote& asker = accept(1);
  Remote& other = accept(2);
  node.library_changed(clock.now());
  asker.session.send(wire::CatalogGet{1, 0, ""});
  run();
  EXPECT_TRUE(asker.take<wire::CatalogChanged>());
  EXPECT_TRUE(other.take<wire::CatalogChanged>());
  EXPECT_TRUE(asker.take<wire::Catalog>()->growing);
  // Who knows it is not told again.
  node.library_changed(clock.now());
  run();
  EXPECT_FALSE(asker.take<wire::CatalogChanged>());
  EXPECT_TRUE(other.take<wire::CatalogChanged>());
  library.set_growing(false);
  for (int i = 0; i < 2; ++i) node.library_changed(clock.now());
  run();
  EXPECT_TRUE(asker.take<wire::CatalogChanged>());
  EXPECT_FALSE(asker.take<wire::CatalogChanged>());
  EXPECT_FALSE(other.take<wire::CatalogChanged>());
  asker.session.send(wire::CatalogGet{2, library.catalog().revision(), ""});
  run();
  const auto answer = asker.take<wire::Catalog>();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->unchanged);
  EXPECT_FALSE(answer->growing);
}

TEST_F(NodeServe, ChangesAreToldToThoseConnected) {
  Remote& remote = accept(1);
  library.add("file", memory.generate(100, 1));
  node.library_changed(clock.now());
  run();
  EXPECT_EQ(remote.take<wire::CatalogChanged>()->revision, library.catalog().revision());
}

// --- layers ---

TEST_F(NodeServe, ALayerIsGivenInTheRangeAskedFor) {
  auto content = memory.generate(5 * kChunk, 1);
  library.add("file", content);
  Remote& remote = accept(1);
  remote.session.send(wire::LayerGet{1, content.id, kLevel, 1, 3});
  run();
  auto layer = remote.take<wire::Layer>();
  ASSERT_TRUE(layer);
  EXPECT_EQ(layer->hashes, (std::vector<files::Hash>(content.layer->begin() + 1, content.layer->begin() + 4)));
}

// T04: what lies outside the file is an error answer, not a crash.
TEST_F(NodeServe, T04_LayersOutsideTheFileAreRefused) {
  auto content = memory.generate(5 * kChunk, 1);
  auto empty = memory.generate(0, 1);
  library.add("file", content);
  library.add("empty", empty);
  Remote& remote = accept(1);
  EXPECT_EQ(refusal(remote, wire::LayerGet{1, content.id, kLevel, 5, 1}, 1), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::LayerGet{2, content.id, kLevel, 4, 2}, 2), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::LayerGet{3, content.id, kLevel, 0xfffff000, 4096}, 3), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::LayerGet{4, content.id, 5, 0, 1}, 4), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::LayerGet{5, empty.id, kLevel, 0, 1}, 5), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::LayerGet{6, {5 * kChunk, wire::samples::hash_of(1)}, kLevel, 0, 5}, 6),
            ErrorCode::kNotFound);
  EXPECT_TRUE(remote.open);
}

// --- chunks ---

TEST_F(NodeServe, AChunkIsSentWholeOrInPart) {
  auto content = memory.generate(kChunk + 1000, 1);
  library.add("file", content);
  Remote& remote = accept(1);
  remote.session.send(wire::ChunkGet{1, content.id, kLevel, 1, {}, 0, 0});
  run();
  EXPECT_EQ(last_payload(remote), *content.source->chunk(1));
  remote.session.send(wire::ChunkGet{2, content.id, kLevel, 0, {}, 1000, 500});
  run();
  const net::Bytes& whole = *content.source->chunk(0);
  EXPECT_EQ(last_payload(remote), net::Bytes(whole.begin() + 1000, whole.begin() + 1500));
  EXPECT_EQ(remote.chunks.back().header, (wire::ChunkHeader{2, 0, 1000}));
  remote.session.send(wire::ChunkGet{3, content.id, kLevel, 1, {}, 999, 0});
  run();
  EXPECT_EQ(last_payload(remote).size(), 1u);
}

TEST_F(NodeServe, T04_ChunksOutsideTheFileAreRefused) {
  auto content = memory.generate(kChunk + 1000, 1);
  auto empty = memory.generate(0, 1);
  library.add("file", content);
  library.add("empty", empty);
  Remote& remote = accept(1);
  EXPECT_EQ(refusal(remote, wire::ChunkGet{1, content.id, kLevel, 2, {}, 0, 0}, 1), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::ChunkGet{2, content.id, kLevel, 1, {}, 1000, 0}, 2), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::ChunkGet{3, content.id, kLevel, 1, {}, 999, 2}, 3), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::ChunkGet{4, content.id, 5, 0, {}, 0, 0}, 4), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::ChunkGet{5, content.id, kLevel, 0xfffffffe, {}, 0, 0}, 5), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::ChunkGet{6, empty.id, kLevel, 0, {}, 0, 0}, 6), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, wire::ChunkGet{7, {9, wire::samples::hash_of(1)}, kLevel, 0, {}, 0, 0}, 7),
            ErrorCode::kNotFound);
  EXPECT_TRUE(remote.chunks.empty());
  EXPECT_TRUE(remote.open);
}

// T30: a file that is gone is refused.
TEST_F(NodeServe, T30_AFileThatIsGoneIsRefused) {
  auto content = memory.generate(1000, 1);
  library.add("file", content);
  Remote& remote = accept(1);
  library.remove("file");
  EXPECT_EQ(refusal(remote, wire::ChunkGet{1, content.id, kLevel, 0, {}, 0, 0}, 1), ErrorCode::kNotFound);
}

TEST_F(NodeServe, YourChoiceGivesEachChunkAboutAsOftenAcrossPeers) {
  auto content = memory.generate(8 * kChunk, 1);
  library.add("file", content);
  Remote& first = accept(1);
  Remote& second = accept(2);
  for (std::uint32_t i = 1; i <= 4; ++i) {
    first.session.send(choice(i, content.id, files::ChunkSet(8)));
    second.session.send(choice(i, content.id, files::ChunkSet(8)));
    run();
  }
  std::set<std::uint32_t> sent;
  for (Remote* remote : {&first, &second}) {
    for (const auto& chunk : remote->chunks) sent.insert(chunk.header.chunk);
  }
  EXPECT_EQ(sent.size(), 8u) << "nothing is sent twice before all was sent once";
}

TEST_F(NodeServe, YourChoiceIsAmongWhatTheAskerLacks) {
  auto content = memory.generate(8 * kChunk, 1);
  library.add("file", content);
  Remote& remote = accept(1);
  files::ChunkSet have = files::ChunkSet::all(8);
  have.reset(5);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    remote.session.send(choice(i, content.id, have));
    run();
    EXPECT_EQ(remote.chunks.back().header.chunk, 5u);
  }
  EXPECT_EQ(refusal(remote, choice(4, content.id, files::ChunkSet::all(8)), 4), ErrorCode::kNothingToGive);
}

TEST_F(NodeServe, YourChoiceWithABitmapThatDoesNotFitIsRefused) {
  auto content = memory.generate(8 * kChunk, 1);
  auto empty = memory.generate(0, 1);
  library.add("file", content);
  library.add("empty", empty);
  Remote& remote = accept(1);
  EXPECT_EQ(refusal(remote, choice(1, content.id, files::ChunkSet(9)), 1), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, choice(2, content.id, files::ChunkSet(0)), 2), ErrorCode::kBadRange);
  EXPECT_EQ(refusal(remote, choice(3, empty.id, files::ChunkSet(0)), 3), ErrorCode::kNothingToGive);
  EXPECT_EQ(refusal(remote, choice(4, {9, wire::samples::hash_of(1)}, files::ChunkSet(1)), 4), ErrorCode::kNotFound);
}

// T19: a flood of requests is bounded; what is too much is refused.
TEST_F(NodeServe, T19_AFloodOfRequestsIsRefused) {
  auto content = memory.generate(4 * kChunk, 1);
  library.add("file", content);
  Remote& remote = accept(1);
  remote.reads = false;
  for (std::uint32_t i = 1; i <= 600; ++i) remote.session.send(wire::ChunkGet{i, content.id, kLevel, 0, {}, 0, 0});
  run();
  EXPECT_LE(node.queue(remote.id).pending(), 2u * kChunk) << "little waits in its queue";
  remote.reads = true;
  run();
  EXPECT_EQ(remote.chunks.size() + remote.take_all<wire::Error>().size(), 600u);
  EXPECT_GE(remote.chunks.size(), swarm::Uploads::kMaxPerConnection);
}

TEST_F(NodeServe, ACancelledRequestIsNotAnswered) {
  auto content = memory.generate(4 * kChunk, 1);
  library.add("file", content);
  Remote& remote = accept(1);
  remote.reads = false;
  for (std::uint32_t i = 1; i <= 4; ++i) remote.session.send(wire::ChunkGet{i, content.id, kLevel, i - 1, {}, 0, 0});
  for (std::uint32_t i = 1; i <= 3; ++i) remote.session.send(wire::Cancel{i});
  remote.session.send(wire::Cancel{99});
  run();
  remote.reads = true;
  run();
  ASSERT_EQ(remote.chunks.size(), 2u) << "the first was being sent already";
  EXPECT_EQ(remote.chunks[1].header.request, 4u);
}

TEST_F(NodeServe, APeerThatLeavesFreesTheWayForOthers) {
  auto content = memory.generate(4 * kChunk, 1);
  library.add("file", content);
  // As many as are filled at a time.
  std::vector<Remote*> stuck{&accept(1), &accept(2), &accept(3), &accept(4)};
  for (Remote* remote : stuck) {
    remote->reads = false;
    remote->session.send(wire::ChunkGet{1, content.id, kLevel, 0, {}, 0, 0});
  }
  run();
  Remote& other = accept(5);
  other.session.send(wire::ChunkGet{1, content.id, kLevel, 0, {}, 0, 0});
  run();
  EXPECT_TRUE(other.chunks.empty());
  node.closed(clock.now(), stuck[0]->id, "reset");
  run();
  wait(1s);
  EXPECT_EQ(other.chunks.size(), 1u);
}

// --- interest ---

TEST_F(NodeServe, InterestIsAnsweredWithWhatIsThere) {
  auto content = memory.generate(4 * kChunk, 1);
  library.add("file", content);
  Remote& remote = accept(1);
  remote.session.send(wire::Interest{content.id, kLevel, true});
  run();
  EXPECT_EQ(remote.take<wire::Have>(), (wire::Have{content.id, kLevel, true, {}}));
  remote.session.send(wire::Interest{content.id, 5, true});
  remote.session.send(wire::Interest{{4 * kChunk, wire::samples::hash_of(1)}, kLevel, true});
  run();
  EXPECT_FALSE(remote.take<wire::Have>());
  EXPECT_TRUE(remote.open);
}

// A downloader offers what it has so far.
TEST_F(NodeServe, ADownloadOffersItsVerifiedChunks) {
  auto content = memory.generate(4 * kChunk, 1);
  Remote& seed = accept(1);
  Remote& other = accept(2);
  offer(seed, {{"file", content.id}});
  other.session.send(wire::Interest{content.id, kLevel, true});
  TransferId transfer = fetch(content.id);
  EXPECT_FALSE(other.take<wire::Have>());
  EXPECT_EQ(refusal(other, wire::LayerGet{1, content.id, kLevel, 0, 4}, 1), ErrorCode::kNotFound);
  answer_layer(seed, content);
  auto question = seed.take<wire::ChunkGet>();
  ASSERT_TRUE(question);
  EXPECT_EQ(question->chunk, wire::kYourChoice);
  EXPECT_EQ(refusal(other, wire::ChunkGet{2, content.id, kLevel, 0, {}, 0, 0}, 2), ErrorCode::kNotFound);
  std::uint32_t chunk = send_chunk(seed, *question, content);
  EXPECT_EQ(other.take<wire::Have>(), (wire::Have{content.id, kLevel, false, {{chunk, 1}}}));
  other.session.send(wire::LayerGet{3, content.id, kLevel, 0, 4});
  other.session.send(wire::ChunkGet{4, content.id, kLevel, chunk, {}, 0, 0});
  run();
  EXPECT_EQ(other.take<wire::Layer>()->hashes, *content.layer);
  EXPECT_EQ(last_payload(other), *content.source->chunk(chunk));
  EXPECT_EQ(refusal(other, choice(5, content.id, files::ChunkSet(4)), 5), ErrorCode::kNotFound)
      << "a choice is for who has everything";
  other.session.send(wire::Interest{content.id, kLevel, false});
  run();
  serve(seed, content);
  EXPECT_EQ(state(transfer), swarm::Transfer::State::kDone);
  EXPECT_FALSE(other.take<wire::Have>()) << "it said that it is not interested any more";
}

TEST_F(NodeServe, WhatAnEarlierRunLeftIsOfferedToThoseWhoAskedBefore) {
  auto content = memory.generate(4 * kChunk, 1);
  Remote& seed = accept(1);
  offer(seed, {{"file", content.id}});
  TransferId first = fetch(content.id);
  answer_layer(seed, content);
  auto question = seed.take<wire::ChunkGet>();
  send_chunk(seed, *question, content);
  node.cancel(clock.now(), first);
  run();
  node.forget(first);
  Remote& other = accept(2);
  other.session.send(wire::Interest{content.id, kLevel, true});
  run();
  EXPECT_FALSE(other.take<wire::Have>());
  fetch(content.id);
  EXPECT_EQ(other.take<wire::Have>(), (wire::Have{content.id, kLevel, false, {{question->chunk, 1}}}));
}

TEST_F(NodeServe, MoreRangesThanOneHaveHoldsComeInSeveral) {
  constexpr std::uint32_t kChunks = 10'000;
  const files::ContentId id{std::uint64_t{kChunks} << 22, wire::samples::hash_of(1)};
  const std::uint8_t level = 8;
  store_works = false;
  TransferId transfer = fetch(id);
  StoreOpened partial;
  partial.have = files::ChunkSet(kChunks);
  for (std::uint32_t chunk = 0; chunk < kChunks; chunk += 2) partial.have.set(chunk);
  Remote& before = accept(1);
  before.session.send(wire::Interest{id, level, true});
  run();
  node.store_opened(clock.now(), transfer, std::move(partial));
  Remote& after = accept(2);
  after.session.send(wire::Interest{id, level, true});
  run();
  for (Remote* remote : {&before, &after}) {
    std::vector<wire::Have> haves = remote->take_all<wire::Have>();
    ASSERT_EQ(haves.size(), 2u);
    EXPECT_EQ(haves[0].ranges.size(), wire::kMaxHaveRanges);
    EXPECT_EQ(haves[0].ranges.size() + haves[1].ranges.size(), kChunks / 2);
    EXPECT_EQ(haves[1].ranges.back(), (wire::ChunkRange{kChunks - 2, 1}));
  }
}

TEST_F(NodeServe, InterestsOfOnePeerAreBounded) {
  Remote& remote = accept(1);
  auto content = memory.generate(4 * kChunk, 1);
  library.add("file", content);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    remote.session.send(wire::Interest{{kChunk + 1 + i, wire::samples::hash_of(1)}, kLevel, true});
    if (i % 500 == 0) run();
  }
  remote.session.send(wire::Interest{content.id, kLevel, true});
  run();
  EXPECT_FALSE(remote.take<wire::Have>());
  EXPECT_TRUE(remote.open);
}

TEST_F(NodeServe, WithoutLeaveToPushEveryOfferIsRefused) {
  Remote& remote = accept(1);
  remote.session.send(wire::Offer{7, {wire::samples::file("a")}, 0});
  run();
  EXPECT_EQ(remote.take<wire::OfferAnswer>(), (wire::OfferAnswer{7, false, ErrorCode::kRefused}));
}

// T19: the catalogs of many peers are bounded together, those of one host more tightly, and each is shown in part.
struct NodeWithLittleMemory : NodeFixture {
  static constexpr std::size_t kOfOne = 59 + 2 + RemoteCatalog::kEntryOverhead;  ///< With a path of two bytes.
  NodeWithLittleMemory() : NodeFixture(little_memory()) {}
  static Node::Config little_memory() {
    Node::Config config = config_of();
    config.catalogs = {10 * kOfOne, 6 * kOfOne, kOfOne};
    return config;
  }
  /// A peer on the host comes and offers five files.
  void come(std::uint8_t key, int host) {
    std::vector<std::pair<std::string, files::ContentId>> files;
    for (std::uint64_t i = 0; i < 5; ++i) files.emplace_back("f" + std::to_string(i), memory.generate(100 + i, key).id);
    offer(accept(hello_of(key), endpoint(host, static_cast<std::uint16_t>(50000 + key))), files);
  }
  std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> sizes;
    for (const Node::PeerView& peer : node.peers()) sizes.push_back(peer.catalog->size());
    return sizes;
  }
};

TEST_F(NodeWithLittleMemory, T19_CatalogsAreBoundedTogether) {
  for (std::uint8_t key : std::initializer_list<std::uint8_t>{1, 2, 3}) come(key, 1);
  EXPECT_EQ(sizes(), (std::vector<std::size_t>{5, 1, 1})) << "of one host six, or one of each";
  for (std::uint8_t key : std::initializer_list<std::uint8_t>{4, 5}) come(key, key);
  EXPECT_EQ(sizes(), (std::vector<std::size_t>{5, 1, 1, 3, 1})) << "of all ten, or one of each";
}

}  // namespace
}  // namespace peer
