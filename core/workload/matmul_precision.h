// SPDX-License-Identifier: Apache-2.0
// How much each element type of matmul rounds, and hence how far a right answer may be from the product in double
// precision. For the checker of matmul alone.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/element.h"

namespace overtake {

/// Unit roundoffs of: adding up, an operand before it is multiplied (0: exact), an element of C when it is written; and
/// how many columns of C go into one signed sum.
struct MatmulPrecision {
  double sum, operand, output;
  std::int64_t block_columns;
};

/// f32, f64: one roundoff u for all, which Higham and Mary's 2 sqrt(k) u |a_i| |b_j| is about.
///
/// bf16, tf32: products of two operands are exact in f32. Tensor cores cut off where others round when they add (Fasi,
/// Higham, Mikaitis and Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ Computer Science 7 (2021), e330),
/// so u of the sum is 2^-23, not 2^-24. An element of a bf16 C is rounded by up to 2^-8 of itself, an operand of tf32
/// by 2^-11 where it is rounded to nearest. Both are far larger than what adding up costs, and a signed sum gathers one
/// for each column: hence narrower blocks, which leave a tenth of one typical element well beyond the tolerance.
template <class T>
constexpr MatmulPrecision kMatmulPrecision{};
template <>
inline constexpr MatmulPrecision kMatmulPrecision<float>{0x1p-24, 0, 0x1p-24, 512};
template <>
inline constexpr MatmulPrecision kMatmulPrecision<double>{0x1p-53, 0, 0x1p-53, 512};
template <>
inline constexpr MatmulPrecision kMatmulPrecision<Bf16>{0x1p-23, 0, 0x1p-8, 16};
template <>
inline constexpr MatmulPrecision kMatmulPrecision<Tf32>{0x1p-23, 0x1p-11, 0x1p-24, 32};

/// Independent rounding errors of at most e_1, e_2, ... add up to at most this, given the sum of the squares of the
/// e_i. An error is spread over its interval, hence a standard deviation of e_i / sqrt(3) at most: five of them.
inline double rounding_of_many(double sum_of_squares) { return 3 * std::sqrt(sum_of_squares); }

/// What rounding operands does to a sum of their products, `value`, whose products' squares add up to
/// `sum_of_squares`: u is half the width of where a relative error lies. Where operands are cut off, not rounded, it
/// lies between -2u and 0: the products shrink together by up to 4u, and by up to 2u more or less each for itself.
inline double rounding_of_operands(double u, double value, double sum_of_squares) {
  return 4 * u * std::abs(value) + rounding_of_many(2 * u * u * sum_of_squares);
}

}  // namespace overtake
