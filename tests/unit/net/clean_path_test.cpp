// SPDX-License-Identifier: MIT
#include "net/clean_path.h"

#include <gtest/gtest.h>

#include <string>

namespace net {
namespace {

using namespace std::string_view_literals;

TEST(CleanPath, TakesOrdinaryNames) {
  for (std::string_view path : {"a", "a/b/c", "a.b", "a..b", "a b", "-rf", "C:", "a\\b", "Grüße/日本.txt", "a./b"}) {
    EXPECT_TRUE(is_clean_path(path)) << path;
  }
}

TEST(CleanPath, RefusesWhatLeadsElsewhere) {  // T23
  for (std::string_view path : {""sv, "/"sv, "/a"sv, "a/"sv, "a//b"sv, "."sv, ".."sv, "../a"sv, "a/.."sv, "a/../b"sv,
                                "a/./b"sv, "./a"sv, "a\0b"sv, "\0"sv, "//"sv}) {
    EXPECT_FALSE(is_clean_path(path)) << path;
  }
}

TEST(CleanPath, RefusesHiddenNames) {  // T27
  for (std::string_view path : {".p2p", ".p2p/key", "a/.hidden", "...", ".a/b"})
    EXPECT_FALSE(is_clean_path(path)) << path;
}

TEST(CleanPath, RefusesWhatIsNoText) {  // T45
  for (std::string_view path :
       {"a\nb"sv, "\x1b[m"sv, "a\x7f"sv, "a\xc2\x9b"sv, "\xff"sv, "a/\xc0\xaf/b"sv, "a\t"sv, "\xed\xa0\x80"sv}) {
    EXPECT_FALSE(is_clean_path(path)) << path;
  }
}

TEST(CleanPath, HasLimits) {
  EXPECT_TRUE(is_clean_path(std::string(255, 'a')));
  EXPECT_FALSE(is_clean_path(std::string(256, 'a')));
  EXPECT_FALSE(is_clean_path("a/" + std::string(256, 'a')));
  std::string deep = "a";
  while (deep.size() + 2 <= 4095) deep += "/a";
  EXPECT_EQ(deep.size(), 4095u);
  EXPECT_TRUE(is_clean_path(deep + 'a'));
  EXPECT_FALSE(is_clean_path(deep + "/a"));
}

}  // namespace
}  // namespace net
