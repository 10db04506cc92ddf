// SPDX-License-Identifier: Apache-2.0
// What `overtake show` and `overtake compare` do, for cli/ to call.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>

#include "compare/best.h"
#include "compare/summary.h"
#include "core/error.h"

namespace overtake::compare {

/// How figures are printed.
enum class Format { text, json, markdown };

/// Prints the summary of a run: a folder or a results CSV. Throws UsageError where it cannot be read.
Status show_command(const std::filesystem::path& run, const Baselines&, std::ostream& out);
/// Break-even points of two ways, "A,B", and scaling over workers. Markdown is the text. The status is `missing` where
/// the run has nothing to say of it. Throws UsageError as break_evens() does, and where the run cannot be read.
Status show_breakeven(const std::filesystem::path& run, const std::string& ways, Format, std::ostream& out);
Status show_scaling(const std::filesystem::path& run, Format, std::ostream& out);

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
