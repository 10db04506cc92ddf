// SPDX-License-Identifier: Apache-2.0
// A tile of A, transposed, and one of B in shared memory, fetched 16 bytes at a time: for the kernels whose threads
// read 16 bytes of either, cuda_vectorised and cuda_warp_tiled.
#pragma once

#include "gpu/matmul/engine/product.cuh"

namespace overtake {

/// Shared memory: kDepth x kStrideOfA of A, where row l holds column l of the tile, then kDepth x kColumns of B.
template <class T, int kRows, int kColumns, int kDepth>
struct TransposedTile {
  static constexpr int kWidth = kVectorWidth<T>;
  // 16 bytes more than the rows: what the threads of a warp write on transposing then falls into twice as many banks,
  // and rows still begin on 16 bytes.
  static constexpr int kStrideOfA = kRows + kWidth;
  static constexpr int kElements = kDepth * (kStrideOfA + kColumns);

  template <bool kAligned, int kThreads, class Block>
  OVERTAKE_DEVICE static void fetch(const Block& block, const Product<T>& p, std::int64_t row0, std::int64_t column0,
                                    std::int64_t l0, T* a, T* b) {
    constexpr int kVectorsOfA = kRows * kDepth / kWidth, kVectorsOfB = kColumns * kDepth / kWidth;
    static_assert(kVectorsOfA % kThreads == 0 && kVectorsOfB % kThreads == 0, "all threads fetch equally much");
    OVERTAKE_UNROLL
    for (int e = 0; e < kVectorsOfA; e += kThreads) {
      const int at = e + block.thread(), row = at / (kDepth / kWidth), column = at % (kDepth / kWidth) * kWidth;
      const Vector<T> values = vector_or_zero<kAligned>(p.a, row0 + row, l0 + column, p.m, p.k);
      OVERTAKE_UNROLL
      for (int i = 0; i < kWidth; ++i) a[(column + i) * kStrideOfA + row] = values.v[i];
    }
    OVERTAKE_UNROLL
    for (int e = 0; e < kVectorsOfB; e += kThreads) {
      const int at = e + block.thread(), row = at / (kColumns / kWidth), column = at % (kColumns / kWidth) * kWidth;
      *reinterpret_cast<Vector<T>*>(b + row * kColumns + column) =
          vector_or_zero<kAligned>(p.b, l0 + row, column0 + column, p.k, p.n);
    }
  }
};

}  // namespace overtake
