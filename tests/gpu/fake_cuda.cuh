// SPDX-License-Identifier: Apache-2.0
// A CUDA runtime without a GPU: device memory is host memory, streams are queues that get on in whichever allowed order
// is asked for, and any call can be made to fail. Linked in the place of CUDA's own, for tests of what waits for what
// and of what becomes of errors.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <functional>
#include <string>

namespace overtake::fake_cuda {

/// lazy: a stream gets on only when somebody waits for it. eager: before a stream that is waited for gets on, all
/// others go as far as they may. What is right on a GPU is right in both.
enum class Order { lazy, eager };
void use(Order);

/// What a kernel's launch would be: runs when everything before it on the stream has.
void launch(cudaStream_t, std::function<void()> kernel);

/// The call of `function` after `calls_before` others returns `error`, and later ones too until calm(). Where the error
/// is one that loses the device, every call does. The variable FAKE_CUDA=function:error:calls_before does the same.
void fail(const std::string& function, cudaError_t error, int calls_before = 0);
void calm();

/// Asynchronous copies from or to host memory that was not page-locked, since the start.
std::int64_t copies_of_pageable_memory();
/// Page-locked ranges, and blocks of device memory, that nobody has given back.
std::int64_t locked_ranges();
std::int64_t live_blocks();

}  // namespace overtake::fake_cuda
