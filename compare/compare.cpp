// SPDX-License-Identifier: Apache-2.0
#include "compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "compare/core_speed.h"
#include "compare/noise.h"
#include "compare/parallel.h"
#include "compare/text.h"

namespace overtake::compare {
namespace {

std::string why_not_ok(const Measured& cell, std::string_view side) {
  std::string text = fmt::format("{} in {}", to_string(cell.status), side);
  if (!cell.reason.empty()) text += ": " + cell.reason;
  return text;
}

bool is_present(const Measured* cell) { return cell != nullptr && cell->status != RowStatus::skipped; }

bool nobody_could_check(const Measured& cell) { return cell.check_method == "unchecked"; }

// Yardsticks whose library changed, each once.
void add_library_differences(Comparison& out) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const ComparedCell& cell : out.cells)
    if (cell.both_ok() && cell.base->cell.variant == cell.other->cell.variant &&
        cell.base->library != cell.other->library && seen.emplace(cell.base->library, cell.other->library).second)
      out.differences.push_back({"library of " + cell.cell.variant, cell.base->library, cell.other->library});
}

class Judge {
 public:
  explicit Judge(Comparison& out)
      : out_(out),
        base_ceilings_(out.base->cells),
        other_ceilings_(out.other->cells),
        base_floors_(out.base->cells),
        other_floors_(out.other->cells),
        core_speed_(*out.base, *out.other, out.options.limits) {}

  void add(const Match& match) {
    ComparedCell cell{
        .cell = (match.base != nullptr ? match.base : match.other)->cell, .base = match.base, .other = match.other};
    if (!is_present(cell.base) && !is_present(cell.other)) {
      out_.skipped_in_both.push_back(cell.cell);
      return;
    }
    judge_presence(cell, match.difference);
    out_.cells.push_back(std::move(cell));
  }

  // Once every cell is there: their number decides how sure each must be.
  void judge() {
    for_each_index(out_.cells.size(), [&](std::size_t i) {
      if (out_.cells[i].verdict == Verdict::undecided) measure(out_.cells[i]);
    });
    std::vector<Question> questions;
    std::vector<ComparedCell*> asked;
    for (ComparedCell& cell : out_.cells) {
      if (cell.verdict != Verdict::undecided || !cell.has_ratio()) continue;
      questions.push_back({.ratio = cell.ratio, .noise_floor = cell.noise_floor});
      asked.push_back(&cell);
    }
    const auto answers = judge_together(questions, out_.options.limits);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      asked[i]->verdict = answers[i].verdict;
      asked[i]->more_units = answers[i].more_units;
      asked[i]->corrected_p = questions[i].corrected_p;
      if (out_.same_system && asked[i]->cell.workload == "ceiling") blame_the_machine(*asked[i]);
    }
  }

 private:
  // What a probe of the machine shows is the machine's doing.
  static void blame_the_machine(ComparedCell& cell) {
    if (cell.verdict != Verdict::slower && cell.verdict != Verdict::faster) return;
    cell.verdict = Verdict::machine_changed;
    cell.why = "a probe of what the machine can do";
  }

  // missing or not_comparable with the reason, or undecided for now.
  void judge_presence(ComparedCell& cell, const std::string& difference) const {
    cell.verdict = Verdict::undecided;
    for (const auto* side : {&cell.base, &cell.other}) {
      if (is_present(*side)) continue;
      const std::string_view name = side == &cell.base ? "base" : "other";
      cell.verdict = Verdict::missing;
      cell.why = *side != nullptr ? why_not_ok(**side, name) : fmt::format("not in {}", name);
      return;
    }
    std::vector<std::string> reasons;
    if (!difference.empty()) reasons.push_back(difference);
    for (const Measured* side : {cell.base, cell.other}) {
      const std::string_view name = side == cell.base ? "base" : "other";
      if (!side->is_ok())
        reasons.push_back(why_not_ok(*side, name));
      else if (!side->verified && !(nobody_could_check(*cell.base) && nobody_could_check(*cell.other)))
        reasons.push_back(fmt::format("the answer was not verified in {}", name));
      if (cell.base == cell.other) break;
    }
    if (reasons.empty()) return;
    cell.verdict = Verdict::not_comparable;
    cell.why = fmt::format("{}", fmt::join(reasons, "; "));
  }

  void measure(ComparedCell& cell) const {
    const Metric metric = out_.options.metric;
    // A probe's work follows from the machine: its time says something only for what was done in it.
    const bool is_probe = cell.cell.workload == "ceiling" && cell.base->has_work() && cell.other->has_work();
    const Metric compared = is_probe && metric == Metric::seconds ? Metric::rate : metric;
    cell.base_costs = cell.base->costs(compared);
    cell.other_costs = cell.other->costs(compared);
    if (cell.base_costs.empty() || cell.other_costs.empty()) {
      cell.base_costs = cell.other_costs = {};
      cell.verdict = Verdict::not_comparable;
      cell.why = fmt::format("no {} recorded", to_string(metric));
      return;
    }
    cell.ratio = hodges_lehmann_ratio(cell.base_costs, cell.other_costs);
    cell.noise_floor = std::max(base_floors_.of(cell.cell.workload), other_floors_.of(cell.cell.workload));
    look_at_ceilings(cell);
  }

  // A row may be bound by another ceiling than before: both must have held still.
  void look_at_ceilings(ComparedCell& cell) const {
    for (const Measured* bounded : {cell.base, cell.other}) {
      const auto from = base_ceilings_.best_for(*bounded), to = other_ceilings_.best_for(*bounded);
      if (!from || !to) continue;
      const double moved = *to / *from;
      if (cell.ceiling_ratio && std::abs(std::log(moved)) <= std::abs(std::log(*cell.ceiling_ratio))) continue;
      cell.ceiling_ratio = moved;
      if (!out_.same_system || !has_moved(moved)) continue;
      cell.verdict = Verdict::machine_changed;
      cell.why = fmt::format("its ceiling{} went {} {}", bounded->bound.empty() ? "" : " (" + bounded->bound + ")",
                             moved > 1 ? "up" : "down", percent_text(std::abs(moved - 1)));
    }
    const bool is_probe = cell.cell.workload == "ceiling";
    if (out_.same_system && !is_probe && cell.verdict != Verdict::machine_changed)
      if (const auto change = core_speed_.change(cell.base->cell.workers)) {
        cell.verdict = Verdict::machine_changed;
        cell.why = *change;
      }
    if (cell.verdict == Verdict::machine_changed)
      if (const auto share = cell.share_ratio())
        cell.why += fmt::format("; share of it {} as large", ratio_text(*share));
  }

  bool has_moved(double ratio) const {
    const double limit = out_.options.limits.ceiling_moved;
    return ratio > 1 + limit || ratio < 1 - limit;
  }

  Comparison& out_;
  Ceilings base_ceilings_, other_ceilings_;
  NoiseFloors base_floors_, other_floors_;
  CoreSpeed core_speed_;
};

