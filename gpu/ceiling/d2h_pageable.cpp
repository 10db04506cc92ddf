// SPDX-License-Identifier: Apache-2.0
// How fast results come back from the GPU into ordinary memory, through page-locked memory of the driver's.
#include "gpu/ceiling/engine/link_probe.cuh"

namespace overtake {
namespace {

template <class T>
using D2hPageable = LinkProbe<T, Direction::to_host, PageableBuffer>;

}  // namespace

OVERTAKE_VARIANT(Ceiling, d2h_pageable, Strategy::gpu, D2hPageable, float);

}  // namespace overtake
