// SPDX-License-Identifier: Apache-2.0
// Which GPUs a run may use: what `overtake run --gpus` means to CUDA.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/system/nvml.h"

namespace overtake {

/// CUDA_VISIBLE_DEVICES for the GPUs that are asked for by their numbers: places in `visible`, what that variable has
/// been so far, or in `all` (as nvidia-smi counts them) where it is not set. Throws UsageError that names what there
/// is.
std::string visible_devices(const std::vector<std::string>& asked, const Gpus& all,
                            const std::optional<std::string>& visible);

/// Sets it for this process and those that it starts, before anything of CUDA is called.
void use_gpus(const std::vector<std::string>& asked);

}  // namespace overtake
