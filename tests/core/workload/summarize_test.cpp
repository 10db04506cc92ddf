// SPDX-License-Identifier: Apache-2.0
// What summarize takes, and that its checker refuses what float32 sums and careless formulas give.
#include "core/workload/summarize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/error.h"
#include "core/registry/variant.h"

namespace overtake {
namespace {

using testing::Eq;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;
using Data = TypedData<Summarize, float>;

Summarize::Problem problem_of(const std::string& shape, const std::string& part) {
  return Summarize::Problem::from(KeyValues::parse(shape), {{"part", part}});
}

TEST(Summarize, TakesSizesAndPartsAndNamesThemWhereTheyAreWrong) {
  EXPECT_EQ(Summarize::parse_size("1000x8+1").to_string(), "rows=1000;cols=9;categorical=1;levels=16");
  EXPECT_THAT([] { Summarize::parse_size("1000x"); }, ThrowsMessage<UsageError>(HasSubstr("summarize takes ROWS")));
  EXPECT_THAT([] { problem_of("rows=1;cols=1", "median"); },
              ThrowsMessage<UsageError>(HasSubstr("all, moments, describe, corr and groups")));
}

TEST(Summarize, ReadsColumnsOnceOrTwice) {
  const auto bytes = [](const char* part) {
    return Summarize::cost(problem_of("rows=1000;cols=9;categorical=1", part), Dtype::f32).bytes_read;
  };
  EXPECT_EQ(bytes("moments"), 32000);
  EXPECT_EQ(bytes("describe"), 64000);
  EXPECT_EQ(bytes("corr"), 32000);
  EXPECT_EQ(bytes("groups"), 36000);
  EXPECT_EQ(bytes("all"), 68000);
}

// numpy.linspace(0.5, 2, 11) and (6.5, 7.5, 11).
TEST(Summarize, HasTheBinsOfNumpy) {
  EXPECT_THAT(Summarize::bin_edges(0.5, 2),
              Pointwise(Eq(), {0.5, 0.65, 0.8, 0.95, 1.1, 1.25, 1.4, 1.55, 1.7, 1.8499999999999999, 2.0}));
  EXPECT_EQ(Summarize::bin_edges(7, 7).front(), 6.5);
  EXPECT_EQ(Summarize::bin_edges(7, 7).back(), 7.5);
}

// Right but for what `wrong` does to the figures of the second column, which has an offset of 10000 deviations.
bool accepts(Data& data, const std::function<void(Summarize::Figures&)>& wrong) {
  const View<float>& numeric = data.inputs[0].table.numeric;
  for (std::int64_t j = 0; j < numeric.rows; ++j) {
    Summarize::Figures& f = data.output.columns[static_cast<std::size_t>(j)];
    f = Summarize::no_figures();
    long double sum = 0, squares = 0;
    f.min = INFINITY, f.max = -INFINITY;
    for (std::int64_t i = 0; i < numeric.cols; ++i) {
      const double x = static_cast<double>(numeric(j, i));
      if (std::isnan(x)) {
        ++f.missing;
        continue;
      }
      ++f.count;
      sum += static_cast<long double>(x);
      f.min = std::min(f.min, x);
      f.max = std::max(f.max, x);
    }
    const long double n = static_cast<long double>(f.count), mean = sum / n;
    for (std::int64_t i = 0; i < numeric.cols; ++i)
      if (const auto x = static_cast<long double>(numeric(j, i)); !std::isnan(x)) squares += (x - mean) * (x - mean);
    f.mean = static_cast<double>(mean);
    f.deviation = static_cast<double>(std::sqrt(squares / (n - 1)));
  }
  wrong(data.output.columns[1]);
  return data.check(0).ok;
}

TEST(SummarizeChecker, RefusesSumsInFloat32AndSquaresThatCancel) {
  Data data(problem_of("rows=20000;cols=2;categorical=0", "moments"), {}, {});
  const View<float>& numeric = data.inputs[0].table.numeric;
  EXPECT_TRUE(accepts(data, [](Summarize::Figures&) {}));
  EXPECT_FALSE(accepts(data, [&](Summarize::Figures& f) {
    float sum = 0;
    for (std::int64_t i = 0; i < numeric.cols; ++i)
      if (!std::isnan(numeric(1, i))) sum += numeric(1, i);
    f.mean = static_cast<double>(sum) / static_cast<double>(f.count);
  }));
  EXPECT_FALSE(accepts(data, [&](Summarize::Figures& f) {
    double squares = 0;
    for (std::int64_t i = 0; i < numeric.cols; ++i)
      if (const auto x = static_cast<double>(numeric(1, i)); !std::isnan(x)) squares += x * x;
    const auto n = static_cast<double>(f.count);
    f.deviation = std::sqrt((squares - n * f.mean * f.mean) / (n - 1));
  }));
  EXPECT_FALSE(accepts(data, [](Summarize::Figures& f) { f.deviation *= std::sqrt(1 - 1.0 / 20000); }));
  EXPECT_FALSE(accepts(data, [](Summarize::Figures& f) { --f.missing; }));
}

}  // namespace
}  // namespace overtake
