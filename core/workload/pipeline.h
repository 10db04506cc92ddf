// SPDX-License-Identifier: Apache-2.0
// The steps that a table goes through in the workload preprocess, and the parameters that they learn. Read by the
// workload, its checker and every variant.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/host_device.h"
#include "core/memory/view.h"

namespace overtake {

enum class StepKind {
  impute_mean,
  impute_median,
  impute_most_frequent,
  impute_constant,
  standardise,
  min_max,
  clip,
  log1p,
};

/// Whether its parameters depend on the rows that it is fitted to.
OVERTAKE_HOST_DEVICE constexpr bool learns(StepKind kind) {
  return kind != StepKind::impute_constant && kind != StepKind::clip && kind != StepKind::log1p;
}

/// One step of numeric columns. `a`, `b`: what the text gave (impute_constant: a; clip: a and b), otherwise 0.
struct Step {
  StepKind kind = StepKind::impute_mean;
  double a = 0, b = 0;
  bool learns() const { return overtake::learns(kind); }
  bool imputes() const;
};

/// Steps in the order in which they are fitted and applied, each fitted to what the steps before it made of the table,
/// as in scikit-learn's Pipeline. Their meaning is that of scikit-learn 1.2, column by column, NaN being a missing
/// value. Where a column has no value at all (all missing, or no rows), "no value" is said below.
///
///   impute_mean          SimpleImputer(strategy="mean", keep_empty_features=True): missing -> mean of the others
///   (which
///                        rounding may not take out of their range: a constant column stays constant); no value: 0.
///   impute_median        SimpleImputer(strategy="median", keep_empty_features=True): missing -> the middle one of the
///                        others, or halfway between the two in the middle; no value: 0.
///   impute_most_frequent SimpleImputer(strategy="most_frequent", keep_empty_features=True): missing -> the value that
///                        occurs most often, the least of these where there are several; no value: 0.
///   impute_constant:C    SimpleImputer(strategy="constant", fill_value=C, keep_empty_features=True); C is rounded to
///                        float32, as the column is.
///   standardise          StandardScaler(): (x - mean) / deviation, the deviation that of the population (divided by
///                        n), missing values left out and kept. A constant column (min == max) has deviation 1.
///                        scikit-learn also takes a variance within rounding of 0 for 0. No value: both NaN.
///   min_max              MinMaxScaler(): (x - min) / (max - min), missing values left out and kept. A constant column
///                        has range 1, so that it becomes 0. No value: both NaN.
///   clip:LOW:HIGH        FunctionTransformer(numpy.clip): to [LOW, HIGH], both rounded to float32, -inf and inf
///                        allowed; missing values kept.
///   log1p                FunctionTransformer(numpy.log1p): ln(1 + x); -1 -> -inf, below -1 -> NaN, which later steps
///                        take for missing.
///   one_hot              OneHotEncoder(categories=the column's sorted dictionary, handle_unknown="ignore"): a column
///   of
///                        0 and 1 for each category. A category that the fitted rows did not have is unknown; unknown
///                        and missing categories become all zeros. (scikit-learn has no column for a category that it
///                        never saw, and makes a missing value a category of its own.)
///
///   ordinal              OrdinalEncoder(categories=the same, handle_unknown="use_encoded_value", unknown_value=NaN): a
///                        column of each categorical one, the place of its category from 0; unknown and missing
///                        categories become NaN. Excludes one_hot.
///
/// Infinite values are numbers like others; a column with one has, as in IEEE arithmetic, an infinite mean (NaN with
/// both signs) and the deviation NaN. (scikit-learn refuses them.) Without one_hot and ordinal, categorical columns are
/// left out, as by ColumnTransformer(remainder="drop").
struct Pipeline {
  std::vector<Step> steps;                // of numeric columns
  bool one_hot = false, ordinal = false;  // one at most; its place among the steps makes no difference

  /// "impute_mean+clip:-3:3+one_hot". Throws UsageError that names the step and lists what there is.
  static Pipeline parse(std::string_view text);
  /// The same pipeline as parse() takes it.
  std::string to_string() const;
  /// Whether any step of numeric columns learns.
  bool learns() const;
  /// Whether categorical columns make features.
  bool encodes() const { return one_hot || ordinal; }
};

/// What fitting learns. Parameters stay in double precision, because a mean rounded to float32 would move every value
/// of a column with a large offset.
struct Fitted {
  /// steps x 2 numeric columns: row s holds a and b of step s for column 0, for column 1, ...
  /// impute: fill, 0; standardise: mean, deviation; min_max: minimum, range; clip: low, high; log1p: 0, 0.
  View<double> parameters;
  /// For each category of the first categorical column, of the second, ...: 1 where the fitted rows have it, else 0.
  std::span<std::int32_t> seen;

  double& a(std::size_t step, std::int64_t column) const {
    return parameters(static_cast<std::int64_t>(step), 2 * column);
  }
  double& b(std::size_t step, std::int64_t column) const {
    return parameters(static_cast<std::int64_t>(step), 2 * column + 1);
  }
};

}  // namespace overtake
