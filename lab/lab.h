// SPDX-License-Identifier: Apache-2.0
// What a lab is: a question about parallel computing, the measurement that answers it on this machine, and a function
// that turns the figures into bars and words. One file a lab; labs.cpp is the table of all. Called by `overtake lab`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/engine/figures.h"
#include "lab/engine/session.h"

namespace overtake::lab {

struct Bar {
  std::string label;
  double value = 0;  // the chart's longest bar has its largest value
  std::string text;  // the value as a reader wants it: "12.3 ns"
};

struct Chart {
  std::string title;
  std::vector<Bar> bars;
};

/// What the figures of one run say.
struct Explanation {
  std::vector<Chart> charts;
  std::optional<std::size_t> answer;   // index of the right choice; none: these figures do not decide it
  std::vector<std::string> sentences;  // three; every claim in them comes from the figures
};

struct Lab {
  std::string_view name, summary;  // as `overtake lab` lists it
  std::string_view question;
  std::vector<std::string_view> choices;  // what can be guessed, numbered from 1 for the user
  std::string_view source;                // the file to read, from the project's root
  // Of a lab whose time is waiting: the largest part of their real time that its waits may take, so that warming up and
  // one round take about kLongestRounds on two cores. 0: no wait to scale.
  double largest_scale = 0;
  /// Times its cases; what it records is all that explain() knows.
  void (*measure)(Session&);
  /// Looks at nothing but the figures. Throws MissingFigure where they are incomplete: explained() says it in words.
  Explanation (*explain)(const Figures&);
};

inline constexpr double kLongestRounds = 54;  // seconds: a lab shall take a minute at most

/// What measuring takes at that scale, about: seconds.
inline double seconds_at_scale(const Lab& lab, double scale) { return kLongestRounds * scale / lab.largest_scale; }

/// All, in the order of teaching.
std::span<const Lab> labs();
/// Throws UsageError that lists the names.
const Lab& find_lab(std::string_view name);
/// Throws UsageError, which says what is allowed, unless `lab` is one with waits that may be so long.
void require_scale(const Lab& lab, double scale);
/// The lab's explanation, or what is missing for one.
Explanation explained(const Lab&, const Figures&);

// The labs, a file each.
extern const Lab kDeadlock, kKitchen, kLock, kMap, kOverhead, kOversubscribe, kRace, kSharing, kStarvation, kWaiting;

}  // namespace overtake::lab
