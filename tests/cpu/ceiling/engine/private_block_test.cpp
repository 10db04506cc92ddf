// SPDX-License-Identifier: Apache-2.0
#include "cpu/ceiling/engine/private_block.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace overtake {
namespace {

TEST(PrivateBlock, IsAlignedToAHugePageAndUsableToItsEnd) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{4096}, (std::size_t{2} << 20) + 1}) {
    PrivateBlock block(bytes);
    auto* data = static_cast<unsigned char*>(block.data());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % (2 << 20), 0U);
    data[bytes - 1] = 3;
    PrivateBlock other = std::move(block);
    EXPECT_EQ(static_cast<unsigned char*>(other.data())[bytes - 1], 3);
  }
}

TEST(PrivateBlock, ThrowsWhereThereIsNoRoom) { EXPECT_THROW(PrivateBlock(std::size_t{1} << 50), std::runtime_error); }

}  // namespace
}  // namespace overtake
