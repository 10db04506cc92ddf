// SPDX-License-Identifier: Apache-2.0
// A GPU as Thrust's algorithms see it: the stream of a cuda::Machine, and temporary memory from the device's pool,
// which Thrust by itself takes from cudaMalloc. For the variants `thrust`; a test has another with Thrust's OpenMP
// backend.
#pragma once

#include <thrust/execution_policy.h>
#include <thrust/version.h>

#include <string>

#include "gpu/cuda/machine.cuh"

namespace overtake::cuda {

/// Memory for what runs on one stream.
class StreamAllocator {
 public:
  using value_type = char;
  explicit StreamAllocator(cudaStream_t stream) : stream_(stream), pooled_(memory_pool().has_value()) {}

  char* allocate(std::ptrdiff_t bytes) {
    void* memory = nullptr;
    if (!pooled_) return static_cast<char*>(cuda::allocate(static_cast<std::size_t>(bytes)));
    const cudaError_t error = cudaMallocAsync(&memory, static_cast<std::size_t>(bytes), stream_);
    if (error == cudaErrorMemoryAllocation) {
      static_cast<void>(cudaGetLastError());
      throw Skip("out of GPU memory: Thrust asked for " + std::to_string(bytes / 1000000) + " MB");
    }
    OVERTAKE_CUDA_CHECK(error);
    return static_cast<char*>(memory);
  }
  void deallocate(char* memory, std::size_t) noexcept {
    if (pooled_)
      OVERTAKE_CUDA_IGNORE(cudaFreeAsync(memory, stream_));
    else
      release(memory);
  }

 private:
  cudaStream_t stream_;
  bool pooled_;
};

class ThrustMachine : public Machine {
 public:
  ThrustMachine() : allocator_(stream().get()) {}

  auto policy() const { return thrust::cuda::par_nosync(allocator_).on(stream().get()); }

  static std::string version() {
    return std::to_string(THRUST_MAJOR_VERSION) + "." + std::to_string(THRUST_MINOR_VERSION) + "." +
           std::to_string(THRUST_SUBMINOR_VERSION);
  }

 private:
  mutable StreamAllocator allocator_;
};

}  // namespace overtake::cuda
