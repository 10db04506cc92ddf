// SPDX-License-Identifier: Apache-2.0
// Several systems side by side: for each problem the fastest verified way of each, who is ahead over a whole workload,
// which ranks are tied, and what a result costs. The default view of `overtake compare` between systems.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compare/compare.h"

namespace overtake::compare {

/// The fastest way of one system to solve one problem.
struct BestWay {
  const Measured* fastest = nullptr;  // nullptr: none was measured and right
  std::vector<const Measured*> ties;  // others that the samples cannot tell from it, in the order of places
  Ratio ratio;                        // of seconds, against the base's fastest; only where both have one
  Verdict verdict = Verdict::missing;
};

/// One problem: workload, dtype, scope, shape and params.
struct BestRow {
  Cell problem;               // without variant and workers
  std::vector<BestWay> ways;  // one a system; the base's first
};

/// Where a system stands over one workload, by the geometric mean over the problems that every system solved.
struct Rank {
  std::size_t system = 0;
  MeanRatio mean;        // against the base
  std::size_t rank = 1;  // equal ranks are tied: the interval between neighbours contains 1, or they differ by less
                         // than the threshold
};

struct BestOfWorkload {
  std::string workload;
  std::vector<BestRow> rows;
  std::vector<Rank> ranking;  // the fastest first; empty where no problem was solved by all
};

struct BestComparison {
  std::vector<std::shared_ptr<const MeasuredRun>> runs;
  std::vector<std::string> names;             // of the systems: their ids, or labels of runs where ids repeat
  std::vector<std::optional<double>> prices;  // an hour's, in the user's currency
  std::vector<BestOfWorkload> workloads;
  std::vector<std::vector<Difference>> differences;  // of each system and the first; the first's own is empty
  Limits limits;

  Status status() const;
};

/// `hourly_prices` by system id or run label. Throws UsageError on a name that no run has.
BestComparison best_of(std::vector<std::shared_ptr<const MeasuredRun>> runs, const Limits&, const Baselines&,
                       const std::map<std::string, double>& hourly_prices = {});

/// "NAME=3.50"; throws UsageError otherwise.
std::pair<std::string, double> parse_price(const std::string& text);

std::string best_text(const BestComparison&);
std::string best_markdown(const BestComparison&);
nlohmann::ordered_json best_json(const BestComparison&);

}  // namespace overtake::compare
