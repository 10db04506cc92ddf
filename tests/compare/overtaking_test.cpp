// SPDX-License-Identifier: Apache-2.0
#include "compare/overtaking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

using testing::ElementsAre;

/// Nine processes between `low` and `high`.
Processes spread_over(double low, double high) {
  Processes all;
  for (int p = 0; p < 9; ++p) all.push_back({low + (high - low) * p / 8});
  return all;
}

class Overtaking : public testing::Test {
 protected:
  void add(const std::string& variant, int n, const Processes& seconds) {
    const std::string size = std::to_string(n);
    add_cell(run,
             "matmul/" + variant + "/f32/kernel/m:" + size + "/n:" + size + "/k:" + size +
                 "/workers:" + (variant.starts_with("serial") ? "1" : "2"),
             seconds);
  }
  std::vector<std::string> sentences() {
    cells = measured_cells(run.rows);
    std::vector<const Measured*> pointers;
    for (const Measured& cell : cells) pointers.push_back(&cell);
    series = series_of(pointers);
    const auto families = families_of(series.at(0));
    EXPECT_EQ(families.size(), 1U);
    return overtaking_sentences(families.at(0), "serial");
  }
  ExampleRun run;
  std::vector<Measured> cells;
  std::vector<Series> series;
};

TEST_F(Overtaking, FromASizeOnWhateverTheOrderOfRows) {
  for (const int n : {1024, 64, 256}) add("serial", n, around(1));
  add("openmp", 1024, around(0.55));
  add("openmp", 64, around(1.5));
  add("openmp", 256, around(0.8));
  EXPECT_THAT(sentences(), ElementsAre("Fastest: serial at m=n=k=64; openmp with 2 workers from 256 on.",
                                       "openmp with 2 workers overtakes serial from m=n=k=256 on (1.82x at 1024)."));
}

TEST_F(Overtaking, OnlyAtTheLargestSizeIsNoTrend) {
  for (const int n : {64, 256}) add("serial", n, around(1));
  add("openmp", 64, around(2));
  add("openmp", 256, around(0.5));
  EXPECT_THAT(sentences(),
              ElementsAre("Fastest: serial at m=n=k=64; openmp with 2 workers at 256.",
                          "openmp with 2 workers overtakes serial at m=n=k=256, the largest size measured (2.00x)."));
}

TEST_F(Overtaking, AtEverySize) {
  for (const int n : {64, 256}) {
    add("serial", n, around(1));
    add("openmp", n, around(0.5));
  }
  EXPECT_THAT(
      sentences(),
      ElementsAre("Fastest: openmp with 2 workers at every size measured.",
                  "openmp with 2 workers overtakes serial at every size measured (2.00x at 64, 2.00x at 256)."));
}

TEST_F(Overtaking, NeverIsSaidOfAllThatNeverDo) {
  for (const int n : {64, 256}) {
    add("serial", n, around(1));
    add("serial_naive", n, around(n == 64 ? 9 : 10));
    add("processes", n, around(3));
  }
  EXPECT_THAT(sentences(),
              ElementsAre("Fastest: serial at every size measured.",
                          "serial_naive (at best 0.11x at 64) and processes with 2 workers (at best 0.33x at 64) never "
                          "overtake serial in the sizes measured."));
}

TEST_F(Overtaking, BackAndForthNamesTheSizes) {
  for (const int n : {64, 128, 256}) add("serial", n, around(1));
  add("openmp", 64, around(0.5));
  add("openmp", 128, around(2));
  add("openmp", 256, around(0.25));
  EXPECT_THAT(sentences(), ElementsAre(testing::_,
                                       "openmp with 2 workers overtakes serial only at m=n=k=64 (2.00x) and 256 "
                                       "(4.00x), of 3 sizes."));
}

TEST_F(Overtaking, ADifferenceWithinNoiseIsNoOvertaking) {
  for (const int n : {64, 256}) add("serial", n, spread_over(0.7, 1.3));
  for (const int n : {64, 256}) add("openmp", n, spread_over(0.6, 1.2));
  EXPECT_THAT(sentences(),
              ElementsAre("Fastest: openmp with 2 workers or serial (too close to call) at every size measured.",
                          "openmp with 2 workers does not overtake serial (at best 1.11x at 64); the samples "
                          "do not decide at 64 and 256."));
}

TEST_F(Overtaking, OneSizeIsOneSentence) {
  add("serial", 512, around(1));
  add("openmp", 512, around(0.5));
  add("serial_naive", 512, around(10));
  add("processes", 512, spread_over(0.2, 1.2));
  EXPECT_THAT(
      sentences(),
      ElementsAre("Fastest: openmp with 2 workers or processes with 2 workers (too close to call) at m=n=k=512.",
                  "At m=n=k=512, openmp with 2 workers (2.00x) overtakes serial; serial_naive (0.10x) does not; "
                  "the samples do not decide between serial and processes with 2 workers (1.43x)."));
}

TEST_F(Overtaking, WithoutABaselineOnlyTheFastestIsNamed) {
  add("openmp", 64, around(1));
  EXPECT_THAT(sentences(), ElementsAre());
  add("processes", 64, around(2));
  EXPECT_THAT(sentences(), ElementsAre("Fastest: openmp with 2 workers at m=n=k=64."));
}

TEST_F(Overtaking, NothingMeasuredSaysNothing) {
  add_status(run, "matmul/serial/f32/kernel/m:4/n:4/k:4/workers:1", RowStatus::failed, "no memory");
  EXPECT_THAT(sentences(), ElementsAre());
}

TEST(Series, SizesGrowInFamiliesOfOneDirection) {
  ExampleRun run;
  for (const char* shape : {"m:64/n:64/k:64", "m:4096/n:64/k:4096", "m:128/n:128/k:128", "m:2048/n:64/k:4096"})
    add_cell(run, std::string("matmul/serial/f32/kernel/") + shape + "/workers:1", {{1}});
  const auto cells = measured_cells(run.rows);
  std::vector<const Measured*> pointers;
  for (const Measured& cell : cells) pointers.push_back(&cell);
  const auto series = series_of(pointers);
  ASSERT_EQ(series.size(), 1U);
  const auto families = families_of(series[0]);
  ASSERT_EQ(families.size(), 2U);
  EXPECT_THAT(families[0].short_names, ElementsAre("64", "128"));
  EXPECT_EQ(families[1].fixed, "n=64 k=4096");
  EXPECT_THAT(families[1].names, ElementsAre("m=2048", "m=4096"));
}

}  // namespace
}  // namespace overtake::compare
