// SPDX-License-Identifier: Apache-2.0
#include "lab/engine/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare/text.h"

namespace overtake::lab {

std::string as_long_as(double a, double b) {
  if (alike(a, b)) return "about as long as";
  const std::string ratio = compare::ratio_text(a / b);
  return a > b ? ratio + " times as long as" : "only " + ratio + " times as long as";
}

std::string threads_text(int count) { return compare::count_text(static_cast<std::size_t>(count), "thread"); }

std::string grouped(double count) {
  std::string text = fmt::format("{:.0f}", count);
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  for (std::size_t at = text.size(); at > sign + 3;) text.insert(at -= 3, ",");
  return text;
}

std::size_t range_of(double value, std::initializer_list<double> limits) {
  return static_cast<std::size_t>(
      std::count_if(limits.begin(), limits.end(), [&](double limit) { return value >= limit; }));
}

Bar time_bar(std::string label, double seconds) { return {std::move(label), seconds, compare::duration_text(seconds)}; }

std::string drawn(const std::vector<Chart>& charts, std::size_t columns) {
  std::string out;
  for (const Chart& chart : charts) {
    std::size_t label_width = 0, text_width = 0;
    double largest = 0;
    for (const Bar& bar : chart.bars) {
      label_width = std::max(label_width, compare::display_width(bar.label));
      text_width = std::max(text_width, compare::display_width(bar.text));
      if (std::isfinite(bar.value)) largest = std::max(largest, bar.value);
    }
    const std::size_t taken = label_width + text_width + 6;
    const std::size_t room = columns > taken + 10 ? columns - taken : 10;
    out += wrapped(chart.title, columns);
    for (const Bar& bar : chart.bars) {
      const double share = largest > 0 && bar.value > 0 ? std::min(1.0, bar.value / largest) : 0;
      // In halves of a character; what is more than nothing is seen.
      auto halves = static_cast<std::size_t>(std::lround(share * 2 * static_cast<double>(room)));
      if (bar.value > 0) halves = std::max<std::size_t>(halves, 1);
      std::string line = "  " + bar.label + std::string(label_width - compare::display_width(bar.label), ' ') + "  ";
      for (std::size_t i = 0; i < halves / 2; ++i) line += "█";
      if (halves % 2 == 1) line += "▌";
      out += line + (halves > 0 ? " " : "") + bar.text + "\n";
    }
    out += "\n";
  }
  return out;
}

std::string wrapped(const std::string& text, std::size_t columns, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string out, line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && indent + compare::display_width(line) + 1 + compare::display_width(word) > columns) {
      out += margin + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return line.empty() ? out : out + margin + line + "\n";
}

}  // namespace overtake::lab
