// SPDX-License-Identifier: MIT
#include "peer/operations/push.h"

#include <gtest/gtest.h>

#include "tests/unit/peer/node_support.h"

namespace peer::operations {
namespace {

using namespace std::chrono_literals;
using wire::ErrorCode;

struct FakeContents final : files::PushContents {
  bool is_ready = true;
  std::string why_not, changed_path;
  std::vector<files::CatalogEntry> all;
  std::vector<LeftOut> others;

  bool ready() const override { return is_ready; }
  Progress progress() const override { return {1, 2}; }
  const std::string& error() const override { return why_not; }
  const std::vector<files::CatalogEntry>& entries() const override { return all; }
  const std::vector<LeftOut>& left_out() const override { return others; }
  const std::string& changed() const override { return changed_path; }
};

struct PushTest : NodeFixture {
  PushTest() { add_files(3); }

  void add_files(int count) {
    for (int i = 0; i < count; ++i) {
      contents->all.push_back(
          {files::CatalogEntry::Kind::kFile, "dir/" + std::to_string(1000 + i), content.id, 0, 0600});
    }
  }
  /// A peer that is there to stay, and offers nothing itself.
  Remote& receiver(std::uint8_t key) {
    Remote& remote = accept(key);
    offer(remote, {});
    return remote;
  }
  Push push(PushTargets targets) { return Push(node, contents, std::move(targets), clock.now()); }
  /// Steps it through time until it is done; false when it is not after `time`.
  bool done_within(Push& operation, net::Duration time) {
    for (net::TimePoint end = clock.now() + time; clock.now() <= end; wait(100ms)) {
      run();
      operation.step(clock.now());
      run();
      for (std::string& line : operation.take_lines()) told.push_back(std::move(line));
      if (operation.done()) return true;
    }
    return false;
  }
  std::vector<Receiver> results() const {
    std::vector<Receiver> found;
    for (const std::string& line : told) {
      auto event = parse_json_line(line);
      if (auto* receiver = event ? std::get_if<Receiver>(&*event) : nullptr) found.push_back(*receiver);
    }
    return found;
  }
  bool has_told(const std::string& text) const {
    return std::any_of(told.begin(), told.end(),
                       [&](const auto& line) { return line.find(text) != std::string::npos; });
  }
  /// The peer accepts the oldest offer; its request.
  std::uint32_t accept_offer(Remote& remote) {
    const auto offered = remote.take<wire::Offer>();
    EXPECT_TRUE(offered);
    const std::uint32_t request = offered ? offered->request : 0;
    remote.session.send(wire::OfferAnswer{request, true, ErrorCode::kNone});
    return request;
  }
  /// The peer accepts what was offered since, and says that it has got it.
  std::size_t take_offers(Remote& remote) {
    std::size_t count = 0;
    for (const wire::Offer& asked : remote.take_all<wire::Offer>()) {
      ++count;
      const auto entries = static_cast<std::uint32_t>(asked.entries.size());
      remote.session.send(wire::OfferAnswer{asked.request, true, ErrorCode::kNone});
      remote.session.send(
          wire::OfferStatus{asked.request, true, entries, 0, 0, entries * content.id.length, 7, ErrorCode::kNone, ""});
    }
    run();
    return count;
  }
  void refuse_offers(Remote& remote, ErrorCode code) {
    for (const wire::Offer& asked : remote.take_all<wire::Offer>()) {
      remote.session.send(wire::OfferAnswer{asked.request, false, code});
    }
    run();
  }

