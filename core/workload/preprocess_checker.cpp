// SPDX-License-Identifier: Apache-2.0
// The checker of preprocess and the reference that it compares with, written for clarity and apart from the variants.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/workload/element_report.h"
#include "core/workload/preprocess.h"

namespace overtake {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kDoubleUnit = 0x1p-53;

template <class T>
Bounded rounded(double value, double error) {
  if (!std::isfinite(value)) return {value, error < kInfinity ? 0 : kInfinity};
  return {value, error + 3 * (std::numeric_limits<T>::epsilon() / 2.0) * std::abs(value) +
                     static_cast<double>(std::numeric_limits<T>::denorm_min())};
}

using Parameter = Preprocess::Parameter;

// (x - a) / b with errors in all three.
template <class T>
Bounded scaled(const Parameter& p, Bounded x) {
  const double y = (x.value - p.a) / p.b;
  if (!std::isfinite(y)) return rounded<T>(y, x.error + p.a_error + p.b_error);
  const double least = p.b - p.b_error;
  if (!(least > 0)) return {y, kInfinity};
  return rounded<T>(y, (x.error + p.a_error + std::abs(y) * p.b_error) / least);
}

template <class T>
Bounded log1p_of(Bounded x) {
  const double y = std::log1p(x.value);
  if (x.error == 0 || std::isnan(x.value)) return rounded<T>(y, x.error);
  const double above_pole = 1 + x.value - x.error;
  if (1 + x.value + x.error < 0) return {y, 0};
  if (!(above_pole > 0)) return {y, kInfinity};
  return rounded<T>(y, x.error / above_pole);
}

template <class T>
Bounded through(const Step& step, const Parameter& p, Bounded x) {
  switch (step.kind) {
    case StepKind::impute_mean:
    case StepKind::impute_median:
    case StepKind::impute_most_frequent:
    case StepKind::impute_constant:
      return std::isnan(x.value) && x.error < kInfinity ? rounded<T>(p.a, p.a_error) : x;
    case StepKind::standardise:
    case StepKind::min_max:
      return scaled<T>(p, x);
    case StepKind::clip:
      return {std::isnan(x.value) ? x.value : std::clamp(x.value, p.a, p.b), x.error};
    case StepKind::log1p:
      return log1p_of<T>(x);
  }
  return x;
}

// Of the values that are not missing.
struct Moments {
  std::size_t count = 0;
  double mean = kNaN, deviation = kNaN, min = kInfinity, max = -kInfinity;
  double mean_error = 0, deviation_error = 0, extreme_error = 0;
  bool constant() const { return min == max && std::isfinite(min); }
};

Moments moments_of(const std::vector<Bounded>& column) {
  Moments m;
  long double sum = 0, magnitude = 0, errors = 0, squared_errors = 0;
  for (const auto& [value, error] : column) {
    m.extreme_error = std::max(m.extreme_error, error);
    if (error == kInfinity) errors = static_cast<long double>(kInfinity);
    if (std::isnan(value)) continue;
    ++m.count;
    sum += static_cast<long double>(value);
    magnitude += std::abs(static_cast<long double>(value));
    errors += static_cast<long double>(error);
    squared_errors += static_cast<long double>(error) * static_cast<long double>(error);
    m.min = std::min(m.min, value);
    m.max = std::max(m.max, value);
  }
  if (m.count == 0) return m;
  const auto n = static_cast<long double>(m.count);
  const long double mean = sum / n;
  long double squares = 0;
  for (const auto& [value, error] : column)
    if (!std::isnan(value))
      squares += (static_cast<long double>(value) - mean) * (static_cast<long double>(value) - mean);
  m.mean = std::clamp(static_cast<double>(mean), m.min, m.max);  // whatever rounding did
  m.deviation = std::isfinite(m.mean) ? static_cast<double>(std::sqrt(squares / n)) : kNaN;
  const auto average = [&](long double total) { return static_cast<double>(total / n); };
  if (m.extreme_error == kInfinity) {
    m.mean_error = m.deviation_error = kInfinity;
  } else if (std::isfinite(m.mean)) {
    const double sums = 4 * std::sqrt(static_cast<double>(m.count)) * kDoubleUnit;
    m.mean_error = average(errors) + sums * average(magnitude);
    // Squares may be about means that are off by as much as the mean may be.
    m.deviation_error = std::sqrt(average(squared_errors)) + 4 * sums * m.deviation + sums * average(magnitude);
  }
  return m;
}

// Values that are not missing, in order; and the largest error of any.
std::pair<std::vector<double>, double> ordered(const std::vector<Bounded>& column) {
  std::vector<double> values;
  double error = 0;
  for (const Bounded& x : column) {
    if (!std::isnan(x.value)) values.push_back(x.value);
    error = std::max(error, x.error);
  }
  std::ranges::sort(values);
  return {std::move(values), error};
}

// No order statistic moves further than the values do.
Parameter median_of(const std::vector<Bounded>& column) {
  const auto [values, error] = ordered(column);
  if (values.empty()) return {0, 0, error, 0};
  const double low = values[(values.size() - 1) / 2], high = values[values.size() / 2];
  const double median = low == high ? low : low / 2 + high / 2;
  return {median, 0, error + (std::isfinite(median) ? 4 * kDoubleUnit * std::abs(median) : 0), 0};
}

// Where values have errors, these decide which are equal.
Parameter most_frequent_of(const std::vector<Bounded>& column) {
  const auto [values, error] = ordered(column);
  double best = 0;
  std::ptrdiff_t most = 0;
  for (auto at = values.begin(); at != values.end();) {
    const auto end = std::upper_bound(at, values.end(), *at);
    if (end - at > most) best = *at, most = end - at;
    at = end;
  }
  return {best, 0, error > 0 ? kInfinity : 0, 0};
}

Parameter fitted_to(const Step& step, const std::vector<Bounded>& column) {
  if (!step.learns()) return {step.a, step.b, 0, 0};
  if (step.kind == StepKind::impute_median) return median_of(column);
  if (step.kind == StepKind::impute_most_frequent) return most_frequent_of(column);
  const Moments m = moments_of(column);
  if (step.kind == StepKind::impute_mean)
    return {m.count == 0 ? 0 : m.mean, 0, m.count == 0 ? m.extreme_error : m.mean_error, 0};
  if (m.count == 0) return {kNaN, kNaN, m.extreme_error, m.extreme_error};
  const bool standardise = step.kind == StepKind::standardise;
  const double range = m.max - m.min;
  Parameter p{m.mean, m.deviation, m.mean_error, m.deviation_error};
  if (!standardise) p = {m.min, range, m.extreme_error, 2 * m.extreme_error};
  if (!standardise && std::isfinite(range)) p.b_error += 2 * kDoubleUnit * range;
  if (m.constant()) p.b = 1;
  // A spread that may as well be nothing, and so count as 1.
  if (p.b <= p.b_error) p.b_error = kInfinity;
  return p;
}

// Of each step, for one column.
template <class T>
std::vector<Parameter> fit_column(const Pipeline& pipeline, const View<T>& numeric, std::int64_t column) {
  std::vector<Bounded> values;
  values.reserve(static_cast<std::size_t>(numeric.cols));
  for (std::int64_t i = 0; i < numeric.cols; ++i) values.push_back({static_cast<double>(numeric(column, i)), 0});
  std::vector<Parameter> parameters;
  for (const Step& step : pipeline.steps) {
    parameters.push_back(fitted_to(step, values));
    for (Bounded& value : values) value = through<T>(step, parameters.back(), value);
  }
  return parameters;
}

template <class T>
std::vector<std::int32_t> categories_seen(const Preprocess::Problem& p, const TableView<T>& table) {
  std::vector<std::int32_t> seen(static_cast<std::size_t>(p.levels), 0);
  if (!p.pipeline.encodes()) return seen;
  std::size_t first = 0;
  for (std::int64_t j = 0; j < p.categorical; ++j) {
    const std::int32_t levels = table.levels[static_cast<std::size_t>(j)];
    for (std::int64_t i = 0; i < p.rows; ++i)
      if (const std::int32_t code = table.codes(j, i); code >= 0 && code < levels)
        seen[first + static_cast<std::size_t>(code)] = 1;
    first += static_cast<std::size_t>(levels);
  }
  return seen;
}

}  // namespace

