// SPDX-License-Identifier: MIT
#include "peer/introducer/registry.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/unit/peer/files/temp_folder.h"

namespace peer::introducer {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Peer peer(const std::string& id, const char* endpoint) { return {id, *net::Endpoint::parse(endpoint)}; }

class IntroducerRegistry : public testing::Test {
 protected:
  std::unique_ptr<Registry> open() {
    return std::make_unique<Registry>(
        home.path("introducer.db"), [this](const std::string& warning) { warnings.push_back(warning); },
        [this] { return wall_ms * 1000; });
  }
  std::vector<std::string> ids(net::Duration ttl = minutes(10), std::size_t max = 1000) {
    std::vector<std::string> out;
    for (const auto& kept : open()->load(ttl, max)) out.push_back(kept.peer.id);
    return out;
  }
  void put(const Peer& one) { open()->write(std::vector<Directory::Change>{{one}}); }
  /// As another program would write to the database.
  void execute(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(home.path("introducer.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  using Ids = std::vector<std::string>;

  files::TempFolder home;
  std::int64_t wall_ms = 1'800'000'000'000;
  std::vector<std::string> warnings;
};

TEST_F(IntroducerRegistry, WhatWasWrittenIsThereAfterARestart) {
  put(peer("a", "10.0.0.1:4000"));
  wall_ms += 60'000;
  open()->write(std::vector<Directory::Change>{{peer("b", "[2001:db8::1]:5000")}, {peer("c", "10.0.0.2:1")}});
  wall_ms += 30'000;
  auto kept = open()->load(minutes(10), 1000);
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0].peer, peer("a", "10.0.0.1:4000"));
  EXPECT_EQ(kept[0].age, seconds(90));
  EXPECT_EQ(kept[1].peer.id, "b");
  EXPECT_EQ(kept[1].age, seconds(30));
  // Of the same write, but later.
  EXPECT_EQ(kept[2].peer.id, "c");
  EXPECT_LE(kept[2].age, kept[1].age);
  EXPECT_TRUE(warnings.empty());
}

TEST_F(IntroducerRegistry, ChangesAreAppliedInOrder) {
  open()->write(std::vector<Directory::Change>{{peer("a", "10.0.0.1:4000")},
                                               {peer("b", "10.0.0.1:4001")},
                                               {peer("a", "10.0.0.1:4000"), true},
                                               {peer("b", "10.0.0.1:4002")}});
  auto kept = open()->load(minutes(10), 1000);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].peer, peer("b", "10.0.0.1:4002"));
}

TEST_F(IntroducerRegistry, TheTimeToLiveGoesOnWhileItDoesNotRun) {
  put(peer("a", "10.0.0.1:4000"));
  wall_ms += 599'999;
  EXPECT_EQ(ids(), (Ids{"a"}));
  wall_ms += 1;
  EXPECT_EQ(ids(), Ids{});
}

TEST_F(IntroducerRegistry, T50AClockThatWentBackMakesNothingYoungerThanNowNorLiveForEver) {
  put(peer("future", "10.0.0.1:4000"));
  wall_ms -= 86'400'000;
  auto kept = open()->load(minutes(10), 1000);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].age, net::Duration::zero());
  // From here on its time counts.
  wall_ms += 600'000;
  EXPECT_EQ(ids(), Ids{});
}

TEST_F(IntroducerRegistry, T50AClockThatJumpsWhileItRunsChangesNothingInTheDirectory) {
  Directory directory{{minutes(10), 1000}};
  auto registry = open();
  net::TimePoint now{std::chrono::hours(1)};
  directory.join(now, peer("a", "10.0.0.1:4000"));
  registry->write(directory.take_changes());
  wall_ms += 86'400'000;
  directory.expire(now + minutes(9));
  EXPECT_EQ(directory.size(), 1U);
}

TEST_F(IntroducerRegistry, KeepsThoseThatCameLastWhereThereAreTooMany) {
  for (int i = 0; i < 5; ++i, wall_ms += 10) put(peer("p" + std::to_string(i), "10.0.0.1:4000"));
  EXPECT_EQ(ids(minutes(10), 2), (Ids{"p3", "p4"}));
  EXPECT_EQ(ids(), (Ids{"p3", "p4"}));
}

