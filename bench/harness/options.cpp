// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <regex>

#include "core/error.h"

namespace overtake::bench {
namespace {

constexpr const char* kFooter = R"(Google Benchmark's flags work as in its user guide, among them
  --benchmark_filter=REGEX        time only the cells whose name matches (a leading '-' negates)
  --benchmark_list_tests          print the names of the cells and stop
  --benchmark_repetitions=N       samples of each cell
  --benchmark_min_time=SECONDS    what a sample takes at least
  --benchmark_out=FILE            Google Benchmark's own report beside ours (--benchmark_out_format=json|console)
Exit status: 0 good, 1 an answer was wrong, implausible or a cell failed, 2 wrong usage, 130 interrupted.)";

template <class T>
T number(const std::string& flag, const std::string& text) {
  T value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || value < 0)
    throw UsageError("--" + flag + "=" + text + ": expected a number from 0");
  return value;
}

bool is_true(const std::string& value) { return value.empty() || value == "true" || value == "1"; }

void require_format(const std::string& flag, const std::string& value) {
  if (value != "console" && value != "json")
    throw UsageError("--" + flag + "=" + value +
                     ": use console or json (the CSV of --out replaces Google Benchmark's)");
}

void take_library_flag(Options& options, const std::string& argument) {
  const std::size_t equals = argument.find('=');
  const std::string flag = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
  const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
  if (flag == "benchmark_filter") {
    options.filter = value;
    chosen_by(value, "");
  } else if (flag == "benchmark_list_tests") {
    options.list = is_true(value);
  } else if (flag == "benchmark_min_time") {
    options.min_time = number<double>(flag, value.ends_with('s') ? value.substr(0, value.size() - 1) : value);
  } else if (flag == "benchmark_repetitions") {
    options.repetitions = number<int>(flag, value);
    if (*options.repetitions < 1)
      throw UsageError("--benchmark_repetitions=" + value + ": at least 1 sample is needed");
  } else if (flag == "benchmark_format") {
    require_format(flag, options.format = value);
  } else if (flag == "benchmark_out") {
    options.file = value;
  } else if (flag == "benchmark_out_format") {
    require_format(flag, options.file_format = value);
  } else {
    options.library_flags.push_back(argument);
  }
}

std::vector<Cell> read_cells(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw UsageError("--cells " + path + ": the file cannot be read");
  std::vector<Cell> cells;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    try {
      cells.push_back(Cell::parse(line));
    } catch (const UsageError& error) {
      throw UsageError(fmt::format("--cells {}:{}: {}", path, number, error.what()));
    }
  }
  if (cells.empty()) throw UsageError("--cells " + path + ": the file names no cell");
  return cells;
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, const std::string& program, const std::string& workload) {
  Options options;
  std::string out, cells;
  CLI::App app("Times the cells of one workload, each verified first. Without --cells: those of the default suite.",
               program);
  app.footer(kFooter);
  std::vector<std::string> commands;
  if (workload == "command") {
    app.add_option("--command", commands, "NAME=COMMAND LINE, once for each; {n} in it stands for the size")
        ->required();
    app.add_option("--size", options.sizes, "What {n} stands for; several make several cells")->delimiter(',');
    app.add_option("--seconds-from", options.command.seconds_from,
                   "Regular expression whose first group is the seconds");
    app.add_option("--check", options.command.check, "Command that succeeds where {output} is right");
  }
  app.add_option("--out", out, "Folder for " + program + ".csv and system.json (made where it is missing)");
  app.add_option("--cells", cells, "File with the name of a cell on each line, as --benchmark_list_tests prints them");
  app.add_flag("--quick", options.quick, "The cells of the quick suite");
  app.add_option("--seed", options.seed.value, "Seed of the generated inputs")->capture_default_str();
  app.add_option("--data", options.data_path, "The user's own table, for workloads that take one");
  app.add_option("--process", options.process, "Number of this process; rows are added to those of earlier ones")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--run-id", options.run_id, "Name of the run in every row (chosen where it is not given)");
  app.add_option("--system-id", options.system_id, "Name of the system in every row")->group("");
  app.add_option("--label", options.label, "Name of this system, instead of one made from its hardware");
  app.add_option("--progress-fd", options.progress_fd, "A line for every sample done goes there")->group("");
  app.add_option("--skip-above", options.skip_above, "Skip cells whose sample would take more seconds (0: none)");
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + " (see " + program + " --help)");
  }
  for (const std::string& extra : app.remaining()) {
    if (!extra.starts_with("--benchmark_") && !extra.starts_with("--v="))
      throw UsageError("unknown argument '" + extra + "' (see " + program + " --help)");
    take_library_flag(options, extra);
  }
  for (const std::string& command : commands) options.command.commands.push_back(Command::parse(command));
  if (!out.empty()) options.out = out;
  if (!cells.empty()) options.cells = read_cells(cells);
  return options;
}

bool chosen_by(const std::string& filter, const std::string& name) {
  if (filter.empty() || filter == "all") return true;
  const bool negated = filter.front() == '-';
  try {
    const std::regex regex(negated ? filter.substr(1) : filter);
    return std::regex_search(name, regex) != negated;
  } catch (const std::regex_error& error) {
    throw UsageError("--benchmark_filter=" + filter + ": not a regular expression: " + error.what());
  }
}

}  // namespace overtake::bench
