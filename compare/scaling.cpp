// SPDX-License-Identifier: Apache-2.0
#include "compare/scaling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <unordered_map>

#include "compare/noise.h"
#include "compare/student.h"
#include "compare/verdict.h"
#include "core/csv/number.h"

namespace overtake::compare {
namespace {

constexpr std::array<std::string_view, 5> kLedgerKeys = {"share_out_seconds", "wait_seconds", "gather_seconds",
                                                         "compute_max_seconds", "compute_sum_seconds"};

// The ledgers of all pool cells, by key_of().
class Ledgers {
 public:
  explicit Ledgers(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      if (row.status != RowStatus::ok || !row.metrics.contains(kLedgerKeys.front())) continue;
      std::array<double, kLedgerKeys.size()> values{};
      bool is_whole = true;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto value = parse_double(row.metrics.find(kLedgerKeys[i]).value_or(""));
        is_whole = is_whole && value && std::isfinite(*value) && *value >= 0;
        values[i] = value.value_or(0);
      }
      if (!is_whole) continue;
      auto& columns = columns_[key_of(row.cell())];
      for (std::size_t i = 0; i < values.size(); ++i) columns[i].push_back(values[i]);
    }
  }

  std::optional<LedgerTimes> of(const Cell& cell) const {
    const auto at = columns_.find(key_of(cell));
    if (at == columns_.end()) return std::nullopt;
    const auto& columns = at->second;
    return LedgerTimes{median(columns[0]), median(columns[1]), median(columns[2]), median(columns[3]),
                       median(columns[4])};
  }

 private:
  std::unordered_map<std::string, std::array<std::vector<double>, kLedgerKeys.size()>> columns_;
};

std::optional<std::int64_t> workers_of(const Measured& cell) {
  if (cell.workers && *cell.workers > 0) return cell.workers;
  return cell.cell.workers.count > 0 ? std::optional<std::int64_t>(cell.cell.workers.count) : std::nullopt;
}

// serial + parallel / p without the bounds at 0.
struct Line {
  double serial, parallel;
  double fraction() const { return serial / (serial + parallel); }
};

Line fit_line(std::span<const std::int64_t> workers, std::span<const double> seconds) {
  double aa = 0, ab = 0, bb = 0, a = 0, b = 0;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const double one = 1 / seconds[i], share = one / static_cast<double>(workers[i]);
    aa += one * one;
    ab += one * share;
    bb += share * share;
    a += one;
    b += share;
  }
  const double determinant = aa * bb - ab * ab;
  return {(bb * a - ab * b) / determinant, (aa * b - ab * a) / determinant};
}

// A variant and problem with the cells of its points.
struct Group {
  Scaling scaling;
  std::vector<const Measured*> cells;
};

// A process measures every cell, so that each has a fit of its own.
void add_interval(AmdahlFit& fit, std::span<const std::int64_t> workers,
                  const std::vector<std::vector<double>>& units) {
  std::size_t count = units.front().size();
  for (const auto& of_point : units) count = std::min(count, of_point.size());
  if (count < 2) return;
  std::vector<double> fractions;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<double> seconds;
    for (const auto& of_point : units) seconds.push_back(of_point[i]);
    fractions.push_back(fit_line(workers, seconds).fraction());
  }
  const auto n = static_cast<double>(count);
  double mean = 0, squares = 0;
  for (const double fraction : fractions) mean += fraction / n;
  for (const double fraction : fractions) squares += (fraction - mean) * (fraction - mean);
  const double width = student_quantile(0.975, static_cast<int>(count) - 1) * std::sqrt(squares / (n - 1) / n);
  if (!std::isfinite(mean) || !std::isfinite(width)) return;
  fit.has_interval = true;
  fit.low = std::clamp(mean - width, 0.0, 1.0);
  fit.high = std::clamp(mean + width, 0.0, 1.0);
}

// More workers than cores are no more processors: the law says nothing of them.
void add_fit(Scaling& scaling, const std::vector<const Measured*>& cells) {
  std::vector<std::int64_t> workers;
  std::vector<double> seconds;
  std::vector<std::vector<double>> units;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const ScalingPoint& point = scaling.points[i];
    if (scaling.cores && point.workers > *scaling.cores) continue;
    workers.push_back(point.workers);
    seconds.push_back(point.seconds);
    units.push_back(units_of(cells[i]->seconds));
  }
  if (workers.size() < 2) return;
  scaling.fit = fit_amdahl(workers, seconds);
  add_interval(*scaling.fit, workers, units);
  for (ScalingPoint& point : scaling.points)
    if (!scaling.cores || point.workers <= *scaling.cores)
      point.residual = point.seconds / scaling.fit->seconds(point.workers) - 1;
}

