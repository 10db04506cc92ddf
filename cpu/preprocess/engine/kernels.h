// SPDX-License-Identifier: Apache-2.0
// The inner loops of preprocess, vectorised for each instruction set that this CPU may have: statistics of a piece of a
// column, and a piece of a column through all its steps. For cpu/preprocess/engine.
#pragma once

#include <cstdint>
#include <vector>

#include "core/workload/pipeline.h"
#include "cpu/preprocess/engine/statistics.h"

namespace overtake {

/// A step with the parameters of one column, ready to be applied: scalers make (x - a) * b; a is what an imputer fills
/// in, a and b are the bounds of clip.
struct Operation {
  StepKind kind;
  double a, b;
};

/// The first `steps` steps for a column.
std::vector<Operation> operations_of(const Pipeline&, const Fitted&, std::int64_t column, std::size_t steps);

/// Most values that a call takes: they stay in the first-level cache between steps.
constexpr std::int64_t kPieceRows = 512;

/// Adds the statistics of values[0, count), count <= kPieceRows, as `operations` leave them.
void gather_piece(const float* values, std::int64_t count, const std::vector<Operation>& operations,
                  Statistics& statistics);

/// values[0, count), count <= kPieceRows, through `operations`, to into[0], into[stride], ...
void apply_piece(const float* values, std::int64_t count, const std::vector<Operation>& operations, float* into,
                 std::int64_t stride);

/// Copies `count` floats past the caches, which then need not read first what is overwritten. Both addresses and the
/// size are multiples of 64 bytes. finish_streams() orders these writes before later ones of this thread.
void stream(const float* from, std::int64_t count, float* into);
void finish_streams();

/// Name of the instruction set in use, for metrics.
const char* preprocess_target();

}  // namespace overtake
