// SPDX-License-Identifier: Apache-2.0
// What the steps mean, against figures worked out elsewhere, and the checker that every variant is held to.
#include "core/workload/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace overtake {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
using Columns = std::vector<std::vector<float>>;
using Codes = std::vector<std::vector<std::int32_t>>;

// A table written by hand, and room for the answer.
struct Case {
  Case(const std::string& steps, const std::string& phase, const Columns& columns, const Codes& codes = {},
       const std::vector<std::int32_t>& levels = {})
      : problem(problem_of(steps, phase, columns, codes, levels)),
        input(problem, input_arena, {}),
        output(problem, input, output_arena) {
    for (std::size_t j = 0; j < columns.size(); ++j)
      std::ranges::copy(columns[j], input.table.numeric.row(static_cast<std::int64_t>(j)));
    for (std::size_t j = 0; j < codes.size(); ++j)
      std::ranges::copy(codes[j], input.table.codes.row(static_cast<std::int64_t>(j)));
    std::ranges::copy(levels, const_cast<std::int32_t*>(input.table.levels.data()));
    Preprocess::fit_reference(problem, input.table, input.given);
    Preprocess::fit_reference(problem, input.table, output.fitted);
  }

  static Preprocess::Problem problem_of(const std::string& steps, const std::string& phase, const Columns& columns,
                                        const Codes& codes, const std::vector<std::int32_t>& levels) {
    KeyValues shape;
    shape.set("rows", static_cast<std::int64_t>(columns.empty() ? codes.at(0).size() : columns[0].size()));
    shape.set("cols", static_cast<std::int64_t>(columns.size() + codes.size()));
    shape.set("categorical", static_cast<std::int64_t>(codes.size()));
    std::int64_t total = 0;
    for (const std::int32_t count : levels) total += count;
    shape.set("levels", total);
    return Preprocess::Problem::from(shape, {{"steps", steps}, {"phase", phase}});
  }

  Check check() { return Preprocess::Checker<float>(input)(output); }

  Preprocess::Problem problem;
  Arena input_arena, output_arena;
  Preprocess::Input<float> input;
  Preprocess::Output<float> output;
};

// The checker takes these rows for right, and no other: each element off by a thousandth is caught.
void expect_only(Case c, const std::vector<std::vector<float>>& rows) {
  ASSERT_EQ(static_cast<std::size_t>(c.output.features.rows), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(static_cast<std::size_t>(c.output.features.cols), rows[i].size());
    std::ranges::copy(rows[i], c.output.features.row(static_cast<std::int64_t>(i)));
  }
  const Check right = c.check();
  EXPECT_TRUE(right.ok) << right.detail;
  EXPECT_EQ(right.detail, "");
  for (std::int64_t at = 0; at < c.output.features.size(); ++at) {
    float& element = c.output.features.data[at];
    const float before = element;
    element = std::isfinite(before) ? before + 1e-3f * std::max(std::abs(before), 1.0f) : 1.0f;
    EXPECT_FALSE(c.check().ok) << "element " << at;
    element = before;
  }
}

// The examples of scikit-learn's reference, version 1.2, classes SimpleImputer, StandardScaler, MinMaxScaler and
// OneHotEncoder: fitted to one table, applied to another.
TEST(Preprocess, GivesTheFiguresOfScikitLearnsImputerExample) {
  Case fitted("impute_mean", "fit", {{7, 4, 10}, {2, kNaN, 5}, {3, 6, 9}});
  Case applied("impute_mean", "apply", {{kNaN, 4, 10}, {2, kNaN, kNaN}, {3, 6, 9}});
  std::ranges::copy_n(fitted.output.fitted.parameters.data, 6, applied.input.given.parameters.data);
  expect_only(std::move(applied), {{7, 2, 3}, {4, 3.5f, 6}, {10, 3.5f, 9}});
}

TEST(Preprocess, GivesTheFiguresOfScikitLearnsScalerExamples) {
  Case standard("standardise", "both", {{0, 0, 1, 1}, {0, 0, 1, 1}});
  EXPECT_EQ(standard.output.fitted.a(0, 1), 0.5);
  EXPECT_EQ(standard.output.fitted.b(0, 1), 0.5);
  Case new_row("standardise", "apply", {{2}, {2}});
  std::ranges::copy_n(standard.output.fitted.parameters.data, 4, new_row.input.given.parameters.data);
  expect_only(std::move(new_row), {{3, 3}});
  expect_only(std::move(standard), {{-1, -1}, {-1, -1}, {1, 1}, {1, 1}});

  Case range("min_max", "both", {{-1, -0.5f, 0, 1}, {2, 6, 10, 18}});
  Case outside("min_max", "apply", {{2}, {2}});
  std::ranges::copy_n(range.output.fitted.parameters.data, 4, outside.input.given.parameters.data);
  expect_only(std::move(outside), {{1.5f, 0}});
  expect_only(std::move(range), {{0, 0}, {0.25f, 0.25f}, {0.5f, 0.5f}, {1, 1}});
}

