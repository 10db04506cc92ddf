// SPDX-License-Identifier: Apache-2.0
// Reads results CSVs and run folders back. Used by show, compare and the summary. The one header in core/results that
// brings JSON: no .cu file may see it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/csv/reader.h"
#include "core/results/row.h"

namespace overtake {

/// Reads one results CSV row by row: a file of any length takes the memory of one row. Columns may stand in any order;
/// unknown ones are ignored with a note, absent ones are empty cells unless they say what a row means. A last line that
/// was cut off is dropped with a note.
class ResultsReader {
 public:
  /// Throws UsageError where the file cannot be opened or its header is not that of results.
  explicit ResultsReader(const std::filesystem::path& csv);
  /// The same of text in memory, which must outlive the reader; `name` stands for the file's in notes and messages.
  ResultsReader(std::string_view text, const std::string& name);

  /// The next row, which holds until the next call; nullptr at the end. Throws UsageError that names file, line, column
  /// and what to do; after that the reader is of no more use.
  const Row* next();
  /// What was ignored or dropped so far, a sentence each.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void read_header();

  std::string name_;
  CsvReader csv_;
  std::vector<std::optional<std::size_t>> places_;  // of each column of the format, in the file
  std::vector<std::string_view> cells_, fields_;    // as they stand in the file; in the format's order
  RowParser parser_;
  std::vector<std::string> notes_;
};

struct Results {
  std::vector<Row> rows;
  std::vector<std::string> notes;  // what was ignored or dropped, a sentence each
};

/// All rows of one results CSV; throws as ResultsReader does.
Results read_results(const std::filesystem::path& csv);
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
/// The same, but hands the rows to `visit` one by one and keeps none.
Run read_run(const std::filesystem::path& folder_or_csv, const std::function<void(const Row&)>& visit);

}  // namespace overtake
