// SPDX-License-Identifier: Apache-2.0
// A matrix that workers of a pool compute on: in place where it lies in an Arena, as the harness's inputs and outputs
// do, otherwise as a copy. Variants of strategy processes use it in load and store.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/memory/arena.h"
#include "core/memory/view.h"
#include "core/pool/pool.h"
#include "core/pool/task.h"

namespace overtake {

/// A matrix in shared memory, as a task names it.
struct SharedView {
  SharedRef block;
  std::int64_t rows = 0, cols = 0, stride = 0;

  /// The matrix in the worker's memory. Throws as WorkerContext::map does.
  template <class T>
  View<T> map(WorkerContext& worker) const {
    const std::span<T> elements = worker.map<T>(block);
    // Nothing may be added to the null pointer of an empty matrix.
    return {elements.data(), rows, cols, elements.empty() ? cols : stride};
  }
};

/// A vector as a matrix of one row.
template <class T>
View<T> one_row(std::span<T> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return {values.data(), 1, count, count};
}

template <class T>
class SharedMatrix {
 public:
  /// `host` for the workers of `pool`. Throws std::runtime_error where there is no room for a copy.
  SharedView share(Pool& pool, View<const T> host) {
    const SharedView shared = share_output(pool, host);
    for (std::int64_t i = 0; copy_.data != nullptr && i < host.rows; ++i)
      std::copy_n(host.row(i), host.cols, copy_.row(i));
    return shared;
  }

  /// The same for a matrix that the workers will overwrite: its present elements are not copied.
  SharedView share_output(Pool& pool, View<const T> host) {
    const std::size_t count = extent(host);
    copy_ = {};
    const T* data = host.data;
    if (count > 0 && !Arena::find(host.data, count * sizeof(T))) {
      if (block_.size() < count) block_ = arena_.emplace().template allocate<T>(count);
      copy_ = {block_.data(), host.rows, host.cols, host.stride};
      data = copy_.data;
    }
    return {pool.share(data, count * sizeof(T)), host.rows, host.cols, host.stride};
  }

  /// What the workers computed, into the matrix that was shared; nothing to do where they wrote there.
  void store(View<T> host) const {
    for (std::int64_t i = 0; copy_.data != nullptr && i < host.rows; ++i)
      std::copy_n(copy_.row(i), host.cols, host.row(i));
  }

  /// Sets every element of the copy, if there is one.
  void fill(T value) {
    for (std::int64_t i = 0; i < copy_.rows; ++i) std::fill_n(copy_.row(i), copy_.cols, value);
  }

 private:
  // Elements from the first to the last, the gaps between rows included.
  static std::size_t extent(View<const T> view) {
    return view.size() == 0 ? 0 : static_cast<std::size_t>((view.rows - 1) * view.stride + view.cols);
  }

  std::optional<Arena> arena_;
  std::span<T> block_;
  View<T> copy_;
};

}  // namespace overtake
