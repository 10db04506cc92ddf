// SPDX-License-Identifier: Apache-2.0
// Pipelines and what they learnt as JSON files. For `overtake do preprocess`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/workload/pipeline.h"
#include "core/workload/table.h"

namespace overtake {

struct FittedColumn {
  std::string name;
  bool categorical = false;
  std::vector<std::string> categories;                // sorted by their bytes
  std::vector<std::pair<double, double>> parameters;  // numeric: a and b of each step
};

struct FittedPipeline {
  Pipeline pipeline;
  std::vector<std::string> leave_out;  // columns by name
  std::vector<FittedColumn> columns;   // in the order of the fitted table; empty: not fitted

  /// What a fit of `table` learnt.
  void from(const Table& table, const Fitted& learnt);
  /// Into parameters of a table with these columns.
  void to(const Fitted& given) const;
};

/// {"numeric": [STEP, ...], "categorical": "one_hot" | "ordinal" | "drop", "leave_out": [NAME, ...]}; each key may be
/// left out. `name` stands for the file in messages. Throws UsageError that says what is wrong and what there is.
FittedPipeline parse_pipeline(std::string_view text, const std::string& name);
/// What fitted_text() made: {"format": "overtake-fitted.1", "pipeline": ..., "columns": [...]}.
FittedPipeline parse_fitted(std::string_view text, const std::string& name);

FittedPipeline read_pipeline(const std::filesystem::path&);
FittedPipeline read_fitted(const std::filesystem::path&);
std::string pipeline_text(const FittedPipeline&);
std::string fitted_text(const FittedPipeline&);
void write_fitted(const std::filesystem::path&, const FittedPipeline&);

}  // namespace overtake
