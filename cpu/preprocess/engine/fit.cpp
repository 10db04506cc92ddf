// SPDX-License-Identifier: Apache-2.0
#include "cpu/preprocess/engine/fit.h"

#include <algorithm>
#include <cmath>

namespace overtake {
namespace {

// Calls with pieces of the column as the operations leave them, which hold until the next.
template <class Function>
void for_each_piece(const float* column, std::int64_t rows, const std::vector<Operation>& operations,
                    Function function) {
  float room[kPieceRows + 16];
  for (std::int64_t i = 0; i < rows; i += kPieceRows) {
    const std::int64_t count = std::min(kPieceRows, rows - i);
    if (!operations.empty()) transform_piece(column + i, count, operations, room);
    function(operations.empty() ? column + i : room, count);
  }
}

Occurrences occurrences_of(std::vector<float> values) {
  for (float& x : values) x += 0.0f;  // -0 is 0
  std::ranges::sort(values);
  Occurrences out;
  for (const float x : values) {
    if (out.empty() || out.back().first != x) out.emplace_back(x, 0);
    ++out.back().second;
  }
  return out;
}

double most_frequent(std::span<const Occurrences* const> parts) {
  std::vector<std::pair<float, std::int64_t>> all;
  for (const Occurrences* part : parts) all.insert(all.end(), part->begin(), part->end());
  std::ranges::sort(all);
  double best = 0;
  std::int64_t most = 0;
  for (std::size_t i = 0; i < all.size();) {
    std::int64_t count = 0;
    const float value = all[i].first;
    for (; i < all.size() && all[i].first == value; ++i) count += all[i].second;
    if (count > most) best = static_cast<double>(value), most = count;
  }
  return best;
}

void find_categories(const std::int32_t* codes, std::int64_t rows, std::int32_t levels, std::int32_t* seen) {
  std::int32_t left = levels;
  for (std::int64_t i = 0; i < rows && left > 0; ++i)
    if (static_cast<std::uint32_t>(codes[i]) < static_cast<std::uint32_t>(levels) && seen[codes[i]] == 0) {
      seen[codes[i]] = 1;
      --left;
    }
}

// The same where a word has a bit for each.
void find_few_categories(const std::int32_t* codes, std::int64_t rows, std::int32_t levels, std::int32_t* seen) {
  const std::uint32_t every = levels == 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << levels) - 1;
  std::uint32_t bits = 0;
  for (std::int64_t i = 0; i < rows && (bits & every) != every; i += kPieceRows)
    bits |= codes_seen(codes + i, std::min(kPieceRows, rows - i));
  for (std::int32_t level = 0; level < levels; ++level) seen[level] = static_cast<std::int32_t>(bits >> level & 1);
}

}  // namespace

Fit::Fit(const Pipeline& pipeline, const TableView<float>& table, const Fitted& fitted)
    : pipeline_(pipeline),
      table_(table),
      fitted_(fitted),
      rounds_(rounds_of(pipeline)),
      done_(static_cast<std::size_t>(table.numeric.rows), false) {
  if (table.numeric.rows == 0) rounds_.clear();
  if (rounds_.empty() && pipeline.encodes()) rounds_.push_back({0, 0});
}

void Fit::start() {
  for (std::int64_t j = 0; j < table_.numeric.rows; ++j)
    set_constant_parameters(pipeline_.steps.data(), pipeline_.steps.size(), parameters_of(fitted_, j));
  std::ranges::fill(fitted_.seen, 0);
}

std::vector<Operation> Fit::operations_before(std::size_t round, std::int64_t column) const {
  return operations_of(pipeline_, fitted_, column, rounds_[round].first);
}

// From a sample, so that everyone who gathers finds the same one.
Bracket Fit::bracket_of(std::size_t round, std::int64_t column) const {
  std::vector<float> sample;
  for (const std::int64_t i : sample_positions(table_.rows())) sample.push_back(table_.numeric(column, i));
  std::vector<float> transformed(sample.size() + 16);
  const auto operations = operations_before(round, column);
  const auto count = static_cast<std::int64_t>(sample.size());
  for (std::int64_t i = 0; i < count; i += kPieceRows)
    transform_piece(sample.data() + i, std::min(kPieceRows, count - i), operations, transformed.data() + i);
  return bracket_around(std::span(transformed).first(sample.size()), 0.5);
}

