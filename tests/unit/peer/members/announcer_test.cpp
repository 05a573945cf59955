// SPDX-License-Identifier: MIT
#include "peer/members/announcer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/support/manual_clock.h"
#include "tests/unit/peer/members/node_support.h"

namespace peer::members {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

net::Endpoint from(const char* text) { return *net::Endpoint::parse(text); }

/// Offers files that only have a name and a size.
class Offers : public Library {
 public:
  void add(const std::string& path, std::uint64_t size) {
    files::CatalogEntry entry;
    entry.path = path;
    entry.id.length = size;
    catalog_.put(entry);
  }
  const files::Catalog& catalog() const override { return catalog_; }
  std::shared_ptr<const net::SendSource> open(const files::ContentId&) override { return nullptr; }
  std::shared_ptr<const std::vector<files::Hash>> layer(const files::ContentId&) override { return nullptr; }

 private:
  files::Catalog catalog_{1};
};

struct AnnouncerFixture : ::testing::Test {
  /// Ours is node 100, with the port, or asks only.
  explicit AnnouncerFixture(std::uint16_t port = 12345) : announcer(config(port), library, clock.now()) {}

  Announcer::Config config(std::uint16_t port) {
    Announcer::Config out;
    out.id = node(100);
    out.instance = 1;
    out.user = "own";
    out.port = port;
    out.seed = 7;
    out.connected = [this](const NodeId& id) { return connected.contains(id); };
    return out;
  }

  /// From deadline to deadline; what is done is appended to the lists.
  void run(net::Duration duration) {
    const net::TimePoint end = clock.now() + duration;
    while (announcer.deadline() && *announcer.deadline() <= end) {
      clock.advance_to(*announcer.deadline());
      announcer.expire(clock.now());
      collect();
    }
    clock.advance_to(end);
  }
  void collect() {
    for (const Announcer::Action& action : announcer.take_actions()) {
      if (auto* send = std::get_if<Announcer::Send>(&action)) {
        EXPECT_LE(send->datagram.size(), kMaxAnnouncementSize);
        (send->to ? answers : announcements).push_back(*send);
        if (!send->to) announced_at.push_back(clock.now());
      } else if (auto* hint = std::get_if<Announcer::Hint>(&action)) {
        hints.push_back(hint->endpoint);
      } else {
        probes.push_back(std::get<Announcer::Probe>(action).node);
      }
    }
  }
  void forget_actions() {
    announcements.clear();
    answers.clear();
    hints.clear();
    probes.clear();
    announced_at.clear();
  }

  static Announcement announcement(std::uint8_t id, std::uint16_t port = 12345, std::uint64_t instance = 9) {
    Announcement out;
    out.id = node(id);
    out.instance = instance;
    out.port = port;
    return out;
  }
  void hear(const Announcement& what, const char* source, bool to_all = true, std::size_t size = 600) {
    std::string text = *encode_announcement(what);
    if (text.size() < size) text.resize(size, ' ');
    announcer.received(clock.now(), from(source), to_all, net::as_bytes(text));
    announcer.expire(clock.now());
    collect();
  }

