// SPDX-License-Identifier: MIT
#include "peer/remote_catalog.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/manual_clock.h"
#include "tests/unit/peer/wire/samples.h"

namespace peer {
namespace {

using namespace std::chrono_literals;

std::vector<files::CatalogEntry> entries(const std::vector<std::string>& paths) {
  std::vector<files::CatalogEntry> result;
  for (const std::string& path : paths) result.push_back(wire::samples::file(path));
  return result;
}

struct Fixture {
  /// The question asked now; 0 for none.
  std::uint32_t ask() {
    question = catalog.ask(clock.now(), ++number);
    return question ? question->request : 0;
  }
  bool answer(std::uint64_t revision, const std::vector<std::string>& paths, bool last = true, bool growing = false) {
    return catalog.page(clock.now(),
                        wire::Catalog{question->request, revision, false, last, growing, entries(paths), 0});
  }
  bool unchanged(std::uint64_t revision, bool growing = false) {
    return catalog.page(clock.now(), wire::Catalog{question->request, revision, true, true, growing, {}, 0});
  }
  /// Waits for the deadline and asks.
  void ask_when_due() {
    ASSERT_TRUE(catalog.deadline());
    clock.advance_to(*catalog.deadline());
    ASSERT_NE(ask(), 0u);
    EXPECT_FALSE(catalog.deadline()) << "asked: there is nothing to wake up for";
  }
  std::vector<std::string> paths() const {
    std::vector<std::string> result;
    catalog.catalog().for_each([&](const files::CatalogEntry& entry) { result.push_back(entry.path); });
    return result;
  }

