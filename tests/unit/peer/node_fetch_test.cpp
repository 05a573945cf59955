// SPDX-License-Identifier: MIT
// What a node asks of others, and what it makes of the answers.
#include <gtest/gtest.h>

#include <set>

#include "peer/node.h"
#include "tests/unit/peer/node_support.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using wire::ErrorCode;
using State = swarm::Transfer::State;

struct NodeFetch : NodeFixture {
  /// A connected peer that offers the content.
  Remote& seed(std::uint8_t key, const support::MemoryContent& content) {
    Remote& remote = accept(key);
    offer(remote, {{"file", content.id}});
    return remote;
  }
  /// A download that has one source and knows the chunks' hashes: chunks are asked for.
  struct Begun {
    support::MemoryContent content;
    Remote& source;
    TransferId transfer;
  };
  Begun begin_fetch(std::uint32_t chunks) {
    auto content = memory.generate(chunks * kChunk, 1);
    Remote& source = seed(1, content);
    TransferId transfer = fetch(content.id);
    answer_layer(source, content);
    return {content, source, transfer};
  }
};

TEST_F(NodeFetch, AFileComesFromOneSource) {
  auto content = memory.generate(9 * kChunk + 17, 1);
  Remote& remote = seed(1, content);
  TransferId transfer = fetch(content.id, "name");
  EXPECT_TRUE(remote.take<wire::Interest>()->on);
  serve(remote, content);
  EXPECT_EQ(state(transfer), State::kDone);
  EXPECT_TRUE(library.has(content.id));
  EXPECT_EQ(finished.at(0).path, "name");
  EXPECT_EQ(released, (std::vector<TransferId>{transfer}));
  EXPECT_FALSE(remote.take<wire::Interest>()->on);
  EXPECT_EQ(node.running_transfers(), 0u);
  node.forget(transfer);
  EXPECT_EQ(node.transfer(transfer), nullptr);
}

TEST_F(NodeFetch, AnEmptyFileNeedsNobody) {
  auto content = memory.generate(0, 1);
  EXPECT_EQ(state(fetch(content.id)), State::kDone);
}

TEST_F(NodeFetch, AFileOfOneChunkIsAskedForWithoutLayerOrInterest) {
  auto content = memory.generate(100, 1);
  Remote& remote = seed(1, content);
  TransferId transfer = fetch(content.id);
  EXPECT_FALSE(remote.take<wire::LayerGet>());
  EXPECT_FALSE(remote.take<wire::Interest>());
  serve(remote, content);
  EXPECT_EQ(state(transfer), State::kDone);
}

TEST_F(NodeFetch, APeerThatComesLaterHelps) {
  auto content = memory.generate(4 * kChunk, 1);
  TransferId transfer = fetch(content.id);
  wait(1min);
  EXPECT_EQ(state(transfer), State::kFetching);
  serve(seed(1, content), content);
  EXPECT_EQ(state(transfer), State::kDone);
}

TEST_F(NodeFetch, TwoSourcesShareAFile) {
  auto content = memory.generate(8 * kChunk, 1);
  Remote& one = seed(1, content);
  Remote& two = seed(2, content);
  TransferId transfer = fetch(content.id);
  answer_layer(one, content);
  answer_layer(two, content);
  std::set<std::uint32_t> asked;
  for (int i = 0; i < 20; ++i) {
    for (Remote* remote : {&one, &two}) {
      auto question = remote->take<wire::ChunkGet>();
      if (!question) continue;
      EXPECT_TRUE(asked.insert(question->chunk).second) << "asked twice";
      send_chunk(*remote, *question, content);
    }
  }
  EXPECT_EQ(state(transfer), State::kDone);
  EXPECT_EQ(asked.size(), 8u);
}

TEST_F(NodeFetch, AChunkComesFromWhoHasIt) {
  auto content = memory.generate(8 * kChunk, 1);
  Remote& remote = accept(1);
  offer(remote, {});
  fetch(content.id);
  remote.session.send(wire::Have{content.id, 5, true, {}});
  remote.session.send(wire::Have{{8 * kChunk, wire::samples::hash_of(1)}, kLevel, true, {}});
  remote.session.send(wire::Have{content.id, kLevel, false, {}});
  run();
  EXPECT_FALSE(remote.take<wire::LayerGet>()) << "of another grid, another file, and nothing";
  remote.session.send(wire::Have{content.id, kLevel, false, {{2, 1}, {7, 100}, {0xfffffff0, 5}}});
  run();
  answer_layer(remote, content);
  ASSERT_TRUE(remote.messages.size() >= 1);
  std::set<std::uint32_t> asked;
  for (const auto& question : remote.take_all<wire::ChunkGet>()) asked.insert(question.chunk);
  EXPECT_EQ(asked, (std::set<std::uint32_t>{2}));
}