template <class T>
Preprocess::Checker<T>::Checker(const Input<T>& input) : input_(input) {
  const Problem& p = input.problem;
  for (std::int64_t j = 0; j < p.numeric(); ++j) {
    if (p.phase != Phase::apply) {
      columns_.push_back(fit_column(p.pipeline, input.table.numeric, j));
      continue;
    }
    columns_.emplace_back();
    for (std::size_t s = 0; s < p.pipeline.steps.size(); ++s)
      columns_.back().push_back({input.given.a(s, j), input.given.b(s, j), 0, 0});
  }
  if (p.phase == Phase::apply)
    seen_.assign(input.given.seen.begin(), input.given.seen.end());
  else
    seen_ = categories_seen(p, input.table);
}

template <class T>
void Preprocess::Checker<T>::check_fitted(const Output<T>& out, ElementReport& report) const {
  const Problem& p = input_.problem;
  for (std::int64_t j = 0; j < p.numeric(); ++j)
    for (std::size_t s = 0; s < p.pipeline.steps.size(); ++s) {
      const Parameter& expected = columns_[static_cast<std::size_t>(j)][s];
      const auto where = [&] {
        return "a parameter of step " + std::to_string(s + 1) + " for numeric column " + std::to_string(j + 1);
      };
      report.element(out.fitted.a(s, j), {expected.a, expected.a_error}, where);
      report.element(out.fitted.b(s, j), {expected.b, expected.b_error}, where);
    }
  for (std::size_t l = 0; l < seen_.size(); ++l)
    report.element(out.fitted.seen[l], {static_cast<double>(seen_[l]), 0},
                   [&] { return "what was learnt of category " + std::to_string(l + 1); });
}

