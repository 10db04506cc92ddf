// SPDX-License-Identifier: Apache-2.0
// What a computation of several kernels needs of a GPU: memory, launches on one stream, a sort. Computations are
// templates over it, so that tests/gpu/emulated_machine.h can stand in its place and run them whole on the CPU.
#pragma once

#include <cstdint>
#include <cub/device/device_radix_sort.cuh>
#include <limits>

#include "core/workload/workload.h"
#include "gpu/cuda/buffer.cuh"
#include "gpu/cuda/device_block.cuh"
#include "gpu/cuda/host_buffer.cuh"
#include "gpu/cuda/stream.cuh"

namespace overtake::cuda {

/// A kernel is a struct of its arguments with
///   kThreads                                                     of a block
///   static constexpr std::size_t kSharedBytes                    at most 48 KiB
///   template <class Block> void operator()(const Block&, unsigned char* shared) const
template <class Kernel>
__global__ void __launch_bounds__(Kernel::kThreads) run_kernel(const __grid_constant__ Kernel kernel) {
  extern __shared__ __align__(16) unsigned char shared_bytes[];
  kernel(DeviceBlock{}, shared_bytes);
}

class Machine {
 public:
  template <class T>
  using Buffer = cuda::Buffer<T>;

  Machine() {
    int device = 0;
    OVERTAKE_CUDA_CHECK(cudaGetDevice(&device));
    OVERTAKE_CUDA_CHECK(cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, device));
  }

  /// As many blocks of this kernel as the device runs at once: with these, all end at the same time.
  template <class Kernel>
  std::int64_t blocks_at_once() const {
    int blocks = 0;
    OVERTAKE_CUDA_CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, run_kernel<Kernel>, Kernel::kThreads,
                                                                      Kernel::kSharedBytes));
    return std::int64_t{multiprocessors_} * (blocks > 0 ? blocks : 1);
  }
  const Stream& stream() const { return stream_; }

  /// Puts the kernel on the stream. Nothing where there are no blocks; throws Skip where a grid has no room for them.
  template <class Kernel>
  void launch(const Kernel& kernel, std::int64_t blocks) const {
    static_assert(Kernel::kSharedBytes <= (48 << 10), "more has to be asked for");
    if (blocks == 0) return;
    if (blocks > std::numeric_limits<int>::max()) throw Skip("the table has more tiles than a grid has blocks");
    run_kernel<<<static_cast<unsigned>(blocks), Kernel::kThreads, Kernel::kSharedBytes, stream_.get()>>>(kernel);
    OVERTAKE_CUDA_CHECK(cudaGetLastError());
  }

  /// All bits 0, or all 1: NaN, or the largest unsigned number.
  template <class T>
  void fill_zeros(const Buffer<T>& buffer) const {
    fill(buffer, 0);
  }
  template <class T>
  void fill_ones(const Buffer<T>& buffer) const {
    fill(buffer, 0xFF);
  }

  /// Copies on the stream, complete when it is; from or to host memory at once where that is pageable.
  template <class T>
  void copy(T* to, const T* from, std::size_t count) const {
    if (count > 0) OVERTAKE_CUDA_CHECK(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyDefault, stream_.get()));
  }
  /// rows x cols elements; row i begins at i * stride.
  template <class T>
  void copy_rows(T* to, std::int64_t to_stride, const T* from, std::int64_t from_stride, std::int64_t rows,
                 std::int64_t cols) const {
    if (rows == 0 || cols == 0) return;
    constexpr std::int64_t kMostPitch = std::numeric_limits<int>::max() / static_cast<std::int64_t>(sizeof(T));
    if (rows == 1 || (to_stride == cols && from_stride == cols))
      copy(to, from, static_cast<std::size_t>(rows * cols));
    else if (to_stride <= kMostPitch && from_stride <= kMostPitch)
      OVERTAKE_CUDA_CHECK(cudaMemcpy2DAsync(to, static_cast<std::size_t>(to_stride) * sizeof(T), from,
                                            static_cast<std::size_t>(from_stride) * sizeof(T),
                                            static_cast<std::size_t>(cols) * sizeof(T), static_cast<std::size_t>(rows),
                                            cudaMemcpyDefault, stream_.get()));
    else  // pitches are limited; what has longer ones are columns, of which there are few
      for (std::int64_t i = 0; i < rows; ++i)
        copy(to + i * to_stride, from + i * from_stride, static_cast<std::size_t>(cols));
  }

  /// Bytes that sort() needs besides.
  std::size_t sort_bytes(std::int64_t count) const {
    std::size_t bytes = 0;
    OVERTAKE_CUDA_CHECK(cub::DeviceRadixSort::SortKeys(nullptr, bytes, static_cast<const unsigned*>(nullptr),
                                                       static_cast<unsigned*>(nullptr), count, 0, 32, stream_.get()));
    return bytes;
  }
  void sort(const unsigned* from, unsigned* to, std::int64_t count, const Buffer<unsigned char>& room) const {
    std::size_t bytes = room.bytes();
    OVERTAKE_CUDA_CHECK(cub::DeviceRadixSort::SortKeys(room.data(), bytes, from, to, count, 0, 32, stream_.get()));
  }

  void synchronize() const { stream_.synchronize(); }

 private:
  template <class T>
  void fill(const Buffer<T>& buffer, int byte) const {
    if (buffer.size() > 0) OVERTAKE_CUDA_CHECK(cudaMemsetAsync(buffer.data(), byte, buffer.bytes(), stream_.get()));
  }

  Stream stream_;
  int multiprocessors_ = 0;
};

/// One number that kernels write and the host reads once they are complete, without a copy: page-locked memory, which
/// a GPU reaches.
class Flag {
 public:
  Flag() : memory_(1) {}
  unsigned* data() const { return memory_.data(); }
  void lower() const { *memory_.data() = 0; }
  bool raised() const { return *memory_.data() != 0; }

 private:
  HostBuffer<unsigned> memory_;
};

}  // namespace overtake::cuda
