// SPDX-License-Identifier: Apache-2.0
// The cells of one workload put side by side: what differs only in variant and workers, over growing sizes. For
// summaries and the sentences in them.
#pragma once

#include <string>
#include <vector>

#include "compare/measured.h"

namespace overtake::compare {

/// Every way that was tried of one problem.
struct Size {
  KeyValues shape;
  std::vector<const Measured*> cells;  // in the order of their places
};

/// Sizes with equal dtype, scope and params, smallest first.
struct Series {
  Dtype dtype = Dtype::none;
  Scope scope = Scope::kernel;
  KeyValues params;
  std::vector<Size> sizes;
  /// "f32, kernel, pad=3".
  std::string text() const;
};

/// `cells` in the order of their places.
std::vector<Series> series_of(const std::vector<const Measured*>& cells);

/// Sizes of a series that grow in one way, so that 'from 256 on' means something: all values equal (m=n=k=256, …), or
/// only the first one differing (rows=1000 cols=8, rows=10000 cols=8, …).
struct Family {
  std::string fixed;  // what does not grow: "cols=8", or ""
  std::vector<const Size*> sizes;
  std::vector<std::string> names;        // "m=n=k=256", "rows=1000"
  std::vector<std::string> short_names;  // "256", "1000"
};
std::vector<Family> families_of(const Series&);

}  // namespace overtake::compare
