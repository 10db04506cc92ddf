// SPDX-License-Identifier: Apache-2.0
// Every call of the CUDA runtime goes through one of these.
#pragma once

#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace overtake::cuda {

[[noreturn]] inline void fail(cudaError_t error, const char* expression, const char* file, int line) {
  // Otherwise the next call that asks for the last error would report this one again.
  static_cast<void>(cudaGetLastError());
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + expression + ": " +
                           cudaGetErrorName(error) + ", " + cudaGetErrorString(error));
}

}  // namespace overtake::cuda

/// Throws std::runtime_error with the expression, its place and CUDA's own words.
#define OVERTAKE_CUDA_CHECK(expression)                                                                         \
  do {                                                                                                          \
    const cudaError_t overtake_error = (expression);                                                            \
    if (overtake_error != cudaSuccess) ::overtake::cuda::fail(overtake_error, #expression, __FILE__, __LINE__); \
  } while (false)

/// For destructors: an error there is a consequence of one that was thrown already, or of a process that ends.
#define OVERTAKE_CUDA_IGNORE(expression) static_cast<void>(expression)
