// SPDX-License-Identifier: Apache-2.0
// Scope cold_start: the whole work in a fresh process, on the parent's inputs in shared memory.
#pragma once

#include "core/registry/registry.h"

namespace overtake::bench {

/// Seconds from just before the process is spawned until the result is complete in the output of `data`: threads,
/// contexts, libraries and workers all included. Throws Skip, or std::runtime_error that says how the process ended.
double cold_start_seconds(const Cell&, Data&, int which);

}  // namespace overtake::bench
