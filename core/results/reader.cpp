// SPDX-License-Identifier: Apache-2.0
#include "core/results/reader.h"

#include <algorithm>
#include <array>

#include "core/file.h"
#include "core/json.h"

namespace overtake {
namespace fs = std::filesystem;
namespace {

/// Without these a row does not say what was measured.
constexpr std::array<std::string_view, 14> kRequired = {
    "schema_version", "run_id", "system_id", "workload",      "variant", "strategy",     "dtype",
    "scope",          "shape",  "params",    "workers_asked", "seconds", "check_method", "status"};

std::string label_of(const fs::path& path) {
  fs::path whole = fs::absolute(path).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  const std::string name = whole.filename().string(), parent = whole.parent_path().filename().string();
  return parent.empty() ? name : parent + "/" + name;
}

/// The folder's results, in the order of their names; a .part whose finished file is there too is left out with a note.
std::vector<fs::path> result_files(const fs::path& folder, std::vector<std::string>& notes) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& path = entry.path();
    if (!entry.is_regular_file()) continue;
    if (path.extension() == ".csv") files.push_back(path);
    if (path.extension() != ".part" || path.stem().extension() != ".csv") continue;
    const fs::path finished = fs::path(path).replace_extension();
    if (fs::exists(finished)) {
      notes.push_back(path.string() + ": ignored, because " + finished.filename().string() + " is there");
    } else {
      notes.push_back(path.string() + ": the program that wrote it did not finish; its rows so far are used");
      files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  std::sort(notes.begin(), notes.end());
  return files;
}

using Visit = std::function<void(const Row&)>;

void read_file_of(Run& run, const fs::path& csv, const Visit& visit) {
  ResultsReader reader(csv);
  while (const Row* row = reader.next()) visit(*row);
  run.notes.insert(run.notes.end(), reader.notes().begin(), reader.notes().end());
}

void read_folder(Run& run, const Visit& visit) {
  const auto files = result_files(run.path, run.notes);
  if (files.empty())
    throw UsageError("'" + run.path.string() + "' holds no results: give the folder of one run, with its *.csv");
  for (const fs::path& file : files) read_file_of(run, file, visit);
  const fs::path system = run.path / "system.json";
  if (fs::exists(system))
    run.system = parse_json_object(read_file(system), system.string());
  else
    run.notes.push_back(system.string() + ": is absent, so nothing is known of the machine");
}

Results all_of(ResultsReader&& reader) {
  Results results;
  while (const Row* row = reader.next()) results.rows.push_back(*row);
  results.notes = reader.notes();
  return results;
}

}  // namespace

ResultsReader::ResultsReader(const fs::path& csv) : name_(csv.string()), csv_(csv, LastLine::drop_if_cut) {
  read_header();
}

ResultsReader::ResultsReader(std::string_view text, const std::string& name)
    : name_(name), csv_(text, name, LastLine::drop_if_cut) {
  read_header();
}

void ResultsReader::read_header() {
  if (!csv_.next(cells_)) throw UsageError(name_ + ": has no header line: this is no results CSV of overtake");
  const auto known = column_names();
  places_.resize(known.size());
  fields_.resize(known.size());
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const auto found = std::find(known.begin(), known.end(), cells_[i]);
    if (found == known.end()) {
      notes_.push_back(name_ + ": column '" + std::string(cells_[i]) + "' is unknown and was ignored");
      continue;
    }
    auto& place = places_[static_cast<std::size_t>(found - known.begin())];
    if (place) throw csv_.error(i, "column '" + std::string(cells_[i]) + "' stands there twice");
    place = i;
  }
  for (const std::string_view column : kRequired)
    if (!places_[static_cast<std::size_t>(std::find(known.begin(), known.end(), column) - known.begin())])
      throw csv_.error(0, "column '" + std::string(column) + "' is missing: this is no results CSV of overtake");
}

const Row* ResultsReader::next() {
  if (!csv_.next(cells_)) {
    if (csv_.dropped_line())
      notes_.push_back(name_ + ":" + std::to_string(*csv_.dropped_line()) +
                       ": the last record has no end and was dropped: its writing was interrupted");
    return nullptr;
  }
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (places_[i]) fields_[i] = cells_[*places_[i]];
  try {
    return &parser_.parse(fields_);
  } catch (const CellError& error) {
    throw csv_.error(places_[error.column].value_or(0), error.what());
  }
}

Results read_results(const fs::path& csv) { return all_of(ResultsReader(csv)); }

Results parse_results(std::string_view text, const std::string& name) { return all_of(ResultsReader(text, name)); }

Run read_run(const fs::path& folder_or_csv, const Visit& visit) {
  Run run;
  run.path = folder_or_csv;
  run.label = label_of(folder_or_csv);
  std::error_code error;
  try {
    if (fs::is_directory(folder_or_csv, error))
      read_folder(run, visit);
    else
      read_file_of(run, folder_or_csv, visit);
  } catch (const fs::filesystem_error& problem) {
    throw UsageError("cannot read '" + folder_or_csv.string() + "': " + problem.code().message());
  }
  return run;
}

Run read_run(const fs::path& folder_or_csv) {
  std::vector<Row> rows;
  Run run = read_run(folder_or_csv, [&](const Row& row) { rows.push_back(row); });
  run.rows = std::move(rows);
  return run;
}

}  // namespace overtake
