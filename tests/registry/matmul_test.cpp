// SPDX-License-Identifier: Apache-2.0
// Every registered variant of matmul that can run here, on shapes chosen to break it.
#include "core/workload/matmul.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/pool/pool.h"
#include "core/registry/variant.h"
#include "core/system/resources.h"
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

bool has_dtype(const VariantInfo& variant, Dtype dtype) {
  return std::ranges::find(variant.dtypes, dtype) != variant.dtypes.end();
}

// Written by us and run by a CPU.
bool is_ours(const VariantInfo& variant) { return variant.library.empty() && variant.strategy != Strategy::gpu; }

// Everything that lies in the operands' rows, the gaps behind them included.
template <class T>
std::vector<T> operands_of(const TypedData<Matmul, T>& data) {
  std::vector<T> all;
  for (const auto& input : data.inputs)
    for (const View<T>& matrix : {input.a, input.b})
      if (matrix.size() > 0) all.insert(all.end(), matrix.data, matrix.data + matrix.rows * matrix.stride);
  return all;
}

template <class T>
void expect_unchanged(const std::vector<T>& before, const Data& data) {
  ASSERT_TRUE(before == operands_of(static_cast<const TypedData<Matmul, T>&>(data))) << "an operand was written to";
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

// Starting workers takes milliseconds: where there are more shapes, one number of workers must do.
constexpr std::size_t kFewShapes = 5;

// Both inputs through every variant that `chosen(variant)` takes and every number of workers; a variant must not need
// to be made anew.
template <class Chosen>
void expect_right(const std::vector<Shape>& shapes, const std::vector<int>& worker_counts, Chosen chosen) {
  const WorkloadInfo& workload = *Registry::global().find("matmul");
  for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::bf16, Dtype::tf32}) {
    for (const Shape& s : shapes) {
      const Cell cell = cell_of(s, dtype);
      const auto data = workload.make_data(cell, {}, {});
      const auto with_operands = [&]<class T>(T) {
        const std::vector<T> before = operands_of(static_cast<const TypedData<Matmul, T>&>(*data));
        for (const VariantInfo* variant : Registry::global().variants("matmul")) {
          if (!chosen(*variant) || variant->unavailable() || !has_dtype(*variant, dtype)) continue;
          for (const int workers : worker_counts) {
            if (variant->strategy == Strategy::serial && workers != worker_counts.front()) continue;
            if (variant->strategy == Strategy::processes && shapes.size() > kFewShapes &&
                workers != worker_counts.back())
              continue;
            ASSERT_NO_FATAL_FAILURE(expect_right(*variant, cell, s, *data, workers));
            ASSERT_NO_FATAL_FAILURE(expect_unchanged(before, *data)) << variant->name;
          }
        }
      };
      switch (dtype) {
        case Dtype::f64:
          ASSERT_NO_FATAL_FAILURE(with_operands(double()));
          break;
        case Dtype::bf16:
          ASSERT_NO_FATAL_FAILURE(with_operands(Bf16()));
          break;
        case Dtype::tf32:
          ASSERT_NO_FATAL_FAILURE(with_operands(Tf32()));
          break;
        default:
          ASSERT_NO_FATAL_FAILURE(with_operands(float()));
      }
    }
  }
}

void expect_right(const std::vector<Shape>& shapes, const std::vector<int>& worker_counts) {
  expect_right(shapes, worker_counts, [](const VariantInfo&) { return true; });
  // Ours choose code by the CPU: the other choices too, in workers for few shapes
  // (ChoosesTheSameCodeInWorkersAndIsRightThereOnEveryInstructionSet has the others).
  const std::int64_t best = hwy::SupportedTargets() & -hwy::SupportedTargets();
  for_each_highway_target([&] {
    if (hwy::SupportedTargets() == best) return;
    expect_right(shapes, {worker_counts.back()}, [&](const VariantInfo& variant) {
      return is_ours(variant) && (variant.strategy != Strategy::processes || shapes.size() <= kFewShapes);
    });
  });
}

std::vector<Shape> squares() {
  std::vector<Shape> shapes;
  for (std::int64_t n = 0; n <= 64; ++n) shapes.push_back({n, n, n});
  return shapes;
}

