// SPDX-License-Identifier: Apache-2.0
// What the checker of matmul allows in bf16 and tf32, and what it does not: ways of rounding that tensor cores have,
// and ways that are one step too coarse.
#include "core/workload/matmul_precision.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "core/registry/variant.h"
#include "core/workload/matmul.h"

namespace overtake::matmul_precision {
namespace {

float cut_to_11_bits(Tf32 x) { return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x.value) & 0xffffe000u); }
float cut_to_24_bits(double x) {
  const auto nearest = static_cast<float>(x);
  return std::abs(static_cast<double>(nearest)) > std::abs(x) ? std::nextafter(nearest, 0.0f) : nearest;
}

// Both inputs of an m x n x k product, computed by `add(sum, a, b)` and written as `written(sum)`.
template <class T, class Add, class Written>
void expect_check(bool ok, const Matmul::Problem& p, Add add, Written written) {
  TypedData<Matmul, T> data(p, {}, {});
  for (const int which : {0, 1}) {
    const auto& in = data.inputs[which];
    for (std::int64_t i = 0; i < p.m; ++i)
      for (std::int64_t j = 0; j < p.n; ++j) {
        float sum = 0;
        for (std::int64_t l = 0; l < p.k; ++l) sum = add(sum, in.a(i, l), in.b(l, j));
        data.output.c(i, j) = written(sum);
      }
    const Check check = data.check(which);
    EXPECT_EQ(check.ok, ok) << p.shape().to_string() << " input " << which << ": error " << check.error
                            << ", tolerance " << check.tolerance << ' ' << check.detail;
  }
}

// In full, and by Freivalds' check.
const Matmul::Problem kSmall = {40, 50, 600}, kLarge = {150, 200, 1500};
const std::initializer_list<Matmul::Problem> kProblems = {{1, 1, 1}, {5, 7, 2}, {60, 60, 8}, kSmall, kLarge};

template <class T>
T as_is(float sum) {
  return T(sum);
}

TEST(MatmulPrecision, AllowsRoundedOperandsOfTf32) {
  for (const auto& p : kProblems)
    expect_check<Tf32>(true, p, [](float sum, Tf32 a, Tf32 b) { return sum + operand(a) * operand(b); }, as_is<Tf32>);
}

TEST(MatmulPrecision, AllowsOperandsOfTf32ThatAreCutOffAndSumsToo) {
  const auto cut = [](float sum, Tf32 a, Tf32 b) {
    return cut_to_24_bits(static_cast<double>(sum) + static_cast<double>(cut_to_11_bits(a)) * cut_to_11_bits(b));
  };
  for (const auto& p : kProblems) expect_check<Tf32>(true, p, cut, as_is<Tf32>);
}

TEST(MatmulPrecision, RefusesOperandsOfBf16InTf32) {
  const auto coarse = [](float sum, Tf32 a, Tf32 b) { return sum + float(Bf16(a)) * float(Bf16(b)); };
  for (const auto& p : {kSmall, kLarge}) expect_check<Tf32>(false, p, coarse, as_is<Tf32>);
}

TEST(MatmulPrecision, AllowsSumsOfBf16ThatAreCutOff) {
  const auto cut = [](float sum, Bf16 a, Bf16 b) {
    return cut_to_24_bits(static_cast<double>(sum) + static_cast<double>(float(a)) * float(b));
  };
  for (const auto& p : kProblems) expect_check<Bf16>(true, p, cut, as_is<Bf16>);
}

TEST(MatmulPrecision, RefusesSumsInBf16) {
  const auto coarse = [](float sum, Bf16 a, Bf16 b) { return float(Bf16(sum + float(a) * float(b))); };
  for (const auto& p : {kSmall, kLarge}) expect_check<Bf16>(false, p, coarse, as_is<Bf16>);
}

TEST(MatmulPrecision, RefusesABf16ResultThatLacksABit) {
  const auto add = [](float sum, Bf16 a, Bf16 b) { return sum + float(a) * float(b); };
  const auto a_bit_less = [](float sum) {
    Bf16 out;
    out.bits = static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(sum) >> 16) & 0xfffeu);
    return out;
  };
  for (const auto& p : {kSmall, kLarge}) expect_check<Bf16>(false, p, add, a_bit_less);
}

}  // namespace
}  // namespace overtake::matmul_precision
