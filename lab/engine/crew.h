// SPDX-License-Identifier: Apache-2.0
// Threads that begin together, timed from the first one's begin to the last one's end. Every lab of threads uses it.
#pragma once

#include <functional>

namespace overtake::lab {

struct CrewTime {
  double seconds = 0, cpu_seconds = 0;  // wall clock; all threads together
};

enum class Placement {
  own_cores,  // a core for each thread as long as there are enough: a busy machine otherwise runs them in turns on one
  anywhere,   // where the system puts them
};

/// Runs body(0) ... body(workers - 1), each on a thread of its own; none begins before all are there. Starting and
/// ending the threads is not timed. The body must not throw. Throws std::system_error where the system refuses a
/// thread.
CrewTime time_crew(int workers, const std::function<void(int)>& body, Placement placement = Placement::own_cores);

/// Tells the compiler that the integer `value` is read and may be changed here, so that the loop that makes it must be
/// run.
template <class T>
void keep(T& value) {
  asm volatile("" : "+r"(value) : : "memory");
}

}  // namespace overtake::lab
