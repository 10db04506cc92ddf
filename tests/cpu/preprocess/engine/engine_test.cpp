// SPDX-License-Identifier: Apache-2.0
// What the fused variants of preprocess share, on every vector instruction set of this CPU, written through and past
// the caches.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.h"
#include "cpu/preprocess/engine/apply.h"
#include "cpu/preprocess/engine/fit.h"
#include "cpu/table/select.h"
#include "cpu/table/shares.h"
#include "tests/highway_targets.h"

namespace overtake {
namespace {

struct Data {
  Data(const std::string& rows, const std::string& steps)
      : problem(Preprocess::Problem::from({{"rows", rows}, {"cols", "8"}}, {{"steps", steps}})),
        input(problem, arenas[0], {}),
        output(problem, input, arenas[1]),
        checker(input) {}
  Preprocess::Problem problem;
  Arena arenas[2];
  Preprocess::Input<float> input;
  Preprocess::Output<float> output;
  Preprocess::Checker<float> checker;
};

void fit_and_apply(Data& data, int parts, std::int64_t cache_bytes) {
  data.output.poison();
  Fit fit(data.problem.pipeline, data.input.table, data.output.fitted);
  fit.start();
  const auto shares = shares_of(data.problem.rows, parts);
  for (std::size_t round = 0; round < fit.rounds(); ++round) {
    std::vector<Gathered> gathered;
    for (const RowShare& share : shares) gathered.push_back(fit.gather(round, share.first, share.last));
    fit.finish(round, gathered);
  }
  const Apply apply(data.problem.pipeline, data.input.table, data.output.fitted, data.output.features, cache_bytes);
  for (const RowShare& share : shares) apply.rows(share.first, share.last);
}

TEST(PreprocessEngine, AgreesWithReferenceOnEveryInstructionSetAndPastTheCaches) {
  for (const char* steps :
       {"impute_mean+standardise+one_hot", "clip:-1:9000+log1p+min_max", "one_hot", "impute_median+log1p+ordinal"})
    for (const char* rows : {"1", "17", "1000", "4099"}) {
      Data data(rows, steps);
      for_each_highway_target([&] {
        for (const std::int64_t cache_bytes : {std::int64_t{0}, std::numeric_limits<std::int64_t>::max()})
          for (const int parts : {1, 3}) {
            fit_and_apply(data, parts, cache_bytes);
            const Check check = data.checker(data.output);
            ASSERT_TRUE(check.ok) << steps << ' ' << rows << " cache " << cache_bytes << " parts " << parts << ": "
                                  << check.detail;
          }
      });
    }
}

TEST(PreprocessEngine, SharesRowsOutWithoutGapsOrEmptyShares) {
  for (std::int64_t rows = 0; rows < 100; ++rows)
    for (const int workers : {1, 2, 3, 7}) {
      std::int64_t next = 0;
      for (const auto& [first, last] : shares_of(rows, workers)) {
        EXPECT_EQ(first, next);
        EXPECT_LT(first, last);
        EXPECT_EQ(first % Apply::kRows, 0);
        next = last;
      }
      EXPECT_EQ(next, rows);
    }
}

TEST(PreprocessEngine, MergesStatisticsOfDifferentScale) {
  // 1e8 and 1e8 + 2 (mean 1e8 + 1, squares 2) with -1, 0, 1 (mean 0, squares 2): worked out by hand, mean
  // (2e8 + 2) / 5, squares 4 + (1e8 + 1)^2 * 2 * 3 / 5.
  const Statistics a{2, 1e8 + 1, 2, 1e8, 1e8 + 2}, b{3, 0, 2, -1, 1};
  const double squares = 4 + (1e8 + 1) * (1e8 + 1) * 6 / 5;
  for (const Statistics& both : {merged(a, b), merged(b, a)}) {
    EXPECT_EQ(both.count, 5);
    EXPECT_DOUBLE_EQ(both.mean, (2e8 + 2) / 5);
    EXPECT_DOUBLE_EQ(both.squares, squares);
    EXPECT_EQ(both.min, -1);
    EXPECT_EQ(both.max, 1e8 + 2);
  }
  EXPECT_EQ(merged({}, a).squares, 2);
  EXPECT_EQ(merged(a, {}).mean, 1e8 + 1);
}

TEST(PreprocessEngine, ReadsColumnsOnceWhereStepsFollowFromOneReading) {
  const auto rounds = [](const char* steps) { return rounds_of(Pipeline::parse(steps)).size(); };
  EXPECT_EQ(rounds("impute_mean+standardise+min_max+one_hot"), 1U);
  EXPECT_EQ(rounds("log1p+clip:0:1+impute_mean+standardise"), 1U);
  EXPECT_EQ(rounds("impute_mean+log1p+standardise"), 2U);
  EXPECT_EQ(rounds("impute_mean+log1p+clip:0:1"), 1U);
  EXPECT_EQ(rounds("impute_constant:0+log1p+one_hot"), 0U);
  EXPECT_EQ(rounds("impute_median+standardise+min_max"), 1U);
  EXPECT_EQ(rounds("standardise+impute_most_frequent"), 2U);
}

// Against a sort, on columns that are all ties, nearly sorted, or misleading to a sample.
TEST(PreprocessEngine, FindsExactQuantilesWithoutASort) {
  const RandomStream random({.value = 5}, 0);
  using Make = float (*)(std::uint64_t, std::uint64_t);
  const Make kinds[] = {
      [](std::uint64_t bits, std::uint64_t) { return static_cast<float>(bits % 1000003); },
      [](std::uint64_t, std::uint64_t) { return 2.5f; },
      [](std::uint64_t bits, std::uint64_t) { return static_cast<float>(bits % 3); },
      [](std::uint64_t, std::uint64_t i) { return -static_cast<float>(i); },
      [](std::uint64_t bits, std::uint64_t) {
        return bits % 5 == 0 ? std::nanf("") : static_cast<float>(bits % 77) - 40;
      },
      [](std::uint64_t bits, std::uint64_t) { return bits % 2 == 0 ? -std::numeric_limits<float>::infinity() : 1.0f; }};
  for (const std::int64_t rows : {1, 2, 3, 1000, 40000, 100003})
    for (const Make& make : kinds) {
      std::vector<float> column, sample, sorted;
      for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(rows); ++i) column.push_back(make(random.bits(i), i));
      for (const std::int64_t i : sample_positions(rows)) sample.push_back(column[static_cast<std::size_t>(i)]);
      std::ranges::copy_if(column, std::back_inserter(sorted), [](float x) { return !std::isnan(x); });
      std::ranges::sort(sorted);
      if (sorted.empty()) continue;
      for (const double q : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const Bracket bracket = bracket_around(sample, q);
        Bracketed found;
        for (std::int64_t i = 0; i < rows; i += kPieceRows)
          gather_bracket(column.data() + i, std::min(kPieceRows, rows - i), bracket, found);
        const auto count = static_cast<std::int64_t>(sorted.size());
        const auto rank = static_cast<std::int64_t>(q * static_cast<double>(count - 1));
        const auto value = value_of_rank(found, bracket, rank);
        ASSERT_TRUE(value.has_value());
        EXPECT_EQ(*value, sorted[static_cast<std::size_t>(rank)]) << "rows " << rows << " q " << q;
      }
    }
}

TEST(PreprocessEngine, SaysWhereASampleMisled) {
  std::vector<float> column = {1, 2, 3, 4, 5};
  Bracketed found;
  gather_bracket(column.data(), 5, {6, 7}, found);
  EXPECT_FALSE(value_of_rank(found, {6, 7}, 2));
  EXPECT_FALSE(quantile(found, {6, 7}, 5, 0.5));
}

}  // namespace
}  // namespace overtake
