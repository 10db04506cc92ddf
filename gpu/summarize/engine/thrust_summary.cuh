// SPDX-License-Identifier: Apache-2.0
// summarize in terms of Thrust alone, a pass or more a figure. `Machine` is cuda::ThrustMachine, or a test's with
// Thrust's OpenMP backend: memory, copies and policy().
#pragma once

#include <thrust/binary_search.h>
#include <thrust/copy.h>
#include <thrust/functional.h>
#include <thrust/iterator/constant_iterator.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/permutation_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/reduce.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/transform.h>
#include <thrust/transform_reduce.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/workload/summarize.h"
#include "gpu/summarize/engine/bins.cuh"
#include "gpu/table/device_table.cuh"
#include "gpu/table/thrust_statistics.cuh"

namespace overtake {
namespace thrust_summary {

/// Two columns over the rows where both have a finite value.
struct PairExtent {
  std::int64_t rows = 0;
  double a = 0, b = 0, a_min = Statistics::kInfinity, a_max = -Statistics::kInfinity, b_min = Statistics::kInfinity,
         b_max = -Statistics::kInfinity;
  bool vary() const { return a_min < a_max && b_min < b_max; }
};
struct PairExtentOf {
  const float *as, *bs;
  OVERTAKE_HOST_DEVICE PairExtent operator()(std::int64_t i) const {
    if (!std::isfinite(as[i]) || !std::isfinite(bs[i])) return {};
    const auto a = static_cast<double>(as[i]), b = static_cast<double>(bs[i]);
    return {1, a, b, a, a, b, b};
  }
};
struct BothPairExtents {
  OVERTAKE_HOST_DEVICE PairExtent operator()(const PairExtent& x, const PairExtent& y) const {
    return {x.rows + y.rows,
            x.a + y.a,
            x.b + y.b,
            x.a_min < y.a_min ? x.a_min : y.a_min,
            x.a_max > y.a_max ? x.a_max : y.a_max,
            x.b_min < y.b_min ? x.b_min : y.b_min,
            x.b_max > y.b_max ? x.b_max : y.b_max};
  }
};

/// Sums of products of differences from the means.
struct Products {
  double aa = 0, bb = 0, ab = 0;
};
struct ProductsOf {
  const float *as, *bs;
  double a_mean, b_mean;
  OVERTAKE_HOST_DEVICE Products operator()(std::int64_t i) const {
    if (!std::isfinite(as[i]) || !std::isfinite(bs[i])) return {};
    const double a = static_cast<double>(as[i]) - a_mean, b = static_cast<double>(bs[i]) - b_mean;
    return {a * a, b * b, a * b};
  }
};
struct BothProducts {
  OVERTAKE_HOST_DEVICE Products operator()(const Products& x, const Products& y) const {
    return {x.aa + y.aa, x.bb + y.bb, x.ab + y.ab};
  }
};

/// The sum and count of a group's values.
struct GroupSum {
  double sum = 0;
  std::int64_t count = 0;
};
struct GroupSumOf {
  OVERTAKE_HOST_DEVICE GroupSum operator()(float x) const {
    return x == x ? GroupSum{static_cast<double>(x), 1} : GroupSum{};
  }
};
struct BothGroupSums {
  OVERTAKE_HOST_DEVICE GroupSum operator()(const GroupSum& x, const GroupSum& y) const {
    return {x.sum + y.sum, x.count + y.count};
  }
};

/// Every code that is no category becomes the one behind the last.
struct CategoryOf {
  std::int32_t levels;
  OVERTAKE_HOST_DEVICE std::int32_t operator()(std::int32_t code) const {
    return code >= 0 && code < levels ? code : levels;
  }
};

}  // namespace thrust_summary

template <class Machine>
class ThrustSummary {
  template <class T>
  using Buffer = typename Machine::template Buffer<T>;

 public:
  ThrustSummary(const Summarize::Problem& p, const Machine& machine)
      : problem_(p),
        machine_(machine),
        table_(machine, p),
        sorted_(p.describes() ? static_cast<std::size_t>(p.rows) : 0),
        thresholds_(p.describes() ? Bins::kInner : 0),
        below_(thresholds_.size()),
        codes_(p.groups() ? static_cast<std::size_t>(p.rows) : 0),
        order_(codes_.size()),
        found_(codes_.size()),
        sums_(codes_.size()) {}

  /// Complete when the machine's stream is.
  void load(const TableView<float>& table, const Summarize::Answer& answer) {
    answer_ = answer;
    table_.load(table);
  }

  /// Figures go to the host one by one, as the library returns them.
  void run() {
    for (std::size_t j = 0; j < answer_.columns.size(); ++j) describe(static_cast<std::int64_t>(j));
    for (std::int64_t j = 0; j < answer_.correlation.rows; ++j)
      for (std::int64_t k = j; k < answer_.correlation.cols; ++k)
        answer_.correlation(j, k) = answer_.correlation(k, j) = correlation(j, k);
    if (!problem_.groups()) return;
    std::fill(answer_.group_rows.begin(), answer_.group_rows.end(), 0);
    std::fill_n(answer_.group_means.data, answer_.group_means.size(), Statistics::kNaN);
    for (std::int64_t c = 0; c < problem_.categorical; ++c) groups(c);
  }

 private:
  const float* column(std::int64_t j) const { return table_.columns().column(j); }

