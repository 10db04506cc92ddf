// SPDX-License-Identifier: Apache-2.0
// What a selftest plants in a right answer of summarize, each of which its checker must catch, in whatever the part
// that was asked for has.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/workload/summarize.h"

namespace overtake {
namespace {

template <class T>
using Output = Summarize::Output<T>;
template <class T>
using Input = Summarize::Input<T>;

template <class T>
std::vector<double*> numbers_of(const Input<T>& in, Output<T>& out) {
  std::vector<double*> all;
  for (Summarize::Figures& figures : out.columns) {
    all.insert(all.end(), {&figures.mean, &figures.deviation, &figures.min, &figures.max});
    if (in.problem.describes())
      for (double& quartile : figures.quartiles) all.push_back(&quartile);
  }
  for (std::int64_t i = 0; i < out.correlation.size(); ++i) all.push_back(out.correlation.data + i);
  for (std::int64_t i = 0; i < out.group_means.size(); ++i) all.push_back(out.group_means.data + i);
  return all;
}

template <class T>
std::vector<std::int64_t*> counts_of(const Input<T>& in, Output<T>& out) {
  std::vector<std::int64_t*> all;
  for (Summarize::Figures& figures : out.columns) {
    all.insert(all.end(), {&figures.count, &figures.missing});
    if (in.problem.describes())
      for (std::int64_t& bin : figures.histogram) all.push_back(&bin);
  }
  for (std::int64_t& rows : out.group_rows) all.push_back(&rows);
  return all;
}

// Adds a tenth, or puts 0 where there is no number.
void disturb(double& element) {
  if (!std::isfinite(element))
    element = 0;
  else
    element += element == 0 ? 0.1 : element / 10;
}

template <class T>
void one_wrong_element(const Input<T>& in, Output<T>& out) {
  const auto all = numbers_of(in, out);
  if (!all.empty()) disturb(*all[all.size() / 2]);
}

// The last column's figures, the last row of the correlations, the last category's means.
template <class T>
void wrong_boundary(const Input<T>&, Output<T>& out) {
  if (!out.columns.empty()) disturb(out.columns.back().deviation);
  for (std::int64_t j = 0; j < out.correlation.cols; ++j) disturb(out.correlation(out.correlation.rows - 1, j));
  for (std::int64_t j = 0; j < (out.group_means.rows > 0 ? out.group_means.cols : 0); ++j)
    disturb(out.group_means(out.group_means.rows - 1, j));
}

template <class T>
void doubled(const Input<T>& in, Output<T>& out) {
  for (double* number : numbers_of(in, out)) *number *= 2;
  for (std::int64_t* count : counts_of(in, out)) *count *= 2;
}

template <class T>
void replace_last_number(const Input<T>& in, Output<T>& out, double value) {
  const auto all = numbers_of(in, out);
  const auto at = std::find_if(all.rbegin(), all.rend(), [](const double* x) { return std::isfinite(*x); });
  if (at != all.rend()) **at = value;
}

template <class T>
void not_a_number(const Input<T>& in, Output<T>& out) {
  replace_last_number(in, out, std::numeric_limits<double>::quiet_NaN());
}

template <class T>
void infinite(const Input<T>& in, Output<T>& out) {
  replace_last_number(in, out, std::numeric_limits<double>::infinity());
}

template <class T>
void one_count_off(const Input<T>& in, Output<T>& out) {
  const auto all = counts_of(in, out);
  if (all.empty())
    one_wrong_element(in, out);
  else
    ++*all[all.size() / 2];
}

// A value in the bin beside its own: no total shows it.
template <class T>
void value_in_the_wrong_bin(const Input<T>& in, Output<T>& out) {
  if (!in.problem.describes() || out.columns.empty()) return one_count_off(in, out);
  auto& histogram = out.columns.back().histogram;
  --histogram[Summarize::kBins / 2];
  ++histogram[Summarize::kBins / 2 + 1];
}

template <class T>
void mean_of_another_group(const Input<T>& in, Output<T>& out) {
  if (out.group_means.rows < 2 || out.group_means.cols < 1) return one_wrong_element(in, out);
  std::swap(out.group_means(0, 0), out.group_means(1, 0));
}

template <class T>
constexpr std::array<Summarize::Fault<T>, 8> kFaults = {{{"one wrong element", one_wrong_element<T>},
                                                         {"wrong boundary row", wrong_boundary<T>},
                                                         {"doubled result", doubled<T>},
                                                         {"NaN", not_a_number<T>},
                                                         {"Inf", infinite<T>},
                                                         {"one count off by one", one_count_off<T>},
                                                         {"a value in the wrong bin", value_in_the_wrong_bin<T>},
                                                         {"the mean of another group", mean_of_another_group<T>}}};

}  // namespace

template <class T>
std::span<const Summarize::Fault<T>> Summarize::faults() {
  return kFaults<T>;
}

template std::span<const Summarize::Fault<float>> Summarize::faults<float>();

}  // namespace overtake