  support::ManualClock clock;
  Offers library;
  std::set<NodeId> connected;
  Announcer announcer;
  std::vector<Announcer::Send> announcements, answers;
  std::vector<net::TimePoint> announced_at;
  std::vector<net::Endpoint> hints;
  std::vector<NodeId> probes;
};

struct AskingAnnouncer : AnnouncerFixture {
  AskingAnnouncer() : AnnouncerFixture(0) {}
};

Announcement parsed(const Announcer::Send& send) {
  auto result = parse_announcement(net::as_bytes(send.datagram));
  EXPECT_TRUE(result) << send.datagram;
  return result ? *result : Announcement{};
}

// --- when ---

TEST_F(AnnouncerFixture, AnnouncesSoonAfterTheStartAndThenNowAndThen) {
  const net::TimePoint start = clock.now();
  run(seconds(3));
  ASSERT_EQ(announced_at.size(), 3u);
  const net::Duration first = announced_at[0] - start;
  EXPECT_GE(first, milliseconds(50));
  EXPECT_LE(first, milliseconds(150));
  EXPECT_GE(announced_at[1] - start, milliseconds(370));
  EXPECT_LE(announced_at[1] - start, milliseconds(630));
  EXPECT_GE(announced_at[2] - start, milliseconds(1570));
  EXPECT_LE(announced_at[2] - start, milliseconds(2430));
  run(seconds(300));
  for (std::size_t i = 3; i < announced_at.size(); ++i) {
    EXPECT_GE(announced_at[i] - announced_at[i - 1], seconds(24));
    EXPECT_LE(announced_at[i] - announced_at[i - 1], seconds(36));
  }
  EXPECT_GE(announced_at.size(), 11u);
}

TEST_F(AnnouncerFixture, TellsWhatItIs) {
  library.add("a.txt", 5);
  library.add("b/c.txt", 7);
  run(milliseconds(200));
  const Announcement told = parsed(announcements.at(0));
  EXPECT_EQ(told.id, node(100));
  EXPECT_EQ(told.instance, 1u);
  EXPECT_EQ(told.user, "own");
  EXPECT_EQ(told.port, 12345);
  EXPECT_EQ(told.count, 2u);
  EXPECT_EQ(told.revision, library.catalog().revision());
  EXPECT_EQ(told.files, (std::vector<AnnouncedFile>{{"a.txt", 5}, {"b/c.txt", 7}}));
}

TEST_F(AnnouncerFixture, OnlyTheFirstAreLong) {
  library.add("a.txt", 5);
  run(seconds(70));
  ASSERT_GE(announcements.size(), 5u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(announcements[i].datagram.size(), Announcer::kQuestionSize);
  for (std::size_t i = 3; i < 5; ++i) {
    EXPECT_LT(announcements[i].datagram.size(), 250u);
    EXPECT_TRUE(parsed(announcements[i]).files.empty());
  }
  // Until there is something new to tell.
  library.add("b.txt", 6);
  forget_actions();
  run(seconds(75));
  EXPECT_EQ(parsed(announcements.at(0)).files.size(), 2u);
  EXPECT_TRUE(parsed(announcements.at(1)).files.empty());
}

TEST_F(AnnouncerFixture, T53ChangedInterfacesBeginItAgain) {
  run(seconds(100));
  forget_actions();
  announcer.interfaces_changed(clock.now());
  run(seconds(3));
  EXPECT_EQ(announcements.size(), 3u);
  // One that comes and goes all the time does not keep it silent.
  forget_actions();
  for (int i = 0; i < 100; ++i) {
    announcer.interfaces_changed(clock.now());
    run(milliseconds(20));
  }
  EXPECT_GE(announcements.size(), 5u);
}

TEST_F(AnnouncerFixture, AsksAgainAsAtTheStart) {
  run(seconds(20));
  EXPECT_FALSE(announcer.listening_for_answers());
  forget_actions();
  announcer.ask_again(clock.now());
  EXPECT_TRUE(announcer.listening_for_answers());
  run(seconds(3));
  EXPECT_FALSE(announcer.listening_for_answers());
  ASSERT_EQ(announcements.size(), 3u);
  EXPECT_GE(announcements[0].datagram.size(), Announcer::kQuestionSize);
}

TEST_F(AnnouncerFixture, SaysFarewell) {
  auto farewell = announcer.farewell();
  ASSERT_TRUE(farewell);
  EXPECT_EQ(parse_announcement(net::as_bytes(*farewell))->op, Announcement::Op::kLeave);
}

TEST_F(AskingAnnouncer, AsksAtOnceAndAgain) {
  EXPECT_TRUE(announcer.listening_for_answers());
  announcer.expire(clock.now());
  collect();
  EXPECT_EQ(announcements.size(), 1u);
  EXPECT_EQ(parsed(announcements.at(0)).port, 0);
  run(milliseconds(490));
  EXPECT_EQ(announcements.size(), 2u);
  EXPECT_TRUE(announcer.listening_for_answers());
  run(milliseconds(20));
  EXPECT_FALSE(announcer.listening_for_answers());
  EXPECT_FALSE(announcer.farewell()) << "nobody remembers it";
}

// --- answers ---

TEST_F(AnnouncerFixture, ANewcomerIsAnswered) {
  library.add("a.txt", 5);
  hear(announcement(1), "10.0.0.1:40000");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].to, from("10.0.0.1:40000"));
  EXPECT_EQ(parsed(answers[0]).files.size(), 1u);
  // The same over another way in the same moment.
  hear(announcement(1), "10.0.0.1:40000");
  EXPECT_EQ(answers.size(), 1u);
  // It asks three times; nobody else's word makes us answer more.
  for (int i = 0; i < 10; ++i) {
    run(milliseconds(500));
    hear(announcement(1), "10.0.0.1:40000");
  }
  EXPECT_EQ(answers.size(), Announcer::kMaxAnswers);
  hear(announcement(1, 12345, 10), "10.0.0.1:40000");
  EXPECT_EQ(answers.size(), Announcer::kMaxAnswers + 1) << "another instance";
}