// --- the layer ---

// A layer of more than one LAYER's hashes, of a file that no test has: only its hashes are real.
struct NodeFetchLargeLayer : NodeFetch {
  NodeFetchLargeLayer() {
    content.id.length = 9000ull * (4 << 20);
    std::vector<files::Hash> layer(9000);
    for (std::size_t i = 0; i < layer.size(); ++i) layer[i].fill(static_cast<std::byte>(i % 251 + 1));
    content.id.root = files::root_from_layer(layer, files::chunk_grid(content.id.length));
    content.layer = std::make_shared<std::vector<files::Hash>>(std::move(layer));
    store_works = false;
  }
  TransferId begin() {
    TransferId transfer = fetch(content.id);
    node.store_opened(clock.now(), transfer, {});
    run();
    return transfer;
  }
  void answer_one(Remote& remote) {
    auto question = remote.take<wire::LayerGet>();
    ASSERT_TRUE(question);
    auto begin = content.layer->begin() + question->first;
    remote.session.send(wire::Layer{question->request, {begin, begin + question->count}});
    run();
  }
  support::MemoryContent content;
};

TEST_F(NodeFetchLargeLayer, ComesInParts) {
  Remote& remote = seed(1, content);
  TransferId transfer = begin();
  answer_layer(remote, content);
  answer_layer(remote, content);
  EXPECT_FALSE(node.transfer(transfer)->layer_known());
  answer_layer(remote, content);
  EXPECT_TRUE(node.transfer(transfer)->layer_known());
  EXPECT_FALSE(remote.take_all<wire::ChunkGet>().empty());
}

TEST_F(NodeFetchLargeLayer, ASlowSourceIsNotAskedForTheSameAgain) {
  Remote& remote = seed(1, content);
  TransferId transfer = begin();
  for (int part = 0; part < 3; ++part) {
    wait(45s);
    EXPECT_EQ(remote.messages.size(), 2u) << "the interest and one question";
    answer_one(remote);
  }
  EXPECT_TRUE(node.transfer(transfer)->layer_known());
}

TEST_F(NodeFetchLargeLayer, WhoeverCompletesItFirstServes) {
  Remote& slow = seed(1, content);
  Remote& good = seed(2, content);
  TransferId transfer = begin();
  answer_one(slow);
  wait(11s);
  for (int part = 0; part < 3; ++part) answer_one(good);
  EXPECT_TRUE(node.transfer(transfer)->layer_known());
  answer_one(slow);
  EXPECT_FALSE(slow.take<wire::LayerGet>()) << "the rest is not wanted";
  EXPECT_TRUE(slow.open);
}

TEST_F(NodeFetch, T36_WhoSendsWrongLayersIsBanned) {
  auto content = memory.generate(4 * kChunk, 1);
  Remote& liar = seed(1, content);
  TransferId transfer = fetch(content.id);
  for (int i = 0; i < 3; ++i) {
    auto question = liar.take<wire::LayerGet>();
    ASSERT_TRUE(question) << i;
    liar.session.send(wire::Layer{question->request, {}});
    run();
    wait(2s);
  }
  EXPECT_FALSE(liar.open);
  serve(seed(2, content), content);
  EXPECT_EQ(state(transfer), State::kDone);
}

// --- wrong answers ---

// T36: whoever sends wrong chunks is blamed, nobody else, and the file is whole in the end.
TEST_F(NodeFetch, T36_WrongChunksAreFetchedElsewhere) {
  auto content = memory.generate(16 * kChunk, 1);
  auto wrong = memory.generate(16 * kChunk, 2);
  Remote& honest = seed(1, content);
  Remote& liar = seed(2, content);
  TransferId transfer = fetch(content.id);
  answer_layer(honest, content);
  answer_layer(liar, content);
  for (int i = 0; i < 50 && liar.open; ++i) {
    if (auto question = liar.take<wire::ChunkGet>()) send_chunk(liar, *question, wrong);
  }
  EXPECT_FALSE(liar.open);
  serve(honest, content);
  EXPECT_EQ(state(transfer), State::kDone);
  EXPECT_TRUE(honest.open);
  EXPECT_EQ(store.bad_chunks(), 3u);
}

