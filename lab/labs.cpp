// SPDX-License-Identifier: Apache-2.0
// The table of labs: a new one is a file, its declaration in lab.h and its line here.
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

Explanation explained(const Lab& lab, const Figures& figures) {
  try {
    return lab.explain(figures);
  } catch (const MissingFigure& missing) {
    return {.sentences = {std::string("These figures do not answer the question: ") + missing.what() + "."}};
  }
}

}  // namespace overtake::lab
