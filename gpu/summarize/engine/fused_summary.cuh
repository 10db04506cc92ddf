// SPDX-License-Identifier: Apache-2.0
// The fused variant of summarize but for what ties it to a GPU: which kernels run in which order. `Machine` is
// cuda::Machine, or tests/gpu/emulated_machine.h, which runs all of it on the CPU.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/workload/summarize.h"
#include "gpu/summarize/engine/bins.cuh"
#include "gpu/summarize/engine/groups.cuh"
#include "gpu/summarize/engine/pairs.cuh"
#include "gpu/table/device_table.cuh"
#include "gpu/table/moments.cuh"
#include "gpu/table/select.cuh"

namespace overtake {

/// As Summarize::Figures, of which a kernel could not write the arrays.
struct DeviceFigures {
  static constexpr int kQuartiles = Summarize::kQuartiles.size();
  std::int64_t count, missing;
  double mean, deviation, min, quartiles[kQuartiles], max;
  std::int64_t histogram[Bins::kBins];
};

/// A thread for each column.
struct WriteFigures {
  static constexpr int kThreads = 32;
  static constexpr std::size_t kSharedBytes = 0;
  static constexpr std::int64_t blocks(std::int64_t columns) { return (columns + kThreads - 1) / kThreads; }

  std::int64_t rows, columns;
  const Statistics* statistics;
  const Search* searches;              // nullptr: moments alone
  const unsigned long long* at_least;  // as CountBins
  DeviceFigures* figures;

  template <class Block>
  OVERTAKE_DEVICE void operator()(const Block& block, unsigned char*) const {
    const std::int64_t column = block.index() * kThreads + block.thread();
    if (column >= columns) return;
    const Statistics s = statistics[column];
    DeviceFigures f{};
    f.count = s.count;
    f.missing = rows - s.count;
    f.mean = s.count == 0 ? Statistics::kNaN : s.mean;
    f.min = s.count == 0 ? Statistics::kNaN : s.min;
    f.max = s.count == 0 ? Statistics::kNaN : s.max;
    f.deviation = s.count < 2 ? Statistics::kNaN : std::sqrt(s.squares / static_cast<double>(s.count - 1));
    for (int k = 0; k < DeviceFigures::kQuartiles; ++k)
      f.quartiles[k] =
          searches == nullptr ? Statistics::kNaN : quantile_of(searches[column * DeviceFigures::kQuartiles + k]);
    if (searches != nullptr && s.count > 0 && !infinite(s)) {
      const unsigned long long* counts = at_least + column * Bins::kInner;
      for (int k = 0; k < Bins::kBins; ++k) {
        const auto from = k == 0 ? static_cast<unsigned long long>(s.count) : counts[k - 1];
        f.histogram[k] = static_cast<std::int64_t>(from - (k == Bins::kInner ? 0 : counts[k]));
      }
    }
    figures[column] = f;
  }
};

template <class Machine>
class FusedSummary {
  template <class T>
  using Buffer = typename Machine::template Buffer<T>;
  static constexpr int kQuartiles = DeviceFigures::kQuartiles;
  using FewestGroups = SumFewGroups<256>;
  using FewGroups = SumFewGroups<64>;

 public:
  /// `unclear`: a number that kernels raise where correlations need sums about the means: launch_again() then.
  FusedSummary(const Summarize::Problem& p, const Machine& machine, unsigned* unclear)
      : problem_(p),
        machine_(machine),
        unclear_(unclear),
        table_(machine, p),
        chunks_(chunks_of(p.rows, p.numeric(), blocks_at_once<GatherMoments<AsItIs, false>>())),
        pairs_{p.numeric(), 1},
        parts_(p.has_figures() ? size(chunks_.blocks()) : 0),
        statistics_(p.has_figures() ? size(p.numeric()) : 0),
        searches_(p.describes() ? size(p.numeric() * kQuartiles) : 0),
        first_digits_(p.describes() ? size(p.numeric() * Keys::kDigits) : 0),
        digits_(searches_.size() * Keys::kDigits),
        above_(searches_.size()),
        at_least_(p.describes() ? size(p.numeric() * Bins::kInner) : 0),
        figures_(p.has_figures() ? size(p.numeric()) : 0),
        near_(p.correlates() ? size(p.numeric()) : 0),
        pair_sums_(p.correlates() ? size(with_parts(pairs_, p.rows, blocks_at_once<SumPairs>())) : 0),
        correlation_(p.correlates() ? size(p.numeric() * p.numeric()) : 0),
        again_(correlation_.size()),
        group_sums_(p.groups() ? size(p.levels * (p.numeric() + 1)) : 0),
        group_counts_(group_sums_.size()),
        group_rows_(p.groups() ? size(p.levels) : 0),
        group_means_(p.groups() ? size(p.levels * p.numeric()) : 0) {}

