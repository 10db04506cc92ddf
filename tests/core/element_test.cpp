// SPDX-License-Identifier: Apache-2.0
#include "core/element.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "core/random.h"

namespace overtake {
namespace {

constexpr float kHuge = std::numeric_limits<float>::infinity();

float rounded(float x) { return Bf16(x); }

TEST(Bf16, RoundsToNearestTiesToEven) {
  EXPECT_EQ(rounded(1), 1);
  EXPECT_EQ(rounded(-0.0f), 0);
  EXPECT_TRUE(std::signbit(rounded(-0.0f)));
  EXPECT_EQ(rounded(1 + 0x1p-8f), 1);               // a tie: to even, downwards
  EXPECT_EQ(rounded(1 + 0x1.8p-7f), 1 + 0x1p-6f);   // a tie: to even, upwards
  EXPECT_EQ(rounded(1 + 0x1.02p-8f), 1 + 0x1p-7f);  // beyond it
  EXPECT_EQ(rounded(-1 - 0x1.02p-8f), -1 - 0x1p-7f);
  EXPECT_EQ(rounded(std::numeric_limits<float>::max()), kHuge);
  EXPECT_EQ(rounded(0x1p-133f), 0x1p-133f);  // the smallest denormal
}

TEST(Bf16, KeepsInfinitiesAndNaN) {
  EXPECT_EQ(rounded(-kHuge), -kHuge);
  EXPECT_TRUE(std::isnan(rounded(std::bit_cast<float>(0x7f800001u))));  // a NaN whose upper half is infinity's
  EXPECT_TRUE(std::isnan(static_cast<float>(std::numeric_limits<Bf16>::quiet_NaN())));
  EXPECT_EQ(static_cast<float>(std::numeric_limits<Bf16>::infinity()), kHuge);
}

TEST(Bf16, EveryValueComesBack) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    Bf16 x;
    x.bits = static_cast<std::uint16_t>(bits);
    if (!std::isnan(static_cast<float>(x))) {
      ASSERT_EQ(Bf16(static_cast<float>(x)).bits, bits);
    }
  }
}

TEST(Tf32, OperandsAreTheNearestWith11Bits) {
  EXPECT_EQ(operand(Tf32(1 + 0x1p-10f)), 1 + 0x1p-10f);
  EXPECT_EQ(operand(Tf32(1 + 0x1p-11f)), 1 + 0x1p-10f);  // a tie: away from zero
  EXPECT_EQ(operand(Tf32(-1 - 0x1p-11f)), -1 - 0x1p-10f);
  EXPECT_EQ(operand(Tf32(1 + 0x1.fp-12f)), 1);
  EXPECT_EQ(operand(Tf32(kHuge)), kHuge);
  EXPECT_TRUE(std::isnan(operand(Tf32(std::bit_cast<float>(0x7fffffffu)))));
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const float x = RandomStream(Seed{7}, 3).symmetric<float>(i), y = operand(Tf32(x));
    ASSERT_LE(std::abs(x - y), std::abs(x) * 0x1p-11f);
    ASSERT_EQ(std::bit_cast<std::uint32_t>(y) & 0x1fffu, 0u);
  }
}

TEST(RandomStream, GivesElementsOfEveryType) {
  const RandomStream random(Seed{7}, 1);
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(static_cast<float>(random.symmetric<Tf32>(i)), random.symmetric<float>(i));
    EXPECT_EQ(random.symmetric<Bf16>(i).bits, Bf16(random.symmetric<float>(i)).bits);
  }
}

}  // namespace
}  // namespace overtake
