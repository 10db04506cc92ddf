// SPDX-License-Identifier: Apache-2.0
// The problem as kernels see it, and the index arithmetic that they share: which tile of C a block computes, and loads
// and stores that stay inside the matrices. Compiled by g++ too: tests/gpu runs the kernels of this folder on the CPU.
#pragma once

#include <cstdint>

#include "core/element.h"
#include "gpu/cuda/host_device.cuh"
#include "gpu/cuda/vector.cuh"

namespace overtake {

/// a: m x k, b: k x n, c: m x n, row by row without gaps.
template <class T>
struct Product {
  const T *a, *b;
  T* c;
  std::int64_t m, n, k;
};

OVERTAKE_HOST_DEVICE constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Place of a tile of C, counted in tiles.
struct TilePlace {
  std::int64_t row, column;
};

/// Which tile block `index` of rows x columns tiles computes: down `group` rows of tiles, then the next column of
/// tiles. Blocks that run at the same time then share rows of A and columns of B in the L2 cache. `group` 1 is row by
/// row. Every tile is some block's, and no two blocks have the same.
OVERTAKE_HOST_DEVICE constexpr TilePlace tile_of_block(std::int64_t index, std::int64_t rows, std::int64_t columns,
                                                       std::int64_t group) {
  const std::int64_t whole = group * columns;
  const std::int64_t first = index / whole * group;
  const std::int64_t height = rows - first < group ? rows - first : group;
  return {first + index % whole % height, index % whole / height};
}

/// Whether every row of A, B and C begins on 16 bytes, given that the matrices do.
template <class T>
constexpr bool rows_are_aligned(const Product<T>& p) {
  return p.k % kVectorWidth<T> == 0 && p.n % kVectorWidth<T> == 0;
}

/// Element (row, column) of a rows x columns matrix, 0 outside.
template <class T>
OVERTAKE_DEVICE T element_or_zero(const T* x, std::int64_t row, std::int64_t column, std::int64_t rows,
                                  std::int64_t columns) {
  return row < rows && column < columns ? x[row * columns + column] : T{};
}

/// The 16 bytes that begin there, 0 outside. kAligned: rows_are_aligned(), and column is a multiple of kVectorWidth.
template <bool kAligned, class T>
OVERTAKE_DEVICE Vector<T> vector_or_zero(const T* x, std::int64_t row, std::int64_t column, std::int64_t rows,
                                         std::int64_t columns) {
  Vector<T> out{};
  if constexpr (kAligned) {
    if (row < rows && column < columns) out = *reinterpret_cast<const Vector<T>*>(x + row * columns + column);
  } else {
    OVERTAKE_UNROLL
    for (int i = 0; i < kVectorWidth<T>; ++i) out.v[i] = element_or_zero(x, row, column + i, rows, columns);
  }
  return out;
}

/// The inverse: what lies outside is not written.
template <bool kAligned, class T>
OVERTAKE_DEVICE void store_inside(T* x, const Vector<T>& values, std::int64_t row, std::int64_t column,
                                  std::int64_t rows, std::int64_t columns) {
  if (row >= rows) return;
  if constexpr (kAligned) {
    if (column < columns) *reinterpret_cast<Vector<T>*>(x + row * columns + column) = values;
  } else {
    OVERTAKE_UNROLL
    for (int i = 0; i < kVectorWidth<T>; ++i)
      if (column + i < columns) x[row * columns + column + i] = values.v[i];
  }
}

}  // namespace overtake
