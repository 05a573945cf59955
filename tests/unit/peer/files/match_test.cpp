// SPDX-License-Identifier: MIT
#include "peer/files/match.h"
#include "tests/unit/peer/files/content_support.h"

#include <gtest/gtest.h>

#include <deque>

namespace peer::files {
namespace {

using Kind = Match::Kind;

class MatchTest : public testing::Test {
 protected:
  void file(std::uint32_t provider, std::string path, unsigned n) {
    entries_.push_back({CatalogEntry::Kind::kFile, std::move(path), content(n), 5, 0600});
    offers_.push_back({provider, &entries_.back()});
  }
  void folder(std::uint32_t provider, std::string path) {
    entries_.push_back({CatalogEntry::Kind::kFolder, std::move(path), {}, 0, 0700});
    offers_.push_back({provider, &entries_.back()});
  }
  Match resolve(std::string_view word) const { return Matcher(offers_).resolve(word); }
  static MatchedFile matched(std::string path, unsigned n, std::vector<std::uint32_t> providers) {
    return {std::move(path), content(n), 5, 0600, std::move(providers)};
  }

  std::deque<CatalogEntry> entries_;
  std::vector<Offer> offers_;
};

TEST_F(MatchTest, NothingIsFoundInNothing) {
  EXPECT_EQ(resolve("a").kind, Kind::kNotFound);
  EXPECT_EQ(resolve("").kind, Kind::kNotFound);
  EXPECT_EQ(resolve("/").kind, Kind::kNotFound);
}

TEST_F(MatchTest, OneContentHasAllItsProvidersWhateverTheName) {
  file(2, "a/film", 1);
  file(1, "a/film", 1);
  file(7, "renamed", 1);
  file(7, "other/renamed", 1);
  const Match match = resolve("a/film");
  EXPECT_EQ(match.kind, Kind::kFile);
  EXPECT_EQ(match.files, (std::vector{matched("a/film", 1, {1, 2, 7})}));
  EXPECT_EQ(resolve(content(1).to_string()).files, match.files);
  EXPECT_EQ(resolve("film").files, match.files);
  EXPECT_EQ(resolve("renamed").files, (std::vector{matched("renamed", 1, {1, 2, 7})}));
}

TEST_F(MatchTest, UnknownIdIsNotFound) {
  file(1, "a", 1);
  EXPECT_EQ(resolve(content(2).to_string()).kind, Kind::kNotFound);
}

TEST_F(MatchTest, TheFirstDigitsOfAnIdAreEnough) {
  file(0, "a", 1);
  file(1, "b", 2);
  entries_.push_back({CatalogEntry::Kind::kFile, "c", content(2), 5, 0600});
  entries_.back().id.length = 7;
  offers_.push_back({2, &entries_.back()});
  EXPECT_EQ(resolve("010001000000").files, std::vector{matched("a", 1, {0})});
  EXPECT_EQ(resolve("010001" + std::string(58, '0')).files, std::vector{matched("a", 1, {0})});
  EXPECT_EQ(resolve("01000100000").kind, Kind::kNotFound) << "too few";
  EXPECT_EQ(resolve("010001000001").kind, Kind::kNotFound);
  EXPECT_EQ(resolve("010001" + std::string(59, '0')).kind, Kind::kNotFound) << "too many";
  EXPECT_EQ(resolve("01000100000g").kind, Kind::kNotFound);
  const Match match = resolve("010002000000");
  EXPECT_EQ(match.kind, Kind::kAmbiguous) << "two lengths";
  EXPECT_EQ(match.files.size(), 2u);
  file(3, "010001000000", 3);
  EXPECT_EQ(resolve("010001000000").files.front().path, "010001000000") << "a name comes first";
}

TEST_F(MatchTest, AnExactPathComesBeforeABaseName) {
  file(1, "song", 1);
  file(1, "old/song", 2);
  EXPECT_EQ(resolve("song").files, (std::vector{matched("song", 1, {1})}));
}

TEST_F(MatchTest, DifferentContentsUnderOnePathAreAmbiguous) {
  file(1, "song", 2);
  file(2, "song", 1);
  file(3, "song", 1);
  const Match match = resolve("song");
  EXPECT_EQ(match.kind, Kind::kAmbiguous);
  EXPECT_EQ(match.files, (std::vector{matched("song", 1, {2, 3}), matched("song", 2, {1})}));
}

TEST_F(MatchTest, DifferentContentsUnderOneBaseNameAreAmbiguous) {
  file(1, "x/song", 2);
  file(2, "y/song", 1);
  const Match match = resolve("song");
  EXPECT_EQ(match.kind, Kind::kAmbiguous);
  EXPECT_EQ(match.files, (std::vector{matched("x/song", 2, {1}), matched("y/song", 1, {2})}));
  EXPECT_EQ(resolve("y/song").kind, Kind::kFile);
}

TEST_F(MatchTest, AFolderIsTheUnionOfWhatPeersHaveBeneathIt) {
  file(1, "photos/1", 1);
  file(2, "photos/1", 1);
  file(2, "photos/sub/2", 2);
  file(2, "photos-old/3", 3);
  folder(1, "photos");
  folder(1, "photos/empty");
  folder(2, "photos/empty");
  for (const char* word : {"photos", "photos/"}) {
    const Match match = resolve(word);
    EXPECT_EQ(match.kind, Kind::kFolder);
    EXPECT_EQ(match.files, (std::vector{matched("photos/1", 1, {1, 2}), matched("photos/sub/2", 2, {2})}));
    EXPECT_EQ(match.folders, (std::vector{MatchedFolder{"photos", 0, 0700}, MatchedFolder{"photos/empty", 0, 0700}}));
  }
  EXPECT_EQ(resolve("photos/empty").kind, Kind::kFolder);
  EXPECT_EQ(resolve("photos/empty").folders, (std::vector{MatchedFolder{"photos/empty", 0, 0700}}));
  EXPECT_EQ(resolve("photo").kind, Kind::kNotFound);
}

TEST_F(MatchTest, AFolderWithAPathOfDifferentContentsIsAmbiguous) {
  file(1, "d/same", 1);
  file(1, "d/x", 2);
  file(2, "d/x", 3);
  file(3, "d/x", 4);
  const Match match = resolve("d");
  EXPECT_EQ(match.kind, Kind::kAmbiguous);
  EXPECT_EQ(match.files, (std::vector{matched("d/x", 2, {1}), matched("d/x", 3, {2}), matched("d/x", 4, {3})}));
}

TEST_F(MatchTest, ATrailingSlashMeansAFolderOnly) {
  file(1, "thing", 1);
  EXPECT_EQ(resolve("thing/").kind, Kind::kNotFound);
}

}  // namespace
}  // namespace peer::files
