// SPDX-License-Identifier: Apache-2.0
// The blocked product with every instruction set of this CPU, and with blocks so small that all edges meet.
#include "cpu/matmul/engine/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "core/random.h"
#include "cpu/matmul/engine/partition.h"
#include "cpu/matmul/engine/scratch.h"
#include "tests/highway_targets.h"

namespace overtake {
namespace {

constexpr Seed kSeed{7};

template <class T>
struct Product {
  Product(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t pad)
      : a_store(size(m, k, pad)), b_store(size(k, n, pad)), c_store(size(m, n, pad), kCanary) {
    a = {a_store.data(), m, k, k + pad};
    b = {b_store.data(), k, n, n + pad};
    c = {c_store.data(), m, n, n + pad};
    for (std::size_t i = 0; i < a_store.size(); ++i) a_store[i] = RandomStream(kSeed, 1).symmetric<T>(i);
    for (std::size_t i = 0; i < b_store.size(); ++i) b_store[i] = RandomStream(kSeed, 2).symmetric<T>(i);
    a_before = a_store;
    b_before = b_store;
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) c(i, j) = std::numeric_limits<T>::quiet_NaN();
  }
  static std::size_t size(std::int64_t rows, std::int64_t cols, std::int64_t pad) {
    return static_cast<std::size_t>(rows * (cols + pad));
  }

  void expect_right() const {
    ASSERT_TRUE(a_store == a_before && b_store == b_before) << "an operand was written to";
    for (std::int64_t i = 0; i < c.rows; ++i) {
      for (std::int64_t j = 0; j < c.cols; ++j) {
        double sum = 0, magnitude = 0;
        for (std::int64_t l = 0; l < a.cols; ++l) {
          const double term = static_cast<double>(a(i, l)) * static_cast<double>(b(l, j));
          sum += term;
          magnitude += std::abs(term);
        }
        // The bound that no order of summation exceeds: k u sum |a b|.
        const double tolerance = static_cast<double>(a.cols) * std::numeric_limits<T>::epsilon() * magnitude;
        const double error = std::abs(static_cast<double>(c(i, j)) - sum);
        ASSERT_TRUE(error <= tolerance) << "m=" << c.rows << " n=" << c.cols << " k=" << a.cols << " at " << i << ','
                                        << j << ": " << c(i, j) << " instead of " << sum;
      }
      for (std::int64_t j = c.cols; j < c.stride; ++j)
        ASSERT_EQ(c.row(i)[j], kCanary) << "written past the end of row " << i;
    }
  }

  static constexpr T kCanary = T(12345);
  std::vector<T> a_store, b_store, c_store, a_before, b_before;
  View<const T> a, b;
  View<T> c;
};

template <class T>
class Gemm : public ::testing::Test {};
using Elements = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Gemm, Elements);

TYPED_TEST(Gemm, IsRightForEveryExtentAroundTheTileOnEveryInstructionSet) {
  for_each_highway_target([] {
    const TileKernels<TypeParam> kernels = tile_kernels<TypeParam>();
    for (std::int64_t m : {std::int64_t{1}, kernels.mr - 1, kernels.mr, kernels.mr + 1, 2 * kernels.mr + 1})
      for (std::int64_t n : {std::int64_t{1}, kernels.nr - 1, kernels.nr, kernels.nr + 1, 2 * kernels.nr + 3})
        for (std::int64_t k : {0, 1, 2, 3, 8, 17}) {
          Product<TypeParam> product(m, n, k, 5);
          gemm_serial(product.a, product.b, product.c);
          ASSERT_NO_FATAL_FAILURE(product.expect_right());
        }
  });
}

