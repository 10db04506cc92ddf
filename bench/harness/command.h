// SPDX-License-Identifier: Apache-2.0
// The user's own programs as variants of the workload `command`: each sample is one fresh process, from just before it
// is spawned until it has ended.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace overtake::bench {

struct Command {
  std::string name, line;  // the line is given to /bin/sh; {n} in it stands for the size
  /// "cpu=./app {n}". Throws UsageError.
  static Command parse(std::string_view text);
};

struct CommandOptions {
  std::vector<Command> commands;
  std::string seconds_from;  // regular expression whose first group finds the seconds in the output; empty: wall clock
  std::string check;         // succeeds (status 0) where the answer is right; {n} and {output} (a file) stand in it
};

/// Enters the workload and its variants, the first command being the baseline. Throws UsageError on names given twice
/// and on a regular expression that cannot be used.
void register_commands(const CommandOptions&);

}  // namespace overtake::bench
