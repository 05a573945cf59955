// SPDX-License-Identifier: MIT
#include "net/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace net {
namespace {

enum class Error { kTruncated, kTooLong };

TEST(Result, HoldsAValueOrAnError) {
  Result<std::string, Error> good = std::string("abc");
  Result<std::string, Error> bad = Failure{Error::kTooLong};
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(*good, "abc");
  EXPECT_EQ(good->size(), 3u);
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error(), Error::kTooLong);
}

TEST(Result, GivesUpAMoveOnlyValue) {
  Result<std::unique_ptr<int>, Error> result = std::make_unique<int>(7);
  std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, OfNothingIsSuccessUnlessItFailed) {
  EXPECT_TRUE((Result<void, Error>{}.ok()));
  Result<void, Error> bad = Failure{Error::kTruncated};
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error(), Error::kTruncated);
}

TEST(Result, ReadingTheOtherSideAborts) {
  Result<int, Error> good = 1;
  Result<int, Error> bad = Failure{Error::kTruncated};
  Result<void, Error> nothing;
  EXPECT_DEATH(static_cast<void>(good.error()), "check failed");
  EXPECT_DEATH(static_cast<void>(bad.value()), "check failed");
  EXPECT_DEATH(static_cast<void>(nothing.error()), "check failed");
}

TEST(Check, NamesTheExpressionAndItsPlace) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "result_test.cpp:[0-9]+: check failed: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace net
