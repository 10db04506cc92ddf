// SPDX-License-Identifier: Apache-2.0
#include "cpu/matmul/engine/blocking.h"

#include <algorithm>

#include "core/system/resources.h"

namespace overtake {
namespace {

constexpr std::int64_t kMostOfB = 8 << 20;  // bytes of a block of B: what is packed stays below 16 MiB a core

// The core's own share of a level where the machine lists it; otherwise smaller caches than most CPUs have, so that a
// block stays inside.
struct CacheShares {
  std::int64_t l1 = 32 << 10, l2 = 512 << 10, l3 = 8 << 20;
};

const CacheShares& cache_shares() {
  static const CacheShares kShares = [] {
    CacheShares shares;
    for (const CacheLevel& cache : data_caches()) {
      const std::int64_t share = cache.bytes / std::max(cache.shared_by, 1);
      if (cache.level == 1) shares.l1 = share;
      if (cache.level == 2) shares.l2 = share;
      // A share too: workers that are processes pack a block of B each, into the same cache.
      if (cache.level == 3) shares.l3 = share;
    }
    return shares;
  }();
  return kShares;
}

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
  const auto& [l1, l2, l3] = cache_shares();
  // Half of each cache: the other half is for what streams past. On Zen 3 (768^3, f32 and f64) kc from 192 to 512 and
  // mc from 60 to 396 stay within 3 % of this.
  const std::int64_t kc = even_block(k, l1 / 2 / (kernels.nr * kElement), 8);
  const std::int64_t mc = even_block(m, l2 / 2 / (kc * kElement), kernels.mr);
  // One block of rows: a block of B is used once, straight from the second-level cache.
  const std::int64_t b_bytes = m <= mc ? l2 / 4 : std::min(l3 / 2, kMostOfB);
  const std::int64_t nc = even_block(n, b_bytes / (kc * kElement), kernels.nr);
  return {mc, nc, kc};
}

template <class T>
Packing packing_for(const TileKernels<T>& kernels, std::int64_t n, std::int64_t k) {
  constexpr std::int64_t kElement = sizeof(T);
  // A quarter of the second-level cache: B is read from there as fast as from a packed block.
  if (k * n * kElement <= cache_shares().l2 / 4 || n <= kernels.nr) return Packing::none;
  // With few panels of B each element of A is used too little to pay for its copy.
  return n <= 4 * kernels.nr ? Packing::b : Packing::both;
}

template Packing packing_for(const TileKernels<float>&, std::int64_t, std::int64_t);
template Packing packing_for(const TileKernels<double>&, std::int64_t, std::int64_t);
template Blocking blocking_for(const TileKernels<float>&, std::int64_t, std::int64_t, std::int64_t);
template Blocking blocking_for(const TileKernels<double>&, std::int64_t, std::int64_t, std::int64_t);

}  // namespace overtake
