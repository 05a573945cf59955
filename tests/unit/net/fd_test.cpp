// SPDX-License-Identifier: MIT
#include "net/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

namespace net {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
int open_null() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(Fd, ClosesWhatItOwnsOnce) {
  int raw = open_null();
  ASSERT_GE(raw, 0);
  {
    Fd fd(raw);
    EXPECT_TRUE(fd);
    Fd moved = std::move(fd);
    EXPECT_FALSE(fd);  // NOLINT(bugprone-use-after-move): that is what is tested.
    EXPECT_EQ(moved.get(), raw);
    EXPECT_TRUE(is_open(raw));
  }
  EXPECT_FALSE(is_open(raw));
}

TEST(Fd, AssigningClosesTheOldOne) {
  int first = open_null(), second = open_null();
  Fd a(first);
  a = Fd(second);
  EXPECT_FALSE(is_open(first));
  EXPECT_TRUE(is_open(second));
  Fd& self = a;
  a = std::move(self);
  EXPECT_TRUE(is_open(second));
  a.reset();
  EXPECT_FALSE(is_open(second));
}

TEST(Fd, GivesUpWhatIsReleased) {
  int raw = open_null();
  { EXPECT_EQ(Fd(raw).release(), raw); }
  EXPECT_TRUE(is_open(raw));
  Fd again(raw);
  EXPECT_EQ(Fd().get(), -1);
}

}  // namespace
}  // namespace net
