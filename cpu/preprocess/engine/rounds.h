// SPDX-License-Identifier: Apache-2.0
// How the parameters of several steps follow from what one reading of a column gives, so that a fit reads each column
// once. For every variant of preprocess but the naive one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/workload/pipeline.h"
#include "cpu/table/statistics.h"

namespace overtake {

/// One reading of the columns as the steps before `first` leave them; the parameters of steps [first, last) follow.
struct Round {
  std::size_t first, last;
};

/// The readings that fitting takes. A scaling or an imputation changes statistics in a way that can be computed; after
/// clip and log1p, columns must be read again for the next step that learns; medians and most frequent values come
/// first in a round of their own.
std::vector<Round> rounds_of(const Pipeline&);

/// Sets the parameters of steps [round.first, round.last) for a column of `rows` rows with these statistics; `middle`
/// is the median or the most frequent value where the first step asks for it. False where they do not follow, because
/// the column has infinite values that a step makes missing: then only the first step's parameters are set, and the
/// others take a reading each.
bool resolve(const Pipeline&, Round round, const Statistics& statistics, double middle, std::int64_t rows,
             std::int64_t column, const Fitted& fitted);

/// Sets the parameters of steps that learn nothing.
void set_constant_parameters(const Pipeline&, std::int64_t columns, const Fitted& fitted);

}  // namespace overtake