TEST(Preprocess, GivesTheFiguresOfScikitLearnsEncoderExample) {
  // Categories Female, Male and 1, 2, 3; then the rows (Female, 1) and (Male, 4).
  Case fitted("one_hot", "fit", {}, {{1, 0, 0}, {0, 2, 1}}, {2, 3});
  EXPECT_THAT(std::vector(fitted.output.fitted.seen.begin(), fitted.output.fitted.seen.end()), testing::Each(1));
  Case applied("one_hot", "apply", {}, {{0, 1}, {0, 3}}, {2, 3});
  std::ranges::copy(fitted.output.fitted.seen, applied.input.given.seen.begin());
  expect_only(std::move(applied), {{1, 0, 1, 0, 0}, {0, 1, 0, 0, 0}});
}

TEST(Preprocess, MakesUnseenAndMissingCategoriesAllZeros) {
  Case c("one_hot", "apply", {}, {{0, 1, 2, -1, 7}}, {3});
  c.input.given.seen[1] = 0;
  expect_only(std::move(c), {{1, 0, 0}, {0, 0, 0}, {0, 0, 1}, {0, 0, 0}, {0, 0, 0}});
}

TEST(Preprocess, LeavesCategoricalColumnsOutWithoutOneHot) {
  expect_only(Case("clip:-1:2", "both", {{-3, 1, 5}}, {{0, 1, 0}}, {2}), {{-1}, {1}, {2}});
}

TEST(Preprocess, AppliesStepsInTheirOrder) {
  // ln(1 + 0), ln(1 + e - 1) = 1, ln(1 + e^2 - 1) = 2; then mean 1 and deviation sqrt(2/3).
  const float e = static_cast<float>(std::exp(1.0)), half = static_cast<float>(std::sqrt(1.5));
  expect_only(Case("log1p+standardise", "both", {{0, e - 1, static_cast<float>(std::exp(2.0)) - 1}}),
              {{-half}, {0}, {half}});
  // By hand: mean of 1, 3, 8 is 4; clipped to 5: 1, 3, 4, 5; range 4.
  expect_only(Case("impute_mean+clip:-inf:5+min_max", "both", {{1, 3, kNaN, 8}}), {{0}, {0.5f}, {0.75f}, {1}});
  // The scaler first: mean 4, deviation sqrt((9 + 1 + 16) / 3); then a constant in its units.
  const float s = static_cast<float>(std::sqrt(26.0 / 3));
  expect_only(Case("standardise+impute_constant:-2", "both", {{1, 3, kNaN, 8}}), {{-3 / s}, {-1 / s}, {-2}, {4 / s}});
}

TEST(Preprocess, KeepsMissingValuesWithoutAnImputer) {
  expect_only(Case("standardise", "both", {{kNaN, 1, 3}}), {{kNaN}, {-1}, {1}});
  expect_only(Case("min_max+clip:0.25:1+log1p", "both", {{2, kNaN, 4}}),
              {{std::log1p(0.25f)}, {kNaN}, {std::log1p(1.0f)}});
}

TEST(Preprocess, TakesLogarithmsOfWhatHasNoneForMissing) {
  expect_only(Case("log1p", "both", {{-1, -2, -kInf, kInf}}), {{-kInf}, {kNaN}, {kNaN}, {kInf}});
  // -3 becomes NaN, which the imputer then fills with the mean of ln 1 and ln 1.
  expect_only(Case("log1p+impute_mean+standardise", "both", {{-3, 0, 0}}), {{0}, {0}, {0}});
}

TEST(Preprocess, DecidesColumnsWithoutAnyValue) {
  const Columns missing = {{kNaN, kNaN}};
  expect_only(Case("impute_mean", "both", missing), {{0}, {0}});
  expect_only(Case("impute_mean+standardise", "both", missing), {{0}, {0}});
  expect_only(Case("impute_mean+min_max", "both", missing), {{0}, {0}});
  expect_only(Case("impute_constant:7", "both", missing), {{7}, {7}});
  expect_only(Case("standardise", "both", missing), {{kNaN}, {kNaN}});
  expect_only(Case("min_max+impute_mean", "both", missing), {{0}, {0}});
}