  support::MemoryContent content = memory.generate(100, 7);
  std::shared_ptr<FakeContents> contents = std::make_shared<FakeContents>();
  std::vector<std::string> told;
};

TEST_F(PushTest, AllWhoAreThereToStayGetIt) {
  Remote& one = accept(1);
  Remote& two = accept(2);
  auto passing = hello_of(3);
  passing.features = wire::kTransient;
  Remote& transient = accept(passing, endpoint(3, 50000));
  Remote& deaf = accept(hello_of(4, 1, 0), endpoint(4, 50000));
  for (auto& remote : remotes) offer(*remote, {});
  Push operation = push({true, {}});
  EXPECT_FALSE(done_within(operation, 1s));
  EXPECT_EQ(take_offers(one), 1u);
  EXPECT_EQ(take_offers(two), 1u);
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(operation.exit_status(), 0);
  ASSERT_EQ(results().size(), 2u);
  EXPECT_EQ(results()[0].state, "done");
  EXPECT_EQ(results()[0].files, 3u);
  EXPECT_EQ(results()[0].bytes, 300u);
  EXPECT_EQ(results()[0].moved, 7u);
  EXPECT_EQ(results()[0].peer, "10.0.0.1:12345");
  EXPECT_EQ(take_offers(transient) + take_offers(deaf), 0u);
  EXPECT_TRUE(has_told("\"exit\":0,\"files\":3,\"failed\":0,\"peers\":2,\"bytes\":14"));
}

// What is in a folder changes its time: folders come when all files are there, the deepest first.
TEST_F(PushTest, FoldersAreOfferedAfterAllFiles) {
  using Kind = files::CatalogEntry::Kind;
  for (const char* path : {"dir", "dir/a", "dir/a/b"}) contents->all.push_back({Kind::kFolder, path, {}, 5, 0700});
  Remote& one = receiver(1);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  auto asked = one.take<wire::Offer>();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->entries.size(), 3u);
  EXPECT_FALSE(one.take<wire::Offer>());
  one.session.send(wire::OfferAnswer{asked->request, true, ErrorCode::kNone});
  one.session.send(wire::OfferStatus{asked->request, true, 3, 0, 0, 300, 7, ErrorCode::kNone, ""});
  done_within(operation, 1s);
  asked = one.take<wire::Offer>();
  ASSERT_TRUE(asked);
  std::vector<std::string> paths;
  for (const files::CatalogEntry& entry : asked->entries) paths.push_back(entry.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"dir/a/b", "dir/a", "dir"}));
  one.session.send(wire::OfferAnswer{asked->request, true, ErrorCode::kNone});
  one.session.send(wire::OfferStatus{asked->request, true, 3, 3, 0, 0, 0, ErrorCode::kNone, ""});
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(operation.exit_status(), 0);
  EXPECT_EQ(results().at(0).files, 6u);
}

// Where a file has failed it may still come: no folder is closed to it.
TEST_F(PushTest, FoldersStayOpenToWhatHasFailed) {
  using Kind = files::CatalogEntry::Kind;
  contents->all.push_back({Kind::kFolder, "dir", {}, 5, 0500});
  Remote& one = receiver(1);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  const std::uint32_t request = accept_offer(one);
  one.session.send(wire::OfferStatus{request, true, 2, 0, 1, 300, 7, ErrorCode::kFailed, "the disk is broken"});
  done_within(operation, 1s);
  const auto folders = one.take<wire::Offer>();
  ASSERT_TRUE(folders);
  EXPECT_EQ(folders->entries.at(0).mode, 0700u);
}

TEST_F(PushTest, ManyEntriesAreOfferedInSeveralMessages) {
  add_files(5000);
  Remote& one = receiver(1);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  EXPECT_EQ(one.messages.size(), 2u) << "no more than two are under way";
  std::size_t offers = 0;
  for (int i = 0; i < 20 && !operation.done(); ++i) {
    offers += take_offers(one);
    done_within(operation, 1s);
  }
  ASSERT_TRUE(operation.done());
  EXPECT_GT(offers, 4u);
  EXPECT_EQ(results().at(0).files, 5003u);
  EXPECT_EQ(operation.exit_status(), 0);
}

// So that they have small files of different batches to pass on to each other.
TEST_F(PushTest, EachReceiverBeginsWithAnotherBatch) {
  add_files(5000);
  Remote& one = receiver(1);
  Remote& two = receiver(2);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  auto first = one.take<wire::Offer>(), second = two.take<wire::Offer>();
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->entries.front().path, second->entries.front().path);
}

TEST_F(PushTest, OneThatRefusesDoesNotHoldUpTheOthersAndMakesItSome) {
  Remote& one = receiver(1);
  Remote& two = receiver(2);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  refuse_offers(two, ErrorCode::kRefused);
  take_offers(one);
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(operation.exit_status(), 3);
  EXPECT_TRUE(has_told("--accept-push"));
  EXPECT_EQ(results().size(), 2u);
}

