// SPDX-License-Identifier: Apache-2.0
// How a block's tile of C is divided among its warps, and a warp's among its lanes: for cuda_warp_tiled and cuda_async.
#pragma once

#include "gpu/matmul/engine/thread_tile.cuh"

namespace overtake {

/// 8 warps, 2 down and 4 across, each 64 rows by 32 (f32) or 16 (f64) columns; 8 x 4 lanes in a warp. Of 16 bytes each,
/// a warp reads 8 different vectors of A at once and 4 of B: no two in the same bank.
template <class T>
struct WarpTiles {
  static constexpr int kThreads = 256, kWarp = 32, kWidth = kVectorWidth<T>;
  static constexpr int kWarpsAcross = 4, kLanesDown = 8, kLanesAcross = 4;
  static constexpr int kRowsOfThread = 8, kColumnsOfThread = sizeof(T) == 4 ? 8 : 4;
  static constexpr int kRowsOfWarp = kRowsOfThread * kLanesDown, kColumnsOfWarp = kColumnsOfThread * kLanesAcross;
  static constexpr int kTileRows = kRowsOfWarp * (kThreads / kWarp / kWarpsAcross);
  static constexpr int kTileColumns = kColumnsOfWarp * kWarpsAcross;
  /// With two blocks on a multiprocessor one computes while the other waits, where 128 registers a thread are enough:
  /// for f32 both kernels fit without spills, for f64 neither.
  static constexpr int kBlocksAtOnce = sizeof(T) == 4 ? 2 : 1;
  /// Rows of tiles that blocks go down before the next column of tiles.
  static constexpr int kGroup = 8;
  using Mine = ThreadTile<T, kRowsOfThread, kColumnsOfThread, kLanesDown * kWidth, kLanesAcross * kWidth>;

  /// First row and column of a thread within the block's tile.
  OVERTAKE_HOST_DEVICE static constexpr int row(int thread) {
    return thread / kWarp / kWarpsAcross * kRowsOfWarp + thread % kWarp / kLanesAcross * kWidth;
  }
  OVERTAKE_HOST_DEVICE static constexpr int column(int thread) {
    return thread / kWarp % kWarpsAcross * kColumnsOfWarp + thread % kLanesAcross * kWidth;
  }
};

}  // namespace overtake
