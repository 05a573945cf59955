// SPDX-License-Identifier: MIT
// Offers: those of others to a node that accepts them, and its own to others.
#include <gtest/gtest.h>

#include "peer/node.h"
#include "tests/unit/peer/node_support.h"
#include "tests/unit/peer/wire/samples.h"

namespace peer {
namespace {

using namespace std::chrono_literals;
using wire::ErrorCode;
using Kind = files::CatalogEntry::Kind;
using OfferState = Node::SentOffer::State;

files::CatalogEntry entry(const std::string& path, const support::MemoryContent& content) {
  return {Kind::kFile, path, content.id, 1'700'000'000, 0700};
}

/// The limits of the disk can be changed by a test.
struct NodePush : NodeFixture {
  static std::uint64_t& free_space() {
    static std::uint64_t bytes = 0;
    return bytes;
  }
  static Node::Config accepting() {
    Node::Config config = config_of();
    free_space() = std::uint64_t{1} << 40;
    config.accept_push = {std::uint64_t{100} << 20, [] { return free_space(); }};
    return config;
  }
  NodePush() : NodeFixture(accepting()) {}

  ErrorCode offered(Remote& remote, std::uint32_t request, std::vector<files::CatalogEntry> entries) {
    remote.session.send(wire::Offer{request, std::move(entries), 0});
    run();
    auto answer = remote.take<wire::OfferAnswer>();
    if (!answer) {
      ADD_FAILURE() << "no answer";
      return ErrorCode::kMalformed;
    }
    EXPECT_EQ(answer->request, request);
    EXPECT_EQ(answer->accepted, answer->code == ErrorCode::kNone);
    return answer->code;
  }
  /// The last status that came.
  std::optional<wire::OfferStatus> status(Remote& remote) {
    auto all = remote.take_all<wire::OfferStatus>();
    return all.empty() ? std::nullopt : std::optional(all.back());
  }

  support::MemoryContent content = memory.generate(3 * kChunk + 5, 1);
};

TEST_F(NodePush, WhatIsAcceptedIsFetchedFromItsSenderAndTold) {
  Remote& remote = accept(1);
  EXPECT_EQ(offered(remote, 7, {entry("dir/file", content)}), ErrorCode::kNone);
  EXPECT_EQ(node.running_transfers(), 1u);
  serve(remote, content);
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].path, "dir/file");
  EXPECT_EQ(finished[0].folder, "");
  EXPECT_EQ(finished[0].mtime_s, 1'700'000'000);
  EXPECT_EQ(finished[0].mode, 0700u);
  const wire::OfferStatus over{7, true, 1, 0, 0, content.id.length, content.id.length, ErrorCode::kNone, ""};
  EXPECT_EQ(status(remote), over);
  EXPECT_EQ(node.running_transfers(), 0u);
  // T26: and the same again moves nothing.
  node.library_changed(clock.now());
  EXPECT_EQ(offered(remote, 8, {entry("dir/file", content)}), ErrorCode::kNone);
  const wire::OfferStatus there{8, true, 1, 1, 0, content.id.length, 0, ErrorCode::kNone, ""};
  EXPECT_EQ(status(remote), there);
}

TEST_F(NodePush, ItsCatalogDoesNotTakeTheSenderAway) {
  Remote& remote = accept(1);
  offered(remote, 7, {entry("file", content)});
  offer(remote, {});
  serve(remote, content);
  EXPECT_EQ(finished.size(), 1u);
}

TEST_F(NodePush, ProgressIsToldWhileItRuns) {
  Remote& remote = accept(1);
  offered(remote, 7, {entry("file", content)});
  answer_layer(remote, content);
  send_chunk(remote, *remote.take<wire::ChunkGet>(), content);
  wait(1s);
  auto told = status(remote);
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->over);
  EXPECT_GT(told->bytes, 0u);
  EXPECT_EQ(told->moved, told->bytes);
  wait(11s);
  EXPECT_TRUE(status(remote)) << "a sign of life";
}

TEST_F(NodePush, FoldersAreMade) {
  Remote& remote = accept(1);
  const files::CatalogEntry folder{Kind::kFolder, "dir/empty", {}, 5, 0700};
  EXPECT_EQ(offered(remote, 7, {folder}), ErrorCode::kNone);
  EXPECT_EQ(folders_made, std::vector<std::string>{"dir/empty"});
  EXPECT_EQ(last_folder.mtime_s, 5);
  EXPECT_EQ(last_folder.mode, 0700u);
  EXPECT_TRUE(last_folder.pushed) << "what was here stays as it was";
  auto answer = status(remote);
  EXPECT_EQ(answer->done, 1u);
  EXPECT_EQ(answer->there, 0u);
  folder_there = true;
  offered(remote, 9, {folder});
  EXPECT_EQ(status(remote)->there, 1u);
  folder_error = "a file is in the way";
  offered(remote, 8, {folder});
  auto told = status(remote);
  EXPECT_EQ(told->failed, 1u);
  EXPECT_EQ(told->code, ErrorCode::kFailed);
  EXPECT_EQ(told->text, "a file is in the way");
}

TEST_F(NodePush, T31QuotaAndDiskRefuseBeforeAnythingIsBegun) {
  Remote& remote = accept(1);
  auto huge = entry("huge", content);
  huge.id.length = files::kMaxFileLength;
  EXPECT_EQ(offered(remote, 1, {huge}), ErrorCode::kQuota);
  free_space() = 1000;
  EXPECT_EQ(offered(remote, 2, {entry("file", content)}), ErrorCode::kNoSpace);
  EXPECT_TRUE(opened.empty());
}

// T23: the decoder drops bad paths and lengths; an offer that held one is refused as a whole.
TEST_F(NodePush, T23AnOfferWithABadPathIsRefused) {
  Remote& remote = accept(1);
  auto longer = entry("long", content);
  longer.id.length = std::uint64_t{1} << 62;
  EXPECT_EQ(offered(remote, 1, {entry("../up", content)}), ErrorCode::kMalformed);
  EXPECT_EQ(offered(remote, 2, {entry("good", content), entry(".hidden/x", content)}), ErrorCode::kMalformed);
  EXPECT_EQ(offered(remote, 3, {longer}), ErrorCode::kMalformed);
  EXPECT_TRUE(opened.empty());
  EXPECT_TRUE(remote.open);
}

// T19: thousands of offers cost their sender an answer each, and no more.
TEST_F(NodePush, T19ThousandsOfOffersAreBounded) {
  Remote& remote = accept(1);
  std::size_t accepted = 0;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    if (offered(remote, i, {entry("file" + std::to_string(i), content)}) == ErrorCode::kNone) ++accepted;
  }
  EXPECT_EQ(accepted, swarm::OfferInbox::kMaxOffersPerConnection);
  EXPECT_EQ(offered(remote, 5000, {entry("file0", content)}), ErrorCode::kBusy);
  EXPECT_LE(node.running_transfers(), swarm::OfferInbox::kMaxOffersPerConnection);
}

