// SPDX-License-Identifier: Apache-2.0
// The program overtake_lab, which `overtake lab NAME` becomes: asks, measures, draws, explains and writes the rows.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>

#include "bench/harness/interrupt.h"
#include "cli/lab.h"
#include "cli/run_folder.h"
#include "cli/terminal.h"
#include "compare/summary.h"
#include "compare/text.h"
#include "core/csv/number.h"
#include "core/file.h"
#include "core/pool/spawn.h"
#include "core/system/host_files.h"
#include "core/system/resources.h"
#include "core/system/system.h"
#include "core/system/topology.h"
#include "git_revision.h"
#include "lab/engine/words.h"
#include "lab/lab.h"

namespace overtake::cli {
namespace {

namespace fs = std::filesystem;

void print_question(const lab::Lab& one, std::size_t columns) {
  fmt::print("{}\n", lab::wrapped(std::string(one.question), columns));
  for (std::size_t i = 0; i < one.choices.size(); ++i) fmt::print("  {}  {}\n", i + 1, one.choices[i]);
  fmt::print("\n");
}

// Asked until it is one of the choices; nothing for Enter and for the end of the input.
std::optional<std::size_t> ask(const lab::Lab& one) {
  while (true) {
    fmt::print("Your guess (1 to {}, Enter: none): ", one.choices.size());
    std::fflush(stdout);
    std::string line;
    if (!std::getline(std::cin, line) || line.empty()) return std::nullopt;
    const auto number = parse_integer(line);
    if (number && *number >= 1 && *number <= static_cast<std::int64_t>(one.choices.size()))
      return static_cast<std::size_t>(*number - 1);
  }
}

std::optional<std::size_t> guess_of(const lab::Lab& one, const LabArguments& arguments) {
  if (arguments.guess) return static_cast<std::size_t>(*arguments.guess - 1);
  if (arguments.no_guess || isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) return std::nullopt;
  return ask(one);
}

// What was guessed and what it is.
std::string guess_text(const lab::Lab& one, std::optional<std::size_t> guess, const lab::Explanation& explanation) {
  if (!explanation.answer) return "";
  const std::string is = fmt::format("{} ({})", *explanation.answer + 1, one.choices[*explanation.answer]);
  if (!guess) return "Answer on this machine: " + is;
  if (*guess == *explanation.answer) return "Your guess is right on this machine: " + is;
  return fmt::format("You guessed {} ({}); on this machine it is {}", *guess + 1, one.choices[*guess], is);
}

// The writer that Ctrl-C completes: the lab that is being measured has one, the moments between labs have none.
class OpenFile {
 public:
  ResultsWriter& open(const fs::path& csv) {
    const std::lock_guard lock(mutex_);
    writer_ = std::make_unique<ResultsWriter>(csv);
    return *writer_;
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    if (writer_) writer_->finish();
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<ResultsWriter> writer_;
};

// The thread that waits for Ctrl-C may outlive what main() has, so this is never destroyed.
OpenFile& open_file() {
  static OpenFile& file = *new OpenFile;
  return file;
}

struct LabFolder {
  fs::path folder;
  lab::RunInfo info;
};

LabFolder make_place(const LabArguments& arguments) {
  auto system = describe_system();
  const std::string id = system_id(system, arguments.label);
  LabFolder place{.info = {.system_id = id, .git_revision = kGitRevision}};
  place.folder = new_run_folder(fs::path(arguments.out) / id, "lab", place.info.run_id);
  system["system_id"] = id;
  system["suite"] = "lab";
  system["arguments"] = {arguments.name, "--seconds", format_double(arguments.seconds)};
  if (arguments.scale) {
    system["arguments"].push_back("--scale");
    system["arguments"].push_back(format_double(*arguments.scale));
  }
  system["distortions"] = distortions(system);
  write_file(place.folder / "system.json", system.dump(2) + "\n");
  return place;
}

lab::Machine machine_here() {
  const HostFiles files;
  const auto affinity = read_affinity(files, read_topology(files));
  const int cores = physical_cores_allowed();
  return {cores, affinity.value ? static_cast<int>(affinity.value->size()) : cores};
}

Status run_one(const lab::Lab& one, const LabArguments& arguments, const LabFolder& place) {
  const std::size_t columns = terminal_columns();
  const lab::Machine machine = machine_here();
  fmt::print("== {} ==\n\n", one.name);
  print_question(one, columns);
  if (machine.cpus == 1)
    fmt::print("{}\n", lab::wrapped("This process may use one core: threads take turns on it, and what needs two cores "
                                    "at once does not show.",
                                    columns));
  else if (machine.cores == 1)
    fmt::print("{}\n", lab::wrapped(fmt::format("This process may use one core with {} hardware threads: they run at "
                                                "once, but share what the core has.",
                                                machine.cpus),
                                    columns));
  const auto guess = guess_of(one, arguments);
  const double about = arguments.scale ? lab::seconds_at_scale(one, *arguments.scale) : 0;
  fmt::print("Measuring, about {} ...\n\n", compare::duration_text(std::max(arguments.seconds, about)));
  std::fflush(stdout);
  ResultsWriter& writer = open_file().open(place.folder / fmt::format("lab_{}.csv", one.name));
  lab::Session session(std::string(one.name), arguments.seconds, machine, place.info, &writer, arguments.scale);
  one.measure(session);
  writer.finish();

  const lab::Explanation explanation = lab::explained(one, lab::Figures(session.rows()));
  fmt::print("{}", lab::drawn(explanation.charts, columns));
  if (!session.drawing().empty()) fmt::print("{}\n", session.drawing());
  const std::string verdict = guess_text(one, guess, explanation);
  if (!verdict.empty()) fmt::print("{}\n", lab::wrapped(verdict, columns));
  for (const std::string& sentence : explanation.sentences) fmt::print("{}", lab::wrapped(sentence, columns));
  fmt::print("\nRead: {}\n\n", one.source);
  for (const std::string& complaint : session.complaints()) fmt::print(stderr, "overtake: {}\n", complaint);
  return session.complaints().empty() ? Status::good : Status::failure;
}

// The inverse of words_of() in lab.cpp.
LabArguments lab_arguments(const std::vector<std::string>& words) {
  if (words.size() != 5 && words.size() != 6) throw UsageError("this is what `overtake lab NAME` starts: use that");
  LabArguments out{.name = words[0], .no_guess = words[3] == "-", .out = words[4]};
  out.scale = parse_double(words[2]);
  if (const auto guess = parse_integer(words[3])) out.guess = static_cast<int>(*guess);
  const auto seconds = parse_double(words[1]);
  if (!seconds) throw UsageError("'" + words[1] + "' is no time in seconds");
  out.seconds = *seconds;
  if (words.size() == 6) out.label = words[5];
  return out;
}

Status measure_labs(const LabArguments& arguments) {
  // Before anything binds threads to cores, and before the first of them is started.
  physical_cores_allowed();
  bench::block_interrupts();
  const LabFolder place = make_place(arguments);
  open_file();
  bench::end_on_interrupt([] { open_file().finish(); });
  Status status = Status::good;
  for (const lab::Lab& one : lab::labs())
    if (arguments.name == "all" || arguments.name == one.name) status = worst(status, run_one(one, arguments, place));
  write_file(place.folder / "summary.md", compare::summary_markdown(read_run(place.folder), {}));
  const std::string folder = place.folder.string();
  fmt::print("Results: {}\nNext: overtake show {}\n", folder, folder);
  return status;
}

}  // namespace
}  // namespace overtake::cli

int main(int argc, char** argv) {
  overtake::worker_entry();
  try {
    return static_cast<int>(overtake::cli::measure_labs(overtake::cli::lab_arguments({argv + 1, argv + argc})));
  } catch (const overtake::UsageError& error) {
    fmt::print(stderr, "overtake: {}\n", error.what());
    return static_cast<int>(overtake::Status::usage);
  } catch (const std::exception& error) {
    fmt::print(stderr, "overtake: {}\n", error.what());
    return static_cast<int>(overtake::Status::failure);
  }
}
