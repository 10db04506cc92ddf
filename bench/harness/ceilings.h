// SPDX-License-Identifier: Apache-2.0
// Which ceilings bound a cell, and which share of them a sample reached. Ceilings are cells of the workload `ceiling`,
// timed among the cells that they bound.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/cell.h"
#include "core/system/resources.h"
#include "core/workload/workload.h"

namespace overtake::bench {

/// The part of a cell's bytes that a level of memory must serve at least.
struct Served {
  std::string level;  // "L1", "L2", "L3", "memory"
  double bytes;
};

/// A working set that fits a level is served by it. One that is up to eight times larger than a level may find that
/// much of it there, and the rest in the next: the least time that any replacement policy allows.
std::vector<Served> served_from(const Cost&, int workers, const std::vector<CacheLevel>&);

/// The ceiling cells that a cell needs; none for ceilings themselves. A GPU's cells need its multiply-adds (f32), its
/// memory where no cache could hold the working set, and, where the scope has transfers, its link to the host.
std::vector<Cell> ceilings_of(const Cell&, const Cost&);

/// The best samples seen in this run.
class Ceilings {
 public:
  void add(const Cell& ceiling, const Cost&, double seconds);
  struct Share {
    // "fma" or the level that takes most of the least time; of a GPU "gpu_fma", "gpu_memory", "h2d" or "d2h", whichever
    // takes longest; empty: not known
    std::string bound;
    double fraction = 0;
  };
  /// Least time by the ceilings (arithmetic or bytes, whichever takes longer) over `seconds`.
  Share share(const Cell&, const Cost&, double seconds) const;

 private:
  Share gpu_share(const Cell&, const Cost&, double seconds) const;
  double best_of(const std::string& variant, Dtype, const std::string& level, Workers) const;
  double best_bandwidth(const std::string& level, Workers) const;
  std::map<std::string, double> best_;  // cell name -> flops or bytes per second
};

/// A rate this far above the best sample of its ceiling was not honestly obtained. Under a sanitizer, which slows the
/// probes and not the libraries, no rate says anything.
#ifdef OVERTAKE_SANITIZED
constexpr double kImplausible = std::numeric_limits<double>::infinity();
#else
constexpr double kImplausible = 1.10;
#endif

}  // namespace overtake::bench
