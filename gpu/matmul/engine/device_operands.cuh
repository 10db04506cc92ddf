// SPDX-License-Identifier: Apache-2.0
// A, B and C on the device and their transfers: what all of matmul's variants for GPUs share.
#pragma once

#include <string>

#include "core/memory/view.h"
#include "core/workload/matmul.h"
#include "core/workload/workload.h"
#include "gpu/cuda/buffer.cuh"
#include "gpu/cuda/stream.cuh"
#include "gpu/matmul/engine/product.cuh"

namespace overtake {

/// On the device the rows of all three follow each other without gaps, or begin on multiples of so many bytes.
template <class T>
class DeviceOperands {
 public:
  /// Throws Skip where the device has too little free memory.
  explicit DeviceOperands(const Matmul::Problem& p, std::size_t row_multiple = sizeof(T))
      : m_(p.m),
        n_(p.n),
        k_(p.k),
        row_multiple_(static_cast<std::int64_t>(row_multiple / sizeof(T))),
        a_(checked_size(p, p.m, p.k)),
        b_(checked_size(p, p.k, p.n)),
        c_(checked_size(p, p.m, p.n)) {}

  void load(View<const T> a, View<const T> b, View<T> c) {
    host_c_ = c;
    copy(a_.data(), stride(a.cols), a.data, a.stride, a.rows, a.cols, cudaMemcpyHostToDevice);
    copy(b_.data(), stride(b.cols), b.data, b.stride, b.rows, b.cols, cudaMemcpyHostToDevice);
    stream_.synchronize();
  }

  void store() {
    copy(host_c_.data, host_c_.stride, c_.data(), stride(n_), m_, n_, cudaMemcpyDeviceToHost);
    stream_.synchronize();
  }

  /// All bits set is a NaN.
  void poison() {
    if (c_.size() == 0) return;
    OVERTAKE_CUDA_CHECK(cudaMemsetAsync(c_.data(), 0xFF, c_.bytes(), stream_.get()));
    stream_.synchronize();
  }

  /// C = 0, the product where k is 0.
  void fill_zero(cudaStream_t stream) {
    if (c_.size() > 0) OVERTAKE_CUDA_CHECK(cudaMemsetAsync(c_.data(), 0, c_.bytes(), stream));
  }

  Product<T> product() const { return {a_.data(), b_.data(), c_.data(), m_, n_, k_}; }
  /// Elements from the begin of a row of so many to that of the next.
  std::int64_t stride(std::int64_t columns) const { return ceil_div(columns, row_multiple_) * row_multiple_; }
  bool empty() const { return c_.size() == 0; }
  const cuda::Stream& stream() const { return stream_; }

 private:
  // rows x cols elements and what lies between rows; checks that all three matrices fit before the first is allocated.
  std::size_t checked_size(const Matmul::Problem& p, std::int64_t rows, std::int64_t cols) const {
    if (rows == p.m && cols == p.k) {
      // What the driver and a library's workspace need besides.
      constexpr double kReserve = 256e6;
      const std::size_t free = cuda::available_bytes();
      const double needed = Matmul::cost(p, dtype_of<T>()).bytes();
      if (needed + kReserve > static_cast<double>(free))
        throw Skip("needs " + std::to_string(static_cast<std::int64_t>(needed / 1e6)) + " MB of GPU memory, " +
                   std::to_string(free / 1000000) + " MB are free");
    }
    return static_cast<std::size_t>(rows * stride(cols));
  }

  void copy(T* to, std::int64_t to_stride, const T* from, std::int64_t from_stride, std::int64_t rows,
            std::int64_t cols, cudaMemcpyKind kind) {
    if (rows == 0 || cols == 0) return;
    const auto bytes = [](std::int64_t elements) { return static_cast<std::size_t>(elements) * sizeof(T); };
    // One row has no pitch, and CUDA limits pitches: dense matrices go in one piece.
    if (rows == 1 || (to_stride == cols && from_stride == cols))
      OVERTAKE_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes(rows * cols), kind, stream_.get()));
    else
      OVERTAKE_CUDA_CHECK(cudaMemcpy2DAsync(to, bytes(to_stride), from, bytes(from_stride), bytes(cols),
                                            static_cast<std::size_t>(rows), kind, stream_.get()));
  }

  std::int64_t m_, n_, k_, row_multiple_;
  cuda::Buffer<T> a_, b_, c_;
  cuda::Stream stream_;  // ends before the buffers that its work uses
  View<T> host_c_;
};

}  // namespace overtake
