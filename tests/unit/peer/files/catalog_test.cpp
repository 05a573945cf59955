// SPDX-License-Identifier: MIT
#include "peer/files/catalog.h"
#include "tests/unit/peer/files/content_support.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace peer::files {
namespace {

CatalogEntry file(std::string path, unsigned n) {
  return {CatalogEntry::Kind::kFile, std::move(path), content(n), 1700000000, 0600};
}

std::vector<std::string> paths(const std::vector<const CatalogEntry*>& entries) {
  std::vector<std::string> out;
  for (const CatalogEntry* entry : entries) out.push_back(entry->path);
  return out;
}

using Paths = std::vector<std::string>;

TEST(Catalog, RevisionGrowsWithEveryChangeAndOnlyThen) {
  Catalog catalog(41);
  EXPECT_EQ(catalog.revision(), 41u);
  EXPECT_TRUE(catalog.put(file("a", 1)));
  EXPECT_FALSE(catalog.put(file("a", 1)));
  EXPECT_EQ(catalog.revision(), 42u);
  EXPECT_TRUE(catalog.put(file("a", 2)));
  EXPECT_FALSE(catalog.remove("b"));
  EXPECT_EQ(catalog.revision(), 43u);
  EXPECT_TRUE(catalog.remove("a"));
  catalog.clear();
  EXPECT_EQ(catalog.revision(), 44u);
  EXPECT_EQ(catalog.total_bytes(), 0u);
}

TEST(Catalog, ContentIsFoundUnderAllItsNames) {
  Catalog catalog;
  catalog.put(file("z", 7));
  catalog.put(file("b/c", 7));
  catalog.put(file("b/d", 8));
  EXPECT_EQ(paths(catalog.find_content(content(7))), (Paths{"b/c", "z"}));
  EXPECT_EQ(catalog.total_bytes(), 22u);
  catalog.put(file("z", 9));
  EXPECT_EQ(paths(catalog.find_content(content(7))), (Paths{"b/c"}));
  catalog.remove("b/c");
  EXPECT_FALSE(catalog.has_content(content(7)));
  EXPECT_TRUE(catalog.has_content(content(9)));
  EXPECT_TRUE(catalog.find_content(content(1)).empty());
}

TEST(Catalog, BeneathAFolderAreItsPathsOnly) {
  Catalog catalog;
  for (const char* path : {"a", "a-b", "a/x", "a/y/z", "a0", "b/x"}) catalog.put(file(path, 1));
  catalog.put({CatalogEntry::Kind::kFolder, "a/empty", {}, 0, 0700});
  EXPECT_EQ(paths(catalog.beneath("a")), (Paths{"a/empty", "a/x", "a/y/z"}));
  EXPECT_EQ(paths(catalog.beneath("a/y")), (Paths{"a/y/z"}));
  EXPECT_EQ(catalog.beneath("").size(), 7u);
  EXPECT_TRUE(catalog.beneath("c").empty());
  EXPECT_EQ(base_name("a/y/z"), "z");
  EXPECT_EQ(base_name("z"), "z");
}

TEST(Catalog, PagesCoverEverythingOnceWhileItChanges) {
  Catalog catalog;
  for (unsigned i = 100; i < 200; ++i) catalog.put(file("f" + std::to_string(i), i));
  Paths seen;
  std::string cursor;
  for (auto page = catalog.page(cursor, 7); !page.empty(); page = catalog.page(cursor, 7)) {
    for (const CatalogEntry* entry : page) seen.push_back(entry->path);
    cursor = seen.back();
    catalog.remove(cursor);
    catalog.put(file("a" + cursor, 1));
  }
  EXPECT_EQ(seen.size(), 100u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST(Catalog, ACopyIsIndependent) {
  Catalog catalog;
  catalog.put(file("a", 1));
  const Catalog copy = catalog;
  catalog.put(file("a", 2));
  EXPECT_EQ(copy.find("a")->id, content(1));
  EXPECT_EQ(paths(copy.find_content(content(1))), (Paths{"a"}));
}

}  // namespace
}  // namespace peer::files
