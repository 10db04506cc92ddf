// SPDX-License-Identifier: Apache-2.0
// Results that other benchmark tools wrote, as rows like ours, and ours as Google Benchmark writes them. For
// `overtake import` and `overtake show --google-benchmark-json`; docs/import.md says what becomes what.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "compare/measured.h"
#include "core/results/row.h"

namespace overtake::compare {

/// What a file of another tool says. Nobody checked these answers here: check_method of every time is "unchecked".
struct Imported {
  std::string tool;               // "Google Benchmark"
  std::vector<Row> rows;          // without run_id, system_id and process, which the caller knows
  nlohmann::ordered_json system;  // what the file says of its machine, in the keys of system.json where it has one
  std::string identity;           // equal for files of one machine; empty where the file does not say
  std::vector<std::string> notes;
};

/// Which tool wrote the text is seen from its content; `name` stands for the file's in messages. Throws UsageError that
/// names file, place, what is wrong and what is accepted.
Imported parse_other_tool(std::string_view text, const std::string& name);

/// JSON of --benchmark_out, version 1.5 and later. Aggregates are left out where their repetitions are there.
Imported parse_google_benchmark(std::string_view text, const std::string& name);
/// CSV of nvbench's --csv.
Imported parse_nvbench(std::string_view text, const std::string& name);
/// CSV of BabelStream's --csv, with whatever it printed before.
Imported parse_babelstream(std::string_view text, const std::string& name);

/// What Google Benchmark's tools/compare.py reads: every sample of every cell that has times, in nanoseconds. A cell's
/// name is the benchmark's name, cpu_time is 0 where CPU time was not measured.
nlohmann::ordered_json google_benchmark_json(const MeasuredRun&);

}  // namespace overtake::compare