TEST_F(AnnouncerFixture, T52AnAnswerIsNeverLongerThanTheQuestion) {
  for (std::size_t i = 0; i < 100; ++i) library.add("file " + std::to_string(i), i + 1);
  std::uint8_t id = 0;
  for (std::size_t size = 0; size <= kMaxAnnouncementSize; size += 7) {
    const std::size_t before = answers.size();
    Announcement question = announcement(++id, 1, 100 + size);
    const std::size_t sent = std::max(size, encode_announcement(question)->size());
    hear(question, "10.0.0.1:40000", true, size);
    run(seconds(1));
    if (answers.size() > before) {
      EXPECT_LE(answers.back().datagram.size(), sent);
    }
  }
  EXPECT_GT(answers.size(), 100u);
}

TEST_F(AnnouncerFixture, T52AnswersAreNotAnsweredAndGoNowhereElse) {
  hear(announcement(1), "10.0.0.1:40000", /*to_all=*/false);
  hear(announcement(2), "8.8.8.8:40000");
  hear(announcement(3), "127.0.0.1:40000");
  EXPECT_TRUE(answers.empty());
  hear(announcement(4), "[fe80::1%eth0]:40000");
  EXPECT_EQ(answers.size(), 1u);
}

TEST_F(AskingAnnouncer, DoesNotAnswer) {
  hear(announcement(1), "10.0.0.1:40000");
  EXPECT_TRUE(answers.empty());
}

TEST_F(AnnouncerFixture, T52AFloodIsCapped) {
  for (std::uint64_t i = 0; i < 2000; ++i) hear(announcement(1, 12345, i), "10.0.0.1:40000");
  EXPECT_LE(answers.size(), 60u);
  for (int i = 0; i < 5000; ++i) {
    const std::string source = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + ":40000";
    hear(announcement(1), source.c_str());
  }
  EXPECT_LE(answers.size(), 300u);
  EXPECT_LE(announcer.heard(), Announcer::kMaxHeard);
  run(seconds(200));
  EXPECT_EQ(announcer.heard(), 0u);
}

TEST_F(AnnouncerFixture, T52RubbishIsDropped) {
  for (const char* text : {"", "{}", "[[[[[[", "\xff\xfe", "{\"p2p\":1,\"op\":\"announce\"}"}) {
    announcer.received(clock.now(), from("10.0.0.1:40000"), true, net::as_bytes(text));
  }
  const std::string long_one(1201, ' ');
  announcer.received(clock.now(), from("10.0.0.1:40000"), true, net::as_bytes(long_one));
  collect();
  EXPECT_EQ(announcer.heard(), 0u);
  EXPECT_TRUE(answers.empty() && hints.empty() && probes.empty());
}

TEST_F(AnnouncerFixture, DoesNotHearItself) {
  hear(announcement(100, 12345, 1), "10.0.0.9:40000");
  hear(announcement(100, 12345, 2), "10.0.0.9:40000");
  EXPECT_EQ(announcer.heard(), 0u);
}

// --- hints ---

TEST_F(AnnouncerFixture, TheSmallerIdDialsAtOnceAndTheLargerWaits) {
  hear(announcement(200, 2000), "10.0.0.1:40000");
  EXPECT_EQ(hints, (std::vector{from("10.0.0.1:2000")}));
  hear(announcement(50, 3000), "10.0.0.2:40000");
  EXPECT_EQ(hints.size(), 1u);
  hear(announcement(51, 3001), "10.0.0.3:40000");
  connected.insert(node(51));
  run(seconds(2));
  EXPECT_EQ(hints, (std::vector{from("10.0.0.1:2000"), from("10.0.0.2:3000")})) << "51 has dialled us meanwhile";
}