void add_means(Comparison& out) {
  std::vector<std::pair<std::string, std::vector<Pair>>> workloads;
  for (const ComparedCell& cell : out.cells) {
    if (!cell.has_ratio() || cell.verdict == Verdict::machine_changed) continue;
    if (workloads.empty() || workloads.back().first != cell.cell.workload)
      workloads.push_back({cell.cell.workload, {}});
    workloads.back().second.push_back({&cell.base_costs, &cell.other_costs, cell.ratio});
  }
  for (const auto& [workload, pairs] : workloads) out.means.push_back({workload, mean_ratio(pairs)});
}

std::vector<std::string> notes_of(const MeasuredRun& base, const MeasuredRun& other) {
  std::vector<std::string> notes = base.notes;
  if (&base != &other) notes.insert(notes.end(), other.notes.begin(), other.notes.end());
  return notes;
}

}  // namespace

std::optional<double> ComparedCell::share_ratio() const {
  if (!both_ok() || !base->ceiling_fraction || !other->ceiling_fraction || *base->ceiling_fraction <= 0)
    return std::nullopt;
  return *other->ceiling_fraction / *base->ceiling_fraction;
}

std::size_t Comparison::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(cells.begin(), cells.end(), [&](const ComparedCell& cell) { return cell.verdict == verdict; }));
}

Status Comparison::status() const {
  Status status = Status::good;
  for (const ComparedCell& cell : cells) status = worst(status, status_of(cell.verdict));
  return status;
}

Comparison compare_runs(std::shared_ptr<const MeasuredRun> base, std::shared_ptr<const MeasuredRun> other,
                        const CompareOptions& options) {
  Comparison out{.base = std::move(base), .other = std::move(other), .options = options};
  const MeasuredRun &from = *out.base, &to = *out.other;
  out.same_system = !from.system_id.empty() && from.system_id == to.system_id;
  out.differences = differing_fields(from.system, to.system);
  if (from.git_revision != to.git_revision)
    out.differences.push_back({"git_revision", from.git_revision, to.git_revision});
  out.notes = notes_of(from, to);

  Judge judge(out);
  const auto matches = match(from.cells, to.cells, options.by, options.baselines);
  if (matches.empty() && options.by.kind != Dimension::Kind::system)
    throw UsageError(fmt::format("--by {}: no two rows of {} and {} differ in it alone", options.by.to_string(),
                                 printable(from.label), printable(to.label)));
  out.cells.reserve(matches.size());
  for (const Match& pair : matches)
    if (!(is_aa((pair.base != nullptr ? pair.base : pair.other)->cell))) judge.add(pair);
  judge.judge();
  out.cells = sorted_by_place(std::move(out.cells), [](const ComparedCell& cell) {
    return place_of(cell.base != nullptr ? *cell.base : *cell.other);
  });
  add_means(out);
  add_library_differences(out);
  return out;
}

Comparison compare_runs(const Run& base, const Run& other, const CompareOptions& options) {
  return compare_runs(std::make_shared<const MeasuredRun>(measured_run(base)),
                      std::make_shared<const MeasuredRun>(measured_run(other)), options);
}

}  // namespace overtake::compare
