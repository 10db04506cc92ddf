// SPDX-License-Identifier: Apache-2.0
#include "lab/engine/classroom.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compare/text.h"
#include "core/error.h"
#include "core/results/reader.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::lab {
namespace {

namespace fs = std::filesystem;

struct MachineResults {
  std::string name, run_id;
  Explanation explanation;
};

/// By the machine's name, of one lab.
using ByMachine = std::map<std::string, MachineResults>;

struct Found {
  std::map<std::string, ByMachine> labs;
  std::vector<std::string> notes;
};

void add(Found& found, const Lab& lab, const Results& results) {
  // A file holds the rows of one run; those of several are told apart all the same.
  std::map<std::pair<std::string, std::string>, std::vector<Row>> runs;
  for (const Row& row : results.rows)
    if (row.workload == fmt::format("lab_{}", lab.name)) runs[{row.system_id, row.run_id}].push_back(row);
  for (const auto& [key, rows] : runs) {
    const auto& [system, run] = key;
    MachineResults& machine = found.labs[std::string(lab.name)][system];
    // Ids begin with the time of day.
    if (run >= machine.run_id) machine = {system, run, explained(lab, Figures(rows))};
  }
}

Found find(const fs::path& folder) {
  Found found;
  std::error_code failed;
  fs::recursive_directory_iterator files(folder, failed);
  if (failed) throw UsageError(fmt::format("{}: {}", folder.string(), failed.message()));
  std::vector<fs::path> paths;
  for (const fs::directory_entry& file : files) {
    const std::string name = file.path().filename().string();
    if (file.is_regular_file() && name.starts_with("lab_") && name.ends_with(".csv")) paths.push_back(file.path());
  }
  std::ranges::sort(paths);
  for (const fs::path& path : paths) {
    const Results results = read_results(path);
    for (const std::string& note : results.notes) found.notes.push_back(note);
    for (const Lab& lab : labs()) add(found, lab, results);
  }
  if (found.labs.empty())
    throw UsageError(fmt::format(
        "{}: no results of a lab below it: run `overtake lab all --out DIR` on each machine and gather the folders",
        folder.string()));
  return found;
}

// The same bars of every machine beside each other, on one scale.
std::vector<Chart> joined(const ByMachine& machines) {
  std::vector<std::string> titles;
  std::map<std::string, std::vector<std::pair<std::string, std::vector<Bar>>>> groups;  // of a title: bars by label
  for (const auto& [name, machine] : machines)
    for (const Chart& chart : machine.explanation.charts) {
      if (!groups.contains(chart.title)) titles.push_back(chart.title);
      auto& of_title = groups[chart.title];
      for (const Bar& bar : chart.bars) {
        auto group = std::ranges::find(of_title, bar.label, [](const auto& entry) { return entry.first; });
        if (group == of_title.end()) group = of_title.insert(of_title.end(), {bar.label, {}});
        group->second.push_back({bar.label + ": " + compare::printable(name, 40), bar.value, bar.text});
      }
    }
  std::vector<Chart> charts;
  for (const std::string& title : titles) {
    Chart chart{.title = title};
    for (const auto& [label, bars] : groups[title]) chart.bars.insert(chart.bars.end(), bars.begin(), bars.end());
    charts.push_back(std::move(chart));
  }
  return charts;
}

std::string answers_text(const Lab& lab, const ByMachine& machines, std::size_t columns) {
  std::string out;
  for (std::size_t choice = 0; choice < lab.choices.size(); ++choice) {
    std::vector<std::string> names;
    for (const auto& [name, machine] : machines)
      if (machine.explanation.answer == choice) names.push_back(compare::printable(name, 40));
    if (names.empty()) continue;
    out +=
        wrapped(fmt::format("{} ({}): {}", lab.choices[choice], names.size(), compare::list_text(names)), columns, 2);
  }
  for (const auto& [name, machine] : machines)
    if (!machine.explanation.answer)
      for (const std::string& sentence : machine.explanation.sentences)
        out += wrapped(compare::printable(name, 40) + ": " + sentence, columns, 2);
  return out;
}

}  // namespace

std::string class_text(const fs::path& folder, std::size_t columns) {
  const Found found = find(folder);
  std::string out;
  for (const Lab& lab : labs()) {
    const auto of_lab = found.labs.find(std::string(lab.name));
    if (of_lab == found.labs.end()) continue;
    const ByMachine& machines = of_lab->second;
    out += fmt::format("== {}: {} ==\n\n", lab.name, compare::count_text(machines.size(), "machine"));
    out += drawn(joined(machines), columns);
    out += wrapped(std::string(lab.question), columns) + answers_text(lab, machines, columns) + "\n";
  }
  for (const std::string& note : found.notes) out += "Note: " + compare::printable(note, 1000) + "\n";
  return out;
}

}  // namespace overtake::lab
