// SPDX-License-Identifier: Apache-2.0
// The CUDA kernels of gpu/matmul on an emulated block: the very text that nvcc compiles, on shapes chosen to break it,
// in every order of threads and arrival of copies that the emulator has.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "core/random.h"
#include "gpu/matmul/engine/async_product.cuh"
#include "gpu/matmul/engine/dmma_product.cuh"
#include "gpu/matmul/engine/one_element_product.cuh"
#include "gpu/matmul/engine/register_tiled_product.cuh"
#include "gpu/matmul/engine/tiled_product.cuh"
#include "gpu/matmul/engine/vectorised_product.cuh"
#include "gpu/matmul/engine/warp_tiled_product.cuh"
#include "tests/gpu/emulated_block.h"
#include "tests/gpu/guarded_array.h"

namespace overtake {
namespace {

using emulated::Copies;
using emulated::Order;

struct Extents {
  std::int64_t m, n, k;
};

// Around the edges of all tiles (8, 16, 32, 64, 128); with rows on 16 bytes for both types, for f64 alone, for neither.
constexpr Extents kShapes[] = {
    {1, 1, 1},     {1, 1, 0},      {3, 5, 7},      {2, 3, 100},   {31, 33, 32},   {32, 32, 32},   {64, 64, 8},
    {65, 63, 17},  {127, 129, 15}, {128, 128, 16}, {129, 127, 9}, {132, 136, 20}, {130, 134, 66}, {260, 4, 12},
    {4, 260, 100}, {129, 255, 31}, {7, 8, 4},      {36, 44, 52},  {33, 68, 30},   {9, 12, 5},
};

template <class T>
class Case {
 public:
  explicit Case(const Extents& s) : s_(s), a_(s.m * s.k), b_(s.k * s.n), c_(s.m * s.n) {
    for (std::size_t i = 0; i < a_.size(); ++i) a_[i] = RandomStream(Seed{7}, 1).symmetric<T>(i);
    for (std::size_t i = 0; i < b_.size(); ++i) b_[i] = RandomStream(Seed{7}, 2).symmetric<T>(i);
  }

  Product<T> product() const { return {a_.data(), b_.data(), c_.data(), s_.m, s_.n, s_.k}; }

  template <class Body>
  void run(Order order, Copies copies) {
    c_.poison();
    const std::int64_t blocks = ceil_div(s_.m, Body::kTileRows) * ceil_div(s_.n, Body::kTileColumns);
    GuardedArray<T> shared(Body::kSharedElements);
    // Backwards, as no block may need another.
    for (std::int64_t block = blocks - 1; block >= 0; --block) {
      shared.poison();
      emulated::run_block(Body::kThreads, block, order, copies,
                          [&](const emulated::Block& self) { Body::run(self, product(), shared.data()); });
    }
  }

  void expect_right() const {
    for (std::int64_t i = 0; i < s_.m; ++i)
      for (std::int64_t j = 0; j < s_.n; ++j) {
        double sum = 0;
        for (std::int64_t l = 0; l < s_.k; ++l)
          sum += static_cast<double>(a_[static_cast<std::size_t>(i * s_.k + l)]) *
                 static_cast<double>(b_[static_cast<std::size_t>(l * s_.n + j)]);
        const double tolerance = static_cast<double>(s_.k) * static_cast<double>(std::numeric_limits<T>::epsilon());
        const auto found = static_cast<double>(c_[static_cast<std::size_t>(i * s_.n + j)]);
        ASSERT_TRUE(std::abs(found - sum) <= tolerance) << found << " is not " << sum << " at " << i << ',' << j;
      }
  }

