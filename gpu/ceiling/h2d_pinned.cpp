// SPDX-License-Identifier: Apache-2.0
// How fast inputs reach the GPU from page-locked memory, which it fetches by itself: the ceiling of every load. It
// costs memory that the system can no longer move.
#include "gpu/ceiling/engine/link_probe.cuh"

namespace overtake {
namespace {

template <class T>
using H2dPinned = LinkProbe<T, Direction::to_device, cuda::HostBuffer>;

}  // namespace

OVERTAKE_VARIANT(Ceiling, h2d_pinned, Strategy::gpu, H2dPinned, float);

}  // namespace overtake
