// SPDX-License-Identifier: Apache-2.0
#include "compare/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace overtake::compare {
namespace {

TEST(Text, ThreeDigitsAtEverySize) {
  EXPECT_EQ(three_digits(0), "0");
  EXPECT_EQ(three_digits(1), "1.00");
  EXPECT_EQ(three_digits(9.996), "10.0");
  EXPECT_EQ(three_digits(99.96), "100");
  EXPECT_EQ(three_digits(123.4), "123");
  EXPECT_EQ(three_digits(15432), "15400");
  EXPECT_EQ(three_digits(0.012345), "0.0123");
  EXPECT_EQ(three_digits(0.001), "0.00100");
  EXPECT_EQ(three_digits(1.5e9), "1.50e+09");
  EXPECT_EQ(three_digits(std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(Text, DurationsHaveTheUnitThatReadsBest) {
  EXPECT_EQ(duration_text(1.5), "1.50 s");
  EXPECT_EQ(duration_text(0.99996), "1.00 s");
  EXPECT_EQ(duration_text(0.0123), "12.3 ms");
  EXPECT_EQ(duration_text(4.56e-6), "4.56 us");
  EXPECT_EQ(duration_text(7e-10), "0.700 ns");
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(1234), "1230 s");
}

TEST(Text, RatiosKeepTheirDigitsAlsoWhenTiny) {
  EXPECT_EQ(ratio_text(1.0), "1.00");
  EXPECT_EQ(ratio_text(0.1), "0.10");
  EXPECT_EQ(ratio_text(0.00473), "0.0047");
  EXPECT_EQ(ratio_text(12.34), "12.3");
  EXPECT_EQ(ratio_text(0), "0.00");
}

TEST(Text, RatesCountWhatTheWorkloadIsMadeOf) {
  const KeyValues matmul{{"m", "4"}, {"n", "4"}, {"k", "4"}}, table{{"rows", "1000000"}, {"cols", "8"}};
  EXPECT_EQ(rate_text(matmul, 2e9, 1e6, 0.1), "20.0 GFLOP/s");
  EXPECT_EQ(rate_text(table, 2e9, 1e6, 0.1), "10.0 M rows/s");
  EXPECT_EQ(rate_text({{"rows", "10"}}, {}, {}, 1), "10.0 rows/s");
  EXPECT_EQ(rate_text({{"level", "L1"}}, 0.0, 5e9, 0.1), "50.0 GB/s");
  const KeyValues small{{"files", "2000"}, {"bytes", "10000"}}, large{{"files", "20"}, {"bytes", "100000000"}};
  EXPECT_EQ(rate_text(small, {}, 4e7, 0.1), "20.0 k files/s");
  EXPECT_EQ(rate_text(large, {}, 4e9, 4), "500 MB/s") << "of the files, not of what was read and written";
  EXPECT_EQ(rate_text(large, {}, 4e9, 1), "2.00 GB/s");
  EXPECT_EQ(rate_text({{"files", "8"}}, {}, {}, 2), "4.00 files/s") << "a list of one's own";
  EXPECT_EQ(rate_text(matmul, {}, {}, 0.1), "");
  EXPECT_EQ(rate_text(matmul, 1.0, {}, 0), "");
}

TEST(Text, ARowsThatIsNoNumberLeavesTheOtherFigures) {
  EXPECT_EQ(rate_text({{"rows", "many"}}, 1e9, {}, 1), "1.00 GFLOP/s");
}

TEST(Text, EqualExtentsAreSaidOnce) {
  EXPECT_EQ(shape_text({{"m", "64"}, {"n", "64"}, {"k", "64"}}), "m=n=k=64");
  EXPECT_EQ(shape_text({{"m", "64"}, {"n", "32"}, {"k", "64"}}), "m=64 n=32 k=64");
  EXPECT_EQ(shape_text({{"level", "L1"}}), "level=L1");
  EXPECT_EQ(shape_text({}), "");
}

TEST(Text, ListsReadAsSentences) {
  EXPECT_EQ(list_text({}), "");
  EXPECT_EQ(list_text({"a"}), "a");
  EXPECT_EQ(list_text({"a", "b"}), "a and b");
  EXPECT_EQ(list_text({"a", "b", "c"}, "or"), "a, b or c");
  EXPECT_EQ(count_text(1, "worker"), "1 worker");
  EXPECT_EQ(count_text(0, "worker"), "0 workers");
}

TEST(Text, NothingSteersATerminal) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a?[31mb");
  EXPECT_EQ(printable("a\nb\tc\x7f"), "a?b?c?");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "??31m");  // CSI as one C1 character
  EXPECT_EQ(printable("\xe2\x80\xae"
                      "abc"),
            "???abc");  // right-to-left override
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("grün …"), "grün …");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
  EXPECT_EQ(printable("abc", 3), "abc");
}

TEST(Text, WidthCountsCharactersNotBytes) { EXPECT_EQ(display_width("grün …"), 6U); }

}  // namespace
}  // namespace overtake::compare