TEST_F(AskingAnnouncer, WhoAsksDialsAtOnce) {
  hear(announcement(50), "10.0.0.1:40000", /*to_all=*/false);
  EXPECT_EQ(hints, (std::vector{from("10.0.0.1:12345")}));
}

TEST_F(AnnouncerFixture, LinkLocalAddressesAreTheLastResort) {
  hear(announcement(200), "[fe80::1%eth0]:40000");
  hear(announcement(201), "[fe80::2%eth0]:40000");
  EXPECT_TRUE(hints.empty());
  connected.insert(node(201));
  run(seconds(3));
  EXPECT_EQ(hints, (std::vector{from("[fe80::1%eth0]:12345")}));
}

TEST_F(AskingAnnouncer, LinkLocalAddressesAreTriedWhileSomebodyWaits) {
  hear(announcement(50), "[fe80::1%eth0]:40000", /*to_all=*/false);
  EXPECT_TRUE(hints.empty());
  run(milliseconds(200));
  EXPECT_EQ(hints, (std::vector{from("[fe80::1%eth0]:12345")}));
}

TEST_F(AnnouncerFixture, WhoOnlyAsksIsNotDialled) {
  hear(announcement(200, 0), "10.0.0.1:40000");
  run(seconds(20));
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_TRUE(hints.empty());
}

TEST_F(AnnouncerFixture, AConnectedNodeThatGoesOnAnnouncingCausesNothing) {
  hear(announcement(200), "10.0.0.1:40000");
  connected.insert(node(200));
  forget_actions();
  for (int i = 0; i < 10; ++i) {
    run(seconds(30));
    hear(announcement(200), "10.0.0.1:40000");
  }
  EXPECT_TRUE(hints.empty() && probes.empty());
}

TEST_F(AnnouncerFixture, T53AConnectedNodeAtANewAddressIsProbedAndThenDialled) {
  connected.insert(node(200));
  hear(announcement(200), "10.0.0.1:40000");
  forget_actions();
  hear(announcement(200), "10.0.0.77:40000");
  EXPECT_EQ(probes, (std::vector{node(200)}));
  connected.erase(node(200));
  run(seconds(10));
  EXPECT_NE(std::find(hints.begin(), hints.end(), from("10.0.0.77:12345")), hints.end());
}

TEST_F(AnnouncerFixture, T33ALeaveOnlyMakesUsLook) {
  Announcement leave = announcement(200);
  leave.op = Announcement::Op::kLeave;
  hear(leave, "10.0.0.1:40000");
  EXPECT_TRUE(probes.empty()) << "never heard of";
  hear(announcement(200), "10.0.0.1:40000");
  connected.insert(node(200));
  hear(leave, "10.0.0.66:40000");
  EXPECT_TRUE(probes.empty()) << "from another address";
  hear(leave, "10.0.0.1:41000");
  EXPECT_EQ(probes, (std::vector{node(200)}));
  EXPECT_EQ(announcer.heard(), 0u);
  forget_actions();
  hear(leave, "10.0.0.1:41000");
  EXPECT_TRUE(probes.empty()) << "the second of two";
}

TEST_F(AnnouncerFixture, T50WhoIsNotHeardOfIsForgottenAfterThreeIntervals) {
  hear(announcement(200), "10.0.0.1:40000");
  connected.insert(node(200));
  run(seconds(107));
  EXPECT_EQ(announcer.heard(), 1u);
  EXPECT_TRUE(probes.empty());
  run(seconds(2));
  EXPECT_EQ(announcer.heard(), 0u);
  EXPECT_EQ(probes, (std::vector{node(200)}));
  // Then it is a newcomer again.
  forget_actions();
  hear(announcement(200), "10.0.0.1:40000");
  EXPECT_EQ(answers.size(), 1u);
}

TEST_F(AnnouncerFixture, T35OneAddressFloodsAtItsOwnExpense) {
  hear(announcement(1), "10.0.0.1:40000");
  for (std::uint8_t id = 2; id < 60; ++id) hear(announcement(id), "10.0.0.2:40000");
  EXPECT_EQ(announcer.heard(), 1 + Announcer::kMaxHeardPerAddress);
  forget_actions();
  hear(announcement(1), "10.0.0.1:40000");
  run(seconds(2));
  EXPECT_EQ(std::count(hints.begin(), hints.end(), from("10.0.0.1:12345")), 1);
}

}  // namespace
}  // namespace peer::members
