// SPDX-License-Identifier: MIT
#include "scanner/address_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace scanner {
namespace {

AddressRange range(std::uint32_t first, std::uint32_t last) { return {{first}, {last}}; }

AddressSet set_of(std::initializer_list<AddressRange> ranges) {
  AddressSet set;
  for (const AddressRange& r : ranges) set.add(r);
  return set;
}

TEST(AddressSet, MergesWhatOverlapsOrTouches) {
  EXPECT_EQ(set_of({range(1, 3), range(4, 6)}).ranges(), (std::vector{range(1, 6)}));
  EXPECT_EQ(set_of({range(5, 9), range(1, 2), range(2, 6)}).ranges(), (std::vector{range(1, 9)}));
  EXPECT_EQ(set_of({range(8, 9), range(1, 2)}).ranges(), (std::vector{range(1, 2), range(8, 9)}));
}

TEST(AddressSet, ReachesBothEndsOfTheAddressSpace) {
  AddressSet all = set_of({range(0, 0xffffffff)});
  EXPECT_EQ(all.size(), std::uint64_t{1} << 32);
  all.remove(range(0, 0));
  all.remove(range(0xffffffff, 0xffffffff));
  EXPECT_EQ(all.ranges(), (std::vector{range(1, 0xfffffffe)}));
  all.add(range(0xffffffff, 0xffffffff));
  all.add(range(0, 0));
  EXPECT_EQ(all.ranges().size(), 1U);
  all.remove(range(0, 0xffffffff));
  EXPECT_TRUE(all.empty());
}

// The same operations on a plain set of numbers must agree.
TEST(AddressSet, AgreesWithAPlainSet) {
  constexpr std::uint32_t kSpace = 60;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    std::set<std::uint32_t> model;
    AddressSet set;
    for (int step = 0; step < 20; ++step) {
      const auto first = static_cast<std::uint32_t>(random() % kSpace);
      const auto last = static_cast<std::uint32_t>(first + random() % (kSpace - first));
      const bool adding = random() % 2 == 0;
      adding ? set.add(range(first, last)) : set.remove(range(first, last));
      for (std::uint32_t a = first; a <= last; ++a) adding ? void(model.insert(a)) : void(model.erase(a));
      ASSERT_EQ(set.size(), model.size()) << "seed " << seed;
      for (std::uint32_t a = 0; a < kSpace; ++a) ASSERT_EQ(set.contains({a}), model.contains(a)) << "seed " << seed;
      for (std::size_t i = 1; i < set.ranges().size(); ++i) {
        ASSERT_GT(set.ranges()[i].first.value, set.ranges()[i - 1].last.value + 1) << "seed " << seed;
      }
      const AddressSet part = set.within(range(first, last));
      ASSERT_EQ(part.size(), std::size_t(std::distance(model.lower_bound(first), model.upper_bound(last))));
    }
  }
}

}  // namespace
}  // namespace scanner
