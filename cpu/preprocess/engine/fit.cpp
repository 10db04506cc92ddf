// SPDX-License-Identifier: Apache-2.0
#include "cpu/preprocess/engine/fit.h"

#include <algorithm>

#include "cpu/preprocess/engine/kernels.h"

namespace overtake {
namespace {

Statistics statistics_of(const float* column, std::int64_t rows, const std::vector<Operation>& operations) {
  Statistics statistics;
  for (std::int64_t i = 0; i < rows; i += kPieceRows)
    gather_piece(column + i, std::min(kPieceRows, rows - i), operations, statistics);
  return statistics;
}

void find_categories(const std::int32_t* codes, std::int64_t rows, std::int32_t levels, std::int32_t* seen) {
  for (std::int64_t i = 0; i < rows; ++i)
    if (static_cast<std::uint32_t>(codes[i]) < static_cast<std::uint32_t>(levels)) seen[codes[i]] = 1;
}

}  // namespace

Fit::Fit(const Pipeline& pipeline, const TableView<float>& table, const Fitted& fitted)
    : pipeline_(pipeline),
      table_(table),
      fitted_(fitted),
      rounds_(rounds_of(pipeline)),
      done_(static_cast<std::size_t>(table.numeric.rows), false) {
  if (table.numeric.rows == 0) rounds_.clear();
  if (rounds_.empty() && pipeline.one_hot) rounds_.push_back({0, 0});
}

void Fit::start() {
  set_constant_parameters(pipeline_, table_.numeric.rows, fitted_);
  std::ranges::fill(fitted_.seen, 0);
}

Gathered Fit::gather(std::size_t round, std::int64_t first, std::int64_t last) const {
  Gathered out;
  if (rounds_[round].first < rounds_[round].last) {
    out.columns.resize(done_.size());
    for (std::size_t j = 0; j < done_.size(); ++j) {
      if (done_[j]) continue;
      const auto column = static_cast<std::int64_t>(j);
      out.columns[j] = statistics_of(table_.numeric.row(column) + first, last - first,
                                     operations_of(pipeline_, fitted_, column, rounds_[round].first));
    }
  }
  if (round != 0 || !pipeline_.one_hot) return out;
  out.seen.resize(fitted_.seen.size());
  std::int32_t* seen = out.seen.data();
  for (std::int64_t j = 0; j < table_.codes.rows; ++j) {
    const std::int32_t levels = table_.levels[static_cast<std::size_t>(j)];
    find_categories(table_.codes.row(j) + first, last - first, levels, seen);
    seen += levels;
  }
  return out;
}

void Fit::finish(std::size_t round, std::span<const Gathered> parts) {
  for (std::size_t j = 0; j < done_.size() && rounds_[round].first < rounds_[round].last; ++j) {
    if (done_[j]) continue;
    Statistics all;
    for (const Gathered& part : parts) all = merged(all, part.columns[j]);
    if (!resolve(pipeline_, rounds_[round], all, table_.rows(), static_cast<std::int64_t>(j), fitted_))
      fit_step_by_step(j);
  }
  for (const Gathered& part : parts)
    for (std::size_t l = 0; l < part.seen.size(); ++l) fitted_.seen[l] |= part.seen[l];
}

// Rare (columns with infinite values), so that one thread does it.
void Fit::fit_step_by_step(std::size_t column) {
  const auto j = static_cast<std::int64_t>(column);
  for (std::size_t s = 0; s < pipeline_.steps.size(); ++s)
    if (pipeline_.steps[s].learns())
      resolve(pipeline_, {s, s + 1},
              statistics_of(table_.numeric.row(j), table_.rows(), operations_of(pipeline_, fitted_, j, s)),
              table_.rows(), j, fitted_);
  done_[column] = true;
}

}  // namespace overtake
