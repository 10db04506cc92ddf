// SPDX-License-Identifier: Apache-2.0
// The part of scaling.h that lays scaling out for people and machines.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compare/json.h"
#include "compare/scaling.h"
#include "compare/table.h"
#include "compare/text.h"

namespace overtake::compare {
namespace {

using Align = Table::Align;
using nlohmann::ordered_json;

std::string title_of(const Scaling& scaling) {
  const Cell& cell = scaling.cell;
  std::string out = fmt::format("{} {}", printable(cell.workload, 40), printable(cell.variant, 40));
  if (!cell.shape.empty()) out += ", " + shape_text(cell.shape);
  if (cell.dtype != Dtype::none) out += fmt::format(", {}", to_string(cell.dtype));
  out += fmt::format(", {}", to_string(cell.scope));
  for (const auto& [key, value] : cell.params) out += fmt::format(", {}={}", printable(key), printable(value));
  return out;
}

std::string interval_text(const Ratio& ratio) {
  return ratio.has_interval ? fmt::format(" ({} to {})", ratio_text(ratio.low), ratio_text(ratio.high)) : "";
}

std::string fraction_text(const ScalingPoint& point) {
  if (!point.serial_fraction) return "";
  const std::string text = percent_text(*point.serial_fraction);
  if (!point.ratio.has_interval) return text;
  return fmt::format("{} ({} to {})", text, percent_text(point.fraction_low), percent_text(point.fraction_high));
}

std::string figures_table(const Scaling& scaling) {
  Table table({{"workers", Align::right},
               {"median", Align::right},
               {"speed-up", Align::right},
               {"efficiency", Align::right},
               {"serial fraction", Align::right},
               {"Amdahl", Align::right},
               {"residual", Align::right},
               {"CPU time", Align::right}});
  for (const ScalingPoint& point : scaling.points) {
    const bool has_fit = point.residual && scaling.fit->points > 2;
    table.add({std::to_string(point.workers), duration_text(point.seconds),
               ratio_text(point.speedup) + "x" + interval_text(point.ratio.inverse()), percent_text(point.efficiency),
               fraction_text(point), has_fit ? duration_text(scaling.fit->seconds(point.workers)) : "",
               has_fit ? fmt::format("{}{}", *point.residual < 0 ? "" : "+", percent_text(*point.residual)) : "",
               point.cpu_ratio ? ratio_text(*point.cpu_ratio) + "x" : ""});
  }
  return table.to_markdown();
}

std::string ledger_table(const Scaling& scaling) {
  Table table({{"workers", Align::right},
               {"ledger", Align::right},
               {"even work", Align::right},
               {"uneven work", Align::right},
               {"sharing out", Align::right},
               {"gathering", Align::right},
               {"idle", Align::right},
               {"all work", Align::right}});
  const auto& first = scaling.points.front().ledger;
  bool any = false;
  for (const ScalingPoint& point : scaling.points) {
    if (!point.ledger || !(point.ledger->total() > 0)) continue;
    any = true;
    const LedgerTimes& at = *point.ledger;
    const auto share = [&](double seconds) { return percent_text(seconds / at.total()); };
    table.add({std::to_string(point.workers), duration_text(at.total()), share(at.even(point.workers)),
               share(at.uneven(point.workers)), share(at.share_out), share(at.gather), share(at.idle()),
               first && first->compute_sum > 0 ? ratio_text(at.compute_sum / first->compute_sum) + "x" : ""});
  }
  return any ? "\n" + table.to_markdown() : "";
}

std::string fit_sentence(const Scaling& scaling) {
  const AmdahlFit& fit = *scaling.fit;
  std::string out = fmt::format("Amdahl's law: serial fraction {}", percent_text(fit.fraction));
  if (fit.has_interval) out += fmt::format(" (95 %: {} to {})", percent_text(fit.low), percent_text(fit.high));
  if (fit.fraction > 0 && fit.fraction < 1)
    out += fmt::format(", so at most {}x however many the workers", ratio_text(1 / fit.fraction));
  if (fit.points < 3) return out + "; two numbers of workers leave no residuals.";
  double largest = 0;
  for (const ScalingPoint& point : scaling.points) largest = std::max(largest, std::abs(point.residual.value_or(0)));
  return out + fmt::format("; largest residual {}.", percent_text(largest));
}

// Serial work has the same fraction at every number of workers; what grows is overhead.
std::string growth_sentence(const Scaling& scaling) {
  const ScalingPoint* least = nullptr;
  for (const ScalingPoint& point : scaling.points) {
    if (!point.serial_fraction || !point.ratio.has_interval) continue;
    if (least == nullptr) least = &point;
  }
  const ScalingPoint& most = scaling.points.back();
  if (least == nullptr || !most.ratio.has_interval || most.fraction_low <= least->fraction_high) return "";
  if (scaling.cores && most.workers > *scaling.cores) return "";
  return fmt::format(
      "The serial fraction grows from {} with {} to {} with {}: not serial work but a cost that grows with the "
      "workers.",
      percent_text(*least->serial_fraction), count_text(static_cast<std::size_t>(least->workers), "worker"),
      percent_text(*most.serial_fraction), count_text(static_cast<std::size_t>(most.workers), "worker"));
}

std::string cost_sentence(const Scaling& scaling, const ScalingPoint& point) {
  const ScalingPoint& best = scaling.points[scaling.best];
  const std::string many = count_text(static_cast<std::size_t>(point.workers), "worker");
  const std::string cores = scaling.cores && point.workers > *scaling.cores
                                ? " on " + count_text(static_cast<std::size_t>(*scaling.cores), "core")
                                : "";
  std::string out = fmt::format("{}{} take {}x{} as long as {}", many, cores, ratio_text(point.over_best.estimate),
                                interval_text(point.over_best), best.workers);
  if (point.cpu_ratio && best.cpu_ratio && *best.cpu_ratio > 0)
    out += fmt::format(" and {}x the CPU time", ratio_text(*point.cpu_ratio / *best.cpu_ratio));
  return out + (point.is_slower_than_best ? ": too many." : ", which the samples do not tell apart.");
}

// Where the time beyond an even share of one worker's went, largest first.
std::string ledger_sentence(const Scaling& scaling) {
  const ScalingPoint &one = scaling.points.front(), &most = scaling.points.back();
  if (one.workers != 1 || !one.ledger || !most.ledger) return "";
  const LedgerTimes &alone = *one.ledger, &at = *most.ledger;
  const auto p = static_cast<double>(most.workers);
  const double lost = at.total() - alone.total() / p;
  if (!(lost > 0)) return "";
  std::array<std::pair<double, const char*>, 5> parts = {
      {{(at.compute_sum - alone.compute_sum) / p, "the same work taking longer (shared memory, clocks or cores)"},
       {at.uneven(most.workers), "uneven shares"},
       {at.share_out - alone.share_out / p, "sharing out"},
       {at.gather - alone.gather / p, "gathering"},
       {at.idle() - alone.idle() / p, "messages and waking up"}}};
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> words;
  for (const auto& [seconds, what] : parts)
    if (seconds >= 0.1 * lost) words.push_back(fmt::format("{} {}", duration_text(seconds), what));
  if (words.empty()) return "";
  return fmt::format("With {}, {} of the pool's {} are lost against an even share of one worker's time: {}.",
                     count_text(static_cast<std::size_t>(most.workers), "worker"), duration_text(lost),
                     duration_text(at.total()), list_text(words));
}

std::string section(const Scaling& scaling) {
  std::string out = fmt::format("## {}\n\n{}{}\n", markdown_escaped(title_of(scaling)), figures_table(scaling),
                                ledger_table(scaling));
  std::vector<std::string> sentences;
  if (scaling.fit) sentences.push_back(fit_sentence(scaling));
  sentences.push_back(growth_sentence(scaling));
  for (std::size_t i = scaling.best + 1; i < scaling.points.size(); ++i)
    sentences.push_back(cost_sentence(scaling, scaling.points[i]));
  sentences.push_back(ledger_sentence(scaling));
  for (const std::string& sentence : sentences)
    if (!sentence.empty()) out += fmt::format("- {}\n", markdown_escaped(sentence));
  return out + "\n";
}

ordered_json point_json(const ScalingPoint& point) {
  ordered_json out = {{"workers", point.workers}, {"seconds", json_number(point.seconds)}};
  out["speedup"] = json_number(point.speedup);
  out["efficiency"] = json_number(point.efficiency);
  out["time_ratio"] = json_ratio(point.ratio);
  out["serial_fraction"] = json_number(point.serial_fraction);
  const bool has_interval = point.serial_fraction && point.ratio.has_interval;
  out["serial_fraction_low"] = has_interval ? json_number(point.fraction_low) : ordered_json(nullptr);
  out["serial_fraction_high"] = has_interval ? json_number(point.fraction_high) : ordered_json(nullptr);
  out["amdahl_residual"] = json_number(point.residual);
  out["cpu_seconds_ratio"] = json_number(point.cpu_ratio);
  out["slower_than_best"] = point.is_slower_than_best;
  if (point.ledger)
    out["ledger"] = {{"share_out_seconds", json_number(point.ledger->share_out)},
                     {"wait_seconds", json_number(point.ledger->wait)},
                     {"gather_seconds", json_number(point.ledger->gather)},
                     {"compute_max_seconds", json_number(point.ledger->compute_max)},
                     {"compute_sum_seconds", json_number(point.ledger->compute_sum)}};
  return out;
}

}  // namespace

std::string scalings_text(const std::vector<Scaling>& all) {
  if (all.empty())
    return "No variant was measured with different numbers of workers: try overtake run --workers 1,2,all\n";
  std::string out;
  bool any_ledger = false;
  for (const Scaling& scaling : all) {
    out += section(scaling);
    for (const ScalingPoint& point : scaling.points) any_ledger = any_ledger || point.ledger;
  }
  out +=
      "speed-up, CPU time, all work: over the fewest workers; in brackets the 95 % interval.\n"
      "serial fraction: what would explain this speed-up alone (Karp and Flatt); below 0: superlinear.\n"
      "residual: measured time over that of Amdahl's law, fitted to the numbers of workers up to the cores allowed.\n";
  if (any_ledger)
    out +=
        "ledger: a pool's last run; even work: all workers' computing over their number; uneven work: what the busiest "
        "one had beyond that; idle: nobody computes, messages are under way.\n";
  return out;
}

ordered_json scalings_json(const std::vector<Scaling>& all) {
  ordered_json out = ordered_json::array();
  for (const Scaling& scaling : all) {
    const Cell& cell = scaling.cell;
    ordered_json entry = {{"workload", cell.workload}, {"variant", cell.variant}, {"dtype", to_string(cell.dtype)}};
    entry["scope"] = to_string(cell.scope);
    entry["shape"] = json_object(cell.shape);
    entry["params"] = json_object(cell.params);
    entry["physical_cores_allowed"] = scaling.cores ? ordered_json(*scaling.cores) : ordered_json(nullptr);
    entry["fastest_workers"] = scaling.points[scaling.best].workers;
    if (const auto& fit = scaling.fit)
      entry["amdahl"] = {{"serial_seconds", json_number(fit->serial)},
                         {"parallel_seconds", json_number(fit->parallel)},
                         {"serial_fraction", json_number(fit->fraction)},
                         {"low", fit->has_interval ? json_number(fit->low) : ordered_json(nullptr)},
                         {"high", fit->has_interval ? json_number(fit->high) : ordered_json(nullptr)},
                         {"points", fit->points}};
    entry["points"] = ordered_json::array();
    for (const ScalingPoint& point : scaling.points) entry["points"].push_back(point_json(point));
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace overtake::compare
