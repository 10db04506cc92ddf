// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/ceilings.h"

#include <gtest/gtest.h>

namespace overtake::bench {
namespace {

const std::vector<CacheLevel> kCaches = {{1, 32 << 10, 1}, {2, 1 << 20, 1}, {3, 32 << 20, 8}};

std::vector<Served> served(double bytes, int workers) { return served_from({.bytes_read = bytes}, workers, kCaches); }

TEST(Ceilings, AWorkingSetThatFitsALevelIsServedByIt) {
  const auto parts = served(512 << 10, 1);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].level, "L2");
  EXPECT_EQ(served(20 << 10, 1)[0].level, "L1");
  EXPECT_EQ(served(1e9, 1)[0].level, "memory");
}

TEST(Ceilings, ALittleMoreThanALevelMayFindThatMuchInIt) {
  const auto parts = served(40 << 20, 1);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].level, "L3");
  EXPECT_EQ(parts[0].bytes, 32 << 20);
  EXPECT_EQ(parts[1].level, "memory");
  EXPECT_EQ(parts[1].bytes, 8 << 20);
}

TEST(Ceilings, PrivateCachesAddUpAndSharedOnesDoNot) {
  EXPECT_EQ(served(60 << 10, 2)[0].level, "L1");
  EXPECT_EQ(served(60 << 10, 1)[0].level, "L1");  // part of it
  EXPECT_EQ(served(60 << 10, 1)[1].level, "L2");
  EXPECT_EQ(served(33 << 20, 8)[1].level, "memory");
}

TEST(Ceilings, WithoutKnownCachesMemoryServesAll) {
  EXPECT_EQ(served_from({.bytes_read = 100}, 1, {})[0].level, "memory");
}

}  // namespace
}  // namespace overtake::bench
