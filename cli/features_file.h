// SPDX-License-Identifier: Apache-2.0
// Files of features, as numpy.save and as CSV have them, with the features' names. For `overtake do preprocess`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/memory/view.h"

namespace overtake::cli {

/// Throws UsageError unless the name ends with .npy or .csv.
void require_features_name(const std::filesystem::path& path);

/// NAME.npy (format 1.0, float32, C order) with NAME.names.json beside it, or a .csv whose first line has the names.
/// Missing values are NaN, and empty cells in CSV. Throws as write_file does.
void write_features(const std::filesystem::path& path, const View<float>& features,
                    const std::vector<std::string>& names);

}  // namespace overtake::cli