TEST(Preprocess, MakesConstantColumnsZero) {
  // A sum of many tenths is off by rounding, which may not count as a deviation.
  const std::vector<float> tenths(1001, 0.1f);
  const std::vector<std::vector<float>> zeros(1001, {0.0f});
  expect_only(Case("impute_mean+standardise", "both", {tenths}), zeros);
  expect_only(Case("min_max", "both", {tenths}), zeros);
  expect_only(Case("impute_mean+standardise", "both", {{5, kNaN, 5}}), {{0}, {0}, {0}});
  expect_only(Case("impute_constant:0.1+standardise", "both", {{0.1f, kNaN}}), {{0}, {0}});
}

TEST(Preprocess, TreatsInfinityAsANumber) {
  expect_only(Case("impute_mean", "both", {{1, kNaN, kInf}}), {{1}, {kInf}, {kInf}});
  expect_only(Case("impute_mean", "both", {{-kInf, kNaN, kInf}}), {{-kInf}, {kNaN}, {kInf}});
  expect_only(Case("impute_mean+standardise", "both", {{1, kNaN, kInf}}), {{kNaN}, {kNaN}, {kNaN}});
  expect_only(Case("min_max", "both", {{1, 2, kInf}}), {{0}, {0}, {kNaN}});
  expect_only(Case("clip:-2:3+min_max", "both", {{-kInf, 3, kInf}}), {{0}, {1}, {1}});
}

TEST(Preprocess, KeepsEveryDigitOfAColumnWithALargeOffset) {
  // The mean, 16777217, is no float32: rounded to one, it would give -2 and 0 or 0 and 2.
  expect_only(Case("standardise", "both", {{16777216, 16777218}}), {{-1}, {1}});
}

TEST(Preprocess, NeedsNoRows) {
  expect_only(Case("impute_mean+standardise+min_max+log1p+one_hot", "both", {{}}, {{}}, {3}), {});
  EXPECT_EQ(Case("impute_mean", "fit", {{}}).output.fitted.a(0, 0), 0);
  EXPECT_TRUE(std::isnan(Case("standardise", "fit", {{}}).output.fitted.b(0, 0)));
}

TEST(Preprocess, SaysWhereARoundingErrorDecides) {
  Case c("standardise+log1p", "apply", {{-1, 2}});
  c.input.given.a(0, 0) = 0;
  c.input.given.b(0, 0) = 1;
  c.output.features(0, 0) = -30;
  c.output.features(1, 0) = std::log1p(2.0f);
  EXPECT_TRUE(c.check().ok);
  EXPECT_THAT(c.check().detail, HasSubstr("1 values were not checked"));
}

TEST(Preprocess, CatchesEveryWrongParameter) {
  Case c("impute_mean+clip:-1:9+standardise+log1p+min_max+one_hot", "fit", {{1, 2, 4, kNaN}, {4, 8, 6, 5}},
         {{0, 1, 1, 2}}, {4});
  ASSERT_TRUE(c.check().ok) << c.check().detail;
  for (std::int64_t at = 0; at < c.output.fitted.parameters.size(); ++at) {
    double& parameter = c.output.fitted.parameters.data[at];
    const double before = parameter;
    for (const double wrong : {before + 1e-3 * std::max(std::abs(before), 1.0), std::nan(""), before + 2}) {
      parameter = wrong;
      EXPECT_FALSE(c.check().ok) << at << ' ' << wrong;
    }
    parameter = before;
  }
  for (std::int32_t& seen : c.output.fitted.seen) {
    seen ^= 1;
    EXPECT_FALSE(c.check().ok);
    seen ^= 1;
  }
  c.output.poison();
  EXPECT_FALSE(c.check().ok);
}

TEST(Preprocess, CatchesEveryFaultInEveryPhase) {
  for (const char* phase : {"fit", "apply", "both"}) {
    for (const auto& fault : Preprocess::faults<float>()) {
      Case c("impute_mean+standardise+one_hot", phase, {{1, 2, 4, kNaN}, {0, 8, 3, 5}}, {{0, 1, 1, 2}}, {4});
      // Means 7/3 and 4: worked out by hand.
      const double a = std::sqrt((16.0 / 9 + 1.0 / 9 + 25.0 / 9) / 4), b = std::sqrt((16.0 + 16 + 1 + 1) / 4);
      const double first[] = {(1 - 7.0 / 3) / a, (2 - 7.0 / 3) / a, (4 - 7.0 / 3) / a, 0};
      const double second[] = {-4 / b, 4 / b, -1 / b, 1 / b};
      const int code[] = {0, 1, 1, 2};
      for (std::int64_t i = 0; i < c.output.features.rows; ++i) {
        c.output.features(i, 0) = static_cast<float>(first[i]);
        c.output.features(i, 1) = static_cast<float>(second[i]);
        c.output.features(i, 2 + code[i]) = 1;
      }
      ASSERT_TRUE(c.check().ok) << phase << c.check().detail;
      fault.plant(c.input, c.output);
      EXPECT_FALSE(c.check().ok) << phase << ' ' << fault.name;
    }
  }
}

