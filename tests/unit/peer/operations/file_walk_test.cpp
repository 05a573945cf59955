// SPDX-License-Identifier: MIT
#include "peer/operations/file_walk.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace peer::operations {
namespace {

using files::CatalogEntry;

CatalogEntry entry_of(std::string path, std::uint64_t length, bool folder = false) {
  CatalogEntry entry;
  entry.kind = folder ? CatalogEntry::Kind::kFolder : CatalogEntry::Kind::kFile;
  entry.path = std::move(path);
  if (length > 0) entry.id = {length, {}};
  return entry;
}

struct FileWalkTest : ::testing::Test {
  std::vector<Node::PeerView> peers() const {
    std::vector<Node::PeerView> views(catalogs.size());
    for (std::size_t i = 0; i < views.size(); ++i) views[i].catalog = &catalogs[i];
    return views;
  }
  /// "path:length" with a provider's number for each, and "/" behind a folder.
  static std::string in_short(const FoundFile& file) {
    std::string text = file.entry->path + (file.entry->kind == CatalogEntry::Kind::kFolder ? "/" : "") + ":" +
                       std::to_string(file.entry->id.length);
    for (std::uint32_t provider : file.providers) text += " " + std::to_string(provider);
    return text;
  }
  std::vector<std::string> walk(const std::optional<FileKey>& after = std::nullopt) const {
    std::vector<std::string> out;
    const auto views = peers();
    for (FileWalk walk(views, after); walk.next();) out.push_back(in_short(walk.file()));
    return out;
  }

  std::vector<files::Catalog> catalogs;
};

using Lines = std::vector<std::string>;

TEST_F(FileWalkTest, NobodyOffersAnything) {
  EXPECT_EQ(walk(), Lines{});
  catalogs.resize(2);
  EXPECT_EQ(walk(), Lines{});
  EXPECT_EQ(walk(FileKey("a", {})), Lines{});
}

TEST_F(FileWalkTest, SameContentsOfAPathAreOne) {
  catalogs.resize(3);
  catalogs[0].put(entry_of("b", 5));
  catalogs[1].put(entry_of("a", 7));
  catalogs[1].put(entry_of("b", 4));
  catalogs[2].put(entry_of("b", 5));
  EXPECT_EQ(walk(), (Lines{"a:7 1", "b:4 1", "b:5 0 2"}));
}

TEST_F(FileWalkTest, AnEmptyFileIsNoFolder) {
  catalogs.resize(4);
  catalogs[0].put(entry_of("a", 0, true));
  catalogs[1].put(entry_of("a", 0));
  catalogs[2].put(entry_of("a", 0, true));
  catalogs[3].put(entry_of("a", 0));
  EXPECT_EQ(walk(), (Lines{"a:0 1 3", "a/:0 0 2"}));
}

TEST_F(FileWalkTest, ItLooksAtEachEntryOnceAndGoesOnAnywhere) {
  std::mt19937 random(7);
  catalogs.resize(5);
  std::map<std::tuple<std::string, std::uint64_t>, std::string> all;
  std::size_t entries = 0;
  for (std::size_t i = 0; i < catalogs.size(); ++i) {
    for (int n = 0; n < 40; ++n) catalogs[i].put(entry_of("path " + std::to_string(random() % 50), 1 + random() % 3));
    catalogs[i].for_each([&](const CatalogEntry& entry) {
      std::string& line = all[{entry.path, entry.id.length}];
      if (line.empty()) line = entry.path + ":" + std::to_string(entry.id.length);
      line += " " + std::to_string(i);
    });
    entries += catalogs[i].size();
  }
  Lines want;
  for (const auto& [key, line] : all) want.push_back(line);
  EXPECT_EQ(walk(), want);
  const auto views = peers();
  FileWalk whole(views);
  while (whole.next()) {
    const FileKey key(whole.file().entry->path, whole.file().entry->id);
    want.erase(want.begin());
    EXPECT_EQ(walk(key), want) << key.first;
  }
  EXPECT_EQ(whole.looked_at(), entries);
}

}  // namespace
}  // namespace peer::operations
