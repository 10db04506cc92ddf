// SPDX-License-Identifier: Apache-2.0
#include "core/results/reader.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/csv/reader.h"
#include "core/file.h"

namespace overtake {
namespace fs = std::filesystem;
namespace {

/// Without these a row does not say what was measured.
constexpr std::array<std::string_view, 14> kRequired = {
    "schema_version", "run_id", "system_id", "workload",      "variant", "strategy",     "dtype",
    "scope",          "shape",  "params",    "workers_asked", "seconds", "check_method", "status"};

/// For each column of the format: its place in the file.
using Places = std::vector<std::optional<std::size_t>>;

Places places_of(const std::vector<std::string>& header, const CsvReader& csv, std::vector<std::string>& notes,
                 const std::string& name) {
  const auto known = column_names();
  Places places(known.size());
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto found = std::find(known.begin(), known.end(), header[i]);
    if (found == known.end()) {
      notes.push_back(name + ": column '" + header[i] + "' is unknown and was ignored");
      continue;
    }
    auto& place = places[static_cast<std::size_t>(found - known.begin())];
    if (place) throw csv.error(i, "column '" + header[i] + "' stands there twice");
    place = i;
  }
  for (const std::string_view column : kRequired)
    if (!places[static_cast<std::size_t>(std::find(known.begin(), known.end(), column) - known.begin())])
      throw csv.error(0, "column '" + std::string(column) + "' is missing: this is no results CSV of overtake");
  return places;
}

Results read_all(CsvReader& csv, const std::string& name) {
  Results results;
  std::vector<std::string> cells;
  if (!csv.next(cells)) throw UsageError(name + ": has no header line: this is no results CSV of overtake");
  const Places places = places_of(cells, csv, results.notes, name);
  std::vector<std::string> fields(places.size());
  while (csv.next(cells)) {
    for (std::size_t i = 0; i < places.size(); ++i)
      if (places[i]) fields[i] = cells[*places[i]];
    try {
      results.rows.push_back(row_from_fields(fields));
    } catch (const CellError& error) {
      throw csv.error(places[error.column].value_or(0), error.what());
    }
  }
  if (csv.dropped_line())
    results.notes.push_back(name + ":" + std::to_string(*csv.dropped_line()) +
                            ": the last record has no end and was dropped: its writing was interrupted");
  return results;
}

nlohmann::ordered_json read_system(const fs::path& path) {
  nlohmann::ordered_json system;
  try {
    system = nlohmann::ordered_json::parse(read_file(path));
  } catch (const nlohmann::json::exception& error) {
    const std::string_view what = error.what();  // "[json.exception...] parse error at line 1, column 2: ..."
    const std::size_t start = what.find("] ");
    throw UsageError(path.string() + ": " + std::string(start == what.npos ? what : what.substr(start + 2)));
  }
  if (!system.is_object()) throw UsageError(path.string() + ": is no JSON object: restore the file or remove it");
  return system;
}

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

void append(Run& run, const fs::path& csv) {
  Results results = read_results(csv);
  run.rows.insert(run.rows.end(), std::make_move_iterator(results.rows.begin()),
                  std::make_move_iterator(results.rows.end()));
  run.notes.insert(run.notes.end(), results.notes.begin(), results.notes.end());
}

void read_folder(Run& run) {
  const auto files = result_files(run.path, run.notes);
  if (files.empty())
    throw UsageError("'" + run.path.string() + "' holds no results: give the folder of one run, with its *.csv");
  for (const fs::path& file : files) append(run, file);
  const fs::path system = run.path / "system.json";
  if (fs::exists(system))
    run.system = read_system(system);
  else
    run.notes.push_back(system.string() + ": is absent, so nothing is known of the machine");
}

}  // namespace

Results read_results(const fs::path& path) {
  CsvReader csv(path, LastLine::drop_if_cut);
  return read_all(csv, path.string());
}

Results parse_results(std::string_view text, const std::string& name) {
  CsvReader csv(text, name, LastLine::drop_if_cut);
  return read_all(csv, name);
}

Run read_run(const fs::path& folder_or_csv) {
  Run run;
  run.path = folder_or_csv;
  run.label = label_of(folder_or_csv);
  std::error_code error;
  try {
    if (fs::is_directory(folder_or_csv, error))
      read_folder(run);
    else
      append(run, folder_or_csv);
  } catch (const fs::filesystem_error& problem) {
    throw UsageError("cannot read '" + folder_or_csv.string() + "': " + problem.code().message());
  }
  return run;
}

}  // namespace overtake
