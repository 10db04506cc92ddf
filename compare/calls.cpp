// SPDX-License-Identifier: Apache-2.0
#include "compare/calls.h"

#include <algorithm>
#include <cmath>

namespace overtake::compare {
namespace {

constexpr int kStepsPerDecade = 16;

// One way's time of c calls, unit by unit.
class Calls {
 public:
  Calls(const Measured& kernel, const Measured& end_to_end)
      : several_(kernel.seconds.size() > 1 && end_to_end.seconds.size() > 1),
        kernel_(units_of(kernel.seconds)),
        end_to_end_(units_of(end_to_end.seconds)) {
    const std::size_t count = std::min(kernel_.size(), end_to_end_.size());
    kernel_.resize(count);
    end_to_end_.resize(count);
  }

  Processes seconds(double calls) const {
    Processes out;
    for (std::size_t i = 0; i < kernel_.size(); ++i) {
      const double unit = end_to_end_[i] + (calls - 1) * kernel_[i];
      if (several_ || out.empty())
        out.push_back({unit});
      else
        out.front().push_back(unit);
    }
    return out;
  }

 private:
  bool several_;
  std::vector<double> kernel_, end_to_end_;
};

struct Contest {
  Calls a, b;
  double margin, confidence;

  Ratio ratio(double calls) const { return hodges_lehmann_ratio(a.seconds(calls), b.seconds(calls), confidence); }
  Side sure(double calls) const {
    const Ratio at = ratio(calls);
    if (!at.has_interval) return Side::neither;
    if (std::log(at.high) < 0 && std::log(at.estimate) < -margin) return Side::b;
    return std::log(at.low) > 0 && std::log(at.estimate) > margin ? Side::a : Side::neither;
  }
  Side seems(double calls) const {
    const double estimate = ratio(calls).estimate;
    return estimate < 1 ? Side::b : estimate > 1 ? Side::a : Side::neither;
  }
};

// The number between `inside` and `outside` up to which `holds`.
template <class Holds>
double boundary(double inside, double outside, Holds holds) {
  for (int i = 0; i < 60; ++i) {
    const double middle = std::sqrt(inside * outside);
    (holds(middle) ? inside : outside) = middle;
  }
  return inside;
}

// 1 … kMostCalls, in equal steps of the logarithm.
std::vector<double> numbers_of_calls() {
  const int steps = static_cast<int>(std::lround(std::log10(kMostCalls))) * kStepsPerDecade;
  std::vector<double> out;
  for (int i = 0; i <= steps; ++i) out.push_back(std::pow(10.0, static_cast<double>(i) / kStepsPerDecade));
  return out;
}

void find_interval(CallsBreakEven& out, const Contest& contest, const std::vector<double>& calls) {
  std::vector<Side> sides;
  for (const double c : calls) sides.push_back(contest.sure(c));
  // Where the ratio is not monotone for each pair of units, several stretches may be unsure: all are in the interval.
  std::size_t first = 0, last = sides.size();
  while (first < sides.size() && out.once != Side::neither && sides[first] == out.once) ++first;
  while (last > 0 && out.often != Side::neither && sides[last - 1] == out.often) --last;
  if (first == sides.size() && out.once == out.often) return;
  out.has_interval = true;
  out.low = first == 0 ? 1
            : first == sides.size()
                ? calls.back()
                : boundary(calls[first - 1], calls[first], [&](double c) { return contest.sure(c) == out.once; });
  if (out.often == Side::neither) return;
  out.high = last == sides.size() ? calls.back()
             : last == 0
                 ? 1
                 : boundary(calls[last], calls[last - 1], [&](double c) { return contest.sure(c) == out.often; });
}

}  // namespace

bool MeasuredCalls::agrees() const {
  return ratio.has_interval && predicted.has_interval && ratio.low <= predicted.high && predicted.low <= ratio.high;
}

CallsBreakEven calls_break_even(const Measured& kernel_a, const Measured& end_to_end_a, const Measured& kernel_b,
                                const Measured& end_to_end_b, double noise_floor, double confidence) {
  CallsBreakEven out;
  out.workload = end_to_end_a.cell.workload;
  out.dtype = end_to_end_a.cell.dtype;
  out.params = kernel_a.cell.params;  // without calls
  out.shape = end_to_end_a.cell.shape;
  out.a = end_to_end_a.way();
  out.b = end_to_end_b.way();
  const Contest contest{{kernel_a, end_to_end_a}, {kernel_b, end_to_end_b}, std::log1p(noise_floor), confidence};
  out.once = contest.sure(1);
  out.often = contest.sure(kMostCalls);
  const auto calls = numbers_of_calls();
  const Side first = contest.seems(1), last = contest.seems(kMostCalls);
  if (first != last && last != Side::neither)
    out.estimate = boundary(calls.front(), calls.back(), [&](double c) { return contest.seems(c) != last; });
  find_interval(out, contest, calls);
  return out;
}

MeasuredCalls measured_calls(const Measured& kernel_a, const Measured& end_to_end_a, const Measured& kernel_b,
                             const Measured& end_to_end_b, const Measured& calls_a, const Measured& calls_b,
                             std::int64_t calls, double confidence) {
  const Calls a(kernel_a, end_to_end_a), b(kernel_b, end_to_end_b);
  const auto count = static_cast<double>(calls);
  MeasuredCalls out{.calls = calls, .seconds_a = calls_a.median(), .seconds_b = calls_b.median()};
  out.predicted_a = median_of_processes(a.seconds(count));
  out.predicted_b = median_of_processes(b.seconds(count));
  out.predicted = hodges_lehmann_ratio(a.seconds(count), b.seconds(count), confidence);
  out.ratio = hodges_lehmann_ratio(calls_a.seconds, calls_b.seconds, confidence);
  return out;
}

}  // namespace overtake::compare
