// SPDX-License-Identifier: Apache-2.0
// The machine and the run in a line each. For summaries.
#pragma once

#include <string>
#include <vector>

#include "core/results/reader.h"

namespace overtake::compare {

/// "AMD EPYC-Milan Processor, 2 cores, 24.0 GiB, no GPU seen": what system.json knows.
std::string machine_text(const nlohmann::ordered_json& system);

/// The sentences in system.json's `distortions`.
std::vector<std::string> distortions_of(const nlohmann::ordered_json& system);

/// "Run 20261121T071524Z-quick on amd-epyc-2c-24g-1a2b3c4d, 2026-11-21, revision 9985ec8: 62 cells, 930 samples."
std::string run_text(const Run&);

}  // namespace overtake::compare
