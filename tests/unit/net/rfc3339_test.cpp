// SPDX-License-Identifier: MIT
#include "net/rfc3339.h"

#include <gtest/gtest.h>

#include <limits>

namespace net {
namespace {

TEST(Rfc3339, KnownTimes) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(to_rfc3339(951827696), "2000-02-29T12:34:56Z");
  EXPECT_EQ(to_rfc3339(253402300799), "9999-12-31T23:59:59Z");
  EXPECT_EQ(to_rfc3339(-62167219200), "0000-01-01T00:00:00Z");
}

TEST(Rfc3339, T04TimesThatHaveNoForm) {
  for (auto count : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                     std::int64_t{253402300800}, std::int64_t{-62167219201}})
    EXPECT_FALSE(to_rfc3339(count));
}

TEST(Rfc3339, ReadsWhatIsWritten) {
  for (std::int64_t count = -62167219200; count <= 253402300799; count += 86399 * 1013)
    EXPECT_EQ(from_rfc3339(*to_rfc3339(count)), count);
}

TEST(Rfc3339, RefusesOtherForms) {
  const std::string good = "2000-02-29T12:34:56Z";
  for (std::size_t length = 0; length < good.size(); ++length) EXPECT_FALSE(from_rfc3339(good.substr(0, length)));
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = 'x';
    EXPECT_FALSE(from_rfc3339(bad)) << bad;
  }
  for (const char* text :
       {"2001-02-29T12:34:56Z", "2000-13-01T00:00:00Z", "2000-00-01T00:00:00Z", "2000-01-00T00:00:00Z",
        "2000-01-01T24:00:00Z", "2000-01-01T00:60:00Z", "2000-01-01T00:00:60Z", "2000-01-01T00:00:00ZZ"})
    EXPECT_FALSE(from_rfc3339(text)) << text;
}

TEST(Rfc3339, KnowsEveryForm) {
  for (std::string_view text : {"2024-05-01T12:00:00Z", "2024-12-31T23:59:60Z", "2024-05-01T12:00:00.5Z",
                                "2024-05-01T12:00:00.123456+02:00", "2024-05-01T12:00:00-11:30"}) {
    EXPECT_TRUE(is_rfc3339(text)) << text;
  }
  for (std::string_view text :
       {"", "2024-05-01", "2024-05-01 12:00:00Z", "2024-05-01T12:00:00", "2024-13-01T12:00:00Z", "2024-05-32T12:00:00Z",
        "2024-05-01T24:00:00Z", "2024-05-01T12:60:00Z", "2024-05-01T12:00:61Z", "2024-05-01T12:00:00.Z",
        "2024-05-01T12:00:00+2:00", "2024-05-01T12:00:00+24:00", "2024-05-01T12:00:00Zx", "2024-05-01T12:00:00+02:00x",
        "2024-05-01T12:00:00.00000000000000000000Z", "+024-05-01T12:00:00Z"}) {
    EXPECT_FALSE(is_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace net
