// SPDX-License-Identifier: Apache-2.0
// Reads results CSVs and run folders back. Used by show, compare and the summary. The one header in core/results that
// brings JSON: no .cu file may see it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/results/row.h"

namespace overtake {

struct Results {
  std::vector<Row> rows;
  std::vector<std::string> notes;  // what was ignored or dropped, a sentence each
};

/// Reads one results CSV. Columns may stand in any order; unknown ones are ignored with a note, absent ones are empty
/// cells unless they say what a row means. A last line that was cut off is dropped with a note. Throws UsageError that
/// names file, line, column and what to do.
Results read_results(const std::filesystem::path& csv);
/// The same of text in memory; `name` stands for the file's in notes and messages.
Results parse_results(std::string_view text, const std::string& name);

struct Run {
  std::filesystem::path path;
  std::string label;              // the last two parts of the path, as in "amd-epyc-2c/20261121T071524Z-quick"
  nlohmann::ordered_json system;  // system.json; null where there is none
  std::vector<Row> rows;          // of all files, in the order of their names
  std::vector<std::string> notes;
};

/// Reads a run's folder (every *.csv, every *.csv.part of an unfinished program, system.json) or a single CSV. Throws
/// UsageError where the folder holds no results or one of its files cannot be read.
Run read_run(const std::filesystem::path& folder_or_csv);

}  // namespace overtake
