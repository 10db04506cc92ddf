// SPDX-License-Identifier: Apache-2.0
#include "compare/verdict.h"

#include <algorithm>
#include <cmath>

#include "compare/mann_whitney.h"
#include "core/csv/number.h"

namespace overtake::compare {
namespace {

// Further units are only proposed up to here: nobody runs more.
constexpr double kMostUnits = 1000;
constexpr double kPower = 0.8;                     // chance that the number proposed decides
constexpr double kTwoSided95 = 1.959963984540054;  // half the width of a 95 % interval, in standard errors

// The fewest units a side whose complete separation has a p below alpha.
double fewest_units(double alpha) {
  std::size_t n = 2;
  while (smallest_p(n, n) >= alpha) ++n;
  return static_cast<double>(n);
}

// What rows that are judged together must show. Made once for all of them: quantiles are found by bisection.
class Criteria {
 public:
  Criteria(std::size_t rows, const Limits& limits)
      : limits_(limits),
        row_alpha_(limits.alpha / static_cast<double>(std::max<std::size_t>(rows, 1))),
        fewest_(fewest_units(row_alpha_)),
        fewest_alone_(fewest_units(limits.alpha)),
        width_of_change_(normal_quantile(1 - row_alpha_ / 2) + normal_quantile(kPower)),
        width_of_same_(normal_quantile(1 - 0.05 / 2) + normal_quantile(kPower)) {}

  Answer judge(const Question& question) const {
    const Ratio& ratio = question.ratio;
    if (ratio.unit == Unit::none) return {};
    const double margin = margin_of(question), change = std::log(ratio.estimate);
    const bool is_significant = question.corrected_p < limits_.alpha;
    if (is_significant && change > margin) return {Verdict::slower, {}};
    if (is_significant && change < -margin) return {Verdict::faster, {}};
    const bool within = ratio.has_interval && std::log(ratio.low) >= -margin && std::log(ratio.high) <= margin;
    if (within || is_significant) return {Verdict::same, {}};
    return {Verdict::undecided, units_to_decide(question)};
  }

 private:
  double margin_of(const Question& question) const {
    return std::log1p(std::max(limits_.threshold, question.noise_floor));
  }

  // The interval's width shrinks with the root of the number of units: after Noether, "Sample size determination for
  // some common nonparametric tests", Journal of the American Statistical Association 82, 1987, with the spread that
  // was seen.
  std::optional<std::size_t> units_to_decide(const Question& question) const {
    const Ratio& ratio = question.ratio;
    if (ratio.unit == Unit::none) return std::nullopt;
    const auto n = static_cast<double>(ratio.base_units), m = static_cast<double>(ratio.other_units);
    const double margin = margin_of(question), change = std::abs(std::log(ratio.estimate));
    double needed = change > margin ? fewest_ : 0;
    if (ratio.has_interval) {
      const double error = std::log(ratio.high / ratio.low) / 2 / kTwoSided95;
      const double distance = change > margin ? change : margin - change;
      const double width = (change > margin ? width_of_change_ : width_of_same_) * error;
      if (!(distance > 0)) return std::nullopt;
      needed = std::max(needed, 2 / (1 / n + 1 / m) * (width / distance) * (width / distance));
    } else {
      needed = std::max(needed, fewest_alone_);
    }
    const double more = std::ceil(needed - std::min(n, m));
    if (!(more <= kMostUnits)) return std::nullopt;
    return static_cast<std::size_t>(std::max(more, 1.0));
  }

  Limits limits_;
  double row_alpha_, fewest_, fewest_alone_;
  double width_of_change_, width_of_same_;  // of the intervals that decide, in standard errors
};

}  // namespace

double parse_threshold(const std::string& text) {
  const bool is_percent = text.ends_with('%');
  const auto value = parse_double(is_percent ? std::string_view(text).substr(0, text.size() - 1) : text);
  const double threshold = value.value_or(-1) / (is_percent ? 100 : 1);
  if (!(threshold >= 0 && threshold <= 10))
    throw UsageError("--threshold " + text + ": expected a change such as 3% or 0.03, at most 1000%");
  return threshold;
}

Answer judge(const Question& question, std::size_t rows, const Limits& limits) {
  return Criteria(rows, limits).judge(question);
}

std::vector<Answer> judge_together(std::span<Question> questions, const Limits& limits) {
  std::vector<double> p;
  for (const Question& question : questions) p.push_back(question.ratio.p);
  const auto corrected = holm(p);
  const Criteria criteria(questions.size(), limits);
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    questions[i].corrected_p = corrected[i];
    answers.push_back(criteria.judge(questions[i]));
  }
  return answers;
}

Verdict judge_alone(const Ratio& ratio, const Limits& limits) {
  return judge({.ratio = ratio, .corrected_p = ratio.p}, 1, limits).verdict;
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::faster:
      return "faster";
    case Verdict::slower:
      return "slower";
    case Verdict::same:
      return "same within noise";
    case Verdict::undecided:
      return "undecided";
    case Verdict::machine_changed:
      return "machine changed";
    case Verdict::missing:
      return "missing";
    case Verdict::not_comparable:
      return "not comparable";
  }
  return "";
}

Status status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::slower:
      return Status::failure;
    case Verdict::undecided:
    case Verdict::machine_changed:
      return Status::undecided;
    case Verdict::missing:
      return Status::missing;
    case Verdict::not_comparable:
      return Status::not_comparable;
    default:
      return Status::good;
  }
}

}  // namespace overtake::compare