TEST_F(PushTest, WhereAllRefuseItHasFailed) {
  for (ErrorCode code : {ErrorCode::kRefused, ErrorCode::kQuota, ErrorCode::kNoSpace, ErrorCode::kMalformed}) {
    told.clear();
    Remote& one = remotes.empty() ? accept(1) : *remotes.front();
    offer(one, {});
    Push operation = push({true, {}});
    done_within(operation, 1s);
    refuse_offers(one, code);
    EXPECT_TRUE(done_within(operation, 1s));
    EXPECT_EQ(operation.exit_status(), 1);
    EXPECT_EQ(results().at(0).state, "refused");
    EXPECT_NE(results().at(0).error, "");
  }
}

TEST_F(PushTest, ABusyReceiverIsAskedAgainButNotForEver) {
  Remote& one = receiver(1);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  refuse_offers(one, ErrorCode::kBusy);
  EXPECT_FALSE(done_within(operation, 5s));
  EXPECT_EQ(take_offers(one), 1u);
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(operation.exit_status(), 0);

  Push again = push({true, {}});
  for (int i = 0; i < 300 && !again.done(); ++i) {
    done_within(again, 1s);
    refuse_offers(one, ErrorCode::kBusy);
    one.session.send(wire::Ping{1});
  }
  ASSERT_TRUE(again.done());
  EXPECT_EQ(again.exit_status(), 1);
  EXPECT_TRUE(has_told("busy"));
}

TEST_F(PushTest, WithoutAnybodyItSaysSo) {
  Push operation = push({true, {}});
  EXPECT_TRUE(done_within(operation, 10s));
  EXPECT_EQ(operation.exit_status(), 5);
  EXPECT_TRUE(has_told("\"event\":\"error\""));
}

TEST_F(PushTest, NamedHostsAreDialledAndThoseThatAreNotThereAreTold) {
  Push operation = push({false, {endpoint(1), endpoint(2)}});
  node.expire(clock.now());
  collect_actions();
  ASSERT_EQ(dials.size(), 2u);
  const bool first = dials[0].to == endpoint(1);
  Remote& one = reach(hello_of(first ? 1 : 2));
  node.dial_failed(clock.now(), dials.front().connection, "connection refused");
  dials.clear();
  EXPECT_FALSE(done_within(operation, 1s));
  take_offers(one);
  EXPECT_TRUE(done_within(operation, 10s));
  EXPECT_EQ(operation.exit_status(), 3);
  ASSERT_EQ(results().size(), 2u);
  EXPECT_EQ(results()[1].state, "unreachable");
  EXPECT_EQ(results()[1].error, "connection refused");
}

TEST_F(PushTest, WhenNoNamedHostIsThereTheStatusSaysSo) {
  Push operation = push({false, {endpoint(1)}});
  EXPECT_TRUE(done_within(operation, 10s));
  EXPECT_EQ(operation.exit_status(), 5);
}

TEST_F(PushTest, ToItselfItSaysSoAtOnceByWhateverAddress) {
  wire::AddressPolicy policy;
  policy.own = {endpoint(7)};
  node.set_policy(policy);
  dial(hello_of(0, 4711), endpoint(8));
  Remote& one = receiver(1);
  Push operation = push({false, {endpoint(7), endpoint(8), endpoint(1)}});
  done_within(operation, 1s);
  EXPECT_EQ(results().size(), 2u);
  take_offers(one);
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(operation.exit_status(), 3);
  ASSERT_EQ(results().size(), 3u);
  for (std::size_t i : {0u, 1u}) {
    EXPECT_EQ(results()[i].state, "unreachable");
    EXPECT_NE(results()[i].error.find("the peer that pushes"), std::string::npos);
  }
}

TEST_F(PushTest, TwoNamesOfOneHostAreOneReceiver) {
  Remote& one = dial(hello_of(1), endpoint(1));
  dial(hello_of(1), endpoint(9));
  Push operation = push({false, {endpoint(1), endpoint(9)}});
  done_within(operation, 1s);
  EXPECT_EQ(take_offers(one), 1u);
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(results().size(), 1u);
  EXPECT_EQ(operation.exit_status(), 0);
}

// --- what may happen on the way ---

