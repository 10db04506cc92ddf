// SPDX-License-Identifier: Apache-2.0
// How fast inputs reach the GPU from ordinary memory, as most programs hold them: the driver copies them to page-locked
// memory first.
#include "gpu/ceiling/engine/link_probe.cuh"

namespace overtake {
namespace {

template <class T>
using H2dPageable = LinkProbe<T, Direction::to_device, PageableBuffer>;

}  // namespace

OVERTAKE_VARIANT(Ceiling, h2d_pageable, Strategy::gpu, H2dPageable, float);

}  // namespace overtake