void Fit::gather_column(std::size_t round, std::size_t column, std::int64_t first, std::int64_t last,
                        Gathered& out) const {
  const auto j = static_cast<std::int64_t>(column);
  const auto operations = operations_before(round, j);
  const bool median = kind_of(round) == StepKind::impute_median;
  const bool occurring = kind_of(round) == StepKind::impute_most_frequent;
  const Bracket bracket = median ? bracket_of(round, j) : Bracket{};
  std::vector<float> present;
  for_each_piece(table_.numeric.row(j) + first, last - first, operations, [&](const float* piece, std::int64_t count) {
    gather_piece(piece, count, out.columns[column]);
    if (median) gather_bracket(piece, count, bracket, out.bracketed[column]);
    if (occurring)
      std::copy_if(piece, piece + count, std::back_inserter(present), [](float x) { return !std::isnan(x); });
  });
  if (occurring) out.occurring[column] = occurrences_of(std::move(present));
}

void Fit::gather_categories(std::int64_t first, std::int64_t last, std::vector<std::int32_t>& seen) const {
  seen.resize(fitted_.seen.size());
  std::int32_t* at = seen.data();
  for (std::int64_t j = 0; j < table_.codes.rows; ++j) {
    const std::int32_t levels = table_.levels[static_cast<std::size_t>(j)];
    (levels <= 32 ? find_few_categories : find_categories)(table_.codes.row(j) + first, last - first, levels, at);
    at += levels;
  }
}

Gathered Fit::gather(std::size_t round, std::int64_t first, std::int64_t last) const {
  Gathered out;
  if (rounds_[round].first < rounds_[round].last) {
    out.columns.resize(done_.size());
    if (kind_of(round) == StepKind::impute_median) out.bracketed.resize(done_.size());
    if (kind_of(round) == StepKind::impute_most_frequent) out.occurring.resize(done_.size());
    for (std::size_t j = 0; j < done_.size(); ++j)
      if (!done_[j]) gather_column(round, j, first, last, out);
  }
  if (round == 0 && pipeline_.encodes()) gather_categories(first, last, out.seen);
  return out;
}

// The median or the most frequent value, where the round asks for one.
double Fit::middle_of(std::size_t round, std::size_t column, std::span<Gathered> parts, std::int64_t count) const {
  if (count == 0) return 0;
  if (kind_of(round) == StepKind::impute_most_frequent) {
    std::vector<const Occurrences*> occurring;
    for (const Gathered& part : parts) occurring.push_back(&part.occurring[column]);
    return most_frequent(occurring);
  }
  if (kind_of(round) != StepKind::impute_median) return 0;
  std::vector<Bracketed*> found;
  for (Gathered& part : parts) found.push_back(&part.bracketed[column]);
  Bracketed all = together(found);
  const auto j = static_cast<std::int64_t>(column);
  if (const auto median = quantile(all, bracket_of(round, j), count, 0.5)) return *median;
  // The sample misled, which happens once in ten thousand columns: every value then.
  Bracketed every;
  for_each_piece(table_.numeric.row(j), table_.rows(), operations_before(round, j),
                 [&](const float* piece, std::int64_t rows) { gather_bracket(piece, rows, {}, every); });
  return quantile(every, {}, count, 0.5).value();
}

void Fit::finish(std::size_t round, std::span<Gathered> parts) {
  for (std::size_t j = 0; j < done_.size() && rounds_[round].first < rounds_[round].last; ++j) {
    if (done_[j]) continue;
    Statistics all;
    for (const Gathered& part : parts) all = merged(all, part.columns[j]);
    const double middle = middle_of(round, j, parts, all.count);
    if (!resolve(pipeline_.steps.data(), rounds_[round], all, middle, table_.rows(),
                 parameters_of(fitted_, static_cast<std::int64_t>(j))))
      fit_step_by_step(j);
  }
  for (const Gathered& part : parts)
    for (std::size_t l = 0; l < part.seen.size(); ++l) fitted_.seen[l] |= part.seen[l];
}

// Rare (columns with infinite values), so that one thread does it.
void Fit::fit_step_by_step(std::size_t column) {
  const auto rounds = rounds_;
  for (const Round single : single_rounds_of(pipeline_)) {
    rounds_ = {single};
    std::vector<Gathered> all(1);
    all[0].columns.resize(done_.size());
    all[0].bracketed.resize(done_.size());
    all[0].occurring.resize(done_.size());
    gather_column(0, column, 0, table_.rows(), all[0]);
    const double middle = middle_of(0, column, all, all[0].columns[column].count);
    resolve(pipeline_.steps.data(), single, all[0].columns[column], middle, table_.rows(),
            parameters_of(fitted_, static_cast<std::int64_t>(column)));
  }
  rounds_ = rounds;
  done_[column] = true;
}

}  // namespace overtake
