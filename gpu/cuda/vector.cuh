// SPDX-License-Identifier: Apache-2.0
// What one instruction of a GPU thread can load or store at most. Used by kernels that move memory.
#pragma once

namespace overtake {

/// As many elements as one instruction of a thread can load or store: 16 bytes.
template <class T>
constexpr int kVectorWidth = 16 / sizeof(T);

template <class T>
struct alignas(16) Vector {
  T v[kVectorWidth<T>];
};

}  // namespace overtake
