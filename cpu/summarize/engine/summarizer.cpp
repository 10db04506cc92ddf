// SPDX-License-Identifier: Apache-2.0
#include "cpu/summarize/engine/summarizer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/summarize/engine/correlation.h"
#include "cpu/summarize/engine/groups.h"

namespace overtake {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kQuartiles = Summarize::kQuartiles.size(), kInner = Summarize::kBins - 1;

std::size_t pairs_of(std::size_t groups) { return groups * (groups + 1) / 2; }

// Of groups g <= h, row by row of the triangle.
std::size_t pair_at(std::size_t g, std::size_t h, std::size_t groups) { return g * groups - g * (g + 1) / 2 + h; }

template <class Function>
void for_each_piece(const float* values, std::int64_t count, Function function) {
  for (std::int64_t i = 0; i < count; i += kPieceRows) function(values + i, std::min(kPieceRows, count - i));
}

// x is at least this float exactly where it is at least the edge.
float threshold_of(double edge) {
  const auto near = static_cast<float>(edge);
  return static_cast<double>(near) < edge ? std::nextafter(near, std::numeric_limits<float>::infinity()) : near;
}

}  // namespace

void Summarizer::one_by_one(std::int64_t count, const Task& task) {
  for (std::int64_t i = 0; i < count; ++i) task(i);
}

Summarizer::Summarizer(const Summarize::Problem& problem, const TableView<float>& table,
                       const Summarize::Answer& answer, std::vector<RowShare> shares)
    : problem_(problem), table_(table), answer_(answer), shares_(std::move(shares)) {
  if (problem.has_figures()) readings_.push_back({.moments = true});
  if (problem.describes() || readings_.empty()) readings_.emplace_back();
  readings_.back().order = problem.describes();
  readings_.back().products = problem.correlates();
  readings_.back().groups = problem.groups();
}

void Summarizer::run(const Each& each) {
  std::vector<Found> parts(shares());
  for (std::size_t reading = 0; reading < readings(); ++reading) {
    prepare(reading, each);
    each(static_cast<std::int64_t>(shares()), [&](std::int64_t share) {
      parts[static_cast<std::size_t>(share)] = gather(reading, static_cast<std::size_t>(share));
    });
    finish(reading, parts, each);
  }
}

std::span<const float> Summarizer::column(std::size_t j) const {
  return {table_.numeric.row(static_cast<std::int64_t>(j)), static_cast<std::size_t>(table_.rows())};
}

void Summarizer::prepare(std::size_t reading, const Each& each) {
  const Reading& r = readings_[reading];
  brackets_.resize(r.order ? kQuartiles * width() : 0);
  thresholds_.assign(r.order ? kInner * width() : 0, std::numeric_limits<float>::quiet_NaN());
  near_.resize(r.products ? width() : 0);
  if (!r.order && !r.products) return;
  const auto positions = r.order ? sample_positions(table_.rows()) : std::vector<std::int64_t>{};
  each(table_.numeric.rows, [&](std::int64_t column_number) {
    const auto j = static_cast<std::size_t>(column_number);
    if (r.products) near_[j] = near_of(column(j));
    if (!r.order) return;
    std::vector<float> sample;
    for (const std::int64_t i : positions) sample.push_back(table_.numeric(column_number, i));
    for (std::size_t k = 0; k < kQuartiles; ++k)
      brackets_[j * kQuartiles + k] = bracket_around(sample, Summarize::kQuartiles[k]);
    const Summarize::Figures& f = answer_.columns[j];
    if (!std::isfinite(f.min) || !std::isfinite(f.max)) return;
    const auto edges = Summarize::bin_edges(f.min, f.max);
    for (std::size_t k = 0; k < kInner; ++k) thresholds_[j * kInner + k] = threshold_of(edges[k + 1]);
  });
}

ColumnGroup Summarizer::group_at(std::size_t group, std::int64_t first) const {
  ColumnGroup out{};
  out.count = std::min(kGroup, width() - group * kGroup);
  for (std::size_t k = 0; k < out.count; ++k) {
    out.columns[k] = column(group * kGroup + k).data() + first;
    out.near[k] = near_[group * kGroup + k];
  }
  return out;
}

