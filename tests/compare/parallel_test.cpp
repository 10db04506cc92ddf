// SPDX-License-Identifier: Apache-2.0
#include "compare/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace overtake::compare {
namespace {

TEST(ForEachIndex, CallsEachOnce) {
  for (const std::size_t count : {0, 1, 2, 3, 17, 1000, 4099}) {
    std::vector<std::atomic<int>> calls(count);
    for_each_index(count, [&](std::size_t i) { ++calls.at(i); });
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(calls[i], 1) << i << " of " << count;
  }
}

TEST(ForEachIndex, ThrowsTheFirstErrorAfterAllWereCalled) {
  std::atomic<int> calls = 0;
  try {
    for_each_index(100, [&](std::size_t i) {
      ++calls;
      if (i % 7 == 3) throw std::runtime_error(std::to_string(i));
    });
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "3");
  }
  EXPECT_EQ(calls, 100);
}

}  // namespace
}  // namespace overtake::compare
