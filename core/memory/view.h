// SPDX-License-Identifier: Apache-2.0
// A row-major matrix that somebody else owns: what variants load from and compute into.
#pragma once

#include <cstdint>
#include <type_traits>

namespace overtake {

/// rows x cols elements; row i starts at data + i * stride, stride >= cols.
template <class T>
struct View {
  T* data = nullptr;
  std::int64_t rows = 0, cols = 0, stride = 0;

  T* row(std::int64_t i) const { return data + i * stride; }
  T& operator()(std::int64_t i, std::int64_t j) const { return data[i * stride + j]; }
  /// Rows [first, last).
  View row_range(std::int64_t first, std::int64_t last) const { return {row(first), last - first, cols, stride}; }
  std::int64_t size() const { return rows * cols; }

  /// A view of T is a view of const T. A template, because nvcc warns of the conversion of View<const T> to itself.
  template <class U>
    requires(!std::is_const_v<T> && std::is_same_v<U, const T>)
  operator View<U>() const {  // NOLINT(google-explicit-constructor)
    return {data, rows, cols, stride};
  }
};

}  // namespace overtake
