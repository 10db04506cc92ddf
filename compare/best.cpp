// SPDX-License-Identifier: Apache-2.0
#include "compare/best.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "compare/noise.h"
#include "compare/text.h"
#include "core/csv/number.h"

namespace overtake::compare {
namespace {

Cell problem_of(const Cell& cell) {
  Cell problem = cell;
  problem.variant.clear();
  problem.workers = {};
  return problem;
}

// Where nobody could check an answer it may still be the fastest, among others that nobody could check.
bool may_win(const Measured& cell) {
  return cell.is_ok() && !is_aa(cell.cell) && (cell.verified || cell.check_method == "unchecked");
}

// Fastest of those that were verified; of the others only where nobody could check any.
const Measured* fastest_of(const std::vector<const Measured*>& cells) {
  const Measured* best = nullptr;
  for (const Measured* cell : cells)
    if (best == nullptr || (cell->verified && !best->verified) ||
        (cell->verified == best->verified && cell->median() < best->median()))
      best = cell;
  return best;
}

BestWay best_way(const std::vector<const Measured*>& cells, const Limits& limits) {
  BestWay way{.fastest = fastest_of(cells)};
  if (way.fastest == nullptr) return way;
  std::vector<const Measured*> others;
  std::vector<Question> questions;
  for (const Measured* cell : cells) {
    if (cell == way.fastest || cell->verified != way.fastest->verified) continue;
    others.push_back(cell);
    questions.push_back({.ratio = hodges_lehmann_ratio(way.fastest->seconds, cell->seconds)});
  }
  const auto answers = judge_together(questions, limits);
  for (std::size_t i = 0; i < others.size(); ++i)
    if (answers[i].verdict != Verdict::slower) way.ties.push_back(others[i]);
  return way;
}

// All problems of the workloads that have alternatives, in the order of the first run that has them.
class Problems {
 public:
  Problems(const BestComparison& out, const Baselines& baselines) {
    for (std::size_t system = 0; system < out.runs.size(); ++system)
      for (const Measured& cell : out.runs[system]->cells) {
        const auto named = baselines.find(cell.cell.workload);
        if (!may_win(cell) || (named != baselines.end() && named->second.empty())) continue;
        const Cell problem = problem_of(cell.cell);
        const auto [at, is_new] = places_.try_emplace(key_of(problem), problems_.size());
        if (is_new) problems_.push_back({problem, std::vector<std::vector<const Measured*>>(out.runs.size())});
        problems_[at->second].cells[system].push_back(&cell);
      }
  }
  struct Problem {
    Cell problem;
    std::vector<std::vector<const Measured*>> cells;  // of each system
  };
  const std::vector<Problem>& all() const { return problems_; }

