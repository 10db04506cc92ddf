// SPDX-License-Identifier: Apache-2.0
// A dinner as it is planned, and as it was cooked with threads; and the proof that neither broke a limit.
#pragma once

#include <string>
#include <vector>

#include "lab/kitchen/brigade.h"
#include "lab/kitchen/dinner.h"

namespace overtake::lab {

/// A step with its minutes since the begin of all.
struct Cooked {
  Begun what;
  double start = 0, end = 0;
};

struct Schedule {
  int cooks = 0;
  std::vector<Cooked> steps;  // by step
  double minutes() const;     // until the last has ended; 0 where there are none
};

/// Both throw std::invalid_argument as require_cookable() does.
Schedule planned(const Dinner& dinner, Rule rule);
/// Every cook is a thread that sleeps for the time of its steps, `seconds_a_minute` for each minute; this thread gives
/// out the work. Throws std::system_error where the system refuses a thread.
Schedule cooked(const Dinner& dinner, Rule rule, double seconds_a_minute);

/// What is wrong with it, a line each: a step that is too short or began before one that it waits for, a cook, stove or
/// oven at two steps at once, hands or a place that a step lacks, a whole that is shorter than a bound.
std::vector<std::string> faults_of(const Dinner& dinner, const Schedule& schedule);

/// A line for each cook, stove and oven, its time from left to right in at most `columns` columns, and the letters'
/// meaning below. `minutes`: the time of a whole line, the same for charts to be compared.
std::string gantt(const Dinner& dinner, const Schedule& schedule, double minutes, std::size_t columns);

}  // namespace overtake::lab