  void describe(std::int64_t j) {
    Summarize::Figures& f = answer_.columns[static_cast<std::size_t>(j)];
    f = Summarize::no_figures();
    const Statistics s = of_column::moments(machine_.policy(), column(j), problem_.rows);
    f.count = s.count;
    f.missing = problem_.rows - s.count;
    if (s.count == 0) return;
    f.mean = s.mean;
    f.min = s.min;
    f.max = s.max;
    if (s.count > 1) f.deviation = std::sqrt(s.squares / static_cast<double>(s.count - 1));
    if (!problem_.describes()) return;
    thrust::copy_if(machine_.policy(), column(j), column(j) + problem_.rows, sorted_.data(), of_column::IsNumber{});
    thrust::sort(machine_.policy(), sorted_.data(), sorted_.data() + s.count);
    for (std::size_t k = 0; k < f.quartiles.size(); ++k)
      f.quartiles[k] = quantile(Summarize::kQuartiles[k] * static_cast<double>(s.count - 1));
    if (!infinite(s)) count_bins(s, f);
  }

  double quantile(double place) {
    const auto rank = static_cast<std::int64_t>(place);
    const double part = place - static_cast<double>(rank);
    float next[2];
    machine_.copy(next, sorted_.data() + rank, part == 0 ? 1 : 2);
    machine_.synchronize();
    const auto from = static_cast<double>(next[0]);
    if (part == 0 || next[0] == next[1]) return from;
    return from * (1 - part) + static_cast<double>(next[1]) * part;
  }

  // In sorted values, those below an edge are those before a place.
  void count_bins(const Statistics& s, Summarize::Figures& f) {
    float thresholds[Bins::kInner];
    std::int64_t below[Bins::kInner];
    for (int k = 0; k < Bins::kInner; ++k) thresholds[k] = Bins::threshold(k + 1, s.min, s.max);
    machine_.copy(thresholds_.data(), thresholds, Bins::kInner);
    machine_.synchronize();
    thrust::lower_bound(machine_.policy(), sorted_.data(), sorted_.data() + s.count, thresholds_.data(),
                        thresholds_.data() + Bins::kInner, below_.data());
    machine_.copy(below, below_.data(), Bins::kInner);
    machine_.synchronize();
    for (int k = 0; k < Bins::kBins; ++k)
      f.histogram[static_cast<std::size_t>(k)] = (k == Bins::kInner ? s.count : below[k]) - (k == 0 ? 0 : below[k - 1]);
  }

  double correlation(std::int64_t j, std::int64_t k) {
    using namespace thrust_summary;
    const thrust::counting_iterator<std::int64_t> first(0);
    const PairExtent e = thrust::transform_reduce(machine_.policy(), first, first + problem_.rows,
                                                  PairExtentOf{column(j), column(k)}, PairExtent{}, BothPairExtents{});
    if (!e.vary()) return Statistics::kNaN;
    const auto rows = static_cast<double>(e.rows);
    const Products p =
        thrust::transform_reduce(machine_.policy(), first, first + problem_.rows,
                                 ProductsOf{column(j), column(k), e.a / rows, e.b / rows}, Products{}, BothProducts{});
    return std::clamp(p.ab / std::sqrt(p.aa * p.bb), -1.0, 1.0);
  }

  // Rows in the order of their categories, then for each numeric column the sums of runs of equal ones.
  void groups(std::int64_t c) {
    using namespace thrust_summary;
    const std::int32_t first = table_.first()[static_cast<std::size_t>(c)],
                       levels = table_.first()[static_cast<std::size_t>(c) + 1] - first;
    const std::int32_t* codes = table_.columns().codes_of(c);
    std::int32_t* end = codes_.data() + problem_.rows;
    thrust::transform(machine_.policy(), codes, codes + problem_.rows, codes_.data(), CategoryOf{levels});
    thrust::sequence(machine_.policy(), order_.data(), order_.data() + problem_.rows);
    thrust::stable_sort_by_key(machine_.policy(), codes_.data(), end, order_.data());
    reduce(thrust::make_transform_iterator(thrust::make_constant_iterator(1.0f), GroupSumOf{}), end,
           [&](std::int32_t code, const GroupSum& sum) {
             if (code < levels) answer_.group_rows[static_cast<std::size_t>(first + code)] = sum.count;
           });
    for (std::int64_t j = 0; j < problem_.numeric(); ++j)
      reduce(thrust::make_transform_iterator(thrust::make_permutation_iterator(column(j), order_.data()), GroupSumOf{}),
             end, [&](std::int32_t code, const GroupSum& sum) {
               if (code < levels && sum.count > 0)
                 answer_.group_means(first + code, j) = sum.sum / static_cast<double>(sum.count);
             });
  }

  template <class Values, class Each>
  void reduce(const Values& values, std::int32_t* end, Each&& each) {
    using namespace thrust_summary;
    const auto ends = thrust::reduce_by_key(machine_.policy(), codes_.data(), end, values, found_.data(), sums_.data(),
                                            thrust::equal_to<std::int32_t>(), BothGroupSums{});
    const auto count = static_cast<std::size_t>(ends.first - found_.data());
    std::vector<std::int32_t> codes(count);
    std::vector<GroupSum> sums(count);
    machine_.copy(codes.data(), found_.data(), count);
    machine_.copy(sums.data(), sums_.data(), count);
    machine_.synchronize();
    for (std::size_t i = 0; i < count; ++i) each(codes[i], sums[i]);
  }

  Summarize::Problem problem_;
  const Machine& machine_;
  DeviceTable<Machine> table_;
  Buffer<float> sorted_, thresholds_;
  Buffer<std::int64_t> below_;
  Buffer<std::int32_t> codes_;
  Buffer<std::int64_t> order_;
  Buffer<std::int32_t> found_;
  Buffer<thrust_summary::GroupSum> sums_;
  Summarize::Answer answer_;
};

}  // namespace overtake