 private:
  std::vector<Problem> problems_;
  std::map<std::string, std::size_t> places_;
};

// Every system's fastest against the base's, all judged together.
void judge_rows(BestComparison& out) {
  std::vector<NoiseFloors> floors;
  for (const auto& run : out.runs) floors.emplace_back(run->cells);
  std::vector<Question> questions;
  std::vector<BestWay*> asked;
  for (BestOfWorkload& workload : out.workloads)
    for (BestRow& row : workload.rows)
      for (std::size_t i = 1; i < row.ways.size(); ++i) {
        BestWay& way = row.ways[i];
        if (way.fastest == nullptr || row.ways[0].fastest == nullptr) continue;
        if (way.fastest->verified != row.ways[0].fastest->verified) {
          way.verdict = Verdict::not_comparable;
          continue;
        }
        way.ratio = hodges_lehmann_ratio(row.ways[0].fastest->seconds, way.fastest->seconds);
        questions.push_back(
            {.ratio = way.ratio,
             .noise_floor = std::max(floors[0].of(workload.workload), floors[i].of(workload.workload))});
        asked.push_back(&way);
      }
  const auto answers = judge_together(questions, out.limits);
  for (std::size_t i = 0; i < asked.size(); ++i) asked[i]->verdict = answers[i].verdict;
}

MeanRatio mean_between(const std::vector<const BestRow*>& rows, std::size_t base, std::size_t other) {
  std::vector<Pair> pairs;
  for (const BestRow* row : rows) {
    const Processes &from = row->ways[base].fastest->seconds, &to = row->ways[other].fastest->seconds;
    pairs.push_back({&from, &to, hodges_lehmann_ratio(from, to)});
  }
  return mean_ratio(pairs);
}

bool is_tied(const MeanRatio& mean, const Limits& limits) {
  const bool is_small = std::abs(std::log(mean.estimate)) <= std::log1p(limits.threshold);
  return is_small || !mean.has_interval || (mean.low <= 1 && 1 <= mean.high);
}

void rank(BestOfWorkload& workload, std::size_t systems, const Limits& limits) {
  std::vector<const BestRow*> common;
  for (const BestRow& row : workload.rows)
    if (std::all_of(row.ways.begin(), row.ways.end(), [](const BestWay& way) {
          return way.fastest != nullptr && way.verdict != Verdict::not_comparable;
        }))
      common.push_back(&row);
  if (common.empty()) return;
  for (std::size_t system = 0; system < systems; ++system)
    workload.ranking.push_back({.system = system, .mean = mean_between(common, 0, system)});
  std::stable_sort(workload.ranking.begin(), workload.ranking.end(),
                   [](const Rank& a, const Rank& b) { return a.mean.estimate < b.mean.estimate; });
  for (std::size_t i = 1; i < workload.ranking.size(); ++i) {
    const Rank& ahead = workload.ranking[i - 1];
    Rank& here = workload.ranking[i];
    here.rank = is_tied(mean_between(common, ahead.system, here.system), limits) ? ahead.rank : i + 1;
  }
}

std::vector<std::string> names_of(const std::vector<std::shared_ptr<const MeasuredRun>>& runs) {
  std::set<std::string> ids;
  for (const auto& run : runs) ids.insert(run->system_id);
  const bool ids_tell = ids.size() == runs.size() && !ids.contains("");
  std::vector<std::string> names;
  for (const auto& run : runs) names.push_back(ids_tell ? run->system_id : run->label);
  return names;
}

std::vector<std::optional<double>> prices_of(const BestComparison& out, const std::map<std::string, double>& prices) {
  std::vector<std::optional<double>> found(out.runs.size());
  for (const auto& [name, price] : prices) {
    bool is_known = false;
    for (std::size_t i = 0; i < out.runs.size(); ++i)
      if (out.runs[i]->system_id == name || out.runs[i]->label == name) {
        found[i] = price;
        is_known = true;
      }
    if (!is_known)
      throw UsageError(
          fmt::format("--hourly-price {}=...: no run of this name; there are {}", name, list_text(out.names, "and")));
  }
  return found;
}

}  // namespace

Status BestComparison::status() const {
  Status status = Status::good;
  for (const BestOfWorkload& workload : workloads)
    for (const BestRow& row : workload.rows)
      for (std::size_t i = 0; i < row.ways.size(); ++i)
        status = worst(status, row.ways[i].fastest == nullptr ? Status::missing
                               : i == 0                       ? Status::good
                                                              : status_of(row.ways[i].verdict));
  return status;
}

std::pair<std::string, double> parse_price(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  const auto price = equals == std::string::npos ? std::nullopt : parse_double(text.substr(equals + 1));
  if (equals == 0 || !price || !(*price > 0 && std::isfinite(*price)))
    throw UsageError("--hourly-price " + text + ": expected NAME=PRICE, such as big-server=3.50");
  return {text.substr(0, equals), *price};
}

BestComparison best_of(std::vector<std::shared_ptr<const MeasuredRun>> runs, const Limits& limits,
                       const Baselines& baselines, const std::map<std::string, double>& hourly_prices) {
  BestComparison out{.runs = std::move(runs), .limits = limits};
  out.names = names_of(out.runs);
  out.prices = prices_of(out, hourly_prices);
  for (const auto& run : out.runs) {
    out.differences.push_back(differing_fields(out.runs.front()->system, run->system));
    if (run->git_revision != out.runs.front()->git_revision)
      out.differences.back().push_back({"git_revision", out.runs.front()->git_revision, run->git_revision});
  }
  std::map<std::string, std::size_t> places;
  const Problems problems(out, baselines);
  for (const auto& problem : problems.all()) {
    const auto [at, is_new] = places.try_emplace(problem.problem.workload, out.workloads.size());
    if (is_new) out.workloads.push_back({problem.problem.workload, {}, {}});
    BestRow row{problem.problem, {}};
    for (const auto& cells : problem.cells) row.ways.push_back(best_way(cells, limits));
    out.workloads[at->second].rows.push_back(std::move(row));
  }
  judge_rows(out);
  for (BestOfWorkload& workload : out.workloads) rank(workload, out.runs.size(), limits);
  return out;
}

}  // namespace overtake::compare
