// SPDX-License-Identifier: Apache-2.0
// Whether there is a GPU to run on, and if not, why and what to do.
#pragma once

#include <optional>
#include <string>

#include "core/workload/workload.h"
#include "gpu/cuda/check.cuh"

namespace overtake::cuda {

/// nullopt: a device can be used.
inline std::optional<std::string> device_unavailable() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess && count > 0) return std::nullopt;
  static_cast<void>(cudaGetLastError());
  if (error == cudaErrorInsufficientDriver) {
    int driver = 0;
    if (cudaDriverGetVersion(&driver) == cudaSuccess && driver > 0)
      return "the NVIDIA driver is for CUDA " + std::to_string(driver / 1000) + "." +
             std::to_string(driver % 1000 / 10) + ", older than this program's " +
             std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10) +
             ": update the driver, or build with an older CUDA Toolkit";
    return "no NVIDIA driver (libcuda.so.1): install the driver of your GPU; without a GPU there is nothing to do";
  }
  if (error == cudaSuccess || error == cudaErrorNoDevice)
    return "the NVIDIA driver sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES";
  return std::string("CUDA cannot start: ") + cudaGetErrorString(error) + " (" + cudaGetErrorName(error) +
         "): check nvidia-smi";
}

/// As above, and the current device must be one that `kernel` was compiled for.
template <class Kernel>
std::optional<std::string> kernel_unavailable(Kernel* kernel) {
  if (auto reason = device_unavailable()) return reason;
  cudaFuncAttributes attributes{};
  const cudaError_t error = cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(kernel));
  if (error == cudaSuccess) return std::nullopt;
  static_cast<void>(cudaGetLastError());
  if (error == cudaErrorNoKernelImageForDevice || error == cudaErrorInvalidDeviceFunction)
    return "built for another GPU architecture: configure again on this machine, or with "
           "-DCMAKE_CUDA_ARCHITECTURES=native";
  return std::string("CUDA cannot start: ") + cudaGetErrorString(error) + ": check nvidia-smi";
}

/// Lets blocks of `kernel` have so many bytes of shared memory: at most 48 KB unless it asks for more. Throws Skip
/// where the current device has less.
template <class Kernel>
void allow_shared_bytes(Kernel* kernel, std::size_t bytes) {
  int device = 0, most = 0;
  OVERTAKE_CUDA_CHECK(cudaGetDevice(&device));
  OVERTAKE_CUDA_CHECK(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  if (bytes > static_cast<std::size_t>(most))
    throw Skip("needs " + std::to_string(bytes) + " bytes of shared memory for each block, and this GPU has " +
               std::to_string(most));
  OVERTAKE_CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                           cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)));
}

}  // namespace overtake::cuda
