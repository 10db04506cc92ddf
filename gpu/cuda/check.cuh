// SPDX-License-Identifier: Apache-2.0
// Every call of the CUDA runtime goes through one of these.
#pragma once

#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace overtake::cuda {

/// After these nothing of CUDA works in this process any more, whatever is called.
constexpr bool loses_device(cudaError_t error) {
  switch (error) {
    case cudaErrorIllegalAddress:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorHardwareStackError:
    case cudaErrorAssert:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorUnknown:
      return true;
    default:
      return false;
  }
}

[[noreturn]] inline void fail(cudaError_t error, const char* expression, const char* file, int line) {
  // Otherwise the next call that asks for the last error would report this one again.
  static_cast<void>(cudaGetLastError());
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + expression + ": " +
                           cudaGetErrorName(error) + ", " + cudaGetErrorString(error) +
                           (loses_device(error) ? "; the GPU is lost to this process, whose further rows of it fail "
                                                  "too: look for Xid in the kernel's log (dmesg)"
                                                : ""));
}

}  // namespace overtake::cuda

/// Throws std::runtime_error, in one line: the expression, its place, CUDA's own words, and whether the GPU is lost.
#define OVERTAKE_CUDA_CHECK(expression)                                                                         \
  do {                                                                                                          \
    const cudaError_t overtake_error = (expression);                                                            \
    if (overtake_error != cudaSuccess) ::overtake::cuda::fail(overtake_error, #expression, __FILE__, __LINE__); \
  } while (false)

/// For destructors: an error there is a consequence of one that was thrown already, or of a process that ends.
#define OVERTAKE_CUDA_IGNORE(expression) static_cast<void>(expression)
