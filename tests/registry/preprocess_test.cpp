// SPDX-License-Identifier: Apache-2.0
// Every registered variant of preprocess that can run here, in every phase, on tables chosen to break it.
#include "core/workload/preprocess.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "core/registry/variant.h"

namespace overtake::preprocess_variants {
namespace {

using Typed = TypedData<Preprocess, float>;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Cell cell_of(const std::string& shape, const std::string& params) {
  return {.workload = "preprocess",
          .variant = "any",
          .dtype = Dtype::f32,
          .shape = KeyValues::parse(shape),
          .params = KeyValues::parse(params)};
}

// Both inputs, first changed by `edit`, through every variant and every number of workers.
void expect_right(const Cell& cell, const std::vector<int>& worker_counts,
                  const std::function<void(Preprocess::Input<float>&)>& edit = {}) {
  const auto data = Registry::global().find("preprocess")->make_data(cell, {}, {});
  if (edit)
    for (auto& input : static_cast<Typed&>(*data).inputs) edit(input);
  for (const VariantInfo* variant : Registry::global().variants("preprocess")) {
    if (variant->unavailable()) continue;
    for (const int workers : worker_counts) {
      if (variant->strategy == Strategy::serial && workers != worker_counts.front()) continue;
      const auto instance = variant->make(Dtype::f32, *data, {.workers = workers, .params = cell.params});
      for (const int which : {0, 1, 0}) {
        instance->poison();
        instance->load(which);
        instance->run();
        instance->store();
        const Check check = instance->check(which);
        ASSERT_TRUE(check.ok) << variant->name << ' ' << cell.name() << " workers=" << workers << " input " << which
                              << ": " << check.detail;
      }
    }
  }
}

constexpr const char* kPhases[] = {"phase=fit", "phase=apply", "phase=both"};
constexpr const char* kSteps[] = {"impute_mean+standardise+one_hot",
                                  "one_hot",
                                  "impute_constant:-1.5",
                                  "standardise",
                                  "min_max+one_hot",
                                  "log1p",
                                  "clip:3:9000+log1p",
                                  "impute_mean+log1p+standardise+clip:-2:2+min_max+one_hot",
                                  "log1p+impute_mean+log1p+impute_constant:0.25+min_max",
                                  "standardise+min_max+impute_constant:3+standardise+one_hot+impute_mean",
                                  "clip:-inf:10+impute_mean+min_max+standardise",
                                  "impute_median+standardise+ordinal",
                                  "log1p+impute_median+min_max+one_hot",
                                  "impute_most_frequent+standardise+one_hot",
                                  "standardise+impute_median+impute_most_frequent",
                                  "ordinal"};

std::string with_steps(const std::string& phase, const std::string& steps) { return phase + ";steps=" + steps; }

TEST(PreprocessVariants, AgreeWithReferenceInEveryPhaseOfEveryPipeline) {
  for (const char* phase : kPhases)
    for (const char* steps : kSteps) expect_right(cell_of("rows=331;cols=8", with_steps(phase, steps)), {1, 3});
}

TEST(PreprocessVariants, AgreeWithReferenceOnFewRowsAndAroundBlocks) {
  std::vector<int> rows;
  for (int n = 0; n <= 34; ++n) rows.push_back(n);
  for (const int block : {48, 64, 256, 512, 1024, 4096})
    for (const int n : {block - 1, block, block + 1}) rows.push_back(n);
  for (const int n : rows) expect_right(cell_of("rows=" + std::to_string(n) + ";cols=5", ""), {2});
  for (const int n : {1, 31, 97, 513}) expect_right(cell_of("rows=" + std::to_string(n) + ";cols=5", ""), {1, 4});
}

TEST(PreprocessVariants, AgreeWithReferenceOnTablesOfEveryWidth) {
  for (const int cols : {0, 1, 2, 7, 13})
    for (const int categorical : {0, 1, cols}) {
      if (categorical > cols) continue;
      for (const int levels : {0, 1, 37}) {
        if (categorical == 0 && levels > 0) continue;
        expect_right(cell_of("rows=97;cols=" + std::to_string(cols) + ";categorical=" + std::to_string(categorical) +
                                 ";levels=" + std::to_string(levels),
                             ""),
                     {2});
      }
    }
  expect_right(cell_of("rows=67;cols=3;categorical=2;levels=9000", ""), {2});
}

TEST(PreprocessVariants, AgreeWithReferenceOnManyBlocks) {
  for (const char* phase : kPhases) expect_right(cell_of("rows=60013;cols=8", phase), {1, 3});
  expect_right(cell_of("rows=30011;cols=9", with_steps("phase=both", kSteps[7])), {1, 2});
  // Enough rows that medians come from a sample's bracket.
  expect_right(cell_of("rows=70001;cols=7", with_steps("phase=both", "impute_median+standardise+ordinal")), {1, 3});
}

// Each numeric column becomes another ugly one.
void make_ugly(Preprocess::Input<float>& input) {
  const std::vector<std::function<float(std::int64_t, float)>> kinds = {
      [](std::int64_t, float) { return kNaN; },
      [](std::int64_t, float) { return 0.1f; },
      [](std::int64_t i, float) { return i % 3 == 0 ? kNaN : -7.3f; },
      [](std::int64_t i, float x) { return i == 50 ? kInf : x; },
      [](std::int64_t i, float x) { return i == 50   ? -kInf
                                           : i == 60 ? kInf
                                                     : x; },
      [](std::int64_t i, float) { return i % 2 == 0 ? 3e38f : -3e38f; },
      [](std::int64_t i, float) { return static_cast<float>(i % 5) * 1e-42f; },
      [](std::int64_t i, float) { return i == 0 ? 1e30f : static_cast<float>(i); },
      [](std::int64_t i, float) { return i == 96 ? 1.0f : kNaN; },
      [](std::int64_t i, float) { return -static_cast<float>(i); },
      [](std::int64_t i, float) { return 16777216.0f + static_cast<float>(i % 2 * 2); },
  };
  for (std::int64_t j = 0; j < input.table.numeric.rows; ++j)
    for (std::int64_t i = 0; i < input.table.rows(); ++i) {
      float& x = input.table.numeric(j, i);
      x = kinds[static_cast<std::size_t>(j) % kinds.size()](i, x);
    }
  for (std::int64_t j = 0; j < input.table.codes.rows; ++j)
    for (std::int64_t i = 0; i < input.table.rows(); ++i)
      if (i % 7 == 0) input.table.codes(j, i) = i % 2 == 0 ? -1 : 1000 + static_cast<std::int32_t>(i);
  Preprocess::fit_reference(input.problem, input.table, input.given);
  // As if fitted to rows that lack every other category.
  for (std::size_t l = 0; l < input.given.seen.size(); l += 2) input.given.seen[l] = 0;
}

TEST(PreprocessVariants, AgreeWithReferenceOnMissingConstantAndInfiniteColumnsAndUnknownCategories) {
  for (const char* phase : kPhases)
    for (const char* steps : kSteps)
      expect_right(cell_of("rows=97;cols=13;categorical=2;levels=9", with_steps(phase, steps)), {1, 3}, make_ugly);
}

}  // namespace
}  // namespace overtake::preprocess_variants
