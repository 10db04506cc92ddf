// SPDX-License-Identifier: Apache-2.0
#include "compare/commands.h"

#include <ostream>
#include <string>
#include <vector>

#include "compare/compare.h"

namespace overtake::compare {

Status show_command(const std::filesystem::path& path, const Baselines& baselines, std::ostream& out) {
  out << summary_markdown(read_run(path), baselines);
  return Status::good;
}

Status compare_command(std::span<const std::filesystem::path> paths, std::ostream& out) {
  if (paths.size() < 2)
    throw UsageError("compare needs at least two runs: give their folders or CSVs, the one to compare with first");
  std::vector<Run> runs;
  for (const auto& path : paths) runs.push_back(read_run(path));
  Status status = Status::good;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const Comparison comparison = compare_runs(runs.front(), runs[i]);
    out << (i > 1 ? "\n" + std::string(100, '-') + "\n" : "") << comparison_text(comparison);
    status = worst(status, comparison.status());
  }
  return status;
}

}  // namespace overtake::compare
