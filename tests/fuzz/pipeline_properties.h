// SPDX-License-Identifier: Apache-2.0
// What must hold of every pipeline file and fitted file, whatever its bytes: run by the fuzzers on inputs that they
// invent, and by fitted_pipeline_test.cpp on those of the corpus.
#pragma once

#include <stdexcept>
#include <string_view>

#include "core/error.h"
#include "core/workload/fitted_pipeline.h"

namespace overtake {

/// Throws std::logic_error unless the bytes are refused with UsageError, or what they say reads back from its text.
inline void check_pipeline(std::string_view bytes) {
  FittedPipeline pipeline;
  try {
    pipeline = parse_pipeline(bytes, "input");
  } catch (const UsageError&) {
    return;
  }
  const std::string text = pipeline_text(pipeline);
  if (pipeline_text(parse_pipeline(text, "text")) != text) throw std::logic_error("changed when read back: " + text);
}

inline void check_fitted(std::string_view bytes) {
  FittedPipeline fitted;
  try {
    fitted = parse_fitted(bytes, "input");
  } catch (const UsageError&) {
    return;
  }
  const std::string text = fitted_text(fitted);
  if (fitted_text(parse_fitted(text, "text")) != text) throw std::logic_error("changed when read back: " + text);
}

}  // namespace overtake
