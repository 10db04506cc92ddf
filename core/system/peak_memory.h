// SPDX-License-Identifier: Apache-2.0
// The highest resident size of this process: a sample's own, where it was forgotten before.
#pragma once

#include <cstdint>

namespace overtake {

/// The kernel forgets it: from now on the highest is counted anew.
void reset_peak_memory();

/// Negative where the kernel does not say.
std::int64_t peak_memory_bytes();

}  // namespace overtake
