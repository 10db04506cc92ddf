// SPDX-License-Identifier: Apache-2.0
// A kernel's view of its block: who a thread is, barriers, copies that run beside the arithmetic. Kernel bodies are
// written against it, so that tests/gpu/emulated_block.h can stand in its place.
#pragma once

#include <cstdint>

namespace overtake::cuda {

struct DeviceBlock {
  __device__ __forceinline__ int thread() const { return static_cast<int>(threadIdx.x); }
  __device__ __forceinline__ std::int64_t index() const { return blockIdx.x; }
  __device__ __forceinline__ void sync() const { __syncthreads(); }

  /// Adds to a number that all threads of all blocks may add to.
  __device__ __forceinline__ void add_to(unsigned* sum, unsigned value) const { atomicAdd(sum, value); }
  __device__ __forceinline__ void add_to(unsigned long long* sum, unsigned long long value) const {
    atomicAdd(sum, value);
  }
  __device__ __forceinline__ void add_to(double* sum, double value) const { atomicAdd(sum, value); }

  /// Lowers or raises a number that all threads of all blocks may change.
  __device__ __forceinline__ void lower_to(unsigned* least, unsigned value) const { atomicMin(least, value); }
  __device__ __forceinline__ void raise_to(unsigned long long* most, unsigned long long value) const {
    atomicMax(most, value);
  }

  /// Copies kBytes (4, 8 or 16, to which both are aligned) from global to shared memory, or zeros where not `inside`:
  /// nothing is read then. PTX ISA, "cp.async": bytes beyond src-size are filled with zeros. Complete after
  /// wait_copies, seen by other threads after sync besides.
  template <int kBytes>
  __device__ __forceinline__ void copy_async(void* shared, const void* global, bool inside) const {
    static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16, "cp.async copies 4, 8 or 16 bytes");
    const auto to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
    const int bytes = inside ? kBytes : 0;
    if constexpr (kBytes == 16)  // .cg goes past the L1 cache, and exists for 16 bytes alone
      asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global), "r"(bytes) : "memory");
    else
      asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to), "l"(global), "n"(kBytes), "r"(bytes)
                   : "memory");
  }

  /// Of all lanes of a warp together: c (16 x 8) += a (16 x 4) b (4 x 8), held as MmaF64 says. PTX ISA, "Multiply-and-
  /// Accumulate Instruction: mma": .f64 with shape .m8n8k4 needs sm_80, with .m16n8k4 sm_90.
  __device__ __forceinline__ void multiply_add(double (&c)[4], const double (&a)[2], double b) const {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm("mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
        : "+d"(c[0]), "+d"(c[1]), "+d"(c[2]), "+d"(c[3])
        : "d"(a[0]), "d"(a[1]), "d"(b));
#else
    for (int half = 0; half < 2; ++half)
      asm("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};"
          : "+d"(c[2 * half]), "+d"(c[2 * half + 1])
          : "d"(a[half]), "d"(b));
#endif
  }

  /// Closes a group of this thread's copies; it may be empty.
  __device__ __forceinline__ void commit_copies() const { asm volatile("cp.async.commit_group;" ::: "memory"); }

  /// Returns when all but the latest kPending groups of this thread are complete.
  template <int kPending>
  __device__ __forceinline__ void wait_copies() const {
    asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
  }
};

}  // namespace overtake::cuda