  support::ManualClock clock;
  RemoteCatalog catalog;
  std::uint32_t number = 100;
  std::optional<wire::CatalogGet> question;
};

using Paths = std::vector<std::string>;

TEST(RemoteCatalog, IsAskedForAtOnceAndOnce) {
  Fixture f;
  EXPECT_FALSE(f.catalog.complete());
  ASSERT_NE(f.ask(), 0u);
  EXPECT_EQ(f.question->known_revision, 0u);
  EXPECT_EQ(f.question->after, "");
  EXPECT_EQ(f.ask(), 0u);
  EXPECT_FALSE(f.catalog.deadline());
}

TEST(RemoteCatalog, OnePageIsAll) {
  Fixture f;
  f.ask();
  EXPECT_TRUE(f.answer(5, {"a", "b"}));
  EXPECT_TRUE(f.catalog.complete());
  EXPECT_EQ(f.catalog.version(), 1u);
  EXPECT_EQ(f.paths(), (Paths{"a", "b"}));
  f.clock.advance(1h);
  EXPECT_EQ(f.ask(), 0u);
  EXPECT_FALSE(f.catalog.deadline());
}

TEST(RemoteCatalog, APeerWithNothingToOfferIsCompleteToo) {
  Fixture f;
  f.ask();
  EXPECT_TRUE(f.answer(0, {}));
  EXPECT_TRUE(f.catalog.complete());
  EXPECT_TRUE(f.paths().empty());
  EXPECT_FALSE(f.catalog.deadline());
}

TEST(RemoteCatalog, PagesFollowEachOther) {
  Fixture f;
  f.ask();
  EXPECT_TRUE(f.answer(5, {"a", "b"}, false));
  EXPECT_FALSE(f.catalog.complete());
  EXPECT_TRUE(f.paths().empty()) << "half a catalog is not shown";
  ASSERT_NE(f.ask(), 0u);
  EXPECT_EQ(f.question->after, "b");
  EXPECT_EQ(f.question->known_revision, 0u);
  EXPECT_TRUE(f.answer(5, {"c"}, false));
  ASSERT_NE(f.ask(), 0u);
  EXPECT_TRUE(f.answer(5, {}));
  EXPECT_EQ(f.paths(), (Paths{"a", "b", "c"}));
  EXPECT_EQ(f.catalog.version(), 1u);
}

TEST(RemoteCatalog, ANewRevisionIsFetchedAndTheOldOneShownMeanwhile) {
  Fixture f;
  f.ask();
  f.answer(5, {"a"});
  f.catalog.changed(6);
  f.ask_when_due();
  EXPECT_EQ(f.question->known_revision, 5u);
  f.answer(6, {"b"}, false);
  EXPECT_EQ(f.paths(), Paths{"a"});
  EXPECT_TRUE(f.catalog.complete());
  f.ask();
  f.answer(6, {"c"});
  EXPECT_EQ(f.paths(), (Paths{"b", "c"}));
  EXPECT_EQ(f.catalog.version(), 2u);
  EXPECT_FALSE(f.catalog.deadline());
}

TEST(RemoteCatalog, AnUnchangedCatalogStays) {
  Fixture f;
  f.ask();
  f.answer(5, {"a"});
  f.catalog.changed(6);
  f.ask_when_due();
  EXPECT_TRUE(f.unchanged(5));
  EXPECT_EQ(f.paths(), Paths{"a"});
  EXPECT_EQ(f.catalog.version(), 1u);
  EXPECT_FALSE(f.catalog.deadline());
}

TEST(RemoteCatalog, OneThatGrewIsAskedForAgainWhenItHasGrown) {
  Fixture f;
  f.ask();
  f.answer(5, {"a"}, true, true);
  EXPECT_TRUE(f.catalog.complete());
  EXPECT_TRUE(f.catalog.growing());
  EXPECT_FALSE(f.catalog.deadline()) << "the peer tells";
  f.catalog.changed(5);
  f.ask_when_due();
  EXPECT_EQ(f.question->known_revision, 5u);
  EXPECT_TRUE(f.unchanged(5, true));
  EXPECT_TRUE(f.catalog.growing());
  // Told as often as it likes, it is asked now and then.
  f.catalog.changed(5);
  EXPECT_EQ(f.ask(), 0u);
  f.ask_when_due();
  EXPECT_TRUE(f.unchanged(5));
  EXPECT_FALSE(f.catalog.growing());
  EXPECT_FALSE(f.catalog.deadline());
}

TEST(RemoteCatalog, UnchangedIsNoAnswerWhereNothingIsKnownOrInTheMiddle) {
  Fixture f;
  f.ask();
  EXPECT_FALSE(f.unchanged(5));
  Fixture g;
  g.ask();
  g.answer(5, {"a"}, false);
  g.ask();
  EXPECT_FALSE(g.unchanged(5));
}

// A large share that is being hashed changes with every file: its catalog still comes to an end.
TEST(RemoteCatalog, AShareThatChangesBetweenAllPagesIsShownAllTheSame) {
  Fixture f;
  f.ask();
  for (std::uint64_t revision = 5; revision < 30; ++revision) {
    f.catalog.changed(revision + 1);
    ASSERT_TRUE(f.answer(revision, {"a" + std::to_string(revision + 100)}, false));
    ASSERT_NE(f.ask(), 0u);
  }
  EXPECT_TRUE(f.answer(30, {"z"}));
  EXPECT_TRUE(f.catalog.complete());
  EXPECT_EQ(f.paths().size(), 26u);
  f.ask_when_due();
  EXPECT_EQ(f.question->after, "") << "and is fetched again afterwards";
  f.answer(30, {"z"});
  EXPECT_EQ(f.paths(), Paths{"z"});
  EXPECT_FALSE(f.catalog.deadline());
}

TEST(RemoteCatalog, AStormOfChangesIsAnsweredWithFewQuestions) {
  Fixture f;
  f.ask();
  f.answer(1, {"a"});
  int asked = 0;
  std::uint64_t revision = 1;
  for (int i = 0; i < 1000; ++i) {
    f.clock.advance(10ms);
    f.catalog.changed(++revision);
    if (f.ask() == 0) continue;
    ++asked;
    f.answer(revision, {"a"});
  }
  EXPECT_LE(asked, 20);
  EXPECT_GE(asked, 15);
}

TEST(RemoteCatalog, ALongFetchIsFollowedByALongerPause) {
  Fixture f;
  f.ask();
  f.answer(1, {"a"}, false);
  f.clock.advance(10s);
  f.ask();
  f.answer(2, {"b"});
  EXPECT_EQ(*f.catalog.deadline() - f.clock.now(), 40s);
}

TEST(RemoteCatalog, ARevisionThatIsAnnouncedAndNeverComesIsNotAskedForAllTheTime) {
  Fixture f;
  f.ask();
  f.catalog.changed(~std::uint64_t{0});
  f.answer(5, {"a"});
  f.ask_when_due();
  EXPECT_TRUE(f.unchanged(5));
  EXPECT_FALSE(f.catalog.deadline());
}

TEST(RemoteCatalog, ARefusalIsTriedAgainLaterFromTheStart) {
  Fixture f;
  f.ask();
  f.answer(5, {"a"}, false);
  std::uint32_t asked = f.ask();
  f.catalog.refused(f.clock.now(), asked + 1);
  EXPECT_EQ(f.ask(), 0u) << "a refusal of something else";
  f.catalog.refused(f.clock.now(), asked);
  EXPECT_GT(*f.catalog.deadline(), f.clock.now());
  EXPECT_EQ(f.ask(), 0u);
  f.ask_when_due();
  EXPECT_EQ(f.question->after, "");
}

TEST(RemoteCatalog, AnswersThatWereNotAskedForBreakTheProtocol) {
  Fixture f;
  wire::Catalog page{7, 5, false, true, false, {}, 0};
  EXPECT_FALSE(f.catalog.page(f.clock.now(), page));
  f.ask();
  page.request = f.question->request + 1;
  EXPECT_FALSE(f.catalog.page(f.clock.now(), page));
  EXPECT_TRUE(f.answer(5, {"a"}));
  EXPECT_FALSE(f.answer(5, {"a"})) << "twice";
}

TEST(RemoteCatalog, PagesThatWouldNeverEndBreakTheProtocol) {
  for (const Paths& paths : {Paths{"b", "a"}, Paths{"a", "a"}, Paths{}}) {
    Fixture f;
    f.ask();
    EXPECT_FALSE(f.answer(5, paths, false));
  }
  Fixture f;
  f.ask();
  f.answer(5, {"b"}, false);
  f.ask();
  EXPECT_FALSE(f.answer(5, {"b"}, false)) << "the cursor does not move";
  Fixture g;
  g.ask();
  g.answer(5, {"b"}, false);
  g.ask();
  EXPECT_FALSE(g.answer(5, {"a"})) << "nor back";
}

TEST(RemoteCatalog, NoMoreThanSoManyEntriesAreKept) {
  Fixture f;
  std::size_t sent = 0;
  for (bool asked = f.ask() != 0; asked; asked = f.ask() != 0) {
    ASSERT_LE(sent, RemoteCatalog::kMaxEntries + 2000) << "it asks on and on";
    Paths paths;
    for (int i = 0; i < 1000; ++i) paths.push_back(std::to_string(10'000'000 + sent++));
    ASSERT_TRUE(f.answer(5, paths, false));
  }
  EXPECT_EQ(f.catalog.catalog().size(), RemoteCatalog::kMaxEntries);
  EXPECT_TRUE(f.catalog.complete());
  EXPECT_FALSE(f.catalog.deadline());
}

// T19: names of the greatest length do not make it hold gigabytes.
TEST(RemoteCatalog, T19_NoMoreThanSoManyBytesAreKept) {
  Fixture f;
  std::string name;
  for (int i = 0; i < 16; ++i) name += "/" + std::string(250, 'x');
  std::size_t sent = 0;
  for (bool asked = f.ask() != 0; asked; asked = f.ask() != 0) {
    ASSERT_LE(sent, 20'000u) << "it asks on and on";
    Paths paths;
    for (int i = 0; i < 15; ++i) paths.push_back(std::to_string(10'000'000 + sent++) + name);
    ASSERT_TRUE(f.answer(5, paths, false));
  }
  EXPECT_TRUE(f.catalog.complete());
  EXPECT_LE(f.catalog.catalog().size() * name.size(), RemoteCatalog::kMaxBytes);
  EXPECT_GT(f.catalog.catalog().size(), 1000u);
}

// T19: what it takes is known, and beyond the room that the others leave it nothing is kept.
TEST(RemoteCatalog, KeepsNoMoreThanThereIsRoomFor) {
  Fixture f;
  const std::size_t of_one = wire::encoded_size(wire::samples::file("a")) + RemoteCatalog::kEntryOverhead;
  EXPECT_EQ(f.catalog.held(), 0u);
  f.ask();
  EXPECT_TRUE(
      f.catalog.page(f.clock.now(), {f.question->request, 1, false, false, false, entries({"a", "b"}), 0}, 3 * of_one));
  EXPECT_EQ(f.catalog.held(), 2 * of_one);
  f.ask();
  EXPECT_TRUE(
      f.catalog.page(f.clock.now(), {f.question->request, 1, false, false, false, entries({"c", "d"}), 0}, 3 * of_one));
  EXPECT_TRUE(f.catalog.complete()) << "there is no use in asking on";
  EXPECT_EQ(f.paths(), (Paths{"a", "b", "c"}));
  EXPECT_EQ(f.catalog.held(), 3 * of_one);
  f.catalog.changed(2);
  f.ask_when_due();
  EXPECT_TRUE(
      f.catalog.page(f.clock.now(), {f.question->request, 2, false, true, false, entries({"x"}), 0}, 3 * of_one));
  EXPECT_EQ(f.paths(), (Paths{"x"}));
  EXPECT_EQ(f.catalog.held(), of_one);
}

}  // namespace
}  // namespace peer
