// SPDX-License-Identifier: Apache-2.0
#include "cpu/table/select.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"

namespace overtake {
namespace {

// A sample costs a cache miss a value, and leaves a bracket of 8 deviations of a rank in it, 4.4 % of the column: both
// are a tenth of the reading at most.
constexpr std::int64_t kSample = 8192, kWorthSampling = 4 * kSample;
// Few enough for nth_element.
constexpr std::size_t kFew = 2048;

// The value of this rank, by brackets within brackets.
float select(std::vector<float> values, std::size_t rank) {
  while (values.size() > kFew) {
    const std::size_t step = values.size() / 512;
    std::vector<float> sample;
    for (std::size_t i = 0; i < values.size(); i += step) sample.push_back(values[i]);
    const auto all = static_cast<std::int64_t>(values.size());
    const Bracket bracket = bracket_around(sample, static_cast<double>(rank) / static_cast<double>(all - 1));
    Bracketed found;
    for (std::int64_t i = 0; i < all; i += kPieceRows)
      gather_bracket(values.data() + i, std::min(kPieceRows, all - i), bracket, found);
    const auto below = static_cast<std::size_t>(found.counts.below_low),
               to_low = static_cast<std::size_t>(found.counts.to_low);
    if (rank >= below && rank < to_low) return bracket.low;
    const auto below_high = static_cast<std::size_t>(found.counts.below_high);
    if (rank >= below_high && rank < static_cast<std::size_t>(found.counts.to_high)) return bracket.high;
    if (rank < to_low || rank >= below_high || found.between.size() == values.size()) break;
    rank -= to_low;
    values = std::move(found.between);
  }
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

std::vector<std::int64_t> sample_positions(std::int64_t rows) {
  std::vector<std::int64_t> positions;
  if (rows < kWorthSampling) return positions;
  const RandomStream random({.value = 1}, 0);
  for (std::int64_t i = 0; i < kSample; ++i)
    positions.push_back(
        static_cast<std::int64_t>(random.uniform(static_cast<std::uint64_t>(i)) * static_cast<double>(rows)));
  std::ranges::sort(positions);  // in the order of memory
  return positions;
}

Bracket bracket_around(std::span<const float> sample, double q) {
  std::vector<float> values;
  for (const float x : sample)
    if (!std::isnan(x)) values.push_back(x);
  Bracket bracket;
  if (values.empty()) return bracket;
  const double most = static_cast<double>(values.size() - 1), place = q * most;
  // Four deviations of the place that quantile q takes in a sample, and one for rounding.
  const double margin = 4 * std::sqrt(q * (1 - q) * most) + 2;
  const auto value_at = [&](double at) {
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(at);
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
  };
  if (place - margin >= 0) bracket.low = value_at(place - margin);
  if (place + margin <= most) bracket.high = value_at(place + margin);
  return bracket;
}

void gather_bracket(const float* values, std::int64_t count, Bracket bracket, Bracketed& found) {
  float between[kPieceRows + 16];
  const std::int64_t kept = bracket_piece(values, count, bracket.low, bracket.high, found.counts, between);
  found.between.insert(found.between.end(), between, between + kept);
}

std::optional<float> value_of_rank(Bracketed& found, Bracket bracket, std::int64_t rank) {
  const BracketCounts& c = found.counts;
  if (rank < c.below_low || rank >= c.to_high) return std::nullopt;
  if (rank < c.to_low) return bracket.low;
  if (rank >= c.below_high) return bracket.high;
  return select(found.between, static_cast<std::size_t>(rank - c.to_low));
}

std::optional<double> quantile(Bracketed& found, Bracket bracket, std::int64_t count, double q) {
  const double place = q * static_cast<double>(count - 1);
  const auto rank = static_cast<std::int64_t>(place);
  const auto low = value_of_rank(found, bracket, rank);
  if (!low) return std::nullopt;
  const double from = static_cast<double>(*low), part = place - static_cast<double>(rank);
  if (part == 0) return from;
  const auto high = value_of_rank(found, bracket, rank + 1);
  if (!high) return std::nullopt;
  const double to = static_cast<double>(*high);
  return from == to ? from : from * (1 - part) + to * part;
}

Bracketed together(std::span<Bracketed*> parts) {
  Bracketed all;
  for (Bracketed* part : parts) {
    all.counts.below_low += part->counts.below_low;
    all.counts.to_low += part->counts.to_low;
    all.counts.below_high += part->counts.below_high;
    all.counts.to_high += part->counts.to_high;
    if (all.between.empty())
      all.between = std::move(part->between);
    else
      all.between.insert(all.between.end(), part->between.begin(), part->between.end());
  }
  return all;
}

}  // namespace overtake