  /// Complete when the machine's stream is.
  void load(const TableView<float>& table) { table_.load(table); }

  /// Puts a run on the stream.
  void launch() {
    if (problem_.has_figures()) figures();
    if (problem_.correlates()) correlate();
    if (problem_.groups()) groups();
  }

  /// The pairs that were unclear.
  void launch_again() {
    const CorrelateAboutMeans means{table_.columns(), again_.data(), correlation_.data()};
    machine_.launch(means, means.blocks());
  }

  void store(const Summarize::Answer& out) const {
    std::vector<DeviceFigures> figures(figures_.size());
    machine_.copy(figures.data(), figures_.data(), figures.size());
    machine_.copy_rows(out.correlation.data, out.correlation.stride, correlation_.data(), problem_.numeric(),
                       out.correlation.rows, out.correlation.cols);
    machine_.copy(out.group_rows.data(), group_rows_.data(), group_rows_.size());
    machine_.copy_rows(out.group_means.data, out.group_means.stride, group_means_.data(), problem_.numeric(),
                       out.group_means.rows, out.group_means.cols);
    machine_.synchronize();
    for (std::size_t j = 0; j < figures.size(); ++j) {
      const DeviceFigures& f = figures[j];
      Summarize::Figures& to = out.columns[j];
      to = Summarize::no_figures();
      to.count = f.count;
      to.missing = f.missing;
      to.mean = f.mean;
      to.deviation = f.deviation;
      to.min = f.min;
      to.max = f.max;
      std::copy_n(f.quartiles, kQuartiles, to.quartiles.begin());
      std::copy_n(f.histogram, Bins::kBins, to.histogram.begin());
    }
  }

  void poison() const {
    machine_.fill_ones(figures_);
    machine_.fill_ones(correlation_);
    machine_.fill_ones(group_rows_);
    machine_.fill_ones(group_means_);
  }

 private:
  static std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }
  template <class Kernel>
  std::int64_t blocks_at_once() const {
    return machine_.template blocks_at_once<Kernel>();
  }

  // How many sums there are then.
  static std::int64_t with_parts(PairPlan& plan, std::int64_t rows, std::int64_t blocks_at_once) {
    const std::int64_t pairs = plan.pairs_of_groups(), tiles = (rows + SumPairs::kRows - 1) / SumPairs::kRows;
    if (pairs > 0)
      plan.parts = std::clamp<std::int64_t>((blocks_at_once + pairs - 1) / pairs, 1, std::max<std::int64_t>(tiles, 1));
    return pairs * plan.parts * PairPlan::kPairs;
  }

