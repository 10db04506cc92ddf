// SPDX-License-Identifier: Apache-2.0
#include "compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "compare/text.h"

namespace overtake::compare {
namespace {

// The distinct values of one column, as "a, b".
std::string values_of(const Run& run, std::string Row::* member) {
  std::set<std::string> values;
  for (const Row& row : run.rows)
    if (!(row.*member).empty()) values.insert(row.*member);
  return fmt::format("{}", fmt::join(values, ", "));
}

std::string why_not_ok(const Measured& cell, std::string_view side) {
  std::string text = fmt::format("{} in {}", to_string(cell.status), side);
  if (!cell.reason.empty()) text += ": " + cell.reason;
  return text;
}

// Verdict and reason for a cell that at least one side has; false where both skipped it.
bool judge_presence(ComparedCell& cell) {
  const bool base_has = cell.base && cell.base->status != RowStatus::skipped;
  const bool other_has = cell.other && cell.other->status != RowStatus::skipped;
  if (!base_has && !other_has) return false;
  for (const auto* side : {&cell.base, &cell.other}) {
    const std::string_view name = side == &cell.base ? "base" : "other";
    if (!*side || (*side)->status == RowStatus::skipped) {
      cell.verdict = Verdict::missing;
      cell.why = *side ? why_not_ok(**side, name) : fmt::format("not in {}", name);
      return true;
    }
  }
  for (const auto* side : {&cell.base, &cell.other}) {
    if ((*side)->is_ok()) continue;
    cell.verdict = Verdict::not_comparable;
    cell.why += (cell.why.empty() ? "" : "; ") + why_not_ok(**side, side == &cell.base ? "base" : "other");
  }
  return true;
}

// Yardsticks whose library changed, each once.
void add_library_differences(Comparison& out) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const ComparedCell& cell : out.cells)
    if (cell.both_ok() && cell.base->library != cell.other->library &&
        seen.emplace(cell.base->library, cell.other->library).second)
      out.differences.push_back({"library of " + cell.cell.variant, cell.base->library, cell.other->library});
}

class Judge {
 public:
  Judge(Comparison& out, const std::vector<Measured>& base, const std::vector<Measured>& other)
      : out_(out), base_ceilings_(base), other_ceilings_(other) {}

  void add(ComparedCell cell) {
    if (!judge_presence(cell)) {
      out_.skipped_in_both.push_back(cell.cell);
      return;
    }
    if (cell.both_ok()) judge_times(cell);
    out_.cells.push_back(std::move(cell));
  }

 private:
  void judge_times(ComparedCell& cell) const {
    cell.ratio = ratio_of_medians(cell.base->seconds, cell.other->seconds);
    cell.verdict = judge(cell.ratio, out_.limits);
    // A row may be bound by another ceiling than before: both must have held still.
    for (const Measured* bounded : {&*cell.base, &*cell.other}) {
      const auto from = base_ceilings_.best_for(*bounded), to = other_ceilings_.best_for(*bounded);
      if (!from || !to) continue;
      const double moved = *to / *from;
      if (!cell.ceiling_ratio || std::abs(std::log(moved)) > std::abs(std::log(*cell.ceiling_ratio))) {
        cell.ceiling_ratio = moved;
        if (out_.same_system && has_moved(moved)) {
          cell.verdict = Verdict::machine_changed;
          cell.why = fmt::format("its ceiling{} went {} {}", bounded->bound.empty() ? "" : " (" + bounded->bound + ")",
                                 moved > 1 ? "up" : "down", percent_text(std::abs(moved - 1)));
        }
      }
    }
  }

  bool has_moved(double ratio) const {
    return ratio > 1 + out_.limits.ceiling_moved || ratio < 1 - out_.limits.ceiling_moved;
  }

  Comparison& out_;
  Ceilings base_ceilings_, other_ceilings_;
};

}  // namespace

std::size_t Comparison::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(cells.begin(), cells.end(), [&](const ComparedCell& cell) { return cell.verdict == verdict; }));
}

Status Comparison::status() const {
  Status status = Status::good;
  for (const ComparedCell& cell : cells) status = worst(status, status_of(cell.verdict));
  return status;
}

Comparison compare_runs(const Run& base, const Run& other, const Limits& limits) {
  Comparison out{.base_name = base.label, .other_name = other.label, .limits = limits};
  out.base_system = values_of(base, &Row::system_id);
  out.other_system = values_of(other, &Row::system_id);
  out.same_system = !out.base_system.empty() && out.base_system == out.other_system;
  out.differences = differing_fields(base.system, other.system);
  const std::string from = values_of(base, &Row::git_revision), to = values_of(other, &Row::git_revision);
  if (from != to) out.differences.push_back({"git_revision", from, to});
  out.notes = base.notes;
  out.notes.insert(out.notes.end(), other.notes.begin(), other.notes.end());

  const auto base_cells = measured_cells(base.rows), other_cells = measured_cells(other.rows);
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < other_cells.size(); ++i) places[key_of(other_cells[i].cell)] = i;
  Judge judge(out, base_cells, other_cells);
  std::vector<bool> is_matched(other_cells.size());
  for (const Measured& cell : base_cells) {
    ComparedCell compared{.cell = cell.cell, .base = cell};
    if (const auto at = places.find(key_of(cell.cell)); at != places.end()) {
      compared.other = other_cells[at->second];
      is_matched[at->second] = true;
    }
    judge.add(std::move(compared));
  }
  for (std::size_t i = 0; i < other_cells.size(); ++i)
    if (!is_matched[i]) judge.add({.cell = other_cells[i].cell, .other = other_cells[i]});
  out.cells = sorted_by_place(std::move(out.cells),
                              [](const ComparedCell& cell) { return place_of(cell.base ? *cell.base : *cell.other); });
  add_library_differences(out);
  return out;
}

}  // namespace overtake::compare