TEST_F(NodeFetch, ChunksOfAnotherSizeOrPlaceAreNotTaken) {
  auto [content, remote, transfer] = begin_fetch(4);
  auto first = remote.take<wire::ChunkGet>();
  auto second = remote.take<wire::ChunkGet>();
  ASSERT_TRUE(first && second);
  remote.session.send_chunk({first->request, first->chunk, 0}, {content.source, 0, 1000});
  remote.session.send_chunk({second->request, second->chunk, 1}, {content.source, 0, kChunk - 1});
  remote.session.send_chunk({999, 0, 0}, {content.source, 0, kChunk});
  run();
  EXPECT_EQ(store.chunks_written(), 0u);
  EXPECT_FALSE(remote.take<wire::ChunkGet>()) << "left alone for a moment";
  wait(2s);
  serve(remote, content);
  EXPECT_EQ(state(transfer), State::kDone);
}

TEST_F(NodeFetch, AnErrorToEverythingCostsFewQuestions) {
  auto content = memory.generate(4 * kChunk, 1);
  Remote& remote = accept(1);
  fetch(content.id);
  remote.session.send(wire::Have{content.id, kLevel, true, {}});
  std::size_t questions = 0;
  for (int i = 0; i < 600; ++i) {
    std::vector<std::uint32_t> requests;
    for (const auto& question : remote.take_all<wire::CatalogGet>()) requests.push_back(question.request);
    for (const auto& question : remote.take_all<wire::LayerGet>()) requests.push_back(question.request);
    for (const auto& question : remote.take_all<wire::ChunkGet>()) requests.push_back(question.request);
    questions += requests.size();
    for (std::uint32_t request : requests) remote.session.send(wire::Error{request, ErrorCode::kNotFound, "no"});
    run();
    wait(1s);
  }
  EXPECT_TRUE(remote.open);
  EXPECT_GE(questions, 100u);
  EXPECT_LE(questions, 400u);
}

TEST_F(NodeFetch, ARefusedChunkComesFromAnother) {
  auto [content, one, transfer] = begin_fetch(4);
  for (const auto& question : one.take_all<wire::ChunkGet>()) {
    one.session.send(wire::Error{question.request, ErrorCode::kReadFailed, ""});
  }
  run();
  serve(seed(2, content), content);
  EXPECT_EQ(state(transfer), State::kDone);
}

TEST_F(NodeFetch, AnswersThatNobodyAskedForAreIgnored) {
  auto content = memory.generate(4 * kChunk, 1);
  Remote& remote = accept(1);
  offer(remote, {});
  remote.session.send(wire::Layer{77, *content.layer});
  remote.session.send(wire::Error{77, ErrorCode::kNotFound, ""});
  remote.session.send(wire::Cancel{77});
  remote.session.send(wire::Have{content.id, kLevel, true, {}});
  remote.session.send_chunk({77, 0, 0}, {content.source, 0, kChunk});
  run();
  EXPECT_TRUE(remote.open);
  remote.session.send(wire::Catalog{77, 1, false, true, false, {}, 0});
  run();
  EXPECT_FALSE(remote.open) << "an unasked page is a mistake";
  EXPECT_EQ(remote.take<wire::Bye>(), wire::Bye{ErrorCode::kMalformed});
}

TEST_F(NodeFetch, AConnectionErrorEndsTheConnection) {
  Remote& remote = accept(1);
  remote.session.send(wire::Error{0, ErrorCode::kMalformed, "you"});
  run();
  EXPECT_FALSE(remote.open);
}

// --- slow and silent sources ---

TEST_F(NodeFetch, AStalledSourceThatDeliversLateIsStillWelcome) {
  auto [content, remote, transfer] = begin_fetch(4);
  wait(80s);
  EXPECT_EQ(remote.take_all<wire::Cancel>().size(), 0u);
  std::vector<wire::ChunkGet> questions = remote.take_all<wire::ChunkGet>();
  EXPECT_EQ(questions.size(), 2u) << "nothing is asked twice";
  for (const auto& question : questions) send_chunk(remote, question, content);
  serve(remote, content);
  EXPECT_EQ(state(transfer), State::kDone);
  EXPECT_EQ(store.chunks_written(), 4u);
}

TEST_F(NodeFetch, WhatComesTwiceIsWrittenOnce) {
  auto content = memory.generate(100, 1);
  Remote& slow = seed(1, content);
  Remote& fast = seed(2, content);
  TransferId transfer = fetch(content.id);
  wait(1s);
  auto from_slow = slow.take<wire::ChunkGet>();
  auto from_fast = fast.take<wire::ChunkGet>();
  ASSERT_TRUE(from_slow && from_fast) << "near the end two are asked";
  send_chunk(fast, *from_fast, content);
  EXPECT_EQ(state(transfer), State::kDone);
  EXPECT_EQ(slow.take<wire::Cancel>(), wire::Cancel{from_slow->request});
  send_chunk(slow, *from_slow, content);
  EXPECT_EQ(store.chunks_written(), 1u);
  EXPECT_TRUE(slow.open);
}

