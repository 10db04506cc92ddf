// SPDX-License-Identifier: Apache-2.0
// The order in which persistent blocks go through the tiles of C: along a Hilbert curve, so that blocks that run at the
// same time work on tiles near each other and share rows of A and columns of B in the L2 cache. For cuda_wgmma.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace overtake {

/// Place of a tile of C, counted in tiles, as kernels read it from memory.
struct TileAt {
  std::int32_t row, column;
};

/// Step `index` of a Hilbert curve through side x side places, side a power of two, from (0, 0) to (side - 1, 0).
/// Hilbert, "Ueber die stetige Abbildung einer Linie auf ein Flaechenstueck", Mathematische Annalen 38 (1891).
constexpr std::pair<std::int64_t, std::int64_t> hilbert_place(std::int64_t side, std::int64_t index) {
  std::int64_t x = 0, y = 0;
  // From the smallest squares to the largest: each quarter of a square is the square before it, turned.
  for (std::int64_t s = 1; s < side; s *= 2, index /= 4) {
    const std::int64_t right = index / 2 % 2, up = (index % 2) ^ right;
    if (up == 0) {
      if (right == 1) {
        x = s - 1 - x;
        y = s - 1 - y;
      }
      std::swap(x, y);
    }
    x += s * right;
    y += s * up;
  }
  return {x, y};
}

/// All of rows x columns tiles, each once. A grid is cut into squares along its longer side, one curve after the other;
/// what lies outside the grid is left out.
inline std::vector<TileAt> hilbert_order(std::int64_t rows, std::int64_t columns) {
  std::vector<TileAt> order;
  if (rows == 0 || columns == 0) return order;
  const std::int64_t length = std::max(rows, columns), width = std::min(rows, columns);
  const auto side = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(width)));
  order.reserve(static_cast<std::size_t>(rows * columns));
  for (std::int64_t first = 0; first < length; first += side)
    for (std::int64_t i = 0; i < side * side; ++i) {
      const auto [along, across] = hilbert_place(side, i);
      if (first + along >= length || across >= width) continue;
      const auto a = static_cast<std::int32_t>(first + along), b = static_cast<std::int32_t>(across);
      order.push_back(rows >= columns ? TileAt{a, b} : TileAt{b, a});
    }
  return order;
}

}  // namespace overtake
