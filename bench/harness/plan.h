// SPDX-License-Identifier: Apache-2.0
// Turns what a user asked for into the list of cells to time, and says of each why it would be skipped. `overtake run`
// and the benchmark programs both work on this list.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cell.h"
#include "core/registry/registry.h"

namespace overtake::bench {

/// Part of a suite: every combination of what it lists. Versioned lists of these are equal on every machine.
struct Block {
  std::string workload;
  std::vector<std::string> variants;  // empty: every declared variant
  std::vector<std::string> sizes;
  std::vector<Dtype> dtypes;
  std::vector<Scope> scopes;
  std::vector<Workers> workers;  // serial and gpu variants, and workloads with a parameter for it, always have 1
  std::vector<KeyValues> params = {{}};
  std::vector<KeyValues> shapes = {};  // of the user's own data, instead of sizes
};

struct Suite {
  std::string name;  // "quick.6": a list that changes gets a new number
  std::vector<Block> blocks;
  double sample_seconds;  // what a sample should take at least
  int repetitions;        // samples of a cell in one process
  int processes;
  double skip_above_seconds;  // a cell whose sample would take longer is skipped, unless it was asked for alone
};

Suite default_suite();
Suite quick_suite();
/// The three slices of the workload download: latency, small files, large files. A sample of each cell takes at most
/// ten minutes together.
Suite download_suite();
/// The user's own URLs, so many in flight as the programs' users have them by default.
Suite urls_suite();
/// The user's own commands at these sizes (none: a single cell each), in scope cold_start or reported.
Suite command_suite(std::vector<std::string> sizes, Scope);

/// What narrows or widens a suite; an empty list leaves the suite's.
struct Selection {
  std::vector<std::string> workloads, variants, sizes;
  std::vector<Strategy> strategies;
  std::vector<Dtype> dtypes;
  std::vector<Scope> scopes;
  std::vector<Workers> workers;
  std::vector<std::pair<std::string, std::vector<std::string>>> params;  // every combination
  bool narrowed() const;
};

struct PlannedCell {
  Cell cell;
  std::string skip;  // empty: it will be timed; otherwise why not
};

/// Cells in the order they are reported in, each once. Throws UsageError on a workload, variant, size or parameter that
/// does not exist.
std::vector<PlannedCell> plan(const Suite&, const Selection&);
/// The same judgement for one cell that was named.
PlannedCell planned(const Cell&);

/// The number behind `all`: one per physical core that this process may use.
int worker_count(Workers);

}  // namespace overtake::bench