TEST_F(NodePush, TheSameOfferAgainIsOneDownload) {
  Remote& remote = accept(1);
  Remote& other = accept(2);
  offered(remote, 1, {entry("file", content)});
  offered(remote, 2, {entry("file", content)});
  offered(other, 1, {entry("file", content)});
  EXPECT_EQ(node.running_transfers(), 1u);
  EXPECT_EQ(node.transfer(1)->source_count(), 2u);
  for (int i = 0; i < 20 && node.running_transfers() > 0; ++i) {
    serve(remote, content);
    serve(other, content);
    wait(1s);
  }
  EXPECT_EQ(finished.size(), 1u);
  EXPECT_TRUE(status(other)->over);
  auto told = remote.take_all<wire::OfferStatus>();
  EXPECT_EQ(std::count_if(told.begin(), told.end(), [](const auto& s) { return s.over; }), 2);
}

TEST_F(NodePush, WithdrawnItIsStopped) {
  Remote& remote = accept(1);
  offered(remote, 7, {entry("file", content)});
  remote.session.send(wire::Cancel{7});
  run();
  EXPECT_EQ(node.running_transfers(), 0u);
  EXPECT_EQ(released.size(), 1u);
  EXPECT_FALSE(status(remote));
}

TEST_F(NodePush, WithoutItsSenderItGoesOnWithOthersOrIsGivenUp) {
  Remote& remote = accept(1);
  Remote& other = accept(2);
  offered(remote, 7, {entry("file", content)});
  answer_layer(remote, content);
  node.closed(clock.now(), remote.id, "reset");
  remote.open = false;
  run();
  EXPECT_EQ(node.running_transfers(), 1u);
  offer(other, {{"x", content.id}});
  serve(other, content);
  EXPECT_EQ(finished.size(), 1u);

  auto lonely = memory.generate(2 * kChunk, 9);
  Remote& third = accept(3);
  offered(third, 7, {entry("lonely", lonely)});
  node.closed(clock.now(), third.id, "reset");
  third.open = false;
  wait(40s);
  EXPECT_EQ(node.running_transfers(), 0u);
}

// T36: whoever offers and never sends is not waited for for ever.
TEST_F(NodePush, T36AnOfferWithoutDataIsGivenUp) {
  Remote& remote = accept(1);
  offered(remote, 7, {entry("file", content)});
  for (int i = 0; i < 10; ++i) {
    wait(15s);
    remote.session.send(wire::Ping{1});
    run();
  }
  EXPECT_EQ(node.running_transfers(), 0u);
  auto told = status(remote);
  ASSERT_TRUE(told && told->over);
  EXPECT_EQ(told->code, ErrorCode::kNotFound);
}

TEST_F(NodePush, AFullDiskIsWaitedForAndToldToTheSender) {
  Remote& remote = accept(1);
  store.behaviour.space = 0;
  offered(remote, 7, {entry("file", content)});
  serve(remote, content);
  wait(1s);
  auto told = status(remote);
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->over);
  EXPECT_EQ(told->failed, 0u);
  EXPECT_EQ(told->code, ErrorCode::kNoSpace);
  EXPECT_NE(told->text, "");
  store.behaviour.space = 1u << 30;
  for (int i = 0; i < 10; ++i) {
    wait(5s);
    serve(remote, content);
  }
  told = status(remote);
  ASSERT_TRUE(told);
  EXPECT_EQ(*told, (wire::OfferStatus{7, true, 1, 0, 0, content.id.length, content.id.length, ErrorCode::kNone, ""}));
}

