// SPDX-License-Identifier: Apache-2.0
// Scope cold_start: the whole work in a fresh process, on the parent's inputs in shared memory.
#pragma once

#include "core/registry/registry.h"

namespace overtake::bench {

struct ColdStart {
  double seconds = 0;
  int workers = 1;  // that the variant had there
};

/// From just before the process is spawned until the result is complete in the output of `data`: threads, contexts,
/// libraries and workers all included. Throws Skip, or std::runtime_error that says how the process ended.
ColdStart cold_start(const Cell&, Data&, int which);

}  // namespace overtake::bench
