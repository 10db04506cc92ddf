// SPDX-License-Identifier: Apache-2.0
// Packing and the micro-kernel of the blocked product, compiled once for every vector instruction set and chosen for
// the CPU that runs. gemm.h arranges them into loops; openmp.cpp shares the loops out.
#pragma once

#include <cstdint>

#include "core/memory/view.h"

namespace overtake {

/// The algorithm is that of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34
/// (2008): A is packed in panels of mr rows, B in panels of nr columns, both padded with zeros to whole panels.
template <class T>
struct TileKernels {
  const char* target;   // the instruction set, e.g. "AVX2"
  std::int64_t mr, nr;  // the tile of C that is kept in registers

  /// rows x k of A -> ceil(rows / mr) panels of k x mr; `packed` holds ceil(rows / mr) * mr * k elements.
  void (*pack_a)(View<const T> a, T* packed);
  /// k x cols of B -> ceil(cols / nr) panels of k x nr; `packed`, aligned to 64 bytes, holds
  /// ceil(cols / nr) * nr * k elements.
  void (*pack_b)(View<const T> b, T* packed);
  /// C = packed A * packed B, or C += where `accumulate`.
  void (*multiply)(const T* packed_a, const T* packed_b, std::int64_t k, View<T> c, bool accumulate);
};

/// Those of the best instruction set that this CPU has.
template <class T>
TileKernels<T> tile_kernels();

}  // namespace overtake
