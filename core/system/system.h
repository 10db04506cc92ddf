// SPDX-License-Identifier: Apache-2.0
// The machine, software and limits that a result comes from: system.json, its name, and what would distort results.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overtake {

struct SystemOptions {
  std::filesystem::path root = "/";  // another root describes the machine whose /proc, /sys and /etc lie there
  bool include_host_name = false;
  std::string nvml_library;  // empty: NVIDIA's own, and only where root is "/"
};

/// The content of system.json: docs/results-format.md lists its keys. What could not be read is null, with the reason
/// under the same key in "unavailable". Takes some 30 ms (it measures the core clock), and up to seconds to wake a GPU.
nlohmann::ordered_json describe_system(const SystemOptions& options = {});

/// "amd-epyc-2c-24g-1a2b3c4d": CPU model, physical cores, GiB of memory, GPUs, and a hash of these; with a label, the
/// label in the letters a-z, digits and '-'. Throws UsageError for a label without a letter or digit.
std::string system_id(const nlohmann::ordered_json& system, const std::optional<std::string>& label = std::nullopt);

/// A sentence for each thing that makes results of this system, in its state now, differ from what its hardware can
/// do, with what to do about it. Empty: nothing known.
std::vector<std::string> distortions(const nlohmann::ordered_json& system);

}  // namespace overtake