  void figures() {
    const DeviceColumns table = table_.columns();
    const MergeMoments merge{parts_.data(), chunks_.parts, statistics_.data()};
    if (!problem_.describes()) {
      machine_.launch(GatherMoments<AsItIs, false>{table, chunks_, {}, parts_.data(), nullptr}, chunks_.blocks());
      machine_.launch(merge, problem_.numeric());
    } else {
      machine_.fill_zeros(first_digits_);
      machine_.fill_zeros(digits_);
      machine_.fill_ones(above_);
      machine_.fill_zeros(at_least_);
      machine_.launch(GatherMoments<AsItIs, true>{table, chunks_, {}, parts_.data(), first_digits_.data()},
                      chunks_.blocks());
      machine_.launch(merge, problem_.numeric());
      find_digits(0, first_digits_);
      machine_.launch(CountDigits<AsItIs, kQuartiles, CountBins>{table,
                                                                 chunks_,
                                                                 {},
                                                                 searches_.data(),
                                                                 digits_.data(),
                                                                 above_.data(),
                                                                 1,
                                                                 {statistics_.data(), at_least_.data()}},
                      chunks_.blocks());
      find_digits(1, digits_);
      machine_.launch(
          CountDigits<AsItIs, kQuartiles, NothingAlso>{
              table, chunks_, {}, searches_.data(), digits_.data(), above_.data(), 2, {}},
          chunks_.blocks());
      find_digits(2, digits_);
    }
    machine_.launch(WriteFigures{problem_.rows, problem_.numeric(), statistics_.data(),
                                 problem_.describes() ? searches_.data() : nullptr, at_least_.data(), figures_.data()},
                    WriteFigures::blocks(problem_.numeric()));
  }

  void find_digits(int pass, const Buffer<unsigned long long>& digits) {
    const auto& q = Summarize::kQuartiles;
    machine_.launch(
        FindDigit<kQuartiles>{
            statistics_.data(), {{q[0], q[1], q[2]}}, searches_.data(), digits.data(), above_.data(), pass},
        problem_.numeric() * kQuartiles);
  }

  void correlate() {
    const DeviceColumns table = table_.columns();
    machine_.launch(NearValues{table, near_.data()}, problem_.numeric());
    machine_.launch(SumPairs{table, pairs_, near_.data(), pair_sums_.data()}, pairs_.pairs_of_groups() * pairs_.parts);
    const CorrelatePairs correlations{pairs_, pair_sums_.data(), correlation_.data(), unclear_, again_.data()};
    machine_.launch(correlations, correlations.blocks());
  }

  void groups() {
    const GroupTotals totals{group_sums_.data(), group_counts_.data(), problem_.numeric()};
    machine_.fill_zeros(group_sums_);
    machine_.fill_zeros(group_counts_);
    for (std::int64_t c = 0; c < problem_.categorical; ++c) {
      const std::int32_t levels = table_.first()[size(c) + 1] - table_.first()[size(c)];
      if (levels <= FewestGroups::kMostLevels)
        sum_groups<FewestGroups>(c, totals);
      else if (levels <= FewGroups::kMostLevels)
        sum_groups<FewGroups>(c, totals);
      else
        sum_groups<SumManyGroups>(c, totals);
    }
    const GroupMeans means{totals, problem_.levels, group_rows_.data(), group_means_.data()};
    machine_.launch(means, means.blocks());
  }

  template <class Kernel>
  void sum_groups(std::int64_t categorical, const GroupTotals& totals) {
    const GroupPlan plan = GroupPlan::of(problem_.rows, problem_.numeric(), kGroupRows, blocks_at_once<Kernel>());
    machine_.launch(Kernel{table_.columns(), plan, categorical, totals}, plan.blocks());
  }

  // Of a tile, read by 64 or 256 threads.
  static constexpr int kGroupRows = 4096;

  Summarize::Problem problem_;
  const Machine& machine_;
  unsigned* unclear_;
  DeviceTable<Machine> table_;
  Chunks chunks_;
  PairPlan pairs_;
  Buffer<Statistics> parts_, statistics_;
  Buffer<Search> searches_;
  Buffer<unsigned long long> first_digits_, digits_;
  Buffer<unsigned> above_;
  Buffer<unsigned long long> at_least_;
  Buffer<DeviceFigures> figures_;
  Buffer<double> near_;
  Buffer<PairSums> pair_sums_;
  Buffer<double> correlation_;
  Buffer<unsigned> again_;
  Buffer<double> group_sums_;
  Buffer<unsigned long long> group_counts_;
  Buffer<std::int64_t> group_rows_;
  Buffer<double> group_means_;
};

}  // namespace overtake