template <class T>
void Preprocess::Checker<T>::check_numeric(const Output<T>& out, ElementReport& report) const {
  const auto& steps = input_.problem.pipeline.steps;
  // By blocks of rows, so that both the columns read and the rows compared stay in the cache.
  constexpr std::int64_t kBlock = 256;
  for (std::int64_t first = 0; first < out.features.rows; first += kBlock)
    for (std::int64_t j = 0; j < input_.problem.numeric(); ++j)
      for (std::int64_t i = first; i < std::min(first + kBlock, out.features.rows); ++i) {
        Bounded value{static_cast<double>(input_.table.numeric(j, i)), 0};
        for (std::size_t s = 0; s < steps.size(); ++s)
          value = through<T>(steps[s], columns_[static_cast<std::size_t>(j)][s], value);
        // The answer is a T: what is beyond its range is infinite there.
        if (std::abs(value.value) > static_cast<double>(std::numeric_limits<T>::max()))
          value.value = std::copysign(kInfinity, value.value);
        report.element(static_cast<double>(out.features(i, j)), value,
                       [&] { return "row " + std::to_string(i + 1) + " of feature " + std::to_string(j + 1); });
      }
}

template <class T>
void Preprocess::Checker<T>::check_places(const Output<T>& out, ElementReport& report) const {
  const Problem& p = input_.problem;
  for (std::int64_t i = 0; i < out.features.rows; ++i) {
    std::size_t first = 0;
    for (std::int64_t j = 0; j < p.categorical; ++j) {
      const std::int32_t levels = input_.table.levels[static_cast<std::size_t>(j)], code = input_.table.codes(j, i);
      const bool known = code >= 0 && code < levels && seen_[first + static_cast<std::size_t>(code)] == 1;
      report.element(static_cast<double>(out.features(i, p.numeric() + j)), {known ? code : kNaN, 0}, [&] {
        return "row " + std::to_string(i + 1) + " of feature " + std::to_string(p.numeric() + j + 1);
      });
      first += static_cast<std::size_t>(levels);
    }
  }
}

template <class T>
void Preprocess::Checker<T>::check_categories(const Output<T>& out, ElementReport& report) const {
  if (input_.problem.pipeline.ordinal) check_places(out, report);
  if (!input_.problem.pipeline.one_hot) return;
  for (std::int64_t i = 0; i < out.features.rows; ++i) {
    std::int64_t at = input_.problem.numeric();
    std::size_t category = 0;
    for (std::int64_t j = 0; j < input_.problem.categorical; ++j)
      for (std::int32_t level = 0; level < input_.table.levels[static_cast<std::size_t>(j)];
           ++level, ++at, ++category) {
        const double expected = input_.table.codes(j, i) == level && seen_[category] == 1 ? 1 : 0;
        if (static_cast<double>(out.features(i, at)) != expected)
          report.element(static_cast<double>(out.features(i, at)), {expected, 0},
                         [&] { return "row " + std::to_string(i + 1) + " of feature " + std::to_string(at + 1); });
      }
  }
}

template <class T>
Check Preprocess::Checker<T>::operator()(const Output<T>& out) const {
  ElementReport report;
  if (input_.problem.phase != Phase::apply) check_fitted(out, report);
  check_numeric(out, report);
  check_categories(out, report);
  if (report.check.ok && report.undecided > 0)
    report.check.detail = std::to_string(report.undecided) +
                          " values were not checked: a rounding error decides what they are (logarithm at -1, or a "
                          "division by a deviation of almost nothing)";
  return report.check;
}

template <class T>
void Preprocess::fit_reference(const Problem& p, const TableView<T>& table, const Fitted& out) {
  for (std::int64_t j = 0; j < p.numeric(); ++j) {
    const auto parameters = fit_column(p.pipeline, table.numeric, j);
    for (std::size_t s = 0; s < parameters.size(); ++s) {
      out.a(s, j) = parameters[s].a;
      out.b(s, j) = parameters[s].b;
    }
  }
  std::ranges::copy(categories_seen(p, table), out.seen.begin());
}

template class Preprocess::Checker<float>;
template void Preprocess::fit_reference(const Problem&, const TableView<float>&, const Fitted&);

}  // namespace overtake
