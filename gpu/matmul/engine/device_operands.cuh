// SPDX-License-Identifier: Apache-2.0
// A, B and C on the device and their transfers: what all of matmul's variants for GPUs share.
#pragma once

#include <string>

#include "core/memory/view.h"
#include "core/workload/matmul.h"
#include "core/workload/workload.h"
#include "gpu/cuda/buffer.cuh"
#include "gpu/cuda/stream.cuh"
#include "gpu/matmul/engine/operand_transfers.cuh"
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
        a_(checked_size(p, p.m, p.k), memory_for(p)),
        b_(checked_size(p, p.k, p.n), memory_for(p)),
        c_(checked_size(p, p.m, p.n), memory_for(p)),
        transfers_(p.transfer, {a_.data(), p.m, p.k, stride(p.k)}, {b_.data(), p.k, p.n, stride(p.n)},
                   {c_.data(), p.m, p.n, stride(p.n)}),
        rows_{0, p.m} {}

  void load(View<const T> a, View<const T> b, View<T> c) { transfers_.load(stream_, a, b, c); }
  void store() { transfers_.store(stream_); }
  const OperandTransfers<T>& transfers() const { return transfers_; }

  /// Of overlapped transfers: launches for the rows of each chunk when they are there. Until it returns, product() is
  /// of these rows.
  template <class Launch>
  void compute_chunks(Launch&& launch) {
    transfers_.compute(stream_, [&](cuda::RowRange rows) {
      rows_ = rows;
      launch(stream_.get());
    });
    rows_ = {0, m_};
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

  Product<T> product() const {
    return {a_.data() + rows_.first * stride(k_), b_.data(), c_.data() + rows_.first * stride(n_), rows_.count, n_, k_};
  }
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

  static cuda::Memory memory_for(const Matmul::Problem& p) {
    return p.transfer == Transfer::managed ? cuda::Memory::managed : cuda::Memory::device;
  }

  std::int64_t m_, n_, k_, row_multiple_;
  cuda::Buffer<T> a_, b_, c_;
  OperandTransfers<T> transfers_;
  cuda::Stream stream_;  // ends before the buffers that its work uses
  cuda::RowRange rows_;  // that product() is of
};

}  // namespace overtake