// Shapes that are multiplied by kernels of their own, or without packing one operand or both.
TYPED_TEST(Gemm, IsRightForVectorsOuterProductsAndThinShapesOnEveryInstructionSet) {
  struct Shape {
    std::int64_t m, n, k;
  };
  for_each_highway_target([] {
    const TileKernels<TypeParam> kernels = tile_kernels<TypeParam>();
    constexpr std::int64_t kBytes = 256 << 10;  // of B, more than is read in place
    const std::int64_t deep = kBytes / (kernels.nr * static_cast<std::int64_t>(sizeof(TypeParam)));
    for (const Shape& s : std::vector<Shape>{{1, 1, 1},
                                             {1, 2500, 19},
                                             {1, 37, 1030},
                                             {5, 1, 1030},
                                             {11, 1, 3},
                                             {7, 67, 1},
                                             {2 * kernels.mr + 1, 4 * kernels.nr - 1, deep},
                                             {2 * kernels.mr + 1, 4 * kernels.nr + 1, deep},
                                             {2 * kernels.mr + 1, 4 * kernels.nr - 1, 2 * deep + 3},
                                             {2 * kernels.mr, kernels.nr + 1, 1025},
                                             {kernels.mr + 1, 3, 700}})
      for (const std::int64_t pad : {0, 3}) {
        Product<TypeParam> product(s.m, s.n, s.k, pad);
        gemm_serial(product.a, product.b, product.c);
        ASSERT_NO_FATAL_FAILURE(product.expect_right());
      }
  });
}

TYPED_TEST(Gemm, WritesALargeOuterProductPastTheCachesWithoutTouchingTheGaps) {
  Product<TypeParam> product(2100, 2101, 1, 3);
  gemm_serial(product.a, product.b, product.c);
  product.expect_right();
}

// As the textbook loop: where it gives NaN or an infinity, so does the product, and nowhere else.
template <class T>
void expect_nan_and_infinity_as_the_textbook_loop(std::int64_t size, std::int64_t k) {
  constexpr auto kInfinity = std::numeric_limits<T>::infinity();
  Product<T> product(size, size, k, 1);
  auto& a = product.a_store;
  auto& b = product.b_store;
  a[0] = std::numeric_limits<T>::quiet_NaN();
  a[static_cast<std::size_t>((size - 1) * product.a.stride + k - 1)] = kInfinity;
  a[static_cast<std::size_t>(size / 2 * product.a.stride + k / 2)] = 0;
  b[static_cast<std::size_t>((k - 1) * product.b.stride + size / 2)] = 0;
  b[static_cast<std::size_t>((k / 2) * product.b.stride)] = -kInfinity;
  gemm_serial(product.a, product.b, product.c);
  for (std::int64_t i = 0; i < size; ++i)
    for (std::int64_t j = 0; j < size; ++j) {
      T sum = 0;
      for (std::int64_t l = 0; l < k; ++l) sum += product.a(i, l) * product.b(l, j);
      ASSERT_EQ(std::isnan(sum), std::isnan(product.c(i, j))) << size << ' ' << k << " at " << i << ',' << j;
      if (std::isinf(sum)) {
        ASSERT_EQ(sum, product.c(i, j)) << size << ' ' << k << " at " << i << ',' << j;
      }
    }
}

TYPED_TEST(Gemm, CarriesNanAndInfinityWhereTheTextbookLoopDoesOnEveryInstructionSet) {
  for_each_highway_target([] {
    for (const std::int64_t size : {1, 3, 17, 40, 200})
      for (const std::int64_t k : {std::int64_t{1}, size})
        ASSERT_NO_FATAL_FAILURE(expect_nan_and_infinity_as_the_textbook_loop<TypeParam>(size, k));
  });
}

TYPED_TEST(Gemm, PacksAtMost16MiBWhateverTheShape) {
  const TileKernels<TypeParam> kernels = tile_kernels<TypeParam>();
  for (const std::int64_t m : {1, 1000, 1 << 30})
    for (const std::int64_t n : {1, 1000, 1 << 30})
      for (const std::int64_t k : {1, 1000, 1 << 30}) {
        const Blocking blocking = blocking_for(kernels, m, n, k);
        EXPECT_LE((blocking.mc + blocking.nc) * blocking.kc * static_cast<std::int64_t>(sizeof(TypeParam)), 16 << 20)
            << m << ' ' << n << ' ' << k;
      }
}

TEST(Slices, CoverEveryExtentOnceWhateverTheThreads) {
  const TileKernels<float>& kernels = tile_kernels<float>();
  for (const std::int64_t m : {1, 2, 7, 100, 4096})
    for (const std::int64_t n : {1, 5, 16, 100, 4096})
      for (const std::int64_t k : {1, 300, 100000})
        for (const int threads : {2, 3, 8}) {
          const Slices slices = slices_for(kernels, m, n, k, threads);
          std::int64_t next = 0;
          for (int slice = 0; slice < slices.count; ++slice) {
            EXPECT_EQ(slices.begin(slice), next);
            EXPECT_LE(next, slices.end(slice));
            next = slices.end(slice);
          }
          EXPECT_EQ(next, slices.along == Slices::Along::m ? m : slices.along == Slices::Along::n ? n : k);
          if (slices.along == Slices::Along::k) {
            EXPECT_LE(m * n, 64 * 64);
          }
        }
}

