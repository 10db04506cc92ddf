// SPDX-License-Identifier: Apache-2.0
// Errors and exit statuses: library code throws these, and only main() turns them into a message and a status.
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>

namespace overtake {

enum class Status : int {
  good = 0,
  failure = 1,         // something failed, was wrong, or got slower
  usage = 2,           // the command line or an input file that it names cannot be used
  undecided = 3,       // the samples do not decide
  missing = 4,         // rows have no counterpart
  not_comparable = 5,  // rows differ in what they measure
  interrupted = 130,   // Ctrl-C
};

/// The status to exit with where several hold: 130, 2, 1, 5, 4, 3, 0 in this order.
Status worst(std::initializer_list<Status> statuses);
Status worst(Status a, Status b);

/// The user asked for something that cannot be done: the message names the flag, file, line or URL and what to do.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws std::system_error's message for `errno`, as "what: reason".
[[noreturn]] void throw_errno(const std::string& what);

}  // namespace overtake