TEST_F(PushTest, WhatFailsThereIsToldWithItsReason) {
  Remote& one = receiver(1);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  const std::uint32_t request = accept_offer(one);
  one.session.send(wire::OfferStatus{request, true, 2, 1, 1, 200, 0, ErrorCode::kFailed, "the disk is \x7f full"});
  run();
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(operation.exit_status(), 3);
  EXPECT_EQ(results().at(0).state, "partly");
  EXPECT_EQ(results().at(0).failed, 1u);
  EXPECT_EQ(results().at(0).error, "the disk is \x7f full");
}

TEST_F(PushTest, OneThatDiesHasFailed) {
  Remote& one = receiver(1);
  Remote& two = receiver(2);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  accept_offer(one);
  run();
  node.closed(clock.now(), one.id, "reset");
  one.open = false;
  take_offers(two);
  EXPECT_FALSE(done_within(operation, 5s));
  EXPECT_TRUE(done_within(operation, 10s));
  EXPECT_EQ(operation.exit_status(), 3);
  EXPECT_TRUE(has_told("connection to it was lost"));
}

// Both ends may have dialled at once: one of the two connections is closed.
TEST_F(PushTest, OnANewConnectionItIsOfferedAgain) {
  Remote& one = receiver(1);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  node.closed(clock.now(), one.id, "reset");
  one.open = false;
  done_within(operation, 2s);
  Remote& again = accept(hello_of(1, 2), endpoint(1, 50001));
  offer(again, {});
  EXPECT_FALSE(done_within(operation, 1s));
  EXPECT_EQ(take_offers(again), 1u);
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(operation.exit_status(), 0);
}

TEST_F(PushTest, SilenceIsNotWaitedForForEver) {
  for (bool accepts : {false, true}) {
    told.clear();
    Remote& one = receiver(accepts ? 2 : 1);
    Push operation = push({false, {endpoint(accepts ? 2 : 1)}});
    done_within(operation, 1s);
    auto asked = one.take<wire::Offer>();
    ASSERT_TRUE(asked);
    if (accepts) one.session.send(wire::OfferAnswer{asked->request, true, ErrorCode::kNone});
    for (int i = 0; i < 70 && !operation.done(); ++i) {
      one.session.send(wire::Ping{1});
      done_within(operation, 1s);
    }
    ASSERT_TRUE(operation.done());
    EXPECT_EQ(operation.exit_status(), 1);
    EXPECT_EQ(results().at(0).state, "failed");
    EXPECT_EQ(one.take<wire::Cancel>(), wire::Cancel{asked->request});
  }
}

/// A receiver of files of `length` that goes on saying that it is there, and how far it is.
struct PushStallTest : PushTest {
  PushStallTest() {
    for (files::CatalogEntry& entry : contents->all) entry.id.length = 1u << 30;
    one = &receiver(1);
    operation.emplace(node, contents, PushTargets{true, {}}, clock.now());
    done_within(*operation, 1s);
    request = accept_offer(*one);
    run();
  }
  void says(std::uint64_t bytes, ErrorCode code = ErrorCode::kNone, const std::string& text = "") {
    one->session.send(wire::OfferStatus{request, false, 0, 0, 0, bytes, bytes, code, text});
    run();
  }
  /// Gets on by `bytes` each 10 s, for so long.
  bool goes_on(net::Duration time, std::uint64_t bytes, ErrorCode code = ErrorCode::kNone,
               const std::string& text = "") {
    for (net::TimePoint end = clock.now() + time; clock.now() < end && !operation->done();) {
      says(so_far += bytes, code, text);
      done_within(*operation, 10s);
    }
    return !operation->done();
  }

  Remote* one = nullptr;
  std::optional<Push> operation;
  std::uint32_t request = 0;
  std::uint64_t so_far = 0;
};

TEST_F(PushStallTest, OneThatGetsOnSlowlyIsWaitedFor) { EXPECT_TRUE(goes_on(100min, 2000)); }

