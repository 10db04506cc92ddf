// SPDX-License-Identifier: Apache-2.0
// How the loops of the blocked product are cut, from the sizes of the caches. Used by gemm.cpp and openmp.cpp.
#pragma once

#include <cstdint>

#include "cpu/matmul/engine/tile_kernels.h"

namespace overtake {

/// A block of A is mc x kc and stays in the second-level cache, a panel of B is kc x nr and stays in the first, a
/// block of B is kc x nc and stays in the third. mc is a multiple of mr, nc of nr.
struct Blocking {
  std::int64_t mc, nc, kc;
};

/// Blocks for a product of m x k by k x n.
template <class T>
Blocking blocking_for(const TileKernels<T>&, std::int64_t m, std::int64_t n, std::int64_t k);

/// Which operands are worth packing where B is k x n, however many rows A has.
enum class Packing { none, b, both };
template <class T>
Packing packing_for(const TileKernels<T>&, std::int64_t n, std::int64_t k);

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
constexpr std::int64_t round_up(std::int64_t a, std::int64_t unit) { return ceil_div(a, unit) * unit; }

}  // namespace overtake
