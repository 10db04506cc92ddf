// SPDX-License-Identifier: Apache-2.0
// Packing and the micro-kernels of the blocked product, compiled once for every vector instruction set and chosen for
// the CPU that runs. gemm.h arranges them into loops; openmp.cpp shares the loops out.
#pragma once

#include <cstdint>

#include "core/memory/view.h"

namespace overtake {

/// The algorithm is that of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34
/// (2008): A is packed in panels of mr rows, B in panels of nr columns, both padded with zeros to whole panels. Where
/// an operand is used too little to pay for its packing, kernels that read it where it lies stand in (Xu, Van Zee and
/// van de Geijn, "Supporting mixed-datatype and skinny matrix multiplication in BLIS", 2019).
template <class T>
struct TileKernels {
  const char* target;   // the instruction set, e.g. "AVX2"
  std::int64_t mr, nr;  // the tile of C that is kept in registers

  /// rows x k of A -> ceil(rows / mr) panels of k x mr; `packed` holds ceil(rows / mr) * mr * k elements.
  void (*pack_a)(View<const T> a, T* packed);
  /// k x cols of B -> ceil(cols / nr) panels of k x nr; `packed`, aligned to 64 bytes, holds
  /// ceil(cols / nr) * nr * k elements.
  void (*pack_b)(View<const T> b, T* packed);

  /// C = A B, or C += A B where `accumulate`. Both packed:
  void (*multiply)(const T* packed_a, const T* packed_b, std::int64_t k, View<T> c, bool accumulate);
  /// A where it lies:
  void (*multiply_packed_b)(View<const T> a, const T* packed_b, View<T> c, bool accumulate);
  /// Both where they lie. `panel`, aligned to 64 bytes, holds nr * k elements: columns after the last whole vector
  /// are packed there where the CPU cannot mask.
  void (*multiply_unpacked)(View<const T> a, View<const T> b, View<T> c, bool accumulate, T* panel);

  /// c = a B for a row a of k elements, and c += where `accumulate`: at the rate at which B can be read.
  void (*row_times_matrix)(const T* a, View<const T> b, T* c, bool accumulate);
  /// c[i * stride] = (row i of A) * b for a column b of k elements that lies without gaps.
  void (*matrix_times_column)(View<const T> a, const T* b, T* c, std::int64_t stride, bool accumulate);
  /// c = a b for a column a, whose elements are `a_stride` apart, and a row b: the outer product, at the rate at which
  /// C can be written.
  void (*column_times_row)(const T* a, std::int64_t a_stride, const T* b, View<T> c);
};

/// Those of the best instruction set that this CPU has.
template <class T>
const TileKernels<T>& tile_kernels();

}  // namespace overtake