TEST_F(PushStallTest, OneThatSaysThatItIsThereAndGetsNothingIsGivenUp) {
  EXPECT_TRUE(goes_on(5min, 1 << 20));
  EXPECT_TRUE(goes_on(27min, 0));
  EXPECT_FALSE(goes_on(5min, 0));
  EXPECT_EQ(operation->exit_status(), 1);
  ASSERT_EQ(results().size(), 1u);
  EXPECT_EQ(results()[0].state, "failed");
  EXPECT_NE(results()[0].error.find("30 minutes"), std::string::npos);
  EXPECT_EQ(one->take<wire::Cancel>(), wire::Cancel{request});
}

TEST_F(PushStallTest, OneThatBecomesFarSlowerThanItWasIsGivenUp) {
  EXPECT_TRUE(goes_on(10min, 10 << 20));
  EXPECT_FALSE(goes_on(60min, 2000));
}

// The rate is what came over the network, not what it had.
TEST_F(PushStallTest, WhatItHadBeforeDoesNotMakeItSlow) {
  one->session.send(wire::OfferStatus{request, false, 0, 0, 0, 2u << 30, 0, ErrorCode::kNone, ""});
  run();
  for (int i = 1; i < 500; ++i) {
    const std::uint64_t moved = static_cast<std::uint64_t>(i) * 2000;
    one->session.send(wire::OfferStatus{request, false, 0, 0, 0, (2u << 30) + moved, moved, ErrorCode::kNone, ""});
    done_within(*operation, 10s);
  }
  EXPECT_FALSE(operation->done());
}

TEST_F(PushStallTest, OneThatWaitsForRoomIsToldSoAndGivenUpWithThat) {
  EXPECT_TRUE(goes_on(1min, 1 << 20));
  EXPECT_TRUE(goes_on(1min, 0, ErrorCode::kNoSpace, "the disk is full"));
  EXPECT_TRUE(has_told("\"state\":\"paused\""));
  EXPECT_FALSE(goes_on(40min, 0, ErrorCode::kNoSpace, "the disk is full"));
  EXPECT_NE(results().at(0).error.find("the disk is full"), std::string::npos);
}

TEST_F(PushTest, AFileThatChangesEndsItT30) {
  Remote& one = receiver(1);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  contents->changed_path = "dir/1000";
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(operation.exit_status(), 1);
  EXPECT_TRUE(has_told("dir/1000 changed"));
  EXPECT_TRUE(one.take<wire::Cancel>());
}

TEST_F(PushTest, StoppedItWithdrawsAndTellsEverybodysState) {
  Remote& one = receiver(1);
  Remote& two = receiver(2);
  Push operation = push({true, {}});
  done_within(operation, 1s);
  take_offers(two);
  done_within(operation, 1s);
  operation.cancel(clock.now());
  for (std::string& line : operation.take_lines()) told.push_back(std::move(line));
  run();
  ASSERT_TRUE(operation.done());
  EXPECT_EQ(operation.exit_status(), 3);
  EXPECT_TRUE(one.take<wire::Cancel>());
  EXPECT_FALSE(two.take<wire::Cancel>());
  ASSERT_EQ(results().size(), 2u);
  EXPECT_EQ(results()[1].state, "stopped");
}

TEST_F(PushTest, BeforeTheContentsAreHashedNothingIsOffered) {
  contents->is_ready = false;
  Remote& one = receiver(1);
  Push operation = push({true, {}});
  EXPECT_FALSE(done_within(operation, 5s));
  EXPECT_FALSE(one.take<wire::Offer>());
  EXPECT_TRUE(has_told("hashing"));
  Push stopped = push({true, {}});
  stopped.step(clock.now());
  stopped.cancel(clock.now());
  ASSERT_TRUE(stopped.done());
  EXPECT_EQ(stopped.exit_status(), 1);
  contents->is_ready = true;
  contents->others = {{"dir/link", "a symbolic link", false}, {"dir/locked", "Permission denied", true}};
  done_within(operation, 1s);
  take_offers(one);
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_TRUE(has_told("dir/link"));
  EXPECT_EQ(operation.exit_status(), 3) << "not everything could be pushed";
}

TEST_F(PushTest, ContentsThatAreNoneAreAnError) {
  contents->why_not = "x: No such file or directory";
  Push operation = push({true, {}});
  EXPECT_TRUE(done_within(operation, 1s));
  EXPECT_EQ(operation.exit_status(), 1);
  EXPECT_TRUE(has_told("No such file"));
}

}  // namespace
}  // namespace peer::operations
