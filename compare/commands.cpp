// SPDX-License-Identifier: Apache-2.0
#include "compare/commands.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "compare/compare.h"

namespace overtake::compare {

Status show_command(const std::filesystem::path& path, const Baselines& baselines, std::ostream& out) {
  out << summary_markdown(read_run(path), baselines);
  return Status::good;
}

Status compare_command(std::span<const std::filesystem::path> paths, const CompareOptions& options, Format format,
                       std::ostream& out) {
  const bool within_one = options.by.kind != Dimension::Kind::system;
  if (paths.empty() || (paths.size() < 2 && !within_one))
    throw UsageError("compare needs at least two runs: give their folders or CSVs, the one to compare with first");
  std::vector<std::shared_ptr<const MeasuredRun>> runs;
  for (const auto& path : paths) runs.push_back(std::make_shared<const MeasuredRun>(measured_run(read_run(path))));
  if (runs.size() == 1) runs.push_back(runs.front());
  std::vector<Comparison> comparisons;
  for (std::size_t i = 1; i < runs.size(); ++i) comparisons.push_back(compare_runs(runs.front(), runs[i], options));

  Status status = Status::good;
  auto json = nlohmann::ordered_json::array();
  for (const Comparison& comparison : comparisons) {
    status = worst(status, comparison.status());
    const bool is_first = &comparison == &comparisons.front();
    if (format == Format::json)
      json.push_back(comparison_json(comparison));
    else if (format == Format::markdown)
      out << (is_first ? "" : "\n") << comparison_markdown(comparison);
    else
      out << (is_first ? "" : "\n" + std::string(100, '-') + "\n") << comparison_text(comparison);
  }
  // Names come from files: bytes that are no UTF-8 are replaced.
  if (format == Format::json)
    out << (json.size() == 1 ? json[0] : json).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
        << '\n';
  return status;
}

}  // namespace overtake::compare
