// SPDX-License-Identifier: Apache-2.0
#include "core/workload/pipeline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/csv/number.h"
#include "core/error.h"

namespace overtake {
namespace {

struct Word {
  std::string_view text;
  StepKind kind;
  std::size_t values;
};
constexpr std::array<Word, 8> kWords = {{{"impute_mean", StepKind::impute_mean, 0},
                                         {"impute_median", StepKind::impute_median, 0},
                                         {"impute_most_frequent", StepKind::impute_most_frequent, 0},
                                         {"impute_constant", StepKind::impute_constant, 1},
                                         {"standardise", StepKind::standardise, 0},
                                         {"min_max", StepKind::min_max, 0},
                                         {"clip", StepKind::clip, 2},
                                         {"log1p", StepKind::log1p, 0}}};
constexpr std::string_view kOneHot = "one_hot", kOrdinal = "ordinal";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

UsageError bad(std::string_view step, const std::string& reason) {
  return UsageError("steps: '" + std::string(step) + "' " + reason +
                    "; steps are joined by + and are impute_mean, impute_median, impute_most_frequent, "
                    "impute_constant:VALUE, standardise, min_max, clip:LOW:HIGH, log1p, one_hot and ordinal");
}

// Finite numbers, but for the bounds of clip.
double value_of(std::string_view step, std::string_view text, bool infinite) {
  const auto value = parse_float(text);
  if (!value || std::isnan(*value) || (!infinite && std::isinf(*value)))
    throw bad(step, "has '" + std::string(text) + "' where a number is expected");
  return static_cast<double>(*value);
}

Step step_of(std::string_view text) {
  const auto parts = split(text, ':');
  const auto* word = std::ranges::find(kWords, parts[0], &Word::text);
  if (word == kWords.end()) throw bad(text, "is not a step");
  if (parts.size() != word->values + 1)
    throw bad(text, "must have " + std::to_string(word->values) + " value(s), not " + std::to_string(parts.size() - 1));
  const bool infinite = word->kind == StepKind::clip;
  Step step{.kind = word->kind};
  if (word->values > 0) step.a = value_of(text, parts[1], infinite);
  if (word->values > 1) step.b = value_of(text, parts[2], infinite);
  if (step.kind == StepKind::clip && step.a > step.b) throw bad(text, "has a lower bound above the upper one");
  return step;
}

}  // namespace

bool Step::imputes() const {
  return kind == StepKind::impute_mean || kind == StepKind::impute_median || kind == StepKind::impute_most_frequent ||
         kind == StepKind::impute_constant;
}

Pipeline Pipeline::parse(std::string_view text) {
  Pipeline out;
  for (const std::string_view part : split(text, '+')) {
    if (part != kOneHot && part != kOrdinal)
      out.steps.push_back(step_of(part));
    else if (std::exchange(part == kOneHot ? out.one_hot : out.ordinal, true))
      throw bad(part, "stands there twice");
  }
  if (out.one_hot && out.ordinal) throw bad(kOrdinal, "and one_hot exclude each other");
  return out;
}

std::string Pipeline::to_string() const {
  std::string text;
  const auto append = [&](std::string_view part) { (text += text.empty() ? "" : "+") += part; };
  for (const Step& step : steps) {
    const auto* word = std::ranges::find(kWords, step.kind, &Word::kind);
    append(word->text);
    // '+' separates steps, and a number needs none in its exponent.
    const auto value = [](double x) {
      std::string number = format_double(x);
      std::erase(number, '+');
      return ':' + number;
    };
    if (word->values > 0) text += value(step.a);
    if (word->values > 1) text += value(step.b);
  }
  if (one_hot) append(kOneHot);
  if (ordinal) append(kOrdinal);
  return text;
}

bool Pipeline::learns() const { return std::ranges::any_of(steps, &Step::learns); }

}  // namespace overtake