TEST_F(NodePush, ADiskThatCannotBeWrittenIsToldToTheSender) {
  Remote& remote = accept(1);
  store.behaviour.fail_chunks = {0};
  offered(remote, 7, {entry("file", content)});
  serve(remote, content);
  auto told = status(remote);
  ASSERT_TRUE(told && told->over);
  EXPECT_EQ(told->failed, 1u);
  EXPECT_EQ(told->code, ErrorCode::kFailed);
  EXPECT_NE(told->text, "");
}

// --- our own ---

TEST_F(NodePush, AnswersToOurOffersAreKept) {
  Remote& remote = accept(1);
  library.add("x", content);
  OfferId id = node.offer(clock.now(), remote.id, {entry("file", content)});
  run();
  auto asked = remote.take<wire::Offer>();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->entries, std::vector<files::CatalogEntry>{entry("file", content)});
  ASSERT_NE(node.sent_offer(id), nullptr);
  EXPECT_EQ(node.sent_offer(id)->state, OfferState::kAsked);
  // A status before the answer means nothing, nor do answers to what was never asked.
  remote.session.send(wire::OfferStatus{asked->request, true, 1, 0, 0, 1, 1, ErrorCode::kNone, ""});
  remote.session.send(wire::OfferAnswer{asked->request + 1, false, ErrorCode::kRefused});
  run();
  EXPECT_EQ(node.sent_offer(id)->state, OfferState::kAsked);
  remote.session.send(wire::OfferAnswer{asked->request, true, ErrorCode::kNone});
  remote.session.send(wire::OfferStatus{asked->request, false, 0, 0, 0, 5, 4, ErrorCode::kNone, ""});
  run();
  EXPECT_EQ(node.sent_offer(id)->state, OfferState::kAccepted);
  EXPECT_EQ(node.sent_offer(id)->status.bytes, 5u);
  remote.session.send(wire::OfferStatus{asked->request, true, 1, 0, 0, 9, 8, ErrorCode::kNone, ""});
  remote.session.send(wire::OfferStatus{asked->request, false, 0, 0, 0, 0, 0, ErrorCode::kNone, ""});
  run();
  EXPECT_EQ(node.sent_offer(id)->state, OfferState::kOver);
  EXPECT_EQ(node.sent_offer(id)->status.moved, 8u);
  node.withdraw(id);
  run();
  EXPECT_EQ(node.sent_offer(id), nullptr);
  EXPECT_FALSE(remote.take<wire::Cancel>()) << "it was over";
}

TEST_F(NodePush, RefusalsErrorsAndLossEndAnOffer) {
  Remote& remote = accept(1);
  OfferId refused = node.offer(clock.now(), remote.id, {entry("a", content)});
  OfferId error = node.offer(clock.now(), remote.id, {entry("b", content)});
  OfferId withdrawn = node.offer(clock.now(), remote.id, {entry("c", content)});
  OfferId lost = node.offer(clock.now(), remote.id, {entry("d", content)});
  run();
  auto asked = remote.take_all<wire::Offer>();
  ASSERT_EQ(asked.size(), 4u);
  remote.session.send(wire::OfferAnswer{asked[0].request, false, ErrorCode::kQuota});
  remote.session.send(wire::Error{asked[1].request, ErrorCode::kBusy, ""});
  node.withdraw(withdrawn);
  run();
  EXPECT_EQ(node.sent_offer(refused)->state, OfferState::kRefused);
  EXPECT_EQ(node.sent_offer(refused)->code, ErrorCode::kQuota);
  EXPECT_EQ(node.sent_offer(error)->code, ErrorCode::kBusy);
  EXPECT_EQ(remote.take<wire::Cancel>(), wire::Cancel{asked[2].request});
  node.closed(clock.now(), remote.id, "reset");
  EXPECT_EQ(node.sent_offer(lost)->state, OfferState::kLost);
  EXPECT_EQ(node.sent_offer(refused)->state, OfferState::kRefused);
}

TEST_F(NodePush, WhoWasReachedIsRemembered) {
  EXPECT_FALSE(node.reached(endpoint(1)));
  Remote& remote = dial(hello_of(1), endpoint(1));
  EXPECT_EQ(node.reached(endpoint(1)), wire::node_id(hello_of(1)));
  // Another way to the same node is turned away, and leads to it all the same.
  dial(hello_of(1), endpoint(9));
  EXPECT_EQ(node.reached(endpoint(9)), wire::node_id(hello_of(1)));
  EXPECT_TRUE(remote.open);
  accept(hello_of(4), endpoint(4, 50000));
  EXPECT_EQ(node.reached(endpoint(4)), wire::node_id(hello_of(4)));
}

}  // namespace
}  // namespace peer
