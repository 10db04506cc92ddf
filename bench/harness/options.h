// SPDX-License-Identifier: Apache-2.0
// The command line of a benchmark program: its own flags, and Google Benchmark's, which all work.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/harness/command.h"
#include "bench/harness/plan.h"
#include "core/random.h"

namespace overtake::bench {

struct Options {
  std::optional<std::filesystem::path> out;  // folder for NAME.csv and system.json; none: console only
  std::vector<Cell> cells;                   // from --cells; empty: the suite's
  bool quick = false;
  Seed seed;
  std::string data_path;
  int process = 0;
  std::string run_id, system_id, label;
  int progress_fd = -1;
  std::optional<double> skip_above;  // seconds; not given: the suite's, and no limit for --cells
  CommandOptions command;            // of bench_command only
  std::vector<std::string> sizes;    // the same

  // Of Google Benchmark's flags, those that are this program's to obey, because it calls the library once a group.
  std::string filter;
  bool list = false;
  std::optional<double> min_time;
  std::optional<int> repetitions;
  std::string format = "console", file, file_format = "json";
  std::vector<std::string> library_flags;  // the others
};

/// Throws UsageError on an unknown flag or value. Returns nullopt after printing help.
std::optional<Options> parse_options(int argc, char** argv, const std::string& program, const std::string& workload);

/// Does --benchmark_filter's regular expression (with a leading '-': its negation) choose this name?
bool chosen_by(const std::string& filter, const std::string& name);

}  // namespace overtake::bench