void add_figures(Scaling& scaling, const std::vector<const Measured*>& cells, const Ledgers& ledgers) {
  const Measured& reference = *cells.front();
  const auto reference_cpu = reference.cpu_seconds.empty() ? 0 : median_of_processes(reference.cpu_seconds);
  const auto fewest = static_cast<double>(scaling.points.front().workers);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    ScalingPoint& point = scaling.points[i];
    const auto p = static_cast<double>(point.workers);
    point.seconds = cells[i]->median();
    point.ledger = ledgers.of(cells[i]->cell);
    if (reference_cpu > 0 && !cells[i]->cpu_seconds.empty())
      point.cpu_ratio = median_of_processes(cells[i]->cpu_seconds) / reference_cpu;
    if (i == 0) continue;
    point.ratio = hodges_lehmann_ratio(reference.seconds, cells[i]->seconds);
    point.speedup = 1 / point.ratio.estimate;
    point.efficiency = point.speedup * fewest / p;
    if (fewest != 1) continue;
    const auto fraction = [&](double ratio) { return (ratio - 1 / p) / (1 - 1 / p); };
    point.serial_fraction = fraction(point.ratio.estimate);
    point.fraction_low = fraction(point.ratio.low);
    point.fraction_high = fraction(point.ratio.high);
  }
}

// Those with more workers than the fastest number, judged together.
void add_cost_of_too_many(Scaling& scaling, const std::vector<const Measured*>& cells, double noise_floor) {
  const auto by_time = [](const ScalingPoint& a, const ScalingPoint& b) { return a.seconds < b.seconds; };
  const auto best = std::min_element(scaling.points.begin(), scaling.points.end(), by_time);
  scaling.best = static_cast<std::size_t>(best - scaling.points.begin());
  std::vector<Question> questions;
  for (std::size_t i = scaling.best + 1; i < cells.size(); ++i) {
    scaling.points[i].over_best = hodges_lehmann_ratio(cells[scaling.best]->seconds, cells[i]->seconds);
    questions.push_back({.ratio = scaling.points[i].over_best, .noise_floor = noise_floor});
  }
  const auto answers = judge_together(questions);
  for (std::size_t i = 0; i < answers.size(); ++i)
    scaling.points[scaling.best + 1 + i].is_slower_than_best = answers[i].verdict == Verdict::slower;
}

std::optional<std::int64_t> cores_of(const nlohmann::ordered_json& system) {
  if (!system.is_object()) return std::nullopt;
  const auto at = system.find("physical_cores_allowed");
  if (at == system.end() || !at->is_number_integer() || at->get<std::int64_t>() < 1) return std::nullopt;
  return at->get<std::int64_t>();
}

}  // namespace

AmdahlFit fit_amdahl(std::span<const std::int64_t> workers, std::span<const double> seconds) {
  Line line = fit_line(workers, seconds);
  if (!(line.serial >= 0)) {
    line = {0, 0};  // t = parallel / p: the weighted mean of t p
    double squares = 0;
    for (std::size_t i = 0; i < workers.size(); ++i) {
      const double share = 1 / (seconds[i] * static_cast<double>(workers[i]));
      line.parallel += share;
      squares += share * share;
    }
    line.parallel /= squares;
  } else if (!(line.parallel >= 0)) {
    line = {0, 0};
    double squares = 0;
    for (const double time : seconds) {
      line.serial += 1 / time;
      squares += 1 / (time * time);
    }
    line.serial /= squares;
  }
  return {.serial = line.serial, .parallel = line.parallel, .fraction = line.fraction(), .points = workers.size()};
}

std::vector<Scaling> scalings(const Run& run) {
  const auto cells = measured_cells(run.rows);
  const Ledgers ledgers(run.rows);
  const NoiseFloors floors(cells);
  std::vector<Group> groups;
  std::map<std::string, std::size_t> places;
  for (const Measured& cell : cells) {
    const auto workers = workers_of(cell);
    if (!cell.is_ok() || !workers || is_aa(cell.cell) || !(cell.median() > 0)) continue;
    Cell key = cell.cell;
    key.workers = {};
    const auto [place, is_new] = places.try_emplace(key_of(key), groups.size());
    if (is_new) groups.push_back({{.cell = key, .points = {}, .fit = {}, .cores = cores_of(run.system)}, {}});
    auto& of_group = groups[place->second].cells;
    const auto has_as_many = [&](const Measured* other) { return workers_of(*other) == workers; };
    if (std::none_of(of_group.begin(), of_group.end(), has_as_many)) of_group.push_back(&cell);
  }
  std::vector<Scaling> all;
  for (auto& [scaling, of_group] : groups) {
    if (of_group.size() < 2) continue;
    std::sort(of_group.begin(), of_group.end(),
              [](const Measured* a, const Measured* b) { return workers_of(*a) < workers_of(*b); });
    for (const Measured* cell : of_group) scaling.points.push_back({.workers = workers_of(*cell).value_or(1)});
    add_figures(scaling, of_group, ledgers);
    add_fit(scaling, of_group);
    add_cost_of_too_many(scaling, of_group, floors.of(scaling.cell.workload));
    all.push_back(std::move(scaling));
  }
  return all;
}

}  // namespace overtake::compare
