// SPDX-License-Identifier: Apache-2.0
// The device's pool of memory, set up to keep what is given back: cudaMalloc and cudaFree wait for the whole device,
// and the pool by itself hands memory back to the driver at every synchronisation. Used by Buffer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/workload/workload.h"
#include "gpu/cuda/check.cuh"

namespace overtake::cuda {

/// The current device's pool; nullopt where it has none (some vGPUs, WSL): plain allocations then.
inline std::optional<cudaMemPool_t> memory_pool() {
  int device = 0, supported = 0;
  OVERTAKE_CUDA_CHECK(cudaGetDevice(&device));
  OVERTAKE_CUDA_CHECK(cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, device));
  if (supported == 0) return std::nullopt;
  cudaMemPool_t pool = nullptr;
  OVERTAKE_CUDA_CHECK(cudaDeviceGetDefaultMemPool(&pool, device));
  std::uint64_t everything = UINT64_MAX;
  OVERTAKE_CUDA_CHECK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &everything));
  return pool;
}

/// Bytes that can be had: what the driver calls free, and what the pool holds without use.
inline std::size_t available_bytes() {
  std::size_t free = 0, total = 0;
  OVERTAKE_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  if (const auto pool = memory_pool()) {
    std::uint64_t reserved = 0, used = 0;
    OVERTAKE_CUDA_CHECK(cudaMemPoolGetAttribute(*pool, cudaMemPoolAttrReservedMemCurrent, &reserved));
    OVERTAKE_CUDA_CHECK(cudaMemPoolGetAttribute(*pool, cudaMemPoolAttrUsedMemCurrent, &used));
    free += static_cast<std::size_t>(reserved - used);
  }
  return free;
}

[[noreturn]] inline void out_of_memory(std::size_t bytes) {
  static_cast<void>(cudaGetLastError());
  throw Skip("out of GPU memory: " + std::to_string(bytes / 1000000) + " MB were asked for, " +
             std::to_string(available_bytes() / 1000000) + " MB are free");
}

/// Memory that every stream may use at once. Throws Skip where there is too little, std::runtime_error otherwise.
inline void* allocate(std::size_t bytes) {
  void* memory = nullptr;
  cudaError_t error = cudaSuccess;
  if (const auto pool = memory_pool()) {
    error = cudaMallocAsync(&memory, bytes, nullptr);
    if (error == cudaErrorMemoryAllocation) {
      // What the pool holds may be in pieces that are too small.
      static_cast<void>(cudaGetLastError());
      OVERTAKE_CUDA_CHECK(cudaMemPoolTrimTo(*pool, 0));
      error = cudaMallocAsync(&memory, bytes, nullptr);
    }
    if (error == cudaSuccess) error = cudaStreamSynchronize(nullptr);
  } else {
    error = cudaMalloc(&memory, bytes);
  }
  if (error == cudaErrorMemoryAllocation) out_of_memory(bytes);
  OVERTAKE_CUDA_CHECK(error);
  return memory;
}

/// The same, of managed memory; cudaFree gives it back. More of it than fits the device is never asked for: its pages
/// would be moved to and fro, and some drivers stop then.
inline void* allocate_managed(std::size_t bytes) {
  if (const auto pool = memory_pool()) OVERTAKE_CUDA_CHECK(cudaMemPoolTrimTo(*pool, 0));
  std::size_t free = 0, total = 0;
  OVERTAKE_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  if (bytes > free) out_of_memory(bytes);
  void* memory = nullptr;
  const cudaError_t error = cudaMallocManaged(&memory, bytes, cudaMemAttachGlobal);
  if (error == cudaErrorMemoryAllocation) out_of_memory(bytes);
  OVERTAKE_CUDA_CHECK(error);
  return memory;
}

/// Nothing may be running that uses it.
inline void release(void* memory) noexcept {
  int device = 0, supported = 0;
  OVERTAKE_CUDA_IGNORE(cudaGetDevice(&device));
  OVERTAKE_CUDA_IGNORE(cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, device));
  if (supported != 0)
    OVERTAKE_CUDA_IGNORE(cudaFreeAsync(memory, nullptr));
  else
    OVERTAKE_CUDA_IGNORE(cudaFree(memory));
}

}  // namespace overtake::cuda
