// SPDX-License-Identifier: Apache-2.0
// How the copy engine of Hopper sees a matrix. The driver's function that says so is asked for at run time, so that
// programs need no libcuda to start.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "core/workload/workload.h"
#include "gpu/cuda/check.cuh"

namespace overtake::cuda {

/// Rows and columns of a matrix in device memory, rows `row_bytes` apart. CUDA Driver API, cuTensorMapEncodeTiled: the
/// matrix begins on 16 bytes, row_bytes is a multiple of 16, and neither extent is 0.
struct TensorOf {
  void* data;
  CUtensorMapDataType type;
  std::int64_t rows, columns, row_bytes;
};

/// Boxes of box_rows x box_columns, whose rows are 128 bytes in shared memory and swizzled. Throws Skip where the
/// driver knows no such maps.
inline CUtensorMap tensor_map(const TensorOf& x, int box_rows, int box_columns) {
  void* found = nullptr;
  cudaDriverEntryPointQueryResult result{};
#if CUDART_VERSION >= 12050
  OVERTAKE_CUDA_CHECK(
      cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &found, 12000, cudaEnableDefault, &result));
#else
  OVERTAKE_CUDA_CHECK(cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &found, cudaEnableDefault, &result));
#endif
  if (result != cudaDriverEntryPointSuccess || found == nullptr)
    throw Skip("the NVIDIA driver has no cuTensorMapEncodeTiled: update it to one for CUDA 12.0 or later");
  const auto encode = reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(found);
  const cuuint64_t extents[2] = {static_cast<cuuint64_t>(x.columns), static_cast<cuuint64_t>(x.rows)};
  const cuuint64_t strides[1] = {static_cast<cuuint64_t>(x.row_bytes)};
  const cuuint32_t box[2] = {static_cast<cuuint32_t>(box_columns), static_cast<cuuint32_t>(box_rows)};
  const cuuint32_t steps[2] = {1, 1};
  CUtensorMap map{};
  const CUresult error = encode(&map, x.type, 2, x.data, extents, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
                                CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_128B,
                                CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);  // zeros outside
  if (error != CUDA_SUCCESS)
    throw std::runtime_error("cuTensorMapEncodeTiled failed with error " + std::to_string(static_cast<int>(error)) +
                             " of the CUDA driver, for " + std::to_string(x.rows) + " x " + std::to_string(x.columns));
  return map;
}

}  // namespace overtake::cuda