TEST_F(NodeFetch, ASourceThatLeavesInTheMiddleOfAChunkIsReplaced) {
  auto [content, one, transfer] = begin_fetch(4);
  auto question = one.take<wire::ChunkGet>();
  one.session.send_chunk({question->request, question->chunk, 0}, {content.source, 0, kChunk});
  net::Bytes part = take_bytes(one.session.queue(), 1000);
  std::copy(part.begin(), part.end(), node.space(one.id).begin());
  node.received(clock.now(), one.id, part.size());
  node.closed(clock.now(), one.id, "Connection reset by peer");
  one.open = false;
  run();
  serve(seed(2, content), content);
  EXPECT_EQ(state(transfer), State::kDone);
}

TEST_F(NodeFetch, APeerThatOffersItNoLongerIsNoSource) {
  auto [content, remote, transfer] = begin_fetch(4);
  std::size_t asked = remote.take_all<wire::ChunkGet>().size();
  remote.session.send(wire::CatalogChanged{2});
  run();
  wait(1s);
  offer(remote, {}, 2);
  EXPECT_EQ(node.transfer(transfer)->source_count(), 0u);
  EXPECT_EQ(remote.take_all<wire::Cancel>().size(), asked);
  remote.session.send(wire::CatalogChanged{3});
  run();
  wait(1s);
  offer(remote, {{"file", content.id}}, 3);
  serve(remote, content);
  EXPECT_EQ(state(transfer), State::kDone);
}

// T21: a HAVE full of ranges that repeat each other costs no more than one that does not.
TEST_F(NodeFetchLargeLayer, T21_AHaveOfOverlappingRangesIsCutShort) {
  Remote& remote = accept(1);
  offer(remote, {});
  TransferId transfer = begin();
  wire::Have have{content.id, 8, false, {}};
  for (std::uint32_t i = 0; i < 4000; ++i) have.ranges.push_back({0, 8000});
  for (int i = 0; i < 1000; ++i) {
    remote.session.send(have);
    run();
  }
  EXPECT_EQ(node.transfer(transfer)->source_count(), 1u);
}

// --- several downloads ---

// The store has one partial file for a content: a second download of it waits for the first, and is not lost.
TEST_F(NodeFetch, TwoDownloadsOfOneContentFollowEachOther) {
  auto content = memory.generate(2 * kChunk, 1);
  Remote& remote = seed(1, content);
  TransferId first = fetch(content.id, "one");
  TransferId second = fetch(content.id, "two");
  EXPECT_EQ(opened, (std::vector<TransferId>{first}));
  for (int i = 0; i < 4; ++i) serve(remote, content);
  EXPECT_EQ(state(first), State::kDone);
  EXPECT_EQ(state(second), State::kDone);
  ASSERT_EQ(finished.size(), 2u);
  EXPECT_EQ(finished[1].path, "two");
}

// The store copies what stands in the home under another name.
TEST_F(NodeFetch, TheStoreIsToldWhereTheContentStands) {
  auto content = memory.generate(2 * kChunk, 1);
  seed(1, content);
  fetch(content.id, "one");
  EXPECT_FALSE(last_opened.same);
  library.stands(content.id, "elsewhere/one");
  node.cancel(clock.now(), opened.back());
  run();
  fetch(content.id, "two");
  ASSERT_TRUE(last_opened.same);
  EXPECT_EQ(last_opened.same->path, "elsewhere/one");
}

// Once one has a small content, the store takes it from there for all others: they need not wait for each other.
TEST_F(NodeFetch, DownloadsOfOneSmallContentFollowTheFirstTogether) {
  auto content = memory.generate(1000, 1);
  Remote& remote = seed(1, content);
  for (const char* path : {"one", "two", "three"}) fetch(content.id, path);
  EXPECT_EQ(opened.size(), 1u);
  store_works = false;
  auto question = remote.take<wire::ChunkGet>();
  ASSERT_TRUE(question);
  send_chunk(remote, *question, content);
  ASSERT_EQ(chunks_to_store.size(), 1u);
  node.chunk_stored(clock.now(), opened[0],
                    {0, ChunkStored::Outcome::kWritten, "", std::move(chunks_to_store[0].data)});
  run();
  ASSERT_EQ(finished.size(), 1u);
  node.store_finished(clock.now(), opened[0], {"", "one", false});
  run();
  ASSERT_EQ(opened.size(), 3u);
  for (std::size_t i : {1u, 2u}) {
    StoreOpened copied;
    copied.have = files::ChunkSet::all(1);
    node.store_opened(clock.now(), opened[i], std::move(copied));
  }
  run();
  EXPECT_EQ(finished.size(), 3u);
  EXPECT_FALSE(remote.take<wire::ChunkGet>()) << "no byte of it is asked for again";
}

