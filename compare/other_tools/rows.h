// SPDX-License-Identifier: Apache-2.0
// What the readers of other tools' files share.
#pragma once

#include <string>
#include <string_view>

#include "core/results/row.h"

namespace overtake::compare {

/// A row as every reader begins it: a time that the tool reported, and that nobody checked here.
inline Row reported_row(std::string_view workload) {
  Row row;
  row.workload = workload;
  row.scope = Scope::reported;
  row.check_method = "unchecked";
  row.sample = 0;
  return row;
}

/// Text that a cell of a CSV may hold: a NUL byte, which JSON can name, is shown as '_'.
inline std::string without_nul(std::string text) {
  for (char& c : text)
    if (c == '\0') c = '_';
  return text;
}

}  // namespace overtake::compare
