// SPDX-License-Identifier: MIT
#include "peer/swarm/offer_inbox.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/manual_clock.h"
#include "tests/unit/peer/wire/samples.h"

namespace peer::swarm {
namespace {

using namespace std::chrono_literals;
using wire::ErrorCode;
using Kind = files::CatalogEntry::Kind;

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kPlenty = std::uint64_t{1} << 62;

files::CatalogEntry file(const std::string& path, std::uint64_t length, int hash = 1) {
  return {Kind::kFile, path, {length, wire::samples::hash_of(hash)}, 1'700'000'000, 0600};
}

struct OfferInboxTest : ::testing::Test {
  ErrorCode offered(OfferInbox& to, ConnectionId from, std::uint32_t request,
                    std::vector<files::CatalogEntry> entries) {
    return to.offered(clock.now(), from, address_of(from), {request, std::move(entries), 0}, here, free_space);
  }
  /// Each connection is of a host of its own, but those from 1000 on are all of one.
  static net::IpAddress address_of(ConnectionId from) {
    return net::Ipv4Address{0x0a000000u + static_cast<std::uint32_t>(from < 1000 ? from : 1000)};
  }
  ErrorCode offered(ConnectionId from, std::uint32_t request, std::vector<files::CatalogEntry> entries) {
    return offered(inbox, from, request, std::move(entries));
  }
  std::vector<std::string> begin_all() {
    std::vector<std::string> paths;
    while (auto entry = inbox.begin()) paths.push_back(entry->path);
    return paths;
  }
  /// The only status that is told now.
  std::optional<wire::OfferStatus> told() {
    auto statuses = inbox.take_statuses(clock.now());
    EXPECT_LE(statuses.size(), 1u);
    return statuses.empty() ? std::nullopt : std::optional(statuses.front().second);
  }

  support::ManualClock clock;
  files::Catalog here{1};
  std::uint64_t free_space = kPlenty;
  OfferInbox inbox{kPlenty};
};

TEST_F(OfferInboxTest, WhatIsOfferedIsFetchedInItsOrderAndTold) {
  EXPECT_EQ(offered(1, 7, {file("b", 100), file("a", 200, 2)}), ErrorCode::kNone);
  EXPECT_TRUE(inbox.offers(1, file("b", 100).id));
  EXPECT_FALSE(inbox.offers(2, file("b", 100).id));
  EXPECT_EQ(begin_all(), (std::vector<std::string>{"b", "a"}));
  inbox.ended(OfferInbox::key_of(file("b", 100)), {false, 100});
  inbox.progressed(OfferInbox::key_of(file("a", 200, 2)), 50, 40);
  clock.advance(1s);
  EXPECT_EQ(told(), (wire::OfferStatus{7, false, 1, 0, 0, 150, 140, ErrorCode::kNone, ""}));
  inbox.ended(OfferInbox::key_of(file("a", 200, 2)), {true, 40});
  EXPECT_EQ(told(), (wire::OfferStatus{7, true, 2, 1, 0, 300, 140, ErrorCode::kNone, ""}));
  EXPECT_FALSE(inbox.deadline());
  EXPECT_FALSE(inbox.offers(1, file("b", 100).id));
}

TEST_F(OfferInboxTest, WhatIsHereUnderItsPathIsDoneAtOnce) {
  here.put(file("a", 100));
  here.put(file("elsewhere", 200, 2));
  EXPECT_EQ(offered(1, 7, {file("a", 100), file("b", 200, 2)}), ErrorCode::kNone);
  EXPECT_EQ(begin_all(), (std::vector<std::string>{"b"}));
  EXPECT_EQ(offered(2, 8, {file("a", 100)}), ErrorCode::kNone);
  EXPECT_EQ(told(), (wire::OfferStatus{8, true, 1, 1, 0, 100, 0, ErrorCode::kNone, ""}));
}

// A folder may be here only since what is in it came: it is made again, to get its time, and costs nothing.
TEST_F(OfferInboxTest, AFolderThatIsHereIsMadeAllTheSame) {
  const files::CatalogEntry folder{Kind::kFolder, "dir", {}, 5, 0700};
  here.put({Kind::kFolder, "dir", {}, 9, 0700});
  OfferInbox none{0};
  EXPECT_EQ(offered(none, 1, 7, {folder}), ErrorCode::kNone);
  EXPECT_EQ(none.begin(), folder);
}

TEST_F(OfferInboxTest, StatusesAreToldAsTheyChangeButNotTooOftenAndFromTimeToTime) {
  offered(1, 7, {file("a", kMiB)});
  begin_all();
  inbox.progressed(OfferInbox::key_of(file("a", kMiB)), 1, 1);
  EXPECT_FALSE(told());
  ASSERT_TRUE(inbox.deadline());
  clock.advance_to(*inbox.deadline());
  EXPECT_TRUE(told());
  clock.advance(OfferInbox::kStatusInterval);
  EXPECT_FALSE(told());
  clock.advance(OfferInbox::kHeartbeat);
  EXPECT_TRUE(told());
}

TEST_F(OfferInboxTest, TheFirstFailureIsToldWithItsReason) {
  offered(1, 7, {file("a", 1), file("b", 2), file("c", 3)});
  begin_all();
  inbox.ended(OfferInbox::key_of(file("b", 2)), {false, 0, ErrorCode::kFailed, "the disk is full"});
  inbox.ended(OfferInbox::key_of(file("a", 1)), {false, 0, ErrorCode::kNotFound, "gone"});
  inbox.ended(OfferInbox::key_of(file("c", 3)), {false, 3});
  EXPECT_EQ(told(), (wire::OfferStatus{7, true, 1, 0, 2, 3, 3, ErrorCode::kFailed, "the disk is full"}));
}

TEST_F(OfferInboxTest, WhyItWaitsIsToldWhileItDoes) {
  offered(1, 7, {file("a", kMiB)});
  begin_all();
  inbox.progressed(OfferInbox::key_of(file("a", kMiB)), 9, 9, "the disk is full");
  clock.advance(1s);
  EXPECT_EQ(told(), (wire::OfferStatus{7, false, 0, 0, 0, 9, 9, ErrorCode::kNoSpace, "the disk is full"}));
  inbox.progressed(OfferInbox::key_of(file("a", kMiB)), 9, 9);
  clock.advance(1s);
  EXPECT_EQ(told(), (wire::OfferStatus{7, false, 0, 0, 0, 9, 9, ErrorCode::kNone, ""}));
}

// What the store says of a path may be long, and be cut inside a character.
TEST_F(OfferInboxTest, TextsFitTheMessageAndAreUtf8) {
  for (std::size_t lead = 0; lead < 4; ++lead) {
    std::string text(lead, 'x');
    while (text.size() < 1000) text += "\xf0\x9f\x90\xa7";
    OfferInbox other{kPlenty};
    offered(other, 1, 7, {file("a", 1)});
    other.begin();
    other.ended(OfferInbox::key_of(file("a", 1)), {false, 0, ErrorCode::kFailed, text});
    auto statuses = other.take_statuses(clock.now());
    ASSERT_EQ(statuses.size(), 1u);
    EXPECT_LE(statuses[0].second.text.size(), wire::kMaxErrorTextSize);
    wire::Message message = statuses[0].second;
    EXPECT_TRUE(wire::decode(0x14, net::ByteView(wire::encode(message)).subspan(5)).ok());
  }
}

TEST_F(OfferInboxTest, TheSameInSeveralOffersIsFetchedOnce) {
  offered(1, 7, {file("a", 100), file("a", 100)});
  offered(2, 7, {file("a", 100)});
  EXPECT_EQ(begin_all(), (std::vector<std::string>{"a"}));
  EXPECT_EQ(offered(1, 9, {file("a", 100)}), ErrorCode::kNone);
  EXPECT_TRUE(begin_all().empty());
  inbox.withdrawn(1, 7);
  inbox.withdrawn(1, 9);
  EXPECT_TRUE(inbox.take_unwanted().empty());
  inbox.ended(OfferInbox::key_of(file("a", 100)), {false, 100});
  EXPECT_EQ(told(), (wire::OfferStatus{7, true, 1, 0, 0, 100, 100, ErrorCode::kNone, ""}));
}

TEST_F(OfferInboxTest, WhatIsWithdrawnIsStoppedOrNeverBegun) {
  offered(1, 7, {file("a", 40 * kMiB), file("b", 40 * kMiB, 2), file("c", 40 * kMiB, 3)});
  EXPECT_EQ(begin_all(), (std::vector<std::string>{"a", "b"}));
  inbox.withdrawn(1, 8);
  inbox.withdrawn(2, 7);
  EXPECT_TRUE(inbox.take_unwanted().empty());
  inbox.withdrawn(1, 7);
  EXPECT_EQ(inbox.take_unwanted().size(), 2u);
  inbox.ended(OfferInbox::key_of(file("a", 40 * kMiB)), {false, 0, ErrorCode::kFailed, "cancelled"});
  inbox.ended(OfferInbox::key_of(file("b", 40 * kMiB, 2)), {false, 0, ErrorCode::kFailed, "cancelled"});
  EXPECT_TRUE(begin_all().empty());
  EXPECT_FALSE(told());
  EXPECT_FALSE(inbox.deadline());
}

TEST_F(OfferInboxTest, WithdrawnAndOfferedAgainItGoesOn) {
  offered(1, 7, {file("a", 100)});
  begin_all();
  inbox.withdrawn(1, 7);
  offered(1, 8, {file("a", 100)});
  EXPECT_TRUE(inbox.take_unwanted().empty());
}

// The swarm may have all of it by then.
TEST_F(OfferInboxTest, AfterALostConnectionWhatHasBegunGoesOn) {
  offered(1, 7, {file("a", 40 * kMiB), file("b", 40 * kMiB, 2), file("c", 40 * kMiB, 3)});
  begin_all();
  inbox.connection_lost(1);
  EXPECT_TRUE(inbox.take_unwanted().empty());
  EXPECT_FALSE(inbox.offers(1, file("a", 40 * kMiB).id));
  EXPECT_TRUE(inbox.deadline());
  EXPECT_EQ(offered(5, 1, {file("a", 40 * kMiB), file("c", 40 * kMiB, 3)}), ErrorCode::kNone);
  inbox.ended(OfferInbox::key_of(file("a", 40 * kMiB)), {false, 5});
  inbox.ended(OfferInbox::key_of(file("b", 40 * kMiB, 2)), {false, 5});
  EXPECT_EQ(begin_all(), (std::vector<std::string>{"c"}));
  inbox.ended(OfferInbox::key_of(file("c", 40 * kMiB, 3)), {false, 5});
  EXPECT_EQ(told()->done, 2u);
}

// --- bounds ---

// T31: what is declared is checked before the first byte.
TEST_F(OfferInboxTest, T31QuotaAndFreeSpaceAreCheckedFirst) {
  OfferInbox small{10'000};
  EXPECT_EQ(offered(small, 1, 1, {file("a", files::kMaxFileLength)}), ErrorCode::kQuota);
  EXPECT_EQ(offered(small, 1, 2, {file("a", 10'001)}), ErrorCode::kQuota);
  EXPECT_EQ(offered(small, 1, 3, {file("a", 10'000)}), ErrorCode::kNone);
  EXPECT_EQ(offered(small, 1, 4, {file("b", 1)}), ErrorCode::kQuota);
  free_space = 10'000;
  EXPECT_EQ(offered(1, 1, {file("a", 10'001)}), ErrorCode::kNoSpace);
  EXPECT_EQ(offered(1, 2, {file("a", 6'000)}), ErrorCode::kNone);
  EXPECT_EQ(offered(1, 3, {file("b", 6'000)}), ErrorCode::kNoSpace) << "the first has not been begun";
  begin_all();
  EXPECT_EQ(offered(1, 4, {file("b", 6'000)}), ErrorCode::kNone);
}

TEST_F(OfferInboxTest, T31ALargestOfferDoesNotOverflow) {
  std::vector<files::CatalogEntry> entries;
  entries.reserve(1200);
  for (int i = 0; i < 1200; ++i) entries.push_back(file(std::to_string(i), files::kMaxFileLength));
  EXPECT_EQ(offered(1, 1, entries), ErrorCode::kNone);
  OfferInbox small{files::kMaxFileLength};
  EXPECT_EQ(offered(small, 1, 1, entries), ErrorCode::kQuota);
}

TEST_F(OfferInboxTest, TheQuotaIsChargedOnceForTheSameAndNotForWhatIsHere) {
  OfferInbox small{10'000};
  EXPECT_EQ(offered(small, 1, 1, {file("a", 9'000)}), ErrorCode::kNone);
  small.withdrawn(1, 1);
  EXPECT_EQ(offered(small, 1, 2, {file("a", 9'000)}), ErrorCode::kNone);
  here.put(file("b", 9'000));
  EXPECT_EQ(offered(small, 1, 3, {file("b", 9'000)}), ErrorCode::kNone);
  EXPECT_EQ(offered(small, 1, 4, {file("c", 9'000)}), ErrorCode::kQuota);
}

TEST_F(OfferInboxTest, WhatIsWithdrawnBeforeItBeginsCostsNothing) {
  OfferInbox small(10 * kMiB);
  for (std::uint32_t i = 1; i < 20; ++i) {
    EXPECT_EQ(
        offered(small, 1, i, {file("a", 9 * kMiB, static_cast<int>(i)), file("a", 9 * kMiB, static_cast<int>(i))}),
        ErrorCode::kNone)
        << "the same twice is charged once";
    EXPECT_TRUE(small.offers(1, file("a", 9 * kMiB, static_cast<int>(i)).id));
    small.withdrawn(1, i);
    EXPECT_FALSE(small.offers(1, file("a", 9 * kMiB, static_cast<int>(i)).id));
  }
  EXPECT_EQ(offered(small, 1, 20, {file("a", 9 * kMiB)}), ErrorCode::kNone);
  ASSERT_TRUE(small.begin());
  small.withdrawn(1, 20);
  EXPECT_EQ(offered(small, 2, 21, {file("b", 9 * kMiB, 3)}), ErrorCode::kQuota) << "some of it may have come";
}

TEST_F(OfferInboxTest, SmallFilesAndFoldersAreNotFree) {
  OfferInbox small{3 * OfferInbox::kLeastCost};
  const files::CatalogEntry folder{Kind::kFolder, "f", {}, 0, 0700};
  EXPECT_EQ(offered(small, 1, 1, {file("a", 1), {Kind::kFile, "f", {}, 0, 0600}, folder}), ErrorCode::kNone);
  EXPECT_EQ(offered(small, 1, 2, {file("b", 1)}), ErrorCode::kQuota);
}

// T19: thousands of offers.
TEST_F(OfferInboxTest, T19OffersAreBoundedForEachAndInAll) {
  std::uint32_t request = 0;
  std::size_t accepted = 0;
  for (ConnectionId from = 1; from <= 64; ++from) {
    for (int i = 0; i < 50; ++i) {
      ++request;
      const ErrorCode code = offered(from, request, {file(std::to_string(request), 1)});
      EXPECT_TRUE(code == ErrorCode::kNone || code == ErrorCode::kBusy);
      accepted += code == ErrorCode::kNone ? 1 : 0;
    }
    EXPECT_LE(accepted, from * OfferInbox::kMaxOffersPerConnection);
  }
  EXPECT_EQ(accepted, OfferInbox::kMaxOffers);
  EXPECT_EQ(begin_all().size(), std::min(OfferInbox::kMaxRunning, accepted));
}

// T19: many connections of one host are one pusher.
TEST_F(OfferInboxTest, T19OffersAreBoundedForEachAddress) {
  std::size_t accepted = 0;
  for (ConnectionId from = 1000; from < 1032; ++from) {
    accepted += offered(from, 1, {file(std::to_string(from), 1)}) == ErrorCode::kNone ? 1u : 0u;
  }
  EXPECT_EQ(accepted, OfferInbox::kMaxOffersPerAddress);
  EXPECT_EQ(offered(1, 1, {file("another", 1)}), ErrorCode::kNone);
}

// T31: what one pusher sends nothing of is in nobody else's way, however much of it there is.
TEST_F(OfferInboxTest, T31ATricklingPusherHoldsUpNobodyElse) {
  std::vector<files::CatalogEntry> large, many;
  large.reserve(100);
  for (int i = 0; i < 100; ++i) large.push_back(file("large" + std::to_string(i), 40 * kMiB, i + 1));
  many.reserve(1200);
  for (int i = 0; i < 1200; ++i) many.push_back(file("many" + std::to_string(i), 1));
  offered(1, 1, large);
  EXPECT_EQ(begin_all().size(), 2u);
  offered(2, 1, many);
  EXPECT_EQ(begin_all().size(), OfferInbox::kMaxRunningSmall / 2 - 1);
  // Two of any size always, and of small ones half of what is left.
  offered(3, 1, {file("a", 40 * kMiB), file("b", 40 * kMiB, 2), file("c", 40 * kMiB, 3)});
  EXPECT_EQ(begin_all(), (std::vector<std::string>{"a", "b"}));
  std::vector<files::CatalogEntry> others;
  others.reserve(1000);
  for (int i = 0; i < 1000; ++i) others.push_back(file("other" + std::to_string(i), 1));
  offered(4, 1, others);
  EXPECT_GT(begin_all().size(), OfferInbox::kMaxRunningSmall / 6);
  // It gets the next as soon as one of its own is done, not when those of the others are.
  inbox.ended(OfferInbox::key_of(file("a", 40 * kMiB)), {false, 40 * kMiB});
  EXPECT_EQ(begin_all(), (std::vector<std::string>{"c"}));
}

// Whatever is offered by however many, what is under way is bounded.
TEST_F(OfferInboxTest, T19WhatIsUnderWayIsBoundedInAll) {
  for (ConnectionId from = 1; from <= OfferInbox::kMaxOffers; ++from) {
    std::vector<files::CatalogEntry> entries;
    entries.reserve(1000);
    for (int i = 0; i < 1000; ++i) entries.push_back(file(std::to_string(from) + "/" + std::to_string(i), 1));
    ASSERT_EQ(offered(from, 1, entries), ErrorCode::kNone);
    begin_all();
  }
  EXPECT_TRUE(begin_all().empty());
  std::size_t under_way = 0;
  for (ConnectionId from = 1; from <= OfferInbox::kMaxOffers; ++from) inbox.withdrawn(from, 1);
  under_way = inbox.take_unwanted().size();
  EXPECT_LE(under_way, OfferInbox::kMaxRunningSmall + 2 * OfferInbox::kMaxOffers);
  EXPECT_GE(under_way, OfferInbox::kMaxRunningSmall / 2);
}

TEST_F(OfferInboxTest, WhatTwoOfferIsBegunOnceAndGoesOnForTheOtherWhenOneLeaves) {
  offered(1, 1, {file("a", 40 * kMiB), file("b", 40 * kMiB, 2), file("c", 40 * kMiB, 3), file("d", 40 * kMiB, 4)});
  EXPECT_EQ(begin_all(), (std::vector<std::string>{"a", "b"}));
  offered(2, 1, {file("c", 40 * kMiB, 3), file("d", 40 * kMiB, 4)});
  offered(2, 2, {file("d", 40 * kMiB, 4)});
  inbox.withdrawn(2, 1);
  EXPECT_EQ(begin_all(), (std::vector<std::string>{"d"}));
  inbox.connection_lost(2);
  EXPECT_TRUE(begin_all().empty());
  inbox.withdrawn(1, 1);
  EXPECT_EQ(inbox.take_unwanted().size(), 3u);
  EXPECT_TRUE(begin_all().empty());
}

TEST_F(OfferInboxTest, T23WhatWasDroppedForItsPathSpoilsTheOffer) {
  EXPECT_EQ(inbox.offered(clock.now(), 1, address_of(1), {1, {file("a", 1)}, 1}, here, free_space),
            ErrorCode::kMalformed);
  EXPECT_EQ(offered(1, 1, {}), ErrorCode::kMalformed);
  EXPECT_EQ(offered(1, 1, {file("a", 1)}), ErrorCode::kNone);
  EXPECT_EQ(offered(1, 1, {file("b", 1)}), ErrorCode::kMalformed) << "its number is in use";
}

TEST_F(OfferInboxTest, ManySmallFilesAreUnderWayAtOnceAndFewLargeOnes) {
  std::vector<files::CatalogEntry> entries;
  entries.reserve(1000);
  for (int i = 0; i < 1000; ++i) entries.push_back(file("s" + std::to_string(1000 + i), 1000));
  offered(1, 1, entries);
  EXPECT_EQ(begin_all().size(), OfferInbox::kMaxRunningSmall / 2);
  entries.assign(1, file("", OfferInbox::kSmallFile + 1));
  for (int i = 0; i < 100; ++i) {
    entries.push_back(entries.front());
    entries.back().path = "m" + std::to_string(i);
  }
  entries.erase(entries.begin());
  OfferInbox middling{kPlenty};
  offered(middling, 1, 1, entries);
  std::size_t begun = 0;
  while (middling.begin()) ++begun;
  EXPECT_EQ(begun, OfferInbox::kMaxRunning / 2);
  OfferInbox other{kPlenty};
  offered(other, 1, 1, {file("a", kMiB << 10), file("b", kMiB << 10), file("c", 1)});
  EXPECT_TRUE(other.begin());
  EXPECT_TRUE(other.begin());
  EXPECT_FALSE(other.begin());
}

}  // namespace
}  // namespace peer::swarm
