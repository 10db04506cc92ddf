// SPDX-License-Identifier: Apache-2.0
#include "cli/lab.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "cli/launch.h"
#include "cli/terminal.h"
#include "core/csv/number.h"
#include "lab/engine/classroom.h"
#include "lab/lab.h"

namespace overtake::cli {
namespace {

void print_list() {
  std::size_t width = 0;
  for (const lab::Lab& one : lab::labs()) width = std::max(width, one.name.size());
  fmt::print("Small experiments with one surprise each, some seconds long:\n\n");
  for (const lab::Lab& one : lab::labs()) fmt::print("  {:{}}  {}\n", one.name, width, one.summary);
  fmt::print("\nNext: overtake lab {}\n      overtake lab all\n", lab::labs().front().name);
}

// For overtake_lab: its arguments, checked.
std::vector<std::string> words_of(const LabArguments& arguments) {
  std::string guess = arguments.no_guess ? "-" : "";
  if (arguments.guess) guess = std::to_string(*arguments.guess);
  const std::string scale = arguments.scale ? format_double(*arguments.scale) : "";
  std::vector<std::string> words = {arguments.name, format_double(arguments.seconds), scale, guess, arguments.out};
  if (arguments.label) words.push_back(*arguments.label);
  return words;
}

// This process becomes overtake_lab, which loads 8 libraries and not the 38 of downloads and tables: each process that
// a lab starts would load them too.
[[noreturn]] void become_lab_program(const LabArguments& arguments) {
  std::vector<std::string> words = words_of(arguments);
  words.insert(words.begin(), program_path("overtake_lab").string());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::fflush(nullptr);
  ::execv(pointers.front(), pointers.data());
  throw_errno("starting " + words.front());
}

void check(const LabArguments& arguments) {
  if (!arguments.class_folder.empty()) {
    if (!arguments.name.empty()) throw UsageError("--class draws what was measured before: leave the lab's name out");
    return;
  }
  if (arguments.guess && (arguments.name.empty() || arguments.name == "all"))
    throw UsageError("--guess answers one lab's question: name that lab");
  if (arguments.scale && (arguments.name.empty() || arguments.name == "all"))
    throw UsageError("--scale multiplies the waits of one lab: name that lab");
  if (arguments.name.empty() || arguments.name == "all") return;
  const lab::Lab& one = lab::find_lab(arguments.name);
  if (arguments.guess && (*arguments.guess < 1 || *arguments.guess > static_cast<int>(one.choices.size())))
    throw UsageError(
        fmt::format("--guess {}: lab {} has choices 1 to {}", *arguments.guess, one.name, one.choices.size()));
  if (arguments.scale) lab::require_scale(one, *arguments.scale);
}

}  // namespace

Status lab(const LabArguments& arguments) {
  check(arguments);
  if (!arguments.class_folder.empty()) {
    fmt::print("{}", lab::class_text(arguments.class_folder, terminal_columns()));
    return Status::good;
  }
  if (!arguments.name.empty()) become_lab_program(arguments);
  print_list();
  return Status::good;
}

}  // namespace overtake::cli
