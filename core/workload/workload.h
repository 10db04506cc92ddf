// SPDX-License-Identifier: Apache-2.0
// What every workload is made of: checks, costs, faults, and where its input comes from.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/cell.h"
#include "core/random.h"

namespace overtake {

/// The answer of a checker. `error` is the largest error found in units of its own tolerance's scale: ok means
/// error <= tolerance, written so that NaN fails.
struct Check {
  std::string_view method;  // e.g. "reference", "freivalds+rows"
  double error = 0, tolerance = 0;
  bool ok = false;
  std::string detail;  // where it is wrong, for people
};

/// What one run of a problem takes at least. Bytes count every input once and every output once.
struct Cost {
  double flops = 0, bytes_read = 0, bytes_written = 0;
  Dtype fma = Dtype::none;     // whose FMA rate bounds the flops; none: not bound by arithmetic
  double items = 0;            // what a rate in the workload's own unit counts (rows, files, …); 0: none
  bool through_memory = true;  // false: no ceiling of memory bounds the bytes, but what least_times() says
  double bytes() const { return bytes_read + bytes_written; }
};

/// What a run cannot be faster than, for a reason beside arithmetic and memory: the waiting that the problem asks for,
/// the server that it asks, the disk.
struct LeastTime {
  std::string bound;  // "latency", "origin", "disk"
  double seconds;
};

template <class T>
struct BasicTable;

struct InputSource {
  Seed seed;
  std::string path;                          // the user's own data; empty: generated
  const BasicTable<float>* table = nullptr;  // the user's own table, read already: only the first input is filled
  bool second = false;                       // the second of the two inputs, which must differ from the first
  bool attached = false;                     // the arena holds the data already, written by another process
};

/// A variant cannot work on this problem here (too large for the GPU, …): a skipped row with this reason.
struct Skip : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace overtake
