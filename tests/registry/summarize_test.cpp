// SPDX-License-Identifier: Apache-2.0
// Every registered variant of summarize that can run here, for every part, on tables chosen to break it.
#include "core/workload/summarize.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "core/registry/variant.h"

namespace overtake::summarize_variants {
namespace {

using Typed = TypedData<Summarize, float>;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Cell cell_of(const std::string& shape, const std::string& part) {
  return {.workload = "summarize",
          .variant = "any",
          .dtype = Dtype::f32,
          .shape = KeyValues::parse(shape),
          .params = {{"part", part}}};
}

// Both inputs, first changed by `edit`, through every variant and every number of workers.
void expect_right(const Cell& cell, const std::vector<int>& worker_counts,
                  const std::function<void(Summarize::Input<float>&)>& edit = {}) {
  const auto data = Registry::global().find("summarize")->make_data(cell, {}, {});
  if (edit)
    for (auto& input : static_cast<Typed&>(*data).inputs) edit(input);
  for (const VariantInfo* variant : Registry::global().variants("summarize")) {
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
                              << ": " << check.detail << " (error " << check.error << ", tolerance " << check.tolerance
                              << ')';
      }
    }
  }
}

constexpr const char* kParts[] = {"all", "moments", "describe", "corr", "groups"};

TEST(SummarizeVariants, AgreeWithReferenceInEveryPart) {
  for (const char* part : kParts) expect_right(cell_of("rows=331;cols=8", part), {1, 3});
}

TEST(SummarizeVariants, AgreeWithReferenceOnFewRowsAndAroundBlocks) {
  std::vector<int> rows;
  for (int n = 0; n <= 34; ++n) rows.push_back(n);
  for (const int block : {128, 512, 4096})
    for (const int n : {block - 1, block, block + 1}) rows.push_back(n);
  for (const int n : rows) expect_right(cell_of("rows=" + std::to_string(n) + ";cols=5", "all"), {2});
  for (const int n : {1, 31, 97, 513}) expect_right(cell_of("rows=" + std::to_string(n) + ";cols=5", "all"), {1, 4});
}

TEST(SummarizeVariants, AgreeWithReferenceOnTablesOfEveryWidth) {
  for (const int cols : {0, 1, 2, 7, 8, 9, 16, 19})
    for (const int categorical : {0, 1, cols}) {
      if (categorical > cols) continue;
      for (const int levels : {0, 1, 37}) {
        if (categorical == 0 && levels > 0) continue;
        expect_right(cell_of("rows=97;cols=" + std::to_string(cols) + ";categorical=" + std::to_string(categorical) +
                                 ";levels=" + std::to_string(levels),
                             "all"),
                     {2});
      }
    }
}

// More than each worker keeps a table of its own for, in two of three columns.
TEST(SummarizeVariants, AgreeWithReferenceOnMoreCategoriesThanRows) {
  expect_right(cell_of("rows=67;cols=3;categorical=2;levels=9000", "groups"), {1, 3});
  expect_right(cell_of("rows=5003;cols=13;categorical=3;levels=3300", "all"), {2});
}

// Enough rows that quartiles come from a sample's bracket.
TEST(SummarizeVariants, AgreeWithReferenceOnManyBlocks) {
  for (const char* part : kParts) expect_right(cell_of("rows=70001;cols=9;categorical=1;levels=16", part), {1, 3});
}

// Each numeric column becomes another ugly one.
void make_ugly(Summarize::Input<float>& input) {
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
      // Where the next is there, this one varies little, far from where it is otherwise; or not at all.
      [](std::int64_t i, float) { return i % 4 == 0 ? 1e6f + static_cast<float>(i) : static_cast<float>(-i); },
      [](std::int64_t i, float x) { return i % 4 == 0 ? x : kNaN; },
      [](std::int64_t i, float) { return i % 4 == 0 ? 12345.678f : static_cast<float>(i); },
  };
  for (std::int64_t j = 0; j < input.table.numeric.rows; ++j)
    for (std::int64_t i = 0; i < input.table.rows(); ++i) {
      float& x = input.table.numeric(j, i);
      x = kinds[static_cast<std::size_t>(j) % kinds.size()](i, x);
    }
  for (std::int64_t j = 0; j < input.table.codes.rows; ++j)
    for (std::int64_t i = 0; i < input.table.rows(); ++i)
      if (i % 7 == 0) input.table.codes(j, i) = i % 2 == 0 ? -1 : 1000 + static_cast<std::int32_t>(i);
}

TEST(SummarizeVariants, AgreeWithReferenceOnMissingConstantAndInfiniteColumnsAndUnknownCategories) {
  for (const char* part : kParts)
    for (const char* rows : {"97", "40009"})
      expect_right(cell_of(std::string("rows=") + rows + ";cols=16;categorical=2;levels=9", part), {1, 3}, make_ugly);
}

}  // namespace
}  // namespace overtake::summarize_variants