TEST(UsefulThreads, AreOneForSmallProductsAndNeverMoreThanAsked) {
  EXPECT_EQ(useful_threads<float>(16, 16, 16, 8), 1);
  EXPECT_EQ(useful_threads<float>(1024, 1024, 1024, 8), 8);
  EXPECT_EQ(useful_threads<float>(1024, 1024, 1024, 1), 1);
  for (const std::int64_t n : {32, 48, 64, 96, 128})
    EXPECT_LE(useful_threads<float>(n, n, n, 4), useful_threads<double>(n, n, n, 4)) << n;
}

TYPED_TEST(Gemm, IsRightWhereEveryBlockHasARestOnEveryInstructionSet) {
  for_each_highway_target([] {
    const TileKernels<TypeParam> kernels = tile_kernels<TypeParam>();
    const Blocking small{2 * kernels.mr, 2 * kernels.nr, 5};
    for (std::int64_t m : {2 * kernels.mr - 1, 2 * kernels.mr, 4 * kernels.mr + 1})
      for (std::int64_t n : {2 * kernels.nr - 1, 2 * kernels.nr, 4 * kernels.nr + 1})
        for (std::int64_t k : {4, 5, 6, 16}) {
          for (const Packing packing : {Packing::b, Packing::both}) {
            Product<TypeParam> product(m, n, k, 0);
            gemm_packed(product.a, product.b, product.c, small, packing);
            ASSERT_NO_FATAL_FAILURE(product.expect_right());
          }
        }
  });
}

TYPED_TEST(Gemm, IsRightAroundTheBlocksThatItChooses) {
  const Blocking blocking = blocking_for(tile_kernels<TypeParam>(), 1 << 20, 1 << 20, 1 << 20);
  for (const std::int64_t off : {-1, 0, 1}) {
    Product<TypeParam> deep(7, 19, blocking.kc + off, 1), tall(blocking.mc + off, 3, 21, 1),
        wide(3, blocking.nc + off, 5, 1);
    for (Product<TypeParam>* product : {&deep, &tall, &wide}) {
      gemm_serial(product->a, product->b, product->c);
      ASSERT_NO_FATAL_FAILURE(product->expect_right());
    }
  }
}

TYPED_TEST(Gemm, DoesNothingToAnEmptyResult) {
  gemm_serial<TypeParam>({nullptr, 0, 4, 4}, {nullptr, 4, 0, 0}, {nullptr, 0, 0, 0});
  Product<TypeParam> zeros(3, 4, 0, 2);
  gemm_serial(zeros.a, zeros.b, zeros.c);
  for (std::int64_t i = 0; i < 3; ++i)
    for (std::int64_t j = 0; j < 4; ++j) EXPECT_EQ(zeros.c(i, j), 0);
}

TYPED_TEST(Gemm, ChoosesBlocksThatAreWholeTiles) {
  const TileKernels<TypeParam> kernels = tile_kernels<TypeParam>();
  for (const std::int64_t extent : {1, 100, 1000, 100000}) {
    const Blocking blocking = blocking_for(kernels, extent, extent, extent);
    EXPECT_EQ(blocking.mc % kernels.mr, 0);
    EXPECT_EQ(blocking.nc % kernels.nr, 0);
    EXPECT_GT(blocking.kc, 0);
  }
}

TEST(TileKernels, AreThoseOfTheTargetThatWasForced) {
  std::set<std::string> seen;
  int targets = 0;
  for_each_highway_target([&] {
    seen.insert(tile_kernels<float>().target);
    ++targets;
  });
  EXPECT_GE(seen.size(), 1U);
  // Targets that were not compiled (one for scalars, or a variant of AVX-512) are served by another.
  EXPECT_GE(targets, static_cast<int>(seen.size()));
}

TEST(Scratch, KeepsItsBlockUntilMoreIsAsked) {
  Scratch<double> scratch;
  double* first = scratch.at_least(100);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % 4096, 0U);
  EXPECT_EQ(scratch.at_least(50), first);
  scratch.at_least(100000)[99999] = 1;
}

}  // namespace
}  // namespace overtake
