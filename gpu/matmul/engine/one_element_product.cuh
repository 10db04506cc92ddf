// SPDX-License-Identifier: Apache-2.0
// A thread for each element of C, without shared memory: the kernels of cuda_naive and cuda_coalesced, which differ in
// nothing but which element a thread takes.
#pragma once

#include "gpu/matmul/engine/product.cuh"

namespace overtake {

enum class Neighbours { take_rows, take_columns };

template <class T, Neighbours kNeighbours>
struct OneElementProduct {
  static constexpr int kThreads = 256, kWarp = 32, kSharedElements = 0;
  static constexpr int kTileRows = kNeighbours == Neighbours::take_rows ? kWarp : kThreads / kWarp;
  static constexpr int kTileColumns = kThreads / kTileRows;
  static constexpr bool kUsesAlignment = false;

  template <class Block>
  OVERTAKE_DEVICE static void run(const Block& block, const Product<T>& p, T*) {
    const TilePlace tile = tile_of_block(block.index(), ceil_div(p.m, kTileRows), ceil_div(p.n, kTileColumns), 1);
    const int lane = block.thread() % kWarp, warp = block.thread() / kWarp;
    const bool rows = kNeighbours == Neighbours::take_rows;
    const std::int64_t i = tile.row * kTileRows + (rows ? lane : warp);
    const std::int64_t j = tile.column * kTileColumns + (rows ? warp : lane);
    if (i >= p.m || j >= p.n) return;
    Accumulator<T> sum = 0;
    for (std::int64_t l = 0; l < p.k; ++l) sum += operand(p.a[i * p.k + l]) * operand(p.b[l * p.n + j]);
    p.c[i * p.n + j] = static_cast<T>(sum);
  }
};

template <class T, bool kAligned>
using NaiveProduct = OneElementProduct<T, Neighbours::take_rows>;
template <class T, bool kAligned>
using CoalescedProduct = OneElementProduct<T, Neighbours::take_columns>;

}  // namespace overtake
