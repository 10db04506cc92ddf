// SPDX-License-Identifier: Apache-2.0
// The part of breakeven.h that lays break-even points out for people.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare/breakeven.h"
#include "compare/table.h"
#include "compare/text.h"

namespace overtake::compare {
namespace {

using Align = Table::Align;

// Three digits say more than any interval does; sizes and calls are whole numbers.
std::string size_text(double size) {
  return size >= 9.5 && size < 100 ? fmt::format("{:.0f}", size) : three_digits(size);
}
std::string calls_text(double calls) { return calls < 999.5 ? fmt::format("{:.0f}", calls) : three_digits(calls); }

std::string confidence_text(double confidence) { return fmt::format("{:.0f} %", 100 * confidence); }

const std::string& name_of(const BreakEven& item, Side side) { return side == Side::a ? item.a : item.b; }

// "1.83x (1.75 to 1.90)": how many times as fast b is.
std::string speed_text(const Ratio& ratio) {
  const Ratio speed = ratio.inverse();
  if (!speed.has_interval) return fmt::format("{}x (no interval)", ratio_text(speed.estimate));
  return fmt::format("{}x ({} to {})", ratio_text(speed.estimate), ratio_text(speed.low), ratio_text(speed.high));
}

std::string estimate_text(const Crossing& crossing) {
  if (!crossing.estimate) return "";
  return fmt::format(" (the estimates cross at {})", size_text(*crossing.estimate));
}

std::string crossing_sentence(const BreakEven& item, const Crossing& crossing, double confidence) {
  const std::string low = size_text(crossing.low), high = size_text(crossing.high);
  if (crossing.is_sure()) {
    const std::string interval = fmt::format("{}: {} to {}", confidence_text(confidence), low, high);
    const std::string start =
        fmt::format("{} overtakes {}", name_of(item, crossing.after), name_of(item, crossing.before));
    return crossing.estimate
               ? fmt::format("{} at {}={} ({}).", start, item.axis, size_text(*crossing.estimate), interval)
               : fmt::format("{} within {}={} to {}.", start, item.axis, low, high);
  }
  const std::string estimate = estimate_text(crossing);
  if (crossing.before == Side::neither && crossing.after == Side::neither)
    return fmt::format("The samples do not say which is faster at any size in the range measured{}.", estimate);
  if (crossing.before == Side::neither)
    return fmt::format("Up to {}={} the samples do not say which is faster{}, beyond that it is {}.", item.axis, high,
                       estimate, name_of(item, crossing.after));
  if (crossing.after == Side::neither)
    return fmt::format("{} is faster up to {}={}; beyond that the samples do not say{}.",
                       name_of(item, crossing.before), item.axis, low, estimate);
  return fmt::format("Between {}={} and {} the samples do not say which is faster; on either side it is {}.", item.axis,
                     low, high, name_of(item, crossing.before));
}

std::vector<std::string> sentences_of(const BreakEven& item, double confidence) {
  if (item.points.empty()) return {"No size has times of both."};
  const std::string first = item.points.front().name, last = item.points.back().short_name;
  if (item.points.size() == 1) {
    const Side faster = item.points.front().faster;
    return {faster == Side::neither
                ? fmt::format("Only {} was measured, and the samples do not say which is faster there.", first)
                : fmt::format("Only {} was measured: {} is faster there.", first, name_of(item, faster))};
  }
  if (const Side always = item.always(); always != Side::neither)
    return {fmt::format("{} never overtakes {} in the range measured, {} to {}.",
                        name_of(item, always == Side::a ? Side::b : Side::a), name_of(item, always), first, last)};
  std::vector<std::string> out;
  for (const Crossing& crossing : item.crossings) out.push_back(crossing_sentence(item, crossing, confidence));
  if (item.points.size() == 2 && item.crossings.front().is_sure())
    out.emplace_back("Two sizes say no more than that it lies between them: measure some in between.");
  return out;
}

std::string size_section(const BreakEven& item, double confidence) {
  const Series series{item.dtype, item.scope, item.params, {}};
  std::string out =
      fmt::format("## {}, {}{}{}\n\n", markdown_escaped(printable(item.workload, 40)), markdown_escaped(series.text()),
                  item.fixed.empty() ? "" : ", ", markdown_escaped(item.fixed));
  Table table({{item.axis, Align::right},
               {item.a, Align::right},
               {item.b, Align::right},
               {"speed-up of " + item.b, Align::right},
               {"surely faster"}});
  for (const SizePoint& point : item.points)
    table.add({point.short_name, duration_text(point.seconds_a), duration_text(point.seconds_b),
               speed_text(point.ratio), point.faster == Side::neither ? "" : name_of(item, point.faster)});
  if (!item.points.empty()) out += table.to_markdown() + "\n";
  for (const std::string& sentence : sentences_of(item, confidence))
    out += fmt::format("- {}\n", markdown_escaped(sentence));
  for (const std::string& note : item.notes) out += fmt::format("- {}\n", markdown_escaped(note));
  return out + "\n";
}

// The first whole number of calls beyond `calls`.
std::string pays_from(double calls) { return calls_text(std::floor(calls) + 1); }

std::string calls_sentence(const CallsBreakEven& item, double confidence) {
  const auto name = [&](Side side) { return side == Side::a ? item.a : item.b; };
  const auto other = [&](Side side) { return side == Side::a ? item.b : item.a; };
  const std::string estimate =
      item.estimate ? fmt::format(" (the estimates cross at {})", pays_from(*item.estimate)) : "";
  if (item.once == Side::neither && item.often == Side::neither)
    return fmt::format("the samples do not say which is faster, however often it is called{}.", estimate);
  if (item.once == item.often)
    return item.has_interval
               ? fmt::format(
                     "{} is faster called once and called very often; between {} and {} calls the samples do not say.",
                     name(item.once), calls_text(item.low), calls_text(*item.high))
               : fmt::format("{} is faster from the first call on: {} never pays.", name(item.once), other(item.once));
  if (item.once == Side::neither)
    return fmt::format("{} pays from {} calls on at the latest; the samples do not say which is faster before{}.",
                       name(item.often), pays_from(*item.high), estimate);
  if (item.often == Side::neither)
    return fmt::format("{} is faster up to {} calls; the samples do not say whether {} ever pays{}.", name(item.once),
                       calls_text(std::floor(item.low)), other(item.once), estimate);
  const std::string interval =
      fmt::format("{}: from {} to {}", confidence_text(confidence), pays_from(item.low), pays_from(*item.high));
  return item.estimate
             ? fmt::format("{} pays from {} calls on ({}).", name(item.often), pays_from(*item.estimate), interval)
             : fmt::format("{} pays at last ({}).", name(item.often), interval);
}

std::string measured_table(const CallsBreakEven& item) {
  if (item.measured.empty()) return "";
  Table table({{"calls", Align::right},
               {item.a, Align::right},
               {"predicted", Align::right},
               {item.b, Align::right},
               {"predicted", Align::right},
               {"speed-up of " + item.b, Align::right},
               {"predicted", Align::right},
               {"intervals overlap"}});
  for (const MeasuredCalls& at : item.measured)
    table.add({std::to_string(at.calls), duration_text(at.seconds_a), duration_text(at.predicted_a),
               duration_text(at.seconds_b), duration_text(at.predicted_b), speed_text(at.ratio),
               speed_text(at.predicted), at.agrees() ? "yes" : "no"});
  return "\n" + table.to_markdown() + "\n";
}

std::string calls_section(const std::vector<CallsBreakEven>& all, double confidence) {
  if (all.empty()) return "";
  std::string out = "## Calls on the same data\n\n";
  for (const CallsBreakEven& item : all) {
    const std::string shape = shape_text(item.shape);
    std::string where = printable(item.workload, 40) + (shape.empty() ? "" : ", " + shape);
    if (item.dtype != Dtype::none) where += fmt::format(", {}", to_string(item.dtype));
    for (const auto& [key, value] : item.params) where += fmt::format(", {}={}", printable(key), printable(value));
    out += fmt::format("- {}: {}\n{}", markdown_escaped(where), markdown_escaped(calls_sentence(item, confidence)),
                       measured_table(item));
  }
  return out + "\nLoaded and stored once, called so often: end_to_end + (calls - 1) kernel.\n\n";
}

}  // namespace

std::string break_evens_text(const BreakEvens& all) {
  std::string out = fmt::format("# Break-even: {} and {}\n\n", markdown_escaped(printable(all.ways.a.to_string(), 60)),
                                markdown_escaped(printable(all.ways.b.to_string(), 60)));
  if (all.empty()) return out + "They were never measured on the same problem.\n";
  for (const BreakEven& item : all.by_size) out += size_section(item, all.confidence);
  return out + calls_section(all.by_calls, all.confidence);
}

}  // namespace overtake::compare
