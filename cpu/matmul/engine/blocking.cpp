// SPDX-License-Identifier: Apache-2.0
#include "cpu/matmul/engine/blocking.h"

#include <algorithm>

namespace overtake {
namespace {

// Smaller caches than most CPUs have, so that a block stays inside.
constexpr std::int64_t kL1 = 32 << 10, kL2 = 512 << 10, kL3 = 8 << 20;

// `extent` in equal blocks of at most `limit`, each a multiple of `unit`: a thin last block would waste its packing.
std::int64_t even_block(std::int64_t extent, std::int64_t limit, std::int64_t unit) {
  limit = std::max(limit / unit * unit, unit);
  const std::int64_t blocks = std::max<std::int64_t>(ceil_div(extent, limit), 1);
  return std::max(round_up(ceil_div(extent, blocks), unit), unit);
}

}  // namespace

template <class T>
Blocking blocking_for(const TileKernels<T>& kernels, std::int64_t m, std::int64_t n, std::int64_t k) {
  constexpr std::int64_t kElement = sizeof(T);
  // Half of each cache: the other half is for what streams past.
  const std::int64_t kc = even_block(k, kL1 / 2 / (kernels.nr * kElement), 8);
  const std::int64_t mc = even_block(m, kL2 / 2 / (kc * kElement), kernels.mr);
  const std::int64_t nc = even_block(n, kL3 / 2 / (kc * kElement), kernels.nr);
  return {mc, nc, kc};
}

template Blocking blocking_for(const TileKernels<float>&, std::int64_t, std::int64_t, std::int64_t);
template Blocking blocking_for(const TileKernels<double>&, std::int64_t, std::int64_t, std::int64_t);

}  // namespace overtake
