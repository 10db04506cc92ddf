// SPDX-License-Identifier: Apache-2.0
// Who of a warp holds which element of a product of 16 x 4 by 4 x 8 doubles on tensor cores, and a warp's tile made of
// such products: for cuda_dmma. The instruction itself is the block's (cuda::DeviceBlock::multiply_add).
#pragma once

#include "gpu/matmul/engine/product.cuh"

namespace overtake {

/// PTX ISA, "Matrix Fragments for mma.m16n8k4", .f64: with group = lane / 4 and place = lane % 4, a lane holds of A
/// rows group and group + 8 of column place, of B row place of column group, of C and D rows group (elements 0, 1) and
/// group + 8 (2, 3), columns 2 place and 2 place + 1. Rows 0 to 7 and 8 to 15 apart it is the layout of mma.m8n8k4
/// twice
/// ("Matrix Fragments for mma.m8n8k4 with .f64 floating point type").
struct MmaF64 {
  static constexpr int kRows = 16, kColumns = 8, kDepth = 4;
  static constexpr int kOfA = 2, kOfC = 4;  // elements of a lane; of B it has one

  OVERTAKE_HOST_DEVICE static constexpr int row_of_a(int lane, int i) { return lane / 4 + 8 * i; }
  OVERTAKE_HOST_DEVICE static constexpr int depth_of_a(int lane) { return lane % 4; }
  OVERTAKE_HOST_DEVICE static constexpr int depth_of_b(int lane) { return lane % 4; }
  OVERTAKE_HOST_DEVICE static constexpr int column_of_b(int lane) { return lane / 4; }
  OVERTAKE_HOST_DEVICE static constexpr int row_of_c(int lane, int i) { return lane / 4 + 8 * (i / 2); }
  OVERTAKE_HOST_DEVICE static constexpr int column_of_c(int lane, int i) { return lane % 4 * 2 + i % 2; }
};

/// kDown x kAcross of those products: the part of C that a warp computes.
template <int kDown, int kAcross>
struct MmaTile {
  static constexpr int kRows = kDown * MmaF64::kRows, kColumns = kAcross * MmaF64::kColumns;

  /// kDepth columns of A and rows of B, as far as this lane needs them.
  struct Fragment {
    double a[kDown][MmaF64::kOfA], b[kAcross];
  };

  double sums[kDown][kAcross][MmaF64::kOfC] = {};

  /// a: the warp's first row of A at the fragment's first column, rows kStrideOfA apart; b: the fragment's first row of
  /// B at the warp's first column, rows kStrideOfB apart.
  template <int kStrideOfA, int kStrideOfB>
  OVERTAKE_DEVICE static void read(const double* a, const double* b, int lane, Fragment& out) {
    const int of_a = MmaF64::row_of_a(lane, 0) * kStrideOfA + MmaF64::depth_of_a(lane);
    const int of_b = MmaF64::depth_of_b(lane) * kStrideOfB + MmaF64::column_of_b(lane);
    OVERTAKE_UNROLL
    for (int i = 0; i < kDown; ++i) OVERTAKE_UNROLL
    for (int h = 0; h < MmaF64::kOfA; ++h) out.a[i][h] = a[of_a + (i * MmaF64::kRows + 8 * h) * kStrideOfA];
    OVERTAKE_UNROLL
    for (int j = 0; j < kAcross; ++j) out.b[j] = b[of_b + j * MmaF64::kColumns];
  }

  template <class Block>
  OVERTAKE_DEVICE void add(const Block& block, const Fragment& f) {
    OVERTAKE_UNROLL
    for (int i = 0; i < kDown; ++i) OVERTAKE_UNROLL
    for (int j = 0; j < kAcross; ++j) block.multiply_add(sums[i][j], f.a[i], f.b[j]);
  }

  /// Into C; row and column are those of the warp's first element. A lane has two neighbours of a row: 16 bytes.
  template <bool kAligned>
  OVERTAKE_DEVICE void store(const Product<double>& p, std::int64_t row, std::int64_t column, int lane) const {
    OVERTAKE_UNROLL
    for (int i = 0; i < kDown; ++i) OVERTAKE_UNROLL
    for (int j = 0; j < kAcross; ++j) OVERTAKE_UNROLL
    for (int e = 0; e < MmaF64::kOfC; e += 2) {
      const Vector<double> pair = {{sums[i][j][e], sums[i][j][e + 1]}};
      store_inside<kAligned>(p.c, pair, row + (i * MmaF64::kRows + MmaF64::row_of_c(lane, e)),
                             column + (j * MmaF64::kColumns + MmaF64::column_of_c(lane, e)), p.m, p.n);
    }
  }
};

}  // namespace overtake
