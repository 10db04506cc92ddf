// SPDX-License-Identifier: Apache-2.0
#include "core/memory/arena.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace overtake {
namespace {

TEST(Arena, BlocksAreZeroedAlignedAndKeepTheirAddress) {
  Arena arena;
  const auto first = arena.allocate<float>(3);
  const auto second = arena.allocate<double>(1'000'000);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first.data()) % Arena::kAlignment, 0U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(second.data()) % Arena::kAlignment, 0U);
  EXPECT_EQ(first[2], 0.0F);
  EXPECT_EQ(second[999'999], 0.0);
  first[0] = 7;
  Arena moved = std::move(arena);
  moved.allocate<double>(3'000'000)[0] = 1;
  EXPECT_EQ(first[0], 7.0F);
}

TEST(Arena, AttachingWithTheSameCallsSeesTheSameBlocks) {
  Arena arena;
  arena.allocate<float>(3)[1] = 5;
  arena.allocate<double>(100)[99] = 6;
  arena.seal();
  Arena other = Arena::attach(dup(arena.fd()));
  EXPECT_EQ(other.allocate<float>(3)[1], 5.0F);
  const auto block = other.allocate<double>(100);
  EXPECT_EQ(block[99], 6.0);
  block[0] = 8;
  EXPECT_EQ(Arena::find(block.data(), 800)->fd, other.fd());
}

TEST(Arena, FindsOnlyWhatItHolds) {
  Arena arena;
  const auto block = arena.allocate<float>(1000);
  const auto place = Arena::find(block.data() + 10, 40);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->fd, arena.fd());
  EXPECT_EQ(place->offset, 40U);
  EXPECT_FALSE(Arena::find(block.data() + 10, 1 << 20));
  int local = 0;
  EXPECT_FALSE(Arena::find(&local, sizeof local));
}

TEST(Arena, SealedOrHugeRequestsAreRefusedWithTheSize) {
  Arena arena;
  EXPECT_THROW(arena.allocate<double>(std::size_t{1} << 60), std::runtime_error);
  EXPECT_THROW(arena.allocate<char>(std::size_t{1} << 46), std::runtime_error);
  arena.allocate<char>(100);
  arena.seal();
  EXPECT_NE(ftruncate(arena.fd(), 0), 0);
  EXPECT_THROW(arena.allocate<char>(1 << 20), std::runtime_error);
}

}  // namespace
}  // namespace overtake
