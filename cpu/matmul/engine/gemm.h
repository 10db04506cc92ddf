// SPDX-License-Identifier: Apache-2.0
// The blocked, packed, vectorised product on one core: what `serial` runs, and each worker of `processes`.
#pragma once

#include "core/memory/view.h"
#include "cpu/matmul/engine/blocking.h"

namespace overtake {

/// C = A B for A m x k, B k x n, C m x n, row-major with any strides; each extent may be 0 (k = 0 gives zeros). C must
/// not overlap A or B. Thread-safe: what it packs into belongs to the calling thread. Throws std::bad_alloc.
template <class T>
void gemm_serial(View<const T> a, View<const T> b, View<T> c);

/// The same by one way only, which gemm_serial chooses by the shape; results differ by rounding. Without packing:
template <class T>
void gemm_unpacked(View<const T> a, View<const T> b, View<T> c);
/// In blocks, with B packed and A too or not (Packing::none packs B).
template <class T>
void gemm_packed(View<const T> a, View<const T> b, View<T> c, const Blocking& blocking, Packing packing);

/// C = 0, the product where k is 0.
template <class T>
void fill_zero(View<T> c);

}  // namespace overtake
