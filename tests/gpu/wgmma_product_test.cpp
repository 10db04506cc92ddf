// SPDX-License-Identifier: Apache-2.0
// cuda_wgmma's kernel on an emulated cluster: the text that nvcc compiles, with copies and products that happen at once
// or as late as the kernel allows.
#include "gpu/matmul/engine/wgmma_product.cuh"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.h"
#include "gpu/matmul/engine/transposed_copy.cuh"
#include "tests/gpu/emulated_cluster.h"
#include "tests/gpu/guarded_array.h"

namespace overtake {
namespace {

using emulated::Asynchronous;
using emulated::Order;
using emulated::TensorMap;

struct Manner {
  Order order;
  Asynchronous when;
};

constexpr Manner kManners[] = {{Order::forward, Asynchronous::as_late_as_allowed},
                               {Order::backward, Asynchronous::at_once},
                               {Order::shuffled, Asynchronous::as_late_as_allowed},
                               {Order::shuffled, Asynchronous::at_once}};

// Rows begin on 16 bytes, as the copy engine asks, and NaN is between them.
template <class T>
struct PaddedMatrix {
  std::int64_t rows, columns, stride = (columns * std::int64_t{sizeof(T)} + 15) / 16 * 16 / std::int64_t{sizeof(T)};
  GuardedArray<T> values{static_cast<std::size_t>(rows * stride)};

  PaddedMatrix(std::int64_t r, std::int64_t c) : rows(r), columns(c) {}
  T& operator()(std::int64_t i, std::int64_t j) const { return values[static_cast<std::size_t>(i * stride + j)]; }
  void fill(std::uint64_t stream) const {
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        (*this)(i, j) = RandomStream(Seed{7}, stream).symmetric<T>(static_cast<std::uint64_t>(i * columns + j));
  }
  TensorMap map(int box_rows) const {
    return {reinterpret_cast<unsigned char*>(values.data()),
            rows,
            columns,
            stride * std::int64_t{sizeof(T)},
            static_cast<int>(sizeof(T)),
            box_rows,
            WgmmaPlan<T>::kRowElements};
  }
};

template <class T>
float truncated_operand(T x) {
  if constexpr (std::is_same_v<T, Tf32>)
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x.value) & 0xffffe000u);
  else
    return x;
}

template <class T>
class WgmmaCase {
 public:
  using Plan = WgmmaPlan<T>;
  WgmmaCase(int m, int n, int k) : m_(m), n_(n), k_(k), a_(m, k), b_(k, n), transposed_(n, k), c_(m, n) {
    a_.fill(1);
    b_.fill(2);
    for (int l = 0; l < k; ++l)
      for (int j = 0; j < n; ++j) transposed_(j, l) = b_(l, j);
    expected_.resize(static_cast<std::size_t>(m * n));
    for (int i = 0; i < m; ++i)
      for (int l = 0; l < k; ++l)
        for (int j = 0; j < n; ++j)
          expected_[static_cast<std::size_t>(i * n + j)] +=
              static_cast<double>(truncated_operand(a_(i, l))) * static_cast<double>(truncated_operand(b_(l, j)));
  }

  void run(const Manner& manner, int clusters) {
    c_.values.poison();
    const auto tiles = hilbert_order((m_ - 1) / Plan::kClusterRows + 1, (n_ - 1) / Plan::kTileColumns + 1);
    const TensorMap a = a_.map(Plan::kTileRows),
                    b = Plan::kTransposesB ? b_.map(Plan::kRowsOfBoxOfB) : transposed_.map(Plan::kRowsOfBoxOfB),
                    c = c_.map(Plan::kRowsOfConsumer);
    const WgmmaWork<TensorMap> work{&a, &b, &c, tiles.data(), static_cast<int>(tiles.size()), m_, n_, k_};
    for (int cluster = clusters - 1; cluster >= 0; --cluster)
      emulated::Cluster({Plan::kCluster, Plan::kThreads, cluster, clusters, Plan::kSharedBytes}, manner.order,
                        manner.when,
                        [&](const emulated::ClusterBlock& block) { WgmmaProduct<T>::run(block, work, block.shared()); })
          .run();
  }

  void expect_right() const {
    for (int i = 0; i < m_; ++i)
      for (int j = 0; j < n_; ++j) {
        const double sum = expected_[static_cast<std::size_t>(i * n_ + j)];
        const double tolerance = k_ * 0x1p-22 + (sizeof(T) == 2 ? std::abs(sum) * 0x1p-8 : 0);
        const auto found = static_cast<double>(c_(i, j));
        ASSERT_TRUE(std::abs(found - sum) <= tolerance) << found << " is not " << sum << " at " << i << ',' << j;
      }
    // Nothing was written between the rows.
    for (int i = 0; i < m_; ++i)
      for (std::int64_t j = n_; j < c_.stride; ++j) ASSERT_TRUE(std::isnan(static_cast<float>(c_(i, j))));
  }

 private:
  int m_, n_, k_;
  PaddedMatrix<T> a_, b_, transposed_, c_;
  std::vector<double> expected_;
};

