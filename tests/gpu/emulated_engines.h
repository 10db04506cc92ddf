// SPDX-License-Identifier: Apache-2.0
// What Hopper's copy engine and wgmma do to shared memory, from the PTX ISA, not from a kernel's own maps. For
// emulated_cluster.h, which says when they do it.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "core/element.h"
#include "tests/gpu/emulated_block.h"

namespace overtake::emulated {

/// PTX ISA, "Phase of the mbarrier object" and "Tracking asynchronous operations": a phase ends when as many have
/// arrived as the barrier was made for, and all bytes that were expected have come; they may come first.
struct Barrier {
  int arrivals, pending;
  std::int64_t bytes = 0;
  std::uint32_t phase = 0;

  bool ended(std::uint32_t parity) const { return phase % 2 != parity; }
  /// false: one too many.
  bool arrive(std::int64_t expected_bytes) {
    if (pending == 0) return false;
    --pending;
    complete(-expected_bytes);
    return true;
  }
  void complete(std::int64_t some_bytes) {
    bytes -= some_bytes;
    if (pending != 0 || bytes != 0) return;
    ++phase;
    pending = arrivals;
  }
};

/// A matrix in memory as the copy engine sees it: boxes have rows of 128 bytes in shared memory, swizzled.
struct TensorMap {
  unsigned char* data;
  std::int64_t rows, columns, row_bytes;
  int element, box_rows, box_columns;
};

/// The box at (column, row) of the tensor into shared memory or from it; zeros from outside, nothing to outside.
/// 16 bytes at offset o of the buffer lie at o with bits 4 to 6 xor bits 7 to 9.
inline void copy_box(bool to_shared, unsigned char* shared, const TensorMap& map, int column, int row) {
  for (int r = 0; r < map.box_rows; ++r)
    for (int c = 0; c < map.box_columns; ++c) {
      const auto offset = static_cast<std::uint32_t>(r * 128 + c * map.element);
      unsigned char* there = shared + (offset ^ ((offset >> 7 & 7u) << 4));
      const std::int64_t y = std::int64_t{row} + r, x = std::int64_t{column} + c;
      const bool inside = y >= 0 && y < map.rows && x >= 0 && x < map.columns;
      unsigned char* here = inside ? map.data + y * map.row_bytes + x * map.element : nullptr;
      const auto bytes = static_cast<std::size_t>(map.element);
      if (!to_shared && inside) std::memcpy(here, there, bytes);
      if (to_shared && inside) std::memcpy(there, here, bytes);
      if (to_shared && !inside) std::memset(there, 0, bytes);
    }
}

/// Shared memory of a block, as wgmma reads it: its descriptors count from `window`.
struct SharedWindow {
  const unsigned char* begin;
  std::uint32_t window;
  std::size_t bytes;

  /// An element of A's row, or of B's column, `row`. Throws Misuse.
  template <class T>
  float element(std::uint64_t descriptor, bool k_major, int row, int k) const {
    if (descriptor >> 62 != 1 || (descriptor >> 49 & 7) != 0) throw Misuse("a descriptor of another swizzle");
    constexpr int kSize = static_cast<int>(sizeof(T)), kWide = 128 / kSize;
    const auto field = [&](int at) { return static_cast<std::uint32_t>(descriptor >> at & 0x3fff) << 4; };
    const auto u = [](int x) { return static_cast<std::uint32_t>(x); };
    const std::uint32_t leading = field(16), stride = field(32);
    std::uint32_t at = field(0);
    if (k_major)
      at += u(row / 8) * stride + u(row % 8) * 128 + u(k * kSize);
    else
      at += u(row / kWide) * leading + u(k / 8) * stride + u(k % 8) * 128 + u(row % kWide * kSize);
    at ^= (at >> 7 & 7u) << 4;
    if (at < window || at - window + kSize > bytes) throw Misuse("a descriptor points outside of shared memory");
    T value;
    std::memcpy(&value, begin + (at - window), sizeof(T));
    // Of tf32 the lowest 13 bits do not count.
    if constexpr (std::is_same_v<T, Tf32>)
      return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value.value) & 0xffffe000u);
    else
      return static_cast<float>(value);
  }
};

/// D (64 x 256) = or += A (64 x 32 bytes) B, B N-major for bf16: PTX ISA, wgmma, "Strides", "Matrix Descriptor Format",
/// "Register Fragments". sums: 128 of each of 128 threads.
template <class T>
void multiply_shared(const SharedWindow& shared, std::uint64_t a, std::uint64_t b, bool add,
                     const std::array<float*, 128>& sums) {
  constexpr int kDepth = 32 / static_cast<int>(sizeof(T));
  std::vector<float> of_a(std::size_t{64} * kDepth), of_b(std::size_t{256} * kDepth);
  for (int k = 0; k < kDepth; ++k) {
    for (int i = 0; i < 64; ++i) of_a[static_cast<std::size_t>(i * kDepth + k)] = shared.element<T>(a, true, i, k);
    for (int j = 0; j < 256; ++j)
      of_b[static_cast<std::size_t>(j * kDepth + k)] = shared.element<T>(b, sizeof(T) == 4, j, k);
  }
  for (int thread = 0; thread < 128; ++thread)
    for (int i = 0; i < 128; ++i) {
      const int row = thread / 32 * 16 + thread % 32 / 4 + (i % 4 >= 2 ? 8 : 0);
      const int column = i / 4 * 8 + thread % 4 * 2 + i % 2;
      float& sum = sums[static_cast<std::size_t>(thread)][i];
      if (!add) sum = 0;
      for (int k = 0; k < kDepth; ++k)
        sum += of_a[static_cast<std::size_t>(row * kDepth + k)] * of_b[static_cast<std::size_t>(column * kDepth + k)];
    }
}

}  // namespace overtake::emulated
