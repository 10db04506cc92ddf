// SPDX-License-Identifier: Apache-2.0
// The table of labs: a new one is a file, its declaration in lab.h and its line here.
#include <fmt/format.h>

#include <algorithm>

#include "compare/text.h"
#include "core/error.h"
#include "lab/lab.h"

namespace overtake::lab {

std::span<const Lab> labs() {
  static const std::vector<Lab> all = {kKitchen, kWaiting, kRace,          kDeadlock, kStarvation,
                                       kLock,    kSharing, kOversubscribe, kOverhead, kMap};
  return all;
}

const Lab& find_lab(std::string_view name) {
  std::vector<std::string> names;
  for (const Lab& lab : labs()) {
    if (lab.name == name) return lab;
    names.emplace_back(lab.name);
  }
  throw UsageError("unknown lab '" + compare::printable(name, 40) + "': there are " + compare::list_text(names) +
                   ", and all");
}

void require_scale(const Lab& lab, double scale) {
  std::vector<std::string> names;
  for (const Lab& one : labs())
    if (one.largest_scale > 0) names.emplace_back(one.name);
  if (lab.largest_scale == 0)
    throw UsageError(fmt::format("--scale: lab {} has no waits to multiply; there are some in {}", lab.name,
                                 compare::list_text(names)));
  if (!(scale > 0 && scale <= lab.largest_scale))
    throw UsageError(fmt::format("--scale {:g}: a number above 0, at most {:g}, with which lab {} takes a minute",
                                 scale, lab.largest_scale, lab.name));
}

Explanation explained(const Lab& lab, const Figures& figures) {
  try {
    return lab.explain(figures);
  } catch (const MissingFigure& missing) {
    return {.sentences = {std::string("These figures do not answer the question: ") + missing.what() + "."}};
  }
}

}  // namespace overtake::lab
