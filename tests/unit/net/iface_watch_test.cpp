// SPDX-License-Identifier: MIT
#include "net/iface_watch.h"

#include <gtest/gtest.h>

namespace net {
namespace {

/// That it tells of changes is seen in network namespaces (tests/system/announce_interfaces.sh).
TEST(InterfaceWatch, IsSilentWhileNothingChanges) {
  int told = 0;
  InterfaceWatch watch([&](TimePoint) { ++told; });
  ASSERT_TRUE(watch.available());
  EXPECT_TRUE(watch.wants_read());
  EXPECT_FALSE(watch.wants_write());
  SelectLoop loop;
  loop.add(watch);
  loop.wait(Clock::now());
  loop.remove(watch);
  EXPECT_LE(told, 1);
}

}  // namespace
}  // namespace net
