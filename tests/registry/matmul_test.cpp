// SPDX-License-Identifier: Apache-2.0
// Every registered variant of matmul that can run here, on shapes chosen to break it.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/registry/registry.h"
#include "tests/highway_targets.h"

namespace overtake::matmul_variants {
namespace {

struct Shape {
  std::int64_t m, n, k, pad = 0;
};

Cell cell_of(const Shape& s, Dtype dtype) {
  Cell cell{.workload = "matmul", .variant = "any", .dtype = dtype};
  cell.shape.set("m", s.m);
  cell.shape.set("n", s.n);
  cell.shape.set("k", s.k);
  if (s.pad != 0) cell.params.set("pad", s.pad);
  return cell;
}

void expect_right(const VariantInfo& variant, const Cell& cell, const Shape& s, Data& data, int workers) {
  const auto instance = variant.make(cell.dtype, data, {.workers = workers, .params = cell.params});
  for (const int which : {0, 1}) {
    instance->poison();
    instance->load(which);
    if (instance->has_reset()) instance->reset();
    instance->run();
    instance->store();
    const Check check = instance->check(which);
    ASSERT_TRUE(check.ok) << variant.name << ' ' << to_string(cell.dtype) << " m=" << s.m << " n=" << s.n
                          << " k=" << s.k << " pad=" << s.pad << " workers=" << workers << " input " << which << ": "
                          << check.detail;
  }
}

// Both inputs through every variant that `chosen(variant)` takes and every number of workers; a variant must not need
// to be made anew.
template <class Chosen>
void expect_right(const std::vector<Shape>& shapes, const std::vector<int>& worker_counts, Chosen chosen) {
  const WorkloadInfo& workload = *Registry::global().find("matmul");
  for (const Dtype dtype : {Dtype::f32, Dtype::f64}) {
    for (const Shape& s : shapes) {
      const Cell cell = cell_of(s, dtype);
      const auto data = workload.make_data(cell, {}, {});
      for (const VariantInfo* variant : Registry::global().variants("matmul")) {
        if (!chosen(*variant) || variant->unavailable() ||
            std::ranges::find(variant->dtypes, dtype) == variant->dtypes.end())
          continue;
        for (const int workers : worker_counts) {
          if (variant->strategy == Strategy::serial && workers != worker_counts.front()) continue;
          ASSERT_NO_FATAL_FAILURE(expect_right(*variant, cell, s, *data, workers));
        }
      }
    }
  }
}

void expect_right(const std::vector<Shape>& shapes, const std::vector<int>& worker_counts) {
  expect_right(shapes, worker_counts, [](const VariantInfo&) { return true; });
  // Ours choose code by the CPU: the other choices too, in workers too (for few shapes: starting workers takes long).
  const std::int64_t best = hwy::SupportedTargets() & -hwy::SupportedTargets();
  for_each_highway_target([&] {
    if (hwy::SupportedTargets() == best) return;
    expect_right(shapes, {worker_counts.back()}, [&](const VariantInfo& variant) {
      constexpr std::size_t kFew = 5;
      return variant.library.empty() && variant.strategy != Strategy::gpu &&
             (variant.strategy != Strategy::processes || shapes.size() <= kFew);
    });
  });
}

TEST(Matmul, AgreesWithReferenceOnEverySquareUpTo64) {
  std::vector<Shape> shapes;
  for (std::int64_t n = 0; n <= 64; ++n) shapes.push_back({n, n, n});
  expect_right(shapes, {1, 2});
}

TEST(Matmul, AgreesWithReferenceOnEmptyAndThinShapes) {
  std::vector<Shape> shapes;
  for (const std::int64_t m : {0, 1, 2, 7, 37})
    for (const std::int64_t n : {0, 1, 3, 17, 41})
      for (const std::int64_t k : {0, 1, 5, 19, 43}) shapes.push_back({m, n, k});
  expect_right(shapes, {1, 3});
}

TEST(Matmul, AgreesWithReferenceOnStridedViewsAndOddSizes) {
  expect_right({{65, 127, 33, 1}, {97, 101, 103, 7}, {128, 64, 256, 64}, {1, 257, 129, 5}, {257, 1, 129, 3}},
               {1, 2, 4});
}

// One less, equal and one more than the tiles and blocks that CPU variants choose (powers of two and multiples of 6
// and 14), and more workers than rows.
TEST(Matmul, AgreesWithReferenceAroundTheBlocks) {
  expect_right({{6, 16, 8}, {7, 17, 9}, {13, 31, 7}, {14, 32, 8}, {15, 33, 9}, {28, 64, 16}}, {1, 5});
  expect_right({{23, 65, 255}, {24, 63, 256, 1}, {25, 64, 257}, {251, 15, 33}, {252, 17, 31}, {255, 17, 127}}, {2});
  expect_right({{257, 33, 128}, {5, 2047, 3}, {3, 4097, 2, 1}, {2, 9, 511}, {1, 3, 1025}, {2, 200, 300}}, {1, 8});
}

TEST(Matmul, AgreesWithFreivaldsBeyondEveryBlock) {
  expect_right({{509, 521, 523}, {1000, 16, 700}, {16, 1030, 900, 3}, {300, 1100, 31}}, {1, 2});
}

}  // namespace
}  // namespace overtake::matmul_variants
