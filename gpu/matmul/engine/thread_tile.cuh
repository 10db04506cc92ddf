// SPDX-License-Identifier: Apache-2.0
// The tile of C that a thread keeps in registers, in groups of 16 bytes, and the outer product that adds to it: for
// cuda_vectorised, cuda_warp_tiled and cuda_async.
#pragma once

#include "gpu/matmul/engine/product.cuh"

namespace overtake {

/// kRows x kColumns elements of C. Rows come in groups of kVectorWidth neighbours, group g beginning at
/// row0 + g * kRowStep of the block's tile; columns likewise.
template <class T, int kRows, int kColumns, int kRowStep, int kColumnStep>
struct ThreadTile {
  static constexpr int kWidth = kVectorWidth<T>;
  static_assert(kRows % kWidth == 0 && kColumns % kWidth == 0, "rows and columns come in groups of 16 bytes");

  /// A column of A and a row of B, as far as this thread needs them.
  struct Fragment {
    Vector<T> a[kRows / kWidth], b[kColumns / kWidth];
  };

  T sums[kRows][kColumns] = {};

  /// a: column l of the transposed tile of A, b: row l of the tile of B, both from this thread's first element on.
  OVERTAKE_DEVICE static void read(const T* a, const T* b, Fragment& out) {
    OVERTAKE_UNROLL
    for (int g = 0; g < kRows / kWidth; ++g) out.a[g] = *reinterpret_cast<const Vector<T>*>(a + g * kRowStep);
    OVERTAKE_UNROLL
    for (int g = 0; g < kColumns / kWidth; ++g) out.b[g] = *reinterpret_cast<const Vector<T>*>(b + g * kColumnStep);
  }

  OVERTAKE_DEVICE void add(const Fragment& f) {
    OVERTAKE_UNROLL
    for (int i = 0; i < kRows; ++i) OVERTAKE_UNROLL
    for (int j = 0; j < kColumns; ++j) sums[i][j] += f.a[i / kWidth].v[i % kWidth] * f.b[j / kWidth].v[j % kWidth];
  }

  /// Into C; row and column are those of this thread's first element.
  template <bool kAligned>
  OVERTAKE_DEVICE void store(const Product<T>& p, std::int64_t row, std::int64_t column) const {
    OVERTAKE_UNROLL
    for (int i = 0; i < kRows; ++i) OVERTAKE_UNROLL
    for (int g = 0; g < kColumns / kWidth; ++g) {
      Vector<T> values;
      OVERTAKE_UNROLL
      for (int j = 0; j < kWidth; ++j) values.v[j] = sums[i][g * kWidth + j];
      const int below = i / kWidth * kRowStep + i % kWidth, beside = g * kColumnStep;
      store_inside<kAligned>(p.c, values, row + below, column + beside, p.m, p.n);
    }
  }
};

}  // namespace overtake
