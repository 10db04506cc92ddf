// SPDX-License-Identifier: Apache-2.0
#include "compare/breakeven.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "compare/crossing.h"
#include "compare/noise.h"
#include "compare/text.h"
#include "core/csv/number.h"

namespace overtake::compare {
namespace {

using Cells = std::vector<const Measured*>;

std::string workers_list(const std::set<int>& counts) {
  std::vector<std::string> words;
  for (const int count : counts) words.push_back(Workers{count}.to_string());
  return list_text(words);
}

std::set<int> workers_of(const Cells& cells, const std::string& variant) {
  std::set<int> counts;
  for (const Measured* cell : cells)
    if (cell->cell.variant == variant) counts.insert(cell->cell.workers.count);
  return counts;
}

// Which of the numbers that a way was asked for with in these cells is meant; nothing where it is not among them.
std::optional<Workers> resolved(const Way& way, const Cells& cells) {
  const auto counts = workers_of(cells, way.variant);
  if (counts.empty()) return std::nullopt;
  if (way.workers) return counts.contains(way.workers->count) ? way.workers : std::nullopt;
  if (counts.contains(Workers{}.count)) return Workers{};
  if (counts.size() == 1) return Workers{*counts.begin()};
  throw UsageError(fmt::format("--breakeven {}: it was run with {} workers: say which, as in {}:{}",
                               printable(way.variant, 40), workers_list(counts), printable(way.variant, 40),
                               *counts.rbegin()));
}

const Measured* find_cell(const Cells& cells, const std::string& variant, const std::optional<Workers>& workers) {
  for (const Measured* cell : cells)
    if (workers && cell->cell.variant == variant && cell->cell.workers == *workers) return cell;
  return nullptr;
}

std::map<std::string, Cells> by_workload(const std::vector<Measured>& cells) {
  std::map<std::string, Cells> out;
  for (const Measured& cell : cells)
    if (!is_aa(cell.cell)) out[cell.cell.workload].push_back(&cell);
  return out;
}

void require(const Way& way, const std::map<std::string, Cells>& workloads) {
  std::set<int> counts;
  std::vector<std::string> known;
  for (const auto& [workload, cells] : workloads) {
    counts.merge(workers_of(cells, way.variant));
    std::set<std::string> variants;
    for (const Measured* cell : cells) variants.insert(printable(cell->cell.variant, 40));
    known.push_back(fmt::format("{}: {}", printable(workload, 40), fmt::join(variants, ", ")));
  }
  if (counts.empty())
    throw UsageError(fmt::format("--breakeven: the run has no variant '{}'; it has {}", printable(way.variant, 40),
                                 known.empty() ? "no cells at all" : list_text(known)));
  if (way.workers && !counts.contains(way.workers->count))
    throw UsageError(fmt::format("--breakeven {}: {} was run with {} workers", printable(way.to_string(), 60),
                                 printable(way.variant, 40), workers_list(counts)));
}

// The number that grows, where it is one.
std::optional<double> size_of(const KeyValues& shape) {
  if (shape.empty()) return std::nullopt;
  const auto value = parse_double(shape.begin()->second);
  return value && std::isfinite(*value) && *value > 0 ? value : std::nullopt;
}

std::string without_time(const Measured& cell) {
  const std::string reason = printable(cell.reason, 200);
  return fmt::format("{} is {}{}", cell.way(), to_string(cell.status), reason.empty() ? "" : " (" + reason + ")");
}

Side faster_of(const CurvePoint& point) { return point.low > 0 ? Side::b : point.high < 0 ? Side::a : Side::neither; }

// y: how many times as long a takes, as a logarithm, so that b is faster where it is positive.
CurvePoint point_of(double size, const Ratio& ratio, double noise_floor) {
  CurvePoint point{.x = std::log(size), .y = -std::log(ratio.estimate)};
  if (!ratio.has_interval) return point;
  const double floor = std::log1p(noise_floor);
  point.low = std::min(-std::log(ratio.high), point.y - floor);
  point.high = std::max(-std::log(ratio.low), point.y + floor);
  return point;
}

Crossing crossing_of(const Stretch& stretch) {
  const auto side = [](int sign) { return sign > 0 ? Side::b : sign < 0 ? Side::a : Side::neither; };
  Crossing crossing{.low = std::exp(stretch.low), .high = std::exp(stretch.high)};
  crossing.before = side(stretch.before);
  crossing.after = side(stretch.after);
  if (!stretch.zeros.empty()) crossing.estimate = std::exp(stretch.zeros[stretch.zeros.size() / 2]);
  return crossing;
}

// What a reader must know of the points besides their figures.
void add_notes(BreakEven& out, const std::set<std::string>& unverified, double noise_floor) {
  std::vector<std::string> without_interval;
  bool one_process = false;
  for (const SizePoint& point : out.points) {
    if (!point.ratio.has_interval) without_interval.push_back(point.short_name);
    one_process = one_process || point.ratio.unit == Unit::samples;
  }
  for (const std::string& way : unverified) out.notes.push_back("Nobody checked the answers of " + way + ".");
  if (!without_interval.empty())
    out.notes.push_back(fmt::format("No interval at {}: too few processes or samples (--processes 4 or more).",
                                    list_text(without_interval)));
  if (noise_floor > 0)
    out.notes.push_back(
        fmt::format("Counted as no difference: less than {}, the noise floor of this run.", percent_text(noise_floor)));
  if (one_process) out.notes.emplace_back("One process each: differences between processes were not seen.");
}

// Both ways over one family; false where it has nothing of one of them or its sizes are no numbers.
bool fill(BreakEven& out, const Family& family, const WayPair& ways, double noise_floor, double confidence) {
  bool any = false;
  std::set<std::string> unverified;
  std::vector<std::pair<SizePoint, CurvePoint>> points;
  for (std::size_t i = 0; i < family.sizes.size(); ++i) {
    const Size& at = *family.sizes[i];
    const Measured *a = find_cell(at.cells, ways.a.variant, out.workers_a),
                   *b = find_cell(at.cells, ways.b.variant, out.workers_b);
    const auto size = size_of(at.shape);
    if (a == nullptr || b == nullptr || !size) continue;
    any = true;
    out.a = a->way();
    out.b = b->way();
    const std::string_view name = family.names[i];
    out.axis = name.substr(0, name.rfind('='));
    if (!a->is_ok() || !b->is_ok()) {
      out.notes.push_back(fmt::format("Left out: {}: {}.", name, without_time(a->is_ok() ? *b : *a)));
      continue;
    }
    SizePoint point{.size = *size, .name = family.names[i], .short_name = family.short_names[i], .shape = at.shape};
    point.seconds_a = a->median();
    point.seconds_b = b->median();
    point.ratio = hodges_lehmann_ratio(a->seconds, b->seconds, confidence);
    if (point.ratio.unit == Unit::none) {
      out.notes.push_back(fmt::format("Left out: {}: a time of 0.", name));
      continue;
    }
    for (const Measured* cell : {a, b})
      if (!cell->verified) unverified.insert(cell->way());
    const CurvePoint on_curve = point_of(*size, point.ratio, noise_floor);
    point.faster = faster_of(on_curve);
    points.emplace_back(point, on_curve);
  }
  std::stable_sort(points.begin(), points.end(), [](const auto& p, const auto& q) { return p.second.x < q.second.x; });
  std::vector<CurvePoint> curve;
  for (const auto& [point, on_curve] : points) {
    if (!curve.empty() && on_curve.x <= curve.back().x) continue;  // 256 and 256.0
    out.points.push_back(point);
    curve.push_back(on_curve);
  }
  for (const Stretch& stretch : uncertain_stretches(curve)) out.crossings.push_back(crossing_of(stretch));
  add_notes(out, unverified, noise_floor);
  return any;
}

void add_by_size(BreakEvens& out, const std::string& workload, const Cells& cells, double noise_floor) {
  for (const Series& series : series_of(cells)) {
    Cells of_series;
    for (const Size& size : series.sizes) of_series.insert(of_series.end(), size.cells.begin(), size.cells.end());
    const auto a = resolved(out.ways.a, of_series), b = resolved(out.ways.b, of_series);
    if (!a || !b) continue;
    if (out.ways.a.variant == out.ways.b.variant && *a == *b)
      throw UsageError("--breakeven: both names mean " + printable(out.ways.a.variant, 40) + " with the same workers");
    for (const Family& family : families_of(series)) {
      BreakEven next{.workload = workload, .dtype = series.dtype, .scope = series.scope, .params = series.params};
      next.fixed = family.fixed;
      next.workers_a = *a;
      next.workers_b = *b;
      if (fill(next, family, out.ways, noise_floor, out.confidence)) out.by_size.push_back(std::move(next));
    }
  }
}

// Cells of one problem by scope and number of calls (0: without the parameter).
using Problem = std::map<std::pair<Scope, std::int64_t>, Cells>;

std::vector<Problem> problems_of(const Cells& cells) {
  std::vector<Problem> problems;
  std::map<std::string, std::size_t> places;
  for (const Measured* measured : cells) {
    Cell key = measured->cell;
    key.variant.clear();
    key.workers = {};
    key.scope = Scope::kernel;
    key.params = {};
    std::int64_t calls = 0;
    for (const auto& [name, value] : measured->cell.params)
      if (name == kCallsParam) {
        const auto given = parse_integer(value).value_or(0);
        calls = given > 0 ? given : -1;
      } else {
        key.params.set(name, std::string_view(value));
      }
    const auto [place, is_new] = places.try_emplace(key_of(key), problems.size());
    if (is_new) problems.emplace_back();
    problems[place->second][{measured->cell.scope, calls}].push_back(measured);
  }
  return problems;
}

void add_by_calls(BreakEvens& out, const Cells& cells, double noise_floor) {
  for (const Problem& problem : problems_of(cells)) {
    const auto at = [&](Scope scope, const Way& way, const std::optional<Workers>& workers, std::int64_t calls = 0) {
      const auto found = problem.find({scope, calls});
      const Measured* cell = found == problem.end() ? nullptr : find_cell(found->second, way.variant, workers);
      return cell != nullptr && cell->is_ok() ? cell : nullptr;
    };
    // One call is the whole, whether the parameter says so or not.
    std::int64_t once = 0;
    auto whole = problem.find({Scope::end_to_end, once});
    if (whole == problem.end()) whole = problem.find({Scope::end_to_end, once = 1});
    if (whole == problem.end()) continue;
    const auto &a = out.ways.a, &b = out.ways.b;
    const auto workers_a = resolved(a, whole->second), workers_b = resolved(b, whole->second);
    const Measured *whole_a = at(Scope::end_to_end, a, workers_a, once),
                   *whole_b = at(Scope::end_to_end, b, workers_b, once), *kernel_a = at(Scope::kernel, a, workers_a),
                   *kernel_b = at(Scope::kernel, b, workers_b);
    if (whole_a == nullptr || whole_b == nullptr || kernel_a == nullptr || kernel_b == nullptr) continue;
    auto next = calls_break_even(*kernel_a, *whole_a, *kernel_b, *whole_b, noise_floor, out.confidence);
    for (const auto& [key, measured] : problem) {
      const auto [scope, calls] = key;
      if (scope != Scope::end_to_end || calls < 1) continue;
      const Measured *calls_a = at(scope, a, workers_a, calls), *calls_b = at(scope, b, workers_b, calls);
      if (calls_a != nullptr && calls_b != nullptr)
        next.measured.push_back(
            measured_calls(*kernel_a, *whole_a, *kernel_b, *whole_b, *calls_a, *calls_b, calls, out.confidence));
    }
    out.by_calls.push_back(std::move(next));
  }
}

}  // namespace

Way Way::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  Way way{std::string(text.substr(0, colon)), std::nullopt};
  if (way.variant.empty())
    throw UsageError(fmt::format("--breakeven '{}': expected a variant, as in openmp or openmp:2", text));
  if (colon == std::string_view::npos) return way;
  try {
    way.workers = Workers::parse(text.substr(colon + 1));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--breakeven {}: {}", text, error.what()));
  }
  return way;
}

std::string Way::to_string() const { return workers ? variant + ":" + workers->to_string() : variant; }

WayPair WayPair::parse(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos || text.find(',', comma + 1) != std::string_view::npos)
    throw UsageError(fmt::format("--breakeven '{}': expected two variants, as in serial,openmp or openmp:1,openmp:2",
                                 printable(text, 60)));
  WayPair pair{Way::parse(text.substr(0, comma)), Way::parse(text.substr(comma + 1))};
  if (pair.a.to_string() == pair.b.to_string())
    throw UsageError(fmt::format("--breakeven {}: expected two different ways", printable(text, 60)));
  return pair;
}

BreakEvens break_evens(const std::vector<Measured>& cells, const WayPair& ways, double confidence) {
  BreakEvens out{.ways = ways, .confidence = confidence, .by_size = {}, .by_calls = {}};
  const auto workloads = by_workload(cells);
  require(ways.a, workloads);
  require(ways.b, workloads);
  const NoiseFloors floors(cells);
  for (const auto& [workload, of_workload] : workloads) {
    add_by_size(out, workload, of_workload, floors.of(workload));
    add_by_calls(out, of_workload, floors.of(workload));
  }
  return out;
}

}  // namespace overtake::compare
