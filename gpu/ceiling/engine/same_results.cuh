// SPDX-License-Identifier: Apache-2.0
// Whether results that must repeat themselves on the device do. For gpu_copy and gpu_fma, whose host sees one of them.
#pragma once

#include "gpu/ceiling/engine/probe_kernels.cuh"
#include "gpu/cuda/buffer.cuh"
#include "gpu/cuda/device_block.cuh"
#include "gpu/cuda/stream.cuh"

namespace overtake {

template <class T>
__global__ void __launch_bounds__(ProbeKernels::kThreads)
    count_different(const T* y, std::int64_t count, std::int64_t period, std::int64_t blocks, unsigned* different) {
  ProbeKernels::count_different(cuda::DeviceBlock{}, y, count, period, blocks, different);
}

/// Whether y, `count` elements on the device, repeats itself every `period` elements.
template <class T>
bool repeats(const cuda::Stream& stream, const T* y, std::int64_t count, std::int64_t period) {
  constexpr unsigned kBlocks = 1024;
  const cuda::Buffer<unsigned> different(1);
  OVERTAKE_CUDA_CHECK(cudaMemsetAsync(different.data(), 0, different.bytes(), stream.get()));
  count_different<<<kBlocks, ProbeKernels::kThreads, 0, stream.get()>>>(y, count, period, std::int64_t{kBlocks},
                                                                        different.data());
  OVERTAKE_CUDA_CHECK(cudaGetLastError());
  unsigned found = 0;
  OVERTAKE_CUDA_CHECK(cudaMemcpyAsync(&found, different.data(), sizeof(found), cudaMemcpyDeviceToHost, stream.get()));
  stream.synchronize();
  return found == 0;
}

}  // namespace overtake
