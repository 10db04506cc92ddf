// SPDX-License-Identifier: Apache-2.0
// How code that runs on GPUs is marked, so that g++ compiles the same text and tests run it where there is no GPU.
#pragma once

// OVERTAKE_HOST_DEVICE: for both: index arithmetic that a kernel and the code that launches it share.
#include "core/host_device.h"

#if defined(__CUDACC__)
/// For kernels alone. Inlined always: an array handed to a call that is not inlined leaves the registers.
#define OVERTAKE_DEVICE __device__ __forceinline__
#define OVERTAKE_UNROLL _Pragma("unroll")
#else
#define OVERTAKE_DEVICE inline
#define OVERTAKE_UNROLL
#endif
