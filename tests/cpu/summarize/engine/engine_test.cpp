// SPDX-License-Identifier: Apache-2.0
// What the fast variants of summarize share: figures of tables against those that pandas 3.1.1 and numpy 2.4.6 give,
// and against the reference on every vector instruction set of this CPU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "core/memory/large_array.h"
#include "core/memory/mapped_file.h"
#include "core/registry/variant.h"
#include "cpu/read_csv/engine/read.h"
#include "cpu/summarize/engine/correlation.h"
#include "cpu/summarize/engine/summarizer.h"
#include "tests/highway_targets.h"
#include "tests/support/files.h"

namespace overtake {
namespace {

using testing::ElementsAre;
using Data = TypedData<Summarize, float>;

void summarize(Data& data, int shares = 1) {
  data.poison();
  Summarizer(data.problem, data.inputs[0].table, data.output, shares_of(data.problem.rows, shares))
      .run(Summarizer::one_by_one);
}

// A text as the table of `overtake do summarize`, summarised.
struct Summary {
  explicit Summary(std::string_view text, int shares = 1)
      : Summary(read_csv<float>(text, "t.csv", 1, team_of_one()), shares) {}
  Summary(const Table& table, int shares) : data({TableShape::of(table)}, {.table = &table}, {}) {
    summarize(data, shares);
  }
  const Summarize::Figures& column(std::size_t j) const { return output.columns[j]; }