// Tables of many categories are of the size of the answer: one share has them, and reads all rows for it.
bool Summarizer::gathers_groups(std::size_t categorical, std::size_t share) const {
  return table_.levels[categorical] <= kFewCategories || categorical % shares() == share;
}

void Summarizer::gather_order(std::size_t j, const float* piece, std::int64_t rows, Found& out) const {
  for (std::size_t at = j * kQuartiles; at < (j + 1) * kQuartiles; ++at)
    gather_bracket(piece, rows, brackets_[at], out.bracketed[at]);
  count_at_least(piece, rows, std::span(thresholds_).subspan(j * kInner, kInner),
                 std::span(out.at_least).subspan(j * kInner, kInner));
}

void Summarizer::gather_products(std::int64_t first, std::int64_t last, Found& out) const {
  const std::size_t groups = (width() + kGroup - 1) / kGroup;
  for (std::size_t g = 0; g < groups; ++g)
    for (std::size_t h = g; h < groups; ++h)
      add_products(group_at(g, first), group_at(h, first), g == h, last - first, out.products[pair_at(g, h, groups)]);
}

Found Summarizer::gather(std::size_t reading, std::size_t share) const {
  const Reading& r = readings_[reading];
  const auto [first, last] = shares_[share];
  Found out;
  out.columns.resize(r.moments ? width() : 0);
  out.bracketed.resize(r.order ? kQuartiles * width() : 0);
  out.at_least.resize(r.order ? kInner * width() : 0);
  // A sample's bracket leaves 4.4 % of a column.
  for (Bracketed& column : out.bracketed) column.between.reserve(static_cast<std::size_t>((last - first) / 16));
  out.products.resize(r.products ? pairs_of((width() + kGroup - 1) / kGroup) : 0);
  std::vector<std::size_t> shared, whole;
  for (std::size_t c = 0; r.groups && c < table_.levels.size(); ++c)
    if (gathers_groups(c, share)) (table_.levels[c] <= kFewCategories ? shared : whole).push_back(c);
  GroupTables groups(table_, shared);
  // Rows that several parts read go through all of them while they are in the second-level cache.
  const std::int64_t chunk = r.products || r.groups ? kPieceRows : last - first;
  for (std::int64_t i = first; i < last; i += chunk) {
    const std::int64_t rows = std::min(chunk, last - i);
    for (std::size_t j = 0; j < width() && (r.moments || r.order); ++j)
      for_each_piece(column(j).data() + i, rows, [&](const float* piece, std::int64_t count) {
        if (r.moments) gather_piece(piece, count, out.columns[j]);
        if (r.order) gather_order(j, piece, count, out);
      });
    if (r.products) gather_products(i, i + rows, out);
    if (!shared.empty()) groups.add_rows(i, i + rows);
  }
  if (!r.groups) return out;
  out.groups = groups.take();
  for (const std::size_t c : whole) {
    GroupTables all(table_, {c});
    all.add_rows(0, table_.rows());
    out.groups[c] = std::move(all.take()[c]);
  }
  return out;
}

void Summarizer::finish_moments(std::size_t j, std::span<const Found> parts) const {
  Statistics all;
  for (const Found& part : parts) all = merged(all, part.columns[j]);
  all = settled(all);
  Summarize::Figures& f = answer_.columns[j];
  f = Summarize::no_figures();
  f.count = all.count;
  f.missing = table_.rows() - all.count;
  if (all.count == 0) return;
  f.mean = all.mean;
  f.min = all.min;
  f.max = all.max;
  if (all.count > 1) f.deviation = std::sqrt(all.squares / static_cast<double>(all.count - 1));
}

