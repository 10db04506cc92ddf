// SPDX-License-Identifier: Apache-2.0
// Step by step, as the pipeline reads: each column goes through one step after another, each in a loop of its own, then
// into the result. It wins nowhere but in clarity; every step costs a pass over memory, and a row-major result written
// column by column costs a cache line for every value.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/registry/variant.h"
#include "core/workload/preprocess.h"

namespace overtake {
namespace {

// Parameters a and b of a step.
struct Learnt {
  double a = 0, b = 0;
};

Learnt learn_mean_and_deviation(const std::vector<double>& column) {
  double sum = 0, squares = 0, count = 0;
  double min = std::numeric_limits<double>::infinity(), max = -min;
  for (const double x : column) {
    if (std::isnan(x)) continue;
    sum += x;
    ++count;
    min = std::min(min, x);
    max = std::max(max, x);
  }
  // No value: NaN. Rounding may not take the mean out of the range, or a constant column would vary once imputed.
  const double mean = count > 0 ? std::clamp(sum / count, min, max) : std::nan("");
  for (const double x : column)
    if (!std::isnan(x)) squares += (x - mean) * (x - mean);
  return {mean, min == max && std::isfinite(min) ? 1 : std::sqrt(squares / count)};
}

Learnt learn_range(const std::vector<double>& column) {
  double min = std::numeric_limits<double>::infinity(), max = -min;
  for (const double x : column) {
    if (std::isnan(x)) continue;
    min = std::min(min, x);
    max = std::max(max, x);
  }
  if (min > max) return {std::nan(""), std::nan("")};  // no value
  return {min, min == max && std::isfinite(min) ? 1 : max - min};
}

std::vector<double> in_order(const std::vector<double>& column) {
  std::vector<double> values;
  for (const double x : column)
    if (!std::isnan(x)) values.push_back(x);
  std::ranges::sort(values);
  return values;
}

Learnt learn_median(const std::vector<double>& column) {
  const auto values = in_order(column);
  if (values.empty()) return {};
  const double low = values[(values.size() - 1) / 2], high = values[values.size() / 2];
  return {low == high ? low : low / 2 + high / 2, 0};
}

Learnt learn_most_frequent(const std::vector<double>& column) {
  const auto values = in_order(column);
  Learnt best;
  std::size_t most = 0, run = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    run = i > 0 && values[i] == values[i - 1] ? run + 1 : 1;
    if (run > most) best.a = values[i], most = run;
  }
  return best;
}

Learnt learn(const Step& step, const std::vector<double>& column) {
  switch (step.kind) {
    case StepKind::impute_mean: {
      const bool no_value = std::ranges::all_of(column, [](double x) { return std::isnan(x); });
      return {no_value ? 0 : learn_mean_and_deviation(column).a, 0};
    }
    case StepKind::impute_median:
      return learn_median(column);
    case StepKind::impute_most_frequent:
      return learn_most_frequent(column);
    case StepKind::standardise:
      return learn_mean_and_deviation(column);
    case StepKind::min_max:
      return learn_range(column);
    case StepKind::impute_constant:
    case StepKind::clip:
    case StepKind::log1p:
      break;
  }
  return {step.a, step.b};
}

void apply(StepKind kind, Learnt p, std::vector<double>& column) {
  switch (kind) {
    case StepKind::impute_mean:
    case StepKind::impute_median:
    case StepKind::impute_most_frequent:
    case StepKind::impute_constant:
      for (double& x : column)
        if (std::isnan(x)) x = p.a;
      break;
    case StepKind::standardise:
    case StepKind::min_max:
      for (double& x : column) x = (x - p.a) / p.b;
      break;
    case StepKind::clip:
      for (double& x : column)
        if (!std::isnan(x)) x = std::clamp(x, p.a, p.b);
      break;
    case StepKind::log1p:
      for (double& x : column) x = std::log1p(x);
      break;
  }
}

template <class T>
class SerialNaive {
 public:
  SerialNaive(const Preprocess::Problem& problem, const Resources&) : problem_(problem) {}

  void load(const TableView<T>& table, const Fitted& given, const Preprocess::Output<T>& output) {
    table_ = table;
    fitted_ = problem_.phase == Preprocess::Phase::apply ? given : output.fitted;
    features_ = output.features;
  }

  void run() {
    for (std::int64_t j = 0; j < problem_.numeric(); ++j) numeric(j);
    if (problem_.phase != Preprocess::Phase::apply) learn_categories();
    if (problem_.phase == Preprocess::Phase::fit) return;
    if (problem_.pipeline.one_hot) one_hot();
    if (problem_.pipeline.ordinal) ordinal();
  }

  void store() {}

 private:
  void numeric(std::int64_t j) {
    // Between steps in double precision: rounding an imputed mean to float would show in a column with a large offset.
    std::vector<double> column(table_.numeric.row(j), table_.numeric.row(j) + problem_.rows);
    for (std::size_t s = 0; s < problem_.pipeline.steps.size(); ++s) {
      const Step& step = problem_.pipeline.steps[s];
      if (problem_.phase != Preprocess::Phase::apply) {
        const Learnt learnt = learn(step, column);
        fitted_.a(s, j) = learnt.a;
        fitted_.b(s, j) = learnt.b;
      }
      apply(step.kind, {fitted_.a(s, j), fitted_.b(s, j)}, column);
    }
    for (std::int64_t i = 0; i < features_.rows; ++i)
      features_(i, j) = static_cast<T>(column[static_cast<std::size_t>(i)]);
  }

  // Calls with each categorical column and the index of its first category.
  template <class Function>
  void for_each_categorical(Function&& function) {
    std::int64_t first = 0;
    for (std::int64_t j = 0; j < problem_.categorical; ++j) {
      const std::int32_t levels = table_.levels[static_cast<std::size_t>(j)];
      function(j, first, levels);
      first += levels;
    }
  }

  void learn_categories() {
    std::ranges::fill(fitted_.seen, 0);
    if (!problem_.pipeline.encodes()) return;
    for_each_categorical([&](std::int64_t j, std::int64_t first, std::int32_t levels) {
      for (std::int64_t i = 0; i < problem_.rows; ++i)
        if (const std::int32_t code = table_.codes(j, i); code >= 0 && code < levels)
          fitted_.seen[static_cast<std::size_t>(first + code)] = 1;
    });
  }

  void one_hot() {
    for_each_categorical([&](std::int64_t j, std::int64_t first, std::int32_t levels) {
      for (std::int64_t i = 0; i < problem_.rows; ++i)
        for (std::int32_t level = 0; level < levels; ++level)
          features_(i, problem_.numeric() + first + level) =
              table_.codes(j, i) == level && fitted_.seen[static_cast<std::size_t>(first + level)] == 1 ? 1 : 0;
    });
  }

  void ordinal() {
    for_each_categorical([&](std::int64_t j, std::int64_t first, std::int32_t levels) {
      for (std::int64_t i = 0; i < problem_.rows; ++i) {
        const std::int32_t code = table_.codes(j, i);
        const bool known = code >= 0 && code < levels && fitted_.seen[static_cast<std::size_t>(first + code)] == 1;
        features_(i, problem_.numeric() + j) = known ? static_cast<T>(code) : std::numeric_limits<T>::quiet_NaN();
      }
    });
  }

  Preprocess::Problem problem_;
  TableView<T> table_;
  Fitted fitted_;
  View<T> features_;
};

}  // namespace

OVERTAKE_VARIANT(Preprocess, serial_naive, Strategy::serial, SerialNaive, float);

}  // namespace overtake
