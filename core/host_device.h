// SPDX-License-Identifier: Apache-2.0
// How functions that GPUs run too are marked, so that g++ compiles the same text. For arithmetic in core that variants
// for the CPU and kernels share; gpu/cuda/host_device.cuh has the marks of kernels.
#pragma once

#if defined(__CUDACC__)
#define OVERTAKE_HOST_DEVICE __host__ __device__
#else
#define OVERTAKE_HOST_DEVICE
#endif