TEST(Preprocess, ReadsSizesAndShapes) {
  EXPECT_EQ(Preprocess::parse_size("1000000x8").to_string(), "rows=1000000;cols=8;categorical=2;levels=32");
  EXPECT_EQ(Preprocess::parse_size("0x3").to_string(), "rows=0;cols=3;categorical=0;levels=0");
  EXPECT_EQ(Preprocess::parse_size("7").to_string(), "rows=7;cols=8;categorical=2;levels=32");
  for (const char* bad : {"", "0x", "x8", "-1x8", "10x8x2", "1e6x8", "10 x8", "4294967297x8", "10x65537"})
    EXPECT_THAT([&] { Preprocess::parse_size(bad); }, ThrowsMessage<UsageError>(HasSubstr("ROWSxCOLUMNS"))) << bad;
  EXPECT_EQ(Preprocess::Problem::from({{"rows", "5"}, {"cols", "8"}}, {}).shrunk(10).shape().integer("rows"), 1);
  EXPECT_THAT([] { Preprocess::Problem::from({{"rows", "5"}, {"cols", "8"}, {"categorical", "9"}}, {}); },
              ThrowsMessage<UsageError>(HasSubstr("categorical from 0 to cols")));
  EXPECT_THAT([] { Preprocess::Problem::from({{"rows", "5"}, {"cols", "8"}}, {{"phase", "fitt"}}); },
              ThrowsMessage<UsageError>(HasSubstr("'fitt'")));
}

TEST(Preprocess, CountsEachByteOnce) {
  const auto cost = [](const KeyValues& params) {
    return Preprocess::cost(Preprocess::Problem::from({{"rows", "100"}, {"cols", "8"}}, params), Dtype::f32);
  };
  EXPECT_EQ(cost({{"phase", "fit"}}).bytes_read, 2400);
  EXPECT_EQ(cost({{"phase", "fit"}}).bytes_written, 0);
  EXPECT_EQ(cost({{"phase", "apply"}}).bytes_read, 3200);
  EXPECT_EQ(cost({{"phase", "apply"}}).bytes_written, 100 * 38 * 4);
  EXPECT_EQ(cost({}).bytes(), 5600 + 100 * 38 * 4);
  EXPECT_EQ(cost({{"steps", "log1p"}}).bytes(), 2 * 2400);
  EXPECT_EQ(cost({}).items, 100);
  EXPECT_EQ(cost({}).fma, Dtype::none);
}

TEST(Preprocess, GeneratesMissingValuesCategoriesAndLargeOffsets) {
  Arena arena;
  const auto problem = Preprocess::Problem::from({{"rows", "20000"}, {"cols", "8"}}, {});
  const Preprocess::Input<float> input(problem, arena, {});
  for (std::int64_t j = 0; j < 6; ++j) {
    const auto missing = std::count_if(input.table.numeric.row(j), input.table.numeric.row(j) + 20000,
                                       [](float x) { return std::isnan(x); });
    EXPECT_NEAR(static_cast<double>(missing), 1000, 150) << j;
  }
  // 10000 plus a sum of four uniform numbers of deviation sqrt(1/12).
  Arena fitted_arena;
  const Preprocess::Output<float> output(problem, input, fitted_arena);
  Preprocess::fit_reference(problem, input.table, output.fitted);
  EXPECT_NEAR(output.fitted.a(0, 1), 10000, 0.02);
  EXPECT_NEAR(output.fitted.b(1, 1), std::sqrt(0.95 / 3), 0.01);
  for (std::int64_t j = 0; j < 2; ++j) {
    std::vector<int> count(17);
    for (std::int64_t i = 0; i < 20000; ++i) ++count.at(static_cast<std::size_t>(input.table.codes(j, i) + 1));
    EXPECT_NEAR(count[0], 1000, 150);
    EXPECT_NEAR(count[1], 19000 * 0.25, 300);  // u^2 < 1/16
    EXPECT_NEAR(count[16], 19000 * (1 - std::sqrt(15.0 / 16)), 150);
  }
  // The first values of seed 42: the same on every machine.
  EXPECT_EQ(input.table.codes(0, 0), 10);
  EXPECT_EQ(input.table.numeric(1, 0), 9999.2354f);
}

}  // namespace
}  // namespace overtake