TEST_F(IntroducerRegistry, T32RowsThatAreNoneOfOursAreDropped) {
  put(peer("good", "10.0.0.1:4000"));
  execute(
      "INSERT INTO peers VALUES('10.0.0.2', 'a,b', 4000, 1800000000000000), ('host', 'x', 4000, 1800000000000000), "
      "('10.0.0.3', 'x', 0, 1800000000000000), ('10.0.0.3', 'y', 65536, 1800000000000000), "
      "('10.0.0.4', x'00ff', 4000, 1800000000000000), ('10.0.0.5', 'z', 'text', 9223372036854775807), "
      "('', '', -9223372036854775808, -9223372036854775808)");
  EXPECT_EQ(ids(), (Ids{"good"}));
  EXPECT_TRUE(warnings.empty());
}

TEST_F(IntroducerRegistry, T32AForeignOrDamagedFileIsSetAside) {
  for (const std::string& content : {std::string("not a database, but text that is long enough to be taken for one"),
                                     std::string("SQLite format 3\0", 16) + std::string(5000, '\x7f')}) {
    home.write("introducer.db", content);
    warnings.clear();
    put(peer("a", "10.0.0.1:4000"));
    EXPECT_EQ(ids(), (Ids{"a"}));
    EXPECT_EQ(warnings.size(), 1U);
    EXPECT_TRUE(std::filesystem::exists(home.path("introducer.db.broken")));
    std::filesystem::remove(home.path("introducer.db"));
  }
}

TEST_F(IntroducerRegistry, T32AnotherSchemaIsSetAside) {
  execute("CREATE TABLE peers(x)");
  put(peer("a", "10.0.0.1:4000"));
  EXPECT_EQ(ids(), (Ids{"a"}));
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("moved to"), std::string::npos);
}

TEST_F(IntroducerRegistry, T32EveryDamagedPageIsSurvived) {
  for (int i = 0; i < 300; ++i) put(peer("p" + std::to_string(i), "10.0.0.1:4000"));
  const auto size = std::filesystem::file_size(home.path("introducer.db"));
  ASSERT_GT(size, 8192U);
  const std::string whole = home.read("introducer.db");
  for (std::size_t page = 0; page < size; page += 4096) {
    std::string damaged = whole;
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(page), 200, '\xee');
    for (const auto& entry : std::filesystem::directory_iterator(home.path(""))) std::filesystem::remove(entry.path());
    home.write("introducer.db", damaged);
    EXPECT_LE(ids().size(), 300U);
    put(peer("new", "10.0.0.2:4000"));
    auto left = ids();
    EXPECT_NE(std::find(left.begin(), left.end(), "new"), left.end()) << page;
  }
}

TEST_F(IntroducerRegistry, T47WhatCannotBeOpenedIsSaidAndCostsNothingElse) {
  std::filesystem::create_directory(home.path("introducer.db"));
  auto registry = open();
  EXPECT_TRUE(registry->load(minutes(10), 1000).empty());
  registry->write(std::vector<Directory::Change>{{peer("a", "10.0.0.1:4000")}});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("introducer.db"), std::string::npos);
}

TEST_F(IntroducerRegistry, T24ItsFolderMayBeALinkButTheFileMayNot) {
  const auto write_through = [this](const std::string& folder) {
    Registry registry(folder + "/introducer.db", [this](const std::string& warning) { warnings.push_back(warning); });
    registry.write(std::vector<Directory::Change>{{peer("a", "10.0.0.1:4000")}});
    return registry.load(minutes(10), 1000).size();
  };
  const files::TempFolder elsewhere;
  std::filesystem::create_directory_symlink(home.path(), elsewhere.path("folder"));
  EXPECT_EQ(write_through(elsewhere.path("folder")), 1U);
  EXPECT_TRUE(warnings.empty());
  std::filesystem::create_symlink(home.path("introducer.db"), elsewhere.path("introducer.db"));
  EXPECT_EQ(write_through(elsewhere.path()), 0U);
  EXPECT_EQ(warnings.size(), 1U);
}

TEST_F(IntroducerRegistry, T47AFailedWriteIsSaidOnceUntilItWorksAgain) {
  auto registry = open();
  const std::vector<Directory::Change> changes{{peer("a", "10.0.0.1:4000")}};
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(home.path("introducer.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  registry->write(changes);
  registry->write(changes);
  EXPECT_EQ(warnings.size(), 1U);
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  registry->write(changes);
  EXPECT_EQ(ids(), (Ids{"a"}));
  sqlite3_close(other);
}

}  // namespace
}  // namespace peer::introducer