std::vector<Shape> empty_and_thin() {
  std::vector<Shape> shapes;
  for (const std::int64_t m : {0, 1, 2, 7, 37})
    for (const std::int64_t n : {0, 1, 3, 17, 41})
      for (const std::int64_t k : {0, 1, 5, 19, 43}) shapes.push_back({m, n, k});
  return shapes;
}

const std::vector<Shape> kStrided = {
    {65, 127, 33, 1}, {97, 101, 103, 7}, {128, 64, 256, 64}, {1, 257, 129, 5}, {257, 1, 129, 3}};

// One less, equal and one more than the tiles and blocks that CPU variants choose (powers of two and multiples of 6
// and 14).
const std::vector<Shape> kTiles = {{6, 16, 8}, {7, 17, 9}, {13, 31, 7}, {14, 32, 8}, {15, 33, 9}, {28, 64, 16}};
const std::vector<Shape> kBlocks = {{23, 65, 255}, {24, 63, 256, 1}, {25, 64, 257},
                                    {251, 15, 33}, {252, 17, 31},    {255, 17, 127}};
const std::vector<Shape> kLongBlocks = {{257, 33, 128}, {5, 2047, 3}, {3, 4097, 2, 1},
                                        {2, 9, 511},    {1, 3, 1025}, {2, 200, 300}};
const std::vector<Shape> kBeyondBlocks = {{509, 521, 523}, {1000, 16, 700}, {16, 1030, 900, 3}, {300, 1100, 31}};

TEST(Matmul, AgreesWithReferenceOnEverySquareUpTo64) { expect_right(squares(), {1, 2}); }

TEST(Matmul, AgreesWithReferenceOnEmptyAndThinShapes) { expect_right(empty_and_thin(), {1, 3}); }

TEST(Matmul, AgreesWithReferenceOnStridedViewsAndOddSizes) { expect_right(kStrided, {1, 2, 4}); }

TEST(Matmul, AgreesWithReferenceAroundTheBlocksAndWithMoreWorkersThanRows) {
  expect_right(kTiles, {1, 5});
  expect_right(kBlocks, {2});
  expect_right(kLongBlocks, {1, 8});
}

TEST(Matmul, AgreesWithFreivaldsBeyondEveryBlock) { expect_right(kBeyondBlocks, {1, 2}); }

TEST(Matmul, AgreesWithReferenceUpToFourThreadsACore) {
  const int cores = physical_cores_allowed();
  expect_right({{300, 310, 320}, {70, 1000, 40}, {16, 16, 3000}, {3, 2000, 1}},
               {cores, 2 * cores, 3 * cores, 4 * cores},
               [](const VariantInfo& variant) { return variant.strategy == Strategy::threads; });
}

// ---- in workers
// ------------------------------------------------------------------------------------------------------

struct Asked {
  Shape shape;
  Dtype dtype;
};

