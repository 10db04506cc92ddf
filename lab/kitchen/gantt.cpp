// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lab/kitchen/schedule.h"

namespace overtake::lab {
namespace {

constexpr std::size_t kLabel = 9;  // "cook 10  "
constexpr std::size_t kLeastColumns = 10;
constexpr double kTick = 30;

struct Line {
  std::string label, cells;
};

std::string label_of(std::string_view what, int number, int count) {
  return count == 1 ? std::string(what) : fmt::format("{} {}", what, number + 1);
}

}  // namespace

std::string gantt(const Dinner& dinner, const Schedule& schedule, double minutes, std::size_t columns) {
  const std::size_t width = std::max(columns, kLabel + kLeastColumns) - kLabel;
  const auto cell_at = [&](double minute) {
    return static_cast<std::size_t>(
        std::clamp(std::floor(minute / minutes * static_cast<double>(width)), 0.0, static_cast<double>(width)));
  };
  std::vector<Line> lines;
  const auto add = [&](std::string_view what, int count, auto&& number_of) {
    for (int number = 0; number < count; ++number) {
      Line line{label_of(what, number, count), std::string(width, '.')};
      for (const Cooked& step : schedule.steps) {
        if (number_of(step) != number) continue;
        const std::size_t first = std::min(cell_at(step.start), width - 1);
        const std::size_t end = std::max(first + 1, cell_at(step.end));
        std::fill(line.cells.begin() + static_cast<std::ptrdiff_t>(first),
                  line.cells.begin() + static_cast<std::ptrdiff_t>(end),
                  dinner.dishes[dinner.steps[step.what.step].dish].letter);
      }
      lines.push_back(std::move(line));
    }
  };
  add("cook", schedule.cooks, [](const Cooked& step) { return step.what.cook; });
  const auto unit_at = [&](Place place) {
    return [&dinner, place](const Cooked& step) {
      return dinner.steps[step.what.step].place == place ? step.what.unit : kNobody;
    };
  };
  add("stove", dinner.stoves, unit_at(Place::stove));
  add("oven", dinner.ovens, unit_at(Place::oven));

  std::string axis(width, ' ');
  for (double tick = 0; tick < minutes; tick += kTick) {
    const std::string text = fmt::format("|{}", tick);
    const std::size_t at = cell_at(tick);
    if (at + text.size() <= width && (at == 0 || axis[at - 1] == ' ')) axis.replace(at, text.size(), text);
  }
  axis.erase(axis.find_last_not_of(' ') + 1);
  std::string out = fmt::format("{:<{}}{}\n", "minute", kLabel, axis);
  for (const Line& line : lines) out += fmt::format("{:<{}}{}\n", line.label, kLabel, line.cells);
  return out;
}

}  // namespace overtake::lab
