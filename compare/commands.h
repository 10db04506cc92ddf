// SPDX-License-Identifier: Apache-2.0
// What `overtake show` and `overtake compare` do, for cli/ to call.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <span>

#include "compare/best.h"
#include "compare/summary.h"
#include "core/error.h"

namespace overtake::compare {

/// Prints the summary of a run: a folder or a results CSV. Throws UsageError where it cannot be read.
Status show_command(const std::filesystem::path& run, const Baselines&, std::ostream& out);

/// How a comparison is printed.
enum class Format { text, json, markdown };

/// What `overtake compare` was asked for.
struct CompareRequest {
  CompareOptions options;
  /// Columns of systems (best.h) or rows; nothing: columns where the runs come from different systems.
  std::optional<bool> best;
  std::map<std::string, double> hourly_prices;
  Format format = Format::text;
};

/// Compares the first run with each of the others; by another dimension than the system a single run is compared with
/// itself. The status is the worst of all rows'. Throws UsageError for too few runs, or one that cannot be read, before
/// anything is printed.
Status compare_command(std::span<const std::filesystem::path> runs, const CompareRequest&, std::ostream& out);

}  // namespace overtake::compare