// Both inputs through every variant of ours that starts no processes. The instruction sets that were chosen, and what
// was wrong.
std::string chosen_and_wrong(const Asked& asked) {
  const Cell cell = cell_of(asked.shape, asked.dtype);
  const auto data = Registry::global().find("matmul")->make_data(cell, {}, {});
  std::set<std::string> words;
  for (const VariantInfo* variant : Registry::global().variants("matmul")) {
    if (!is_ours(*variant) || variant->strategy == Strategy::processes || !has_dtype(*variant, asked.dtype)) continue;
    const auto instance = variant->make(asked.dtype, *data, {.workers = 2, .params = cell.params});
    for (const int which : {0, 1}) {
      instance->poison();
      instance->load(which);
      instance->run();
      instance->store();
      const Check check = instance->check(which);
      if (!check.ok) words.insert("wrong: " + std::string(variant->name) + ' ' + cell.name() + ": " + check.detail);
    }
    if (const auto kernel = instance->metrics().find("kernel")) words.insert(*kernel);
  }
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string chosen_and_wrong_in_worker(WorkerContext&, const Asked& asked) { return chosen_and_wrong(asked); }
const auto kChosenAndWrong = register_task<chosen_and_wrong_in_worker>("matmul_test_chosen_and_wrong");

// Workers of a process that was forced to an instruction set use the same, and are right on all shapes of the tests
// above.
TEST(Matmul, ChoosesTheSameCodeInWorkersAndIsRightThereOnEveryInstructionSet) {
  std::vector<Asked> all;
  for (const auto& shapes : {squares(), empty_and_thin(), kStrided, kTiles, kBlocks, kLongBlocks, kBeyondBlocks})
    for (const Shape& shape : shapes)
      for (const Dtype dtype : {Dtype::f32, Dtype::f64}) all.push_back({shape, dtype});
  std::set<std::string> seen;
  for_each_highway_target([&] {
    const std::string here = chosen_and_wrong({kTiles[0], Dtype::f32});
    Pool pool(2);
    for (const std::string& there : pool.run(kChosenAndWrong, all)) ASSERT_EQ(there, here);
    seen.insert(here);
  });
  RecordProperty("instruction_sets", static_cast<int>(seen.size()));
  EXPECT_FALSE(seen.contains("")) << "no variant says which instruction set it chose";
}

// ---- what is besides the numbers
// -------------------------------------------------------------------------------------

// As the textbook loop: NaN and infinities where it gives them, and nowhere else.
void expect_nan_and_infinity_carried(const VariantInfo& variant, const Shape& s, int workers) {
  const Cell cell = cell_of(s, Dtype::f64);
  const auto data = Registry::global().find("matmul")->make_data(cell, {}, {});
  auto& typed = static_cast<TypedData<Matmul, double>&>(*data);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const View<double> a = typed.inputs[0].a, b = typed.inputs[0].b, c = typed.output.c;
  a(0, s.k / 2) = std::numeric_limits<double>::quiet_NaN();
  a(s.m - 1, 0) = kInfinity;
  b(s.k - 1, s.n - 1) = -kInfinity;
  b(0, s.n / 2) = 0;
  a(1, s.k - 1) = 0;
  const auto instance = variant.make(Dtype::f64, *data, {.workers = workers, .params = cell.params});
  instance->load(0);
  if (instance->has_reset()) instance->reset();
  instance->run();
  instance->store();
  for (std::int64_t i = 0; i < s.m; ++i)
    for (std::int64_t j = 0; j < s.n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < s.k; ++l) sum += a(i, l) * b(l, j);
      ASSERT_EQ(std::isnan(c(i, j)), std::isnan(sum)) << variant.name << " at " << i << ',' << j;
      if (std::isinf(sum)) {
        ASSERT_EQ(c(i, j), sum) << variant.name << " at " << i << ',' << j;
      }
    }
}

TEST(Matmul, CarriesNanAndInfinityInEveryVariantOfOurs) {
  for (const Shape& s : std::vector<Shape>{{40, 41, 42}, {5, 300, 7}, {300, 5, 7}, {16, 16, 1100}, {300, 310, 260, 1}})
    for (const VariantInfo* variant : Registry::global().variants("matmul"))
      for (const int workers : {1, 3})
        if (is_ours(*variant)) {
          ASSERT_NO_FATAL_FAILURE(expect_nan_and_infinity_carried(*variant, s, workers));
        }
}

TEST(Matmul, LibrariesSayWhichKernelAndVersionRan) {
  const Cell cell = cell_of({64, 64, 64}, Dtype::f32);
  const auto data = Registry::global().find("matmul")->make_data(cell, {}, {});
  for (const VariantInfo* variant : Registry::global().variants("matmul")) {
    if (variant->library.empty() || variant->strategy == Strategy::gpu || variant->unavailable()) continue;
    const auto instance = variant->make(Dtype::f32, *data, {.workers = 1, .params = {}});
    instance->load(0);
    instance->run();
    for (const char* key : {"kernel", "version"}) {
      const auto said = instance->metrics().find(key);
      EXPECT_TRUE(said && !said->empty() && *said != "unknown") << variant->name << ": " << key;
    }
  }
}

}  // namespace
}  // namespace overtake::matmul_variants
