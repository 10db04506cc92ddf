// SPDX-License-Identifier: Apache-2.0
// What a selftest plants in a right answer of preprocess, each of which its checker must catch. For phase=fit, where
// the answer is parameters alone, they go there.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/workload/preprocess.h"

namespace overtake {
namespace {

using Problem = Preprocess::Problem;
template <class T>
using Output = Preprocess::Output<T>;
template <class T>
using Input = Preprocess::Input<T>;

// Adds a tenth of `typical`, or puts 0 where there is no number.
template <class U>
void disturb(U& element, double typical) {
  const double tenth = typical > 0 && std::isfinite(typical) ? typical / 10 : 0.1;
  element = std::isfinite(element) ? static_cast<U>(static_cast<double>(element) + tenth) : U{0};
}

// The mean magnitude of the first numbers in a feature.
template <class T>
double typical_of(const View<T>& features, std::int64_t feature) {
  double sum = 0, count = 0;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(features.rows, 1000); ++i)
    if (const double value = static_cast<double>(features(i, feature)); std::isfinite(value)) {
      sum += std::abs(value);
      ++count;
    }
  return count > 0 ? sum / count : 0;
}

template <class T>
void disturb_feature(Output<T>& out, std::int64_t row, std::int64_t feature) {
  disturb(out.features(row, feature), typical_of(out.features, feature));
}

void disturb_parameter(const Fitted& fitted, std::int64_t at) {
  if (fitted.parameters.size() > 0)
    disturb(fitted.parameters.data[at], std::abs(fitted.parameters.data[at]));
  else if (!fitted.seen.empty())
    fitted.seen.front() ^= 1;
}

// Of the step that is learnt last, for the last numeric column.
std::int64_t learnt_parameter(const Problem& p, const Fitted& fitted) {
  std::int64_t step = 0;
  for (std::size_t s = 0; s < p.pipeline.steps.size(); ++s)
    if (p.pipeline.steps[s].learns()) step = static_cast<std::int64_t>(s);
  return std::max<std::int64_t>((step + 1) * fitted.parameters.cols - 2, 0);
}

template <class T, class Value>
void replace(Output<T>& out, std::int64_t feature_at, Value value) {
  if (out.features.size() > 0)
    out.features.data[feature_at] = static_cast<T>(value);
  else if (out.fitted.parameters.size() > 0)
    out.fitted.parameters.data[std::min(feature_at, out.fitted.parameters.size() - 1)] = value;
}

template <class T>
void one_wrong_element(const Input<T>& in, Output<T>& out) {
  if (out.features.size() > 0)
    disturb_feature(out, out.features.rows / 2, out.features.cols / 3);
  else
    disturb_parameter(out.fitted, learnt_parameter(in.problem, out.fitted));
}

template <class T>
void wrong_boundary_row(const Input<T>&, Output<T>& out) {
  if (out.features.size() > 0)
    for (std::int64_t j = 0; j < out.features.cols; ++j) disturb_feature(out, out.features.rows - 1, j);
  else
    disturb_parameter(out.fitted, out.fitted.parameters.size() - 1);
}

template <class T>
void doubled(const Input<T>&, Output<T>& out) {
  for (std::int64_t i = 0; i < out.features.size(); ++i) out.features.data[i] *= 2;
  for (std::int64_t i = 0; i < out.fitted.parameters.size(); ++i) out.fitted.parameters.data[i] *= 2;
  if (out.features.size() + out.fitted.parameters.size() == 0)
    for (std::int32_t& seen : out.fitted.seen) seen *= 2;
}

template <class T>
void not_a_number(const Input<T>&, Output<T>& out) {
  replace(out, out.features.size() > 0 ? out.features.size() - 1 : 0, std::numeric_limits<double>::quiet_NaN());
}

template <class T>
void infinite(const Input<T>&, Output<T>& out) {
  replace(out, 0, std::numeric_limits<double>::infinity());
}

// A tenth of a deviation off in one column, as every row of it shows; where parameters are the answer, one of them.
template <class T>
void one_wrong_parameter(const Input<T>& in, Output<T>& out) {
  if (in.problem.phase != Preprocess::Phase::apply) {
    disturb_parameter(out.fitted, learnt_parameter(in.problem, out.fitted));
  } else if (in.problem.numeric() > 0) {
    const double typical = typical_of(out.features, in.problem.numeric() - 1);
    for (std::int64_t i = 0; i < out.features.rows; ++i) disturb(out.features(i, in.problem.numeric() - 1), typical);
  } else {
    one_wrong_element(in, out);
  }
}

// The last category, in what was learnt or in the last row.
template <class T>
void one_wrong_category(const Input<T>& in, Output<T>& out) {
  if (!in.problem.pipeline.encodes() || in.problem.levels == 0)
    one_wrong_element(in, out);
  else if (out.features.size() > 0 && in.problem.pipeline.ordinal)
    disturb(out.features.data[out.features.size() - 1], 10);
  else if (out.features.size() > 0)
    out.features.data[out.features.size() - 1] = 1 - out.features.data[out.features.size() - 1];
  else
    out.fitted.seen.back() ^= 1;
}

template <class T>
constexpr std::array<Preprocess::Fault<T>, 7> kFaults = {{{"one wrong element", one_wrong_element<T>},
                                                          {"wrong boundary row", wrong_boundary_row<T>},
                                                          {"doubled result", doubled<T>},
                                                          {"NaN", not_a_number<T>},
                                                          {"Inf", infinite<T>},
                                                          {"one wrong fitted parameter", one_wrong_parameter<T>},
                                                          {"one wrong category", one_wrong_category<T>}}};

}  // namespace

template <class T>
std::span<const Preprocess::Fault<T>> Preprocess::faults() {
  return kFaults<T>;
}

template std::span<const Preprocess::Fault<float>> Preprocess::faults<float>();

}  // namespace overtake
