// SPDX-License-Identifier: Apache-2.0
// One variant at work on one problem, its types erased: what benches, tests, workers and selftests see.
#pragma once

#include <memory>
#include <vector>

#include "core/cell.h"
#include "core/workload/workload.h"

namespace overtake {

/// What a variant may use.
struct Resources {
  int workers = 1;
  KeyValues params;
};

/// The calls of a timed sample are load, (reset, run)..., store; the scope says which of them the clock covers.
class Instance {
 public:
  virtual ~Instance() = default;
  virtual void load(int which) = 0;  // inputs 0 or 1, which differ: host memory -> where the variant works
  virtual void reset() = 0;          // untimed, before each run; only where has_reset()
  virtual bool has_reset() const = 0;
  virtual void run() = 0;    // returns when the result is complete where the variant works
  virtual void store() = 0;  // -> host memory
  /// Makes the output useless (NaN), in host memory and wherever the variant keeps it.
  virtual void poison() = 0;
  virtual Check check(int which) = 0;  // of what store() left in host memory
  virtual KeyValues metrics() const = 0;
  /// Workers really used; 0 where the notion does not apply.
  virtual int workers() const = 0;
  /// Seconds of one run by the device's own clock, or a negative number where there is none (scope device).
  virtual double device_seconds() = 0;
};

/// The two inputs and the output of a problem, shared by every variant that is run on it.
class Data {
 public:
  virtual ~Data() = default;
  virtual Cost cost() const = 0;
  virtual KeyValues shape() const = 0;
  virtual void poison() = 0;           // the output, in host memory
  virtual Check check(int which) = 0;  // the output against the right answer to input `which`
  /// What bounds it besides ceilings, where something does; what is measured is so at every call, and the least counts.
  virtual std::vector<LeastTime> least_times() { return {}; }
  /// Descriptors of the arenas (input 0, input 1, output), for a process that attaches to them.
  virtual std::vector<int> descriptors() const = 0;
  /// Names of the faults that a checker must catch besides "does nothing" and "stale result".
  virtual std::vector<std::string_view> faults() const = 0;
  /// Spoils the output, which must hold the right answer to input `which`.
  virtual void plant(std::size_t fault, int which) = 0;
};

}  // namespace overtake
