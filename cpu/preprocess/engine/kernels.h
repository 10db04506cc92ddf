// SPDX-License-Identifier: Apache-2.0
// The inner loops of preprocess, vectorised for each instruction set that this CPU may have; those that summarize has
// too are in cpu/table. For cpu/preprocess/engine.
#pragma once

#include <cstdint>
#include <vector>

#include "core/workload/operations.h"
#include "core/workload/pipeline.h"
#include "cpu/table/kernels.h"

namespace overtake {

/// The first `steps` steps for a column.
std::vector<Operation> operations_of(const Pipeline&, const Fitted&, std::int64_t column, std::size_t steps);

/// values[0, count), count <= kPieceRows, through the operations, into out[0, count), which has room for a vector more
/// (16 floats). Without operations, a copy.
void transform_piece(const float* values, std::int64_t count, const std::vector<Operation>& operations, float* out);

/// ln(1 + x) of each value: within 1 unit in the last place (a test measures every 997th float, the long one all).
void log1p_piece(const float* values, std::int64_t count, float* out);

/// Bits of the codes from 0 to 31 that occur in codes[0, count).
std::uint32_t codes_seen(const std::int32_t* codes, std::int64_t count);

/// 1 at out[i * stride + codes[i]] and 0 at the other `levels` places from out[i * stride]; codes outside [0, levels)
/// give zeros.
void one_hot_rows(const std::int32_t* codes, std::int64_t count, std::int32_t levels, float* out, std::int64_t stride);

/// Copies `count` floats past the caches, which then need not read first what is overwritten. Both addresses and the
/// size are multiples of 64 bytes. finish_streams() orders these writes before later ones of this thread.
void stream(const float* from, std::int64_t count, float* into);
void finish_streams();

}  // namespace overtake