 private:
  Extents s_;
  GuardedArray<T> a_, b_, c_;
};

template <template <class, bool> class Body, class T>
void expect_right_in_every_order(const Extents& s) {
  struct Manner {
    Order order;
    Copies copies;
  };
  Case<T> problem(s);
  for (const Manner manner :
       {Manner{Order::forward, Copies::arrive_when_waited_for}, Manner{Order::backward, Copies::arrive_at_once},
        Manner{Order::shuffled, Copies::arrive_when_waited_for}}) {
    SCOPED_TRACE(::testing::Message() << s.m << 'x' << s.n << 'x' << s.k << " f" << 8 * sizeof(T) << " order "
                                      << static_cast<int>(manner.order));
    // Threads that share nothing are in no order.
    if (Body<T, false>::kSharedElements == 0 && manner.order != Order::forward) continue;
    problem.template run<Body<T, false>>(manner.order, manner.copies);
    ASSERT_NO_FATAL_FAILURE(problem.expect_right());
    if (!Body<T, true>::kUsesAlignment || !rows_are_aligned(problem.product())) continue;
    problem.template run<Body<T, true>>(manner.order, manner.copies);
    ASSERT_NO_FATAL_FAILURE(problem.expect_right());
  }
}

template <template <class, bool> class Body, class... Ts>
void expect_right_on_every_shape() {
  for (const Extents& s : kShapes) {
    ASSERT_NO_FATAL_FAILURE((expect_right_in_every_order<Body, float>(s)));
    ASSERT_NO_FATAL_FAILURE((expect_right_in_every_order<Body, double>(s)));
    ASSERT_NO_FATAL_FAILURE((expect_right_in_every_order<Body, Ts>(s), ...));
  }
}

TEST(ProductKernels, NaiveIsRight) { expect_right_on_every_shape<NaiveProduct, Bf16, Tf32>(); }
TEST(ProductKernels, CoalescedIsRight) { expect_right_on_every_shape<CoalescedProduct, Bf16, Tf32>(); }
TEST(ProductKernels, TiledIsRight) { expect_right_on_every_shape<TiledProduct, Bf16, Tf32>(); }
TEST(ProductKernels, RegisterTiledIsRight) { expect_right_on_every_shape<RegisterTiledProduct>(); }
TEST(ProductKernels, VectorisedIsRight) { expect_right_on_every_shape<VectorisedProduct>(); }
TEST(ProductKernels, WarpTiledIsRight) { expect_right_on_every_shape<WarpTiledProduct>(); }
TEST(ProductKernels, AsyncIsRight) { expect_right_on_every_shape<AsyncProduct>(); }

TEST(ProductKernels, DmmaIsRight) {
  for (const Extents& s : kShapes) ASSERT_NO_FATAL_FAILURE((expect_right_in_every_order<DmmaProduct, double>(s)));
}

TEST(ProductKernels, EveryTileIsOneBlocks) {
  for (const std::int64_t rows : {1, 2, 7, 8, 9, 24, 31})
    for (const std::int64_t columns : {1, 3, 8, 10})
      for (const std::int64_t group : {1, 8}) {
        std::set<std::pair<std::int64_t, std::int64_t>> tiles;
        for (std::int64_t block = 0; block < rows * columns; ++block) {
          const TilePlace tile = tile_of_block(block, rows, columns, group);
          EXPECT_TRUE(tile.row >= 0 && tile.row < rows && tile.column >= 0 && tile.column < columns)
              << block << " of " << rows << 'x' << columns;
          tiles.emplace(tile.row, tile.column);
        }
        EXPECT_EQ(tiles.size(), static_cast<std::size_t>(rows * columns)) << rows << 'x' << columns << " by " << group;
      }
}

// Different vectors that a warp reads at once lie in different banks, of which there are 32 of 4 bytes.
template <class T>
void expect_no_conflicts(int (*first)(int thread)) {
  for (int warp = 0; warp < WarpTiles<T>::kThreads; warp += 32) {
    std::set<std::size_t> vectors, banks;
    for (int lane = 0; lane < 32; ++lane) vectors.insert(static_cast<std::size_t>(first(warp + lane)));
    for (const std::size_t at : vectors)
      for (std::size_t byte = 0; byte < 16; byte += 4)
        EXPECT_TRUE(banks.insert((at * sizeof(T) + byte) / 4 % 32).second) << "warp " << warp << " element " << at;
  }
}

TEST(ProductKernels, WarpsReadTheirFragmentsWithoutBankConflicts) {
  expect_no_conflicts<float>(WarpTiles<float>::row);
  expect_no_conflicts<float>(WarpTiles<float>::column);
  expect_no_conflicts<double>(WarpTiles<double>::row);
  expect_no_conflicts<double>(WarpTiles<double>::column);
}

// Half a warp reads 8 bytes a lane at once.
TEST(ProductKernels, WarpsReadFragmentsOfDoublesWithoutBankConflicts) {
  using Body = DmmaProduct<double, true>;
  for (int half = 0; half < 32; half += 16) {
    std::set<int> of_a, of_b;
    for (int lane = half; lane < half + 16; ++lane) {
      of_a.insert((MmaF64::row_of_a(lane, 0) * Body::kStrideOfA + MmaF64::depth_of_a(lane)) % 16);
      of_b.insert((MmaF64::depth_of_b(lane) * Body::kStrideOfB + MmaF64::column_of_b(lane)) % 16);
    }
    EXPECT_EQ(of_a.size(), 16u);
    EXPECT_EQ(of_b.size(), 16u);
  }
}

// The emulator itself: what it must see.
TEST(EmulatedBlock, AMissingBarrierShowsInOneOrderOrAnother) {
  const auto sum_of_neighbours = [](Order order, bool barrier) {
    std::vector<int> shared(8, -1), out(8);
    emulated::run_block(8, 0, order, Copies::arrive_at_once, [&](const emulated::Block& self) {
      const auto i = static_cast<std::size_t>(self.thread());
      shared[i] = self.thread();
      if (barrier) self.sync();
      out[i] = shared[(i + 1) % 8] + shared[(i + 7) % 8];
    });
    return out == std::vector<int>{8, 2, 4, 6, 8, 10, 12, 6};
  };
  for (const Order order : {Order::forward, Order::backward, Order::shuffled}) {
    EXPECT_TRUE(sum_of_neighbours(order, true));
    EXPECT_FALSE(sum_of_neighbours(order, false));
  }
}

TEST(EmulatedBlock, AWarpMultipliesWhenAllItsLanesHaveCome) {
  double sums[64] = {};
  emulated::run_block(64, 0, Order::shuffled, Copies::arrive_at_once, [&](const emulated::Block& self) {
    double c[4] = {1, 0, 0, 0};
    const double a[2] = {self.thread() < 32 ? 1.0 : 2.0, 0};
    for (int step = 0; step < 3; ++step) self.multiply_add(c, a, 1);
    sums[self.thread()] = c[0];
  });
  for (int i = 0; i < 64; ++i) EXPECT_EQ(sums[i], i < 32 ? 13 : 25) << i;
  EXPECT_THROW(emulated::run_block(32, 0, Order::forward, Copies::arrive_at_once,
                                   [](const emulated::Block& self) {
                                     double c[4] = {};
                                     const double a[2] = {};
                                     if (self.thread() != 5) self.multiply_add(c, a, 1);
                                   }),
               emulated::Misuse);
}

TEST(EmulatedBlock, CopiesArriveWhenTheirGroupIsWaitedFor) {
  const int from[2] = {5, 6};
  int to[2] = {0, 0}, seen = -1;
  emulated::run_block(1, 0, Order::forward, Copies::arrive_when_waited_for, [&](const emulated::Block& self) {
    self.copy_async<4>(&to[0], &from[0], true);
    self.commit_copies();
    self.copy_async<4>(&to[1], &from[1], true);
    self.commit_copies();
    self.wait_copies<1>();
    seen = to[1];
  });
  EXPECT_EQ(to[0], 5);
  EXPECT_EQ(seen, 0);
}

TEST(EmulatedBlock, RefusesABarrierThatSomeThreadsNeverReach) {
  EXPECT_THROW(emulated::run_block(2, 0, Order::forward, Copies::arrive_at_once,
                                   [](const emulated::Block& self) {
                                     if (self.thread() == 0) self.sync();
                                   }),
               emulated::Misuse);
}

}  // namespace
}  // namespace overtake
