// SPDX-License-Identifier: Apache-2.0
// How fast results come back from the GPU into page-locked memory: the ceiling of every store.
#include "gpu/ceiling/engine/link_probe.cuh"

namespace overtake {
namespace {

template <class T>
using D2hPinned = LinkProbe<T, Direction::to_host, cuda::HostBuffer>;

}  // namespace

OVERTAKE_VARIANT(Ceiling, d2h_pinned, Strategy::gpu, D2hPinned, float);

}  // namespace overtake