  Data data;
  const Summarize::Answer& output = data.output;
};

TEST(SummarizeEngine, GivesTheFiguresOfPandasOnASmallTable) {
  // pandas: describe(), corr(), groupby("k").mean(); numpy.histogram of x without its missing value.
  const Summary s("x,y,k\n1,2,b\n2,,a\n4,5,b\n,7,\n10,1,a\n");
  ASSERT_EQ(s.output.columns.size(), 2U);
  const Summarize::Figures& x = s.column(0);
  EXPECT_EQ(x.count, 4);
  EXPECT_EQ(x.missing, 1);
  EXPECT_DOUBLE_EQ(x.mean, 4.25);
  EXPECT_DOUBLE_EQ(x.deviation, 4.031128874149275);
  EXPECT_EQ(x.min, 1);
  EXPECT_THAT(x.quartiles, ElementsAre(1.75, 3, 5.5));
  EXPECT_EQ(x.max, 10);
  EXPECT_THAT(x.histogram, ElementsAre(1, 1, 0, 1, 0, 0, 0, 0, 0, 1));
  EXPECT_NEAR(s.output.correlation(0, 1), -0.4193139346887673, 1e-15);
  EXPECT_EQ(s.output.correlation(0, 1), s.output.correlation(1, 0));
  EXPECT_DOUBLE_EQ(s.output.correlation(0, 0), 1);
  EXPECT_THAT(s.output.group_rows, ElementsAre(2, 2));
  const View<double>& means = s.output.group_means;
  EXPECT_EQ(means(0, 0), 6);
  EXPECT_EQ(means(0, 1), 1);
  EXPECT_EQ(means(1, 0), 2.5);
  EXPECT_EQ(means(1, 1), 3.5);
}

// float(0.7) is less than the edge 0.7000000000000001, which rounds to it.
TEST(SummarizeEngine, ComparesWithEdgesAsFloat64) {
  EXPECT_THAT(Summary("x\n0\n0.7\n1\n").column(0).histogram, ElementsAre(1, 0, 0, 0, 0, 0, 1, 0, 0, 1));
}

TEST(SummarizeEngine, SaysNothingWhereThereIsNothingToSay) {
  const Summary s("none,one,same,huge\n,5,7,inf\n,,7,1\n");
  EXPECT_EQ(s.column(0).count, 0);
  EXPECT_TRUE(std::isnan(s.column(0).mean) && std::isnan(s.column(0).quartiles[1]) && std::isnan(s.column(0).max));
  EXPECT_EQ(s.column(1).mean, 5);
  EXPECT_EQ(s.column(1).quartiles[1], 5);
  EXPECT_TRUE(std::isnan(s.column(1).deviation));
  EXPECT_EQ(s.column(2).deviation, 0);
  EXPECT_THAT(s.column(2).histogram, ElementsAre(0, 0, 0, 0, 0, 2, 0, 0, 0, 0));
  EXPECT_TRUE(std::isinf(s.column(3).mean));
  EXPECT_TRUE(std::isnan(s.column(3).deviation));
  for (std::int64_t i = 0; i < s.output.correlation.size(); ++i) EXPECT_TRUE(std::isnan(s.output.correlation.data[i]));
}

TEST(SummarizeEngine, DependsOnTheNumberOfWorkersInTheLastDigitsOnlyAndElseOnNothing) {
  const MappedFile file{test_file(OVERTAKE_TEST_DATA "/penguins.csv")};
  const Summary one(file.text(), 1), three(file.text(), 3), again(file.text(), 3);
  ASSERT_EQ(one.output.columns.size(), 4U);
  const auto near = [](double a, double b) { EXPECT_NEAR(a, b, 1e-13 * std::abs(b)); };
  for (std::size_t j = 0; j < 4; ++j) {
    near(three.column(j).mean, one.column(j).mean);
    near(three.column(j).deviation, one.column(j).deviation);
    EXPECT_EQ(three.column(j).mean, again.column(j).mean);
    EXPECT_EQ(three.column(j).deviation, again.column(j).deviation);
    EXPECT_EQ(three.column(j).quartiles, one.column(j).quartiles);
    EXPECT_EQ(three.column(j).histogram, one.column(j).histogram);
  }
  for (std::int64_t i = 0; i < one.output.correlation.size(); ++i) {
    near(three.output.correlation.data[i], one.output.correlation.data[i]);
    EXPECT_EQ(three.output.correlation.data[i], again.output.correlation.data[i]);
  }
  // body_mass_g by pandas: mean 4201.754386, std 801.954536, quartiles 3550, 4050, 4750.
  EXPECT_NEAR(one.column(3).mean, 4201.754386, 1e-6);
  EXPECT_NEAR(one.column(3).deviation, 801.954536, 1e-6);
  EXPECT_THAT(one.column(3).quartiles, ElementsAre(3550, 4050, 4750));
}

TEST(SummarizeEngine, AgreesWithReferenceOnEveryInstructionSet) {
  for (const char* shape : {"rows=1;cols=3", "rows=17;cols=9", "rows=131;cols=22;categorical=2;levels=5",
                            "rows=4099;cols=9", "rows=33001;cols=3"}) {
    Data data(Summarize::Problem::from(KeyValues::parse(shape), {}), {}, {});
    for_each_highway_target([&] {
      for (const int shares : {1, 3}) {
        summarize(data, shares);
        const Check check = data.check(0);
        ASSERT_TRUE(check.ok) << shape << " shares " << shares << ": " << check.detail;
      }
    });
  }
}

// Sums about one point for all pairs lose everything here, and say so.
TEST(SummarizeEngine, NoticesWhereCancellationTookTooManyDigits) {
  EXPECT_FALSE(correlation_of({.rows = 3, .a = 3e6, .b = 0, .aa = 3e12 + 2, .bb = 2, .ab = 1}));
  EXPECT_EQ(correlation_of({.rows = 4, .a = 2, .b = 2, .aa = 5, .bb = 5, .ab = 1}), 0);
  EXPECT_TRUE(std::isnan(correlation_of({.rows = 1, .a = 1, .b = 1, .aa = 1, .bb = 1, .ab = 1}).value()));
  EXPECT_TRUE(std::isnan(correlation_of({.rows = 4, .a = 0, .b = 2, .aa = 0, .bb = 5, .ab = 0}).value()));
  // Constant over the pair's rows.
  EXPECT_FALSE(correlation_of({.rows = 3, .a = 0.3, .b = 0, .aa = 0.03, .bb = 2, .ab = 0}));
  const float a[] = {0.1f, 0.1f, 0.1f, 5}, b[] = {1, 2, 3, std::nanf("")};
  EXPECT_TRUE(std::isnan(correlation_about_means(a, b, 4)));
}

// 400 MB: only with OVERTAKE_LONG_TESTS=1.
TEST(SummarizeEngine, KeepsSixDigitsOfAHundredMillionRows) {
  if (std::getenv("OVERTAKE_LONG_TESTS") == nullptr) GTEST_SKIP() << "OVERTAKE_LONG_TESTS is not set";
  constexpr std::int64_t kRows = 100'000'000;
  LargeArray<float> values(kRows, kRows);
  const RandomStream random({.value = 7}, 0);
  long double sum = 0, squares = 0;
  for (std::int64_t i = 0; i < kRows; ++i) {
    // An offset of ten thousand deviations.
    const float x = 10000.0f + random.symmetric<float>(static_cast<std::uint64_t>(i));
    values[static_cast<std::size_t>(i)] = x;
    sum += static_cast<long double>(x) - 10000;
    squares += (static_cast<long double>(x) - 10000) * (static_cast<long double>(x) - 10000);
  }
  const double mean = static_cast<double>(10000 + sum / kRows);
  const double deviation = static_cast<double>(std::sqrt((squares - sum * sum / kRows) / (kRows - 1)));
  Summarize::Problem problem{{.rows = kRows, .cols = 1}};
  problem.part = Summarize::Part::moments;
  TableView<float> table;
  table.numeric = {values.data(), 1, kRows, kRows};
  for (const int shares : {1, 2}) {
    Summarize::Figures figures = Summarize::no_figures();
    Summarizer(problem, table, {.columns = {&figures, 1}}, shares_of(kRows, shares)).run(Summarizer::one_by_one);
    EXPECT_EQ(figures.count, kRows);
    EXPECT_NEAR(figures.mean, mean, 1e-6 * mean);
    EXPECT_NEAR(figures.deviation, deviation, 1e-6 * deviation);
    std::cout << shares << " share(s): mean off by " << std::abs(figures.mean / mean - 1) << ", deviation by "
              << std::abs(figures.deviation / deviation - 1) << '\n';
  }
}

}  // namespace
}  // namespace overtake
