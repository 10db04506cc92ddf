// SPDX-License-Identifier: Apache-2.0
// Our product is as accurate as OpenBLAS's: sums in blocks of k, not in one run over all of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "core/random.h"
#include "cpu/matmul/engine/gemm.h"
#include "cpu/matmul/engine/openblas_library.h"

namespace overtake {
namespace {

constexpr std::int64_t kM = 48, kN = 64;  // many elements, because the largest error of few is mostly chance
constexpr int kSeeds = 20;

template <class T>
using Element = std::function<T(const RandomStream&, std::uint64_t)>;

template <class T>
struct Sample {
  Sample(std::uint64_t seed, std::int64_t depth, const Element<T>& element) : k(depth) {
    const RandomStream random_a(Seed{seed}, 1), random_b(Seed{seed}, 2);
    for (std::int64_t i = 0; i < kM * k; ++i) a.push_back(element(random_a, static_cast<std::uint64_t>(i)));
    for (std::int64_t i = 0; i < k * kN; ++i) b.push_back(element(random_b, static_cast<std::uint64_t>(i)));
    exact.assign(kM * kN, 0);
    for (std::int64_t i = 0; i < kM; ++i)
      for (std::int64_t l = 0; l < k; ++l)
        for (std::int64_t j = 0; j < kN; ++j)
          exact[i * kN + j] += static_cast<long double>(a[i * k + l]) * static_cast<long double>(b[l * kN + j]);
  }

  double largest_error(const std::vector<T>& c) const {
    long double largest = 0;
    for (std::size_t i = 0; i < c.size(); ++i) largest = std::max(largest, std::abs(c[i] - exact[i]));
    return static_cast<double>(largest);
  }
  double ours() const {
    std::vector<T> c(kM * kN);
    gemm_serial<T>({a.data(), kM, k, k}, {b.data(), k, kN, kN}, {c.data(), kM, kN, kN});
    return largest_error(c);
  }
  double openblas() const {
    std::vector<T> c(kM * kN);
    const CblasLibrary& library = openblas_at_its_best();
    library.set_threads(1);
    const auto gemm = [&]() -> CblasGemm<T> {
      if constexpr (std::is_same_v<T, float>)
        return library.sgemm;
      else
        return library.dgemm;
    }();
    gemm(kRowMajor, kNoTranspose, kNoTranspose, kM, kN, static_cast<int>(k), 1, a.data(), static_cast<int>(k), b.data(),
         kN, 0, c.data(), kN);
    return largest_error(c);
  }

  std::int64_t k;
  std::vector<T> a, b;
  std::vector<long double> exact;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return (values[values.size() / 2 - 1] + values[values.size() / 2]) / 2;
}

template <class T>
void expect_as_accurate(const Element<T>& element) {
  if (!openblas_at_its_best().error.empty()) GTEST_SKIP() << openblas_at_its_best().error;
  for (const std::int64_t k : {100, 500, 1500}) {
    std::vector<double> ours, theirs;
    for (int seed = 1; seed <= kSeeds; ++seed) {
      const Sample<T> sample(static_cast<std::uint64_t>(seed), k, element);
      ours.push_back(sample.ours());
      theirs.push_back(sample.openblas());
    }
    EXPECT_LE(median(ours), 1.1 * median(theirs)) << "k=" << k << ", seeds 1 to " << kSeeds;
  }
}

template <class T>
class Accuracy : public ::testing::Test {};
using Elements = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Accuracy, Elements);

TYPED_TEST(Accuracy, IsThatOfOpenBlasOnRandomInputs) {
  expect_as_accurate<TypeParam>(
      [](const RandomStream& random, std::uint64_t i) { return random.template symmetric<TypeParam>(i); });
}

TYPED_TEST(Accuracy, IsThatOfOpenBlasOnIllScaledInputs) {
  expect_as_accurate<TypeParam>([](const RandomStream& random, std::uint64_t i) {
    const auto exponent = static_cast<int>(random.template symmetric<double>(2 * i + 1) * 15);
    return static_cast<TypeParam>(std::ldexp(random.template symmetric<TypeParam>(2 * i), exponent));
  });
}

TYPED_TEST(Accuracy, IsPerfectOnIntegers) {
  for (const std::int64_t k : {100, 500, 1500})
    for (int seed = 1; seed <= kSeeds; ++seed) {
      const Sample<TypeParam> sample(static_cast<std::uint64_t>(seed), k,
                                     [](const RandomStream& random, std::uint64_t i) {
                                       return std::floor(random.template symmetric<TypeParam>(i) * 50);
                                     });
      EXPECT_EQ(sample.ours(), 0) << "k=" << k << " seed " << seed;
    }
}

}  // namespace
}  // namespace overtake
