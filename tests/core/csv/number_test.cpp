// SPDX-License-Identifier: Apache-2.0
#include "core/csv/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

namespace overtake {
namespace {

TEST(Number, EveryDoubleReadsBackBitForBit) {
  std::mt19937_64 random(20261121);
  for (int i = 0; i < 100000; ++i) {
    const auto value = std::bit_cast<double>(random());
    const auto back = parse_double(format_double(value));
    ASSERT_TRUE(back) << format_double(value);
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(*back));
    else
      EXPECT_EQ(std::bit_cast<std::uint64_t>(*back), std::bit_cast<std::uint64_t>(value)) << format_double(value);
  }
}

TEST(Number, SpecialValuesHaveTheirWords) {
  constexpr double kInf = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(format_double(kNan), "nan");
  EXPECT_EQ(format_double(-kNan), "nan");
  EXPECT_EQ(format_double(kInf), "inf");
  EXPECT_EQ(format_double(-kInf), "-inf");
  EXPECT_EQ(format_double(-0.0), "-0");
  EXPECT_EQ(format_double(0.1), "0.1");
  EXPECT_EQ(format_double(std::numeric_limits<double>::denorm_min()), "5e-324");
  EXPECT_TRUE(std::isnan(parse_double("NaN").value()));
  EXPECT_EQ(parse_double("inf"), kInf);
  EXPECT_EQ(parse_double("-Infinity"), -kInf);
  EXPECT_TRUE(std::signbit(parse_double("-0").value()));
}

TEST(Number, ParsesWhatIsWrittenInTables) {
  EXPECT_EQ(parse_double("+1.5"), 1.5);
  EXPECT_EQ(parse_double("1e3"), 1000);
  EXPECT_EQ(parse_double("1e-999"), 0);
  EXPECT_EQ(parse_double("2.2250738585072011e-308"), std::strtod("2.2250738585072011e-308", nullptr));
  EXPECT_EQ(parse_float("16777217"), 16777216.0F);  // halfway: to even
  EXPECT_EQ(parse_float("+3.4028235e38"), std::numeric_limits<float>::max());
  // Just above the middle of two floats: by way of double it would become 1.
  EXPECT_EQ(parse_float("1.0000000596046447754"), 1.00000012F);
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_integer("+7"), 7);
}

TEST(Number, RefusesWhatIsNoNumber) {
  for (const char* bad : {"",  " 1", "1 ",   "1,5", "abc", "1x",    "--1",    "+-1",  "++1",   "+",
                          "-", ".",  "0x10", "1e",  "e5",  "1e999", "-1e999", "nano", "1_000", "info"})
    EXPECT_FALSE(parse_double(bad)) << bad << " gave " << *parse_double(bad);
  EXPECT_FALSE(parse_float("1e39"));
  for (const char* bad : {"", "1.0", "1e3", " 1", "9223372036854775808", "0x1", "+", "+-1"})
    EXPECT_FALSE(parse_integer(bad)) << bad;
}

}  // namespace
}  // namespace overtake