TEST_F(NodeFetch, WhereTheFirstOfASmallContentFailsTheNextIsTriedAlone) {
  auto content = memory.generate(1000, 1);
  seed(1, content);
  for (const char* path : {"one", "two", "three"}) fetch(content.id, path);
  node.cancel(clock.now(), 1);
  run();
  EXPECT_EQ(opened, (std::vector<TransferId>{1, 2}));
}

TEST_F(NodeFetch, EmptyFilesDoNotWaitForEachOther) {
  store_works = false;
  for (const char* path : {"one", "two", "three"}) fetch({}, path);
  EXPECT_EQ(opened.size(), 3u);
}

TEST_F(NodeFetch, ADownloadThatWaitsForAnotherGoesOnWhenThatIsCancelled) {
  auto content = memory.generate(2 * kChunk, 1);
  Remote& remote = seed(1, content);
  TransferId first = fetch(content.id, "one");
  TransferId second = fetch(content.id, "two");
  TransferId third = fetch(content.id, "three");
  node.cancel(clock.now(), second);
  node.cancel(clock.now(), first);
  run();
  EXPECT_EQ(released, (std::vector<TransferId>{first}));
  EXPECT_EQ(opened, (std::vector<TransferId>{first, third}));
  answer_layer(remote, content);
  serve(remote, content);
  EXPECT_EQ(state(third), State::kDone);
}

TEST_F(NodeFetch, ACancelledDownloadIsTakenBackAndCanBeForgotten) {
  auto [content, remote, transfer] = begin_fetch(4);
  std::vector<wire::ChunkGet> questions = remote.take_all<wire::ChunkGet>();
  ASSERT_EQ(questions.size(), 2u);
  node.cancel(clock.now(), transfer);
  run();
  EXPECT_EQ(remote.take_all<wire::Cancel>().size(), 2u);
  EXPECT_EQ(state(transfer), State::kFailed);
  node.cancel(clock.now(), transfer);
  node.forget(transfer);
  node.forget(transfer);
  for (const auto& question : questions) send_chunk(remote, question, content);
  EXPECT_TRUE(remote.open);
  EXPECT_TRUE(chunks_to_store.empty());
}

TEST_F(NodeFetch, ManySmallFilesFollowEachOtherOverOneConnection) {
  std::vector<support::MemoryContent> contents;
  std::vector<std::pair<std::string, files::ContentId>> entries;
  for (std::uint64_t i = 0; i < 50; ++i) {
    contents.push_back(memory.generate(1000 + i, i));
    entries.emplace_back("file" + std::to_string(100 + i), contents.back().id);
  }
  Remote& remote = accept(1);
  offer(remote, entries);
  std::vector<TransferId> transfers;
  for (const auto& content : contents) transfers.push_back(fetch(content.id));
  for (const auto& question : remote.take_all<wire::ChunkGet>()) {
    auto content = std::find_if(contents.begin(), contents.end(), [&](const auto& c) { return c.id == question.id; });
    send_chunk(remote, question, *content);
  }
  for (TransferId transfer : transfers) EXPECT_EQ(state(transfer), State::kDone);
}

// --- memory ---

TEST_F(NodeFetch, ChunksWaitForMemoryUntilTheDiskHasTakenOthers) {
  auto [content, remote, transfer] = begin_fetch(600);
  store_works = false;
  for (int i = 0; i < 400; ++i) {
    clock.advance(1ms);
    auto question = remote.take<wire::ChunkGet>();
    if (!question) break;
    send_chunk(remote, *question, content);
  }
  EXPECT_EQ(chunks_to_store.size(), (32u << 20) / kChunk);
  EXPECT_TRUE(node.space(remote.id).empty()) << "nothing more is read";
  store_works = true;
  std::vector<StoreChunk> waiting = std::move(chunks_to_store);
  chunks_to_store.clear();
  for (StoreChunk& chunk : waiting) carry_out(chunk);
  run();
  serve(remote, content);
  EXPECT_EQ(state(transfer), State::kDone);
}

}  // namespace
}  // namespace peer