template <class T>
void expect_right_product(int m, int n, int k, int clusters) {
  WgmmaCase<T> problem(m, n, k);
  for (const Manner& manner : kManners) {
    SCOPED_TRACE(::testing::Message() << m << 'x' << n << 'x' << k << " by " << clusters << " clusters, order "
                                      << static_cast<int>(manner.order) << ", late " << static_cast<int>(manner.when));
    ASSERT_NO_THROW(problem.run(manner, clusters));
    ASSERT_NO_FATAL_FAILURE(problem.expect_right());
  }
}

// Less than a step and a tile; whole ones; more steps than stages; ragged in every extent; more tiles than clusters,
// and clusters without a tile.
template <class T>
void expect_right_products() {
  struct Size {
    int m, n, k, clusters;
  };
  for (const Size& s : {Size{1, 1, 1, 1}, Size{256, 256, 64, 1}, Size{128, 256, 320, 1}, Size{130, 9, 321, 1},
                        Size{300, 270, 100, 1}, Size{513, 20, 70, 2}, Size{7, 530, 45, 2}, Size{60, 60, 33, 3}})
    ASSERT_NO_FATAL_FAILURE((expect_right_product<T>(s.m, s.n, s.k, s.clusters)));
}

TEST(WgmmaProduct, IsRightForBf16) { expect_right_products<Bf16>(); }
TEST(WgmmaProduct, IsRightForTf32) { expect_right_products<Tf32>(); }

TEST(TransposedCopy, HasEveryElementAndNothingElse) {
  for (const auto& [rows, columns] : {std::pair(1, 1), std::pair(32, 32), std::pair(33, 31), std::pair(70, 5)})
    for (const Order order : {Order::forward, Order::backward, Order::shuffled}) {
      const PaddedMatrix<float> from(rows, columns), to(columns, rows);
      from.fill(1);
      const TransposedCopy::Matrices x{from.values.data(), to.values.data(), rows, columns, from.stride, to.stride};
      for (std::int64_t block = 0; block < x.blocks(); ++block) {
        GuardedArray<float> shared(TransposedCopy::kSharedElements);
        emulated::run_block(TransposedCopy::kThreads, block, order, emulated::Copies::arrive_at_once,
                            [&](const emulated::Block& self) { TransposedCopy::run(self, x, shared.data()); });
      }
      for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) ASSERT_EQ(to(j, i), from(i, j)) << rows << 'x' << columns;
      for (std::int64_t j = 0; j < columns; ++j)
        for (std::int64_t i = rows; i < to.stride; ++i) ASSERT_TRUE(std::isnan(to(j, i)));
    }
}

// The emulator itself: what it must see.
constexpr emulated::ClusterShape kPair = {2, 128, 0, 1, 4096};

void run_pair(const std::function<void(const emulated::ClusterBlock&)>& kernel) {
  emulated::Cluster(kPair, Order::forward, Asynchronous::as_late_as_allowed, kernel).run();
}

TEST(EmulatedCluster, ACopyForBothArrivesInBothWhenItIsWaitedFor) {
  const PaddedMatrix<float> matrix(8, 32);
  matrix.fill(1);
  const TensorMap map = {reinterpret_cast<unsigned char*>(matrix.values.data()), 8, 32, 128, 4, 8, 32};
  float found[2] = {}, before[2] = {};
  run_pair([&](const emulated::ClusterBlock& self) {
    auto* barrier = reinterpret_cast<std::uint64_t*>(self.shared() + 2048);
    if (self.thread() == 0) self.init_barrier(barrier, 1);
    self.sync_cluster();
    if (self.thread() == 0) {
      self.arrive_expecting(barrier, 1024);
      if (self.rank() == 1) self.fetch_for(3, self.shared(), map, 0, 0, barrier);
      before[self.rank()] = *reinterpret_cast<const float*>(self.shared() + 128);
      self.wait(barrier, 0);
      found[self.rank()] = *reinterpret_cast<const float*>(self.shared() + swizzled(128));
    }
    self.sync_cluster();
  });
  for (const int rank : {0, 1}) {
    EXPECT_TRUE(std::isnan(before[rank]));
    EXPECT_EQ(found[rank], matrix(1, 0));
  }
}

TEST(EmulatedCluster, RefusesAWaitThatNeverEndsAndWhatIsNotPublished) {
  EXPECT_THROW(run_pair([](const emulated::ClusterBlock& self) {
                 auto* barrier = reinterpret_cast<std::uint64_t*>(self.shared());
                 if (self.thread() == 0) {
                   self.init_barrier(barrier, 1);
                   self.wait(barrier, 0);
                 }
               }),
               emulated::Misuse);
  const TensorMap map = {nullptr, 0, 0, 128, 4, 8, 32};
  EXPECT_THROW(run_pair([&](const emulated::ClusterBlock& self) {
                 if (self.thread() != 5) self.publish_writes();
                 self.sync_warpgroup(1);
                 if (self.thread() == 0) self.put(map, self.shared(), 0, 0);
               }),
               emulated::Misuse);
}

}  // namespace
}  // namespace overtake
