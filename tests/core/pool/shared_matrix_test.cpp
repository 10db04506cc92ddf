// SPDX-License-Identifier: Apache-2.0
#include "core/pool/shared_matrix.h"

#include <gtest/gtest.h>

#include <vector>

namespace overtake {
namespace {

struct Doubling {
  SharedView from, to;
};
void double_all(WorkerContext& worker, const Doubling& task) {
  const auto from = task.from.map<const float>(worker);
  const auto to = task.to.map<float>(worker);
  for (std::int64_t i = 0; i < from.rows; ++i)
    for (std::int64_t j = 0; j < from.cols; ++j) to(i, j) = 2 * from(i, j);
}
const auto kDouble = register_task<double_all>("test_double_all");

// 3 x 2 with a gap of 2 after each row but the last, as a strided view of a larger matrix.
constexpr std::int64_t kRows = 3, kCols = 2, kStride = 4;
constexpr std::size_t kExtent = 10;
View<float> view_of(std::span<float> elements) { return {elements.data(), kRows, kCols, kStride}; }

TEST(SharedMatrix, WorksInPlaceInAnArena) {
  Arena arena;
  const auto from = arena.allocate<float>(kExtent), to = arena.allocate<float>(kExtent);
  Pool pool(1);
  SharedMatrix<float> input, output;
  const Doubling task{input.share(pool, view_of(from)), output.share_output(pool, view_of(to))};
  from[9] = 7;  // after it was shared: seen, because nothing was copied
  pool.run(kDouble, {task});
  EXPECT_EQ(to[9], 14.0F);
  output.fill(-1);
  output.store(view_of(to));
  EXPECT_EQ(to[9], 14.0F);
}

TEST(SharedMatrix, CopiesOtherMemoryAndLeavesTheGapsAlone) {
  std::vector<float> from(kExtent, 100), to(kExtent, 100);
  Pool pool(1);
  SharedMatrix<float> input, output;
  for (const float value : {3.0F, 4.0F}) {
    from[0] = from[9] = value;
    const Doubling task{input.share(pool, view_of(from)), output.share_output(pool, view_of(to))};
    pool.run(kDouble, {task});
    output.store(view_of(to));
    EXPECT_EQ(to[0], 2 * value);
    EXPECT_EQ(to[9], 2 * value);
    EXPECT_EQ(to[2], 100.0F);
  }
  output.fill(-1);
  output.store(view_of(to));
  EXPECT_EQ(to[9], -1.0F);
}

TEST(SharedMatrix, TakesTheSizeThatItIsGivenAnew) {
  Pool pool(1);
  SharedMatrix<float> input, output;
  for (const std::int64_t rows : {1, 100'000, 2}) {
    std::vector<float> from(static_cast<std::size_t>(rows), 5), to(static_cast<std::size_t>(rows));
    const View<float> column{from.data(), rows, 1, 1}, result{to.data(), rows, 1, 1};
    pool.run(kDouble, {Doubling{input.share(pool, column), output.share_output(pool, result)}});
    output.store(result);
    EXPECT_EQ(to, std::vector<float>(to.size(), 10));
  }
}

TEST(SharedMatrix, TakesEmptyMatrices) {
  Pool pool(1);
  SharedMatrix<float> input, output;
  for (const View<float> empty : {View<float>{}, View<float>{nullptr, 5, 0, 3}, View<float>{nullptr, 0, 5, 8}}) {
    pool.run(kDouble, {Doubling{input.share(pool, empty), output.share_output(pool, empty)}});
    output.fill(-1);
    output.store(empty);
  }
}

}  // namespace
}  // namespace overtake