void Summarizer::finish_quartile(std::size_t at, std::span<Found> parts) const {
  const std::size_t j = at / kQuartiles;
  Summarize::Figures& f = answer_.columns[j];
  if (f.count == 0) return;
  const double q = Summarize::kQuartiles[at % kQuartiles];
  std::vector<Bracketed*> found;
  for (Found& part : parts) found.push_back(&part.bracketed[at]);
  Bracketed all = together(found);
  auto value = quantile(all, brackets_[at], f.count, q);
  if (!value) {
    // The sample misled, which happens once in ten thousand columns: every value then.
    Bracketed every;
    for_each_piece(column(j).data(), table_.rows(),
                   [&](const float* piece, std::int64_t count) { gather_bracket(piece, count, {}, every); });
    value = quantile(every, {}, f.count, q);
  }
  f.quartiles[at % kQuartiles] = value.value();
}

void Summarizer::finish_histogram(std::size_t j, std::span<const Found> parts) const {
  Summarize::Figures& f = answer_.columns[j];
  if (!std::isfinite(f.min) || !std::isfinite(f.max)) return;
  std::array<std::int64_t, Summarize::kBins + 1> at_least{};
  at_least[0] = f.count;
  for (const Found& part : parts)
    for (std::size_t k = 0; k < kInner; ++k) at_least[k + 1] += part.at_least[j * kInner + k];
  for (std::size_t k = 0; k < Summarize::kBins; ++k) f.histogram[k] = at_least[k] - at_least[k + 1];
}

void Summarizer::finish_correlations(std::span<const Found> parts, const Each& each) const {
  const std::size_t groups = (width() + kGroup - 1) / kGroup;
  each(table_.numeric.rows, [&](std::int64_t row) {
    const auto j = static_cast<std::size_t>(row);
    for (std::size_t k = j; k < width(); ++k) {
      const std::size_t pair = pair_at(j / kGroup, k / kGroup, groups), a = j % kGroup, b = k % kGroup;
      PairSums sums{};
      for (const Found& part : parts) {
        const Products& p = part.products[pair];
        sums.rows += p.rows[a][b];
        sums.a += p.a[a][b];
        sums.b += p.b[a][b];
        sums.aa += p.aa[a][b];
        sums.bb += p.bb[a][b];
        sums.ab += p.ab[a][b];
      }
      const auto r = correlation_of(sums);
      answer_.correlation(row, static_cast<std::int64_t>(k)) = answer_.correlation(static_cast<std::int64_t>(k), row) =
          r ? *r : correlation_about_means(column(j).data(), column(k).data(), table_.rows());
    }
  });
}

void Summarizer::finish_groups(std::span<const Found> parts) const {
  std::size_t first = 0;
  for (std::size_t c = 0; c < table_.levels.size(); ++c) {
    const auto levels = static_cast<std::size_t>(table_.levels[c]);
    for (std::size_t level = 0; level < levels; ++level) {
      std::int64_t rows = 0;
      for (const Found& part : parts)
        if (!part.groups[c].rows.empty()) rows += part.groups[c].rows[level];
      answer_.group_rows[first + level] = rows;
      for (std::size_t j = 0; j < width(); ++j) {
        double sum = 0, count = 0;
        for (const Found& part : parts) {
          if (part.groups[c].rows.empty()) continue;
          sum += part.groups[c].sums[level * width() + j];
          count += part.groups[c].counts[level * width() + j];
        }
        answer_.group_means(static_cast<std::int64_t>(first + level), static_cast<std::int64_t>(j)) =
            count > 0 ? sum / count : kNaN;
      }
    }
    first += levels;
  }
}

void Summarizer::finish(std::size_t reading, std::span<Found> parts, const Each& each) const {
  const Reading& r = readings_[reading];
  const auto columns = table_.numeric.rows;
  const auto at = [](std::int64_t i) { return static_cast<std::size_t>(i); };
  if (r.moments) each(columns, [&](std::int64_t j) { finish_moments(at(j), parts); });
  if (r.order) {
    each(columns * static_cast<std::int64_t>(kQuartiles), [&](std::int64_t i) { finish_quartile(at(i), parts); });
    each(columns, [&](std::int64_t j) { finish_histogram(at(j), parts); });
  }
  if (r.products) finish_correlations(parts, each);
  if (r.groups) finish_groups(parts);
}

}  // namespace overtake
