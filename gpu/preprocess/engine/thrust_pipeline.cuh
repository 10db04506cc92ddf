// SPDX-License-Identifier: Apache-2.0
// preprocess in terms of Thrust alone, a pass or more a step. `Machine` is cuda::ThrustMachine, or a test's with
// Thrust's OpenMP backend: memory, copies and policy().
#pragma once

#include <thrust/copy.h>
#include <thrust/extrema.h>
#include <thrust/functional.h>
#include <thrust/iterator/constant_iterator.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/permutation_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/reduce.h>
#include <thrust/scatter.h>
#include <thrust/sort.h>
#include <thrust/transform.h>
#include <thrust/unique.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/workload/fit_rounds.h"
#include "core/workload/preprocess.h"
#include "gpu/preprocess/engine/thrust_steps.cuh"
#include "gpu/table/device_table.cuh"
#include "gpu/table/thrust_statistics.cuh"

namespace overtake {

template <class Machine>
class ThrustPipeline {
  template <class T>
  using Buffer = typename Machine::template Buffer<T>;

 public:
  ThrustPipeline(const Preprocess::Problem& p, const Machine& machine)
      : problem_(p),
        machine_(machine),
        table_(machine, p),
        rows_(p.phase == Preprocess::Phase::fit ? 0 : p.rows),
        features_(static_cast<std::size_t>(rows_ * p.features())),
        column_(static_cast<std::size_t>(p.rows)),
        sorted_(asks(StepKind::impute_median) || asks(StepKind::impute_most_frequent) ? column_.size() : 0),
        distinct_(asks(StepKind::impute_most_frequent) ? column_.size() : 0),
        occurrences_(distinct_.size()),
        seen_(static_cast<std::size_t>(p.levels)),
        codes_(fits() && p.pipeline.encodes() && p.levels > kBits ? column_.size() : 0),
        parameters_(p.pipeline.steps.size() * static_cast<std::size_t>(2 * p.numeric())),
        host_seen_(seen_.size()) {}

  /// Complete when the machine's stream is.
  void load(const TableView<float>& table, const Fitted& given) {
    table_.load(table);
    if (fits()) return;
    std::copy_n(given.parameters.data, parameters_.size(), parameters_.data());
    std::copy_n(given.seen.data(), host_seen_.size(), host_seen_.data());
    machine_.copy(seen_.data(), host_seen_.data(), host_seen_.size());
  }

  /// Puts a run on the stream and waits wherever a step needs what another one found.
  void run() {
    for (std::int64_t j = 0; j < problem_.numeric(); ++j) numeric(j);
    if (fits()) learn_categories();
    if (problem_.phase == Preprocess::Phase::fit) return;
    if (problem_.pipeline.one_hot || problem_.pipeline.ordinal) categories();
  }

  void store(const Preprocess::Output<float>& out) const {
    machine_.copy_rows(out.features.data, out.features.stride, features_.data(), problem_.features(), rows_,
                       problem_.features());
    if (!fits()) return;
    std::copy_n(parameters_.data(), parameters_.size(), out.fitted.parameters.data);
    std::copy_n(host_seen_.data(), host_seen_.size(), out.fitted.seen.data());
  }

  void poison() {
    machine_.fill_ones(features_);
    if (!fits()) return;
    std::fill(parameters_.begin(), parameters_.end(), Statistics::kNaN);
    std::fill(host_seen_.begin(), host_seen_.end(), -1);
    machine_.fill_ones(seen_);
  }

 private:
  static constexpr std::int32_t kBits = 64;

  bool fits() const { return problem_.phase != Preprocess::Phase::apply; }
  bool asks(StepKind kind) const {
    bool any = false;
    for (const Step& step : problem_.pipeline.steps) any = any || (step.kind == kind && fits());
    return any;
  }
  float* end() const { return column_.data() + problem_.rows; }

  void numeric(std::int64_t j) {
    const float* column = table_.columns().column(j);
    const ColumnParameters parameters{parameters_.data() + 2 * j, 2 * problem_.numeric()};
    const auto& steps = problem_.pipeline.steps;
    thrust::copy(machine_.policy(), column, column + problem_.rows, column_.data());
    if (fits()) set_constant_parameters(steps.data(), steps.size(), parameters);
    for (std::size_t s = 0; s < steps.size(); ++s) {
      if (fits() && steps[s].learns()) learn(steps[s].kind, parameters.a(s), parameters.b(s));
      // The last step of a fit changes nothing that anyone reads.
      if (problem_.phase == Preprocess::Phase::fit && s + 1 == steps.size()) break;
      thrust::transform(machine_.policy(), column_.data(), end(), column_.data(),
                        thrust_steps::StepOf::of(steps[s].kind, parameters.a(s), parameters.b(s)));
    }
    if (problem_.phase != Preprocess::Phase::fit)
      thrust::copy(machine_.policy(), column_.data(), end(),
                   to_feature(thrust_steps::PlaceOfRow{problem_.features(), j}));
  }

  void learn(StepKind kind, double& a, double& b) {
    Statistics now;
    double middle = 0;
    if (kind == StepKind::impute_median)
      middle = median(now.count);
    else if (kind == StepKind::impute_most_frequent)
      middle = most_frequent(now.count);
    else if (kind == StepKind::standardise)
      now = of_column::moments(machine_.policy(), column_.data(), problem_.rows);
    else
      now = of_column::extent(machine_.policy(), column_.data(), problem_.rows);
    resolve_step(kind, now, middle, problem_.rows, a, b);
  }

  // The values that are not missing, sorted.
  std::int64_t sort() {
    float* last = thrust::copy_if(machine_.policy(), column_.data(), end(), sorted_.data(), of_column::IsNumber{});
    thrust::sort(machine_.policy(), sorted_.data(), last);
    return last - sorted_.data();
  }

  double median(std::int64_t& count) {
    count = sort();
    if (count == 0) return 0;
    float middle[2];
    machine_.copy(&middle[0], sorted_.data() + (count - 1) / 2, 1);
    machine_.copy(&middle[1], sorted_.data() + count / 2, 1);
    machine_.synchronize();
    const auto low = static_cast<double>(middle[0]), high = static_cast<double>(middle[1]);
    return low == high ? low : low / 2 + high / 2;
  }

  double most_frequent(std::int64_t& count) {
    count = sort();
    if (count == 0) return 0;
    const auto ends =
        thrust::reduce_by_key(machine_.policy(), sorted_.data(), sorted_.data() + count,
                              thrust::constant_iterator<std::int64_t>(1), distinct_.data(), occurrences_.data());
    const std::int64_t* most = thrust::max_element(machine_.policy(), occurrences_.data(), ends.second);
    float value = 0;
    machine_.copy(&value, distinct_.data() + (most - occurrences_.data()), 1);
    machine_.synchronize();
    return static_cast<double>(value);
  }

  void learn_categories() {
    std::fill(host_seen_.begin(), host_seen_.end(), 0);
    machine_.fill_zeros(seen_);
    if (!problem_.pipeline.encodes()) return;
    for (std::int64_t c = 0; c < problem_.categorical; ++c) {
      const std::int32_t first = table_.first()[static_cast<std::size_t>(c)],
                         levels = table_.first()[static_cast<std::size_t>(c) + 1] - first;
      if (levels <= kBits)
        learn_few(c, first, levels);
      else
        learn_many(c, first, levels);
    }
    machine_.synchronize();
  }

  void learn_few(std::int64_t c, std::int32_t first, std::int32_t levels) {
    const std::int32_t* codes = table_.columns().codes_of(c);
    const std::uint64_t bits =
        thrust::transform_reduce(machine_.policy(), codes, codes + problem_.rows, thrust_steps::BitOf{levels},
                                 std::uint64_t{0}, thrust::bit_or<std::uint64_t>());
    for (std::int32_t level = 0; level < levels; ++level)
      host_seen_[static_cast<std::size_t>(first + level)] = static_cast<std::int32_t>(bits >> level & 1);
    machine_.copy(seen_.data() + first, host_seen_.data() + first, static_cast<std::size_t>(levels));
  }

  void learn_many(std::int64_t c, std::int32_t first, std::int32_t levels) {
    const std::int32_t* codes = table_.columns().codes_of(c);
    thrust::copy(machine_.policy(), codes, codes + problem_.rows, codes_.data());
    thrust::sort(machine_.policy(), codes_.data(), codes_.data() + problem_.rows);
    const std::int32_t* last = thrust::unique(machine_.policy(), codes_.data(), codes_.data() + problem_.rows);
    const thrust::constant_iterator<std::int32_t> one(1);
    const std::int32_t* distinct = codes_.data();
    thrust::scatter_if(machine_.policy(), one, one + (last - distinct), distinct, distinct, seen_.data() + first,
                       thrust_steps::IsCategory{levels});
    machine_.copy(host_seen_.data() + first, seen_.data() + first, static_cast<std::size_t>(levels));
  }

  void categories() {
    std::int64_t feature = problem_.numeric();
    for (std::int64_t c = 0; c < problem_.categorical; ++c) {
      const std::int32_t first = table_.first()[static_cast<std::size_t>(c)],
                         levels = table_.first()[static_cast<std::size_t>(c) + 1] - first;
      const std::int32_t* codes = table_.columns().codes_of(c);
      const thrust_steps::KnownCategories column{codes, seen_.data() + first, levels};
      if (problem_.pipeline.one_hot) {
        const thrust::counting_iterator<std::int64_t> element(0);
        if (levels > 0)
          thrust::transform(machine_.policy(), element, element + rows_ * levels,
                            to_feature(thrust_steps::PlaceOfCategory{problem_.features(), feature, levels}),
                            thrust_steps::OneHotOf{column});
        feature += levels;
      } else {
        thrust::transform(machine_.policy(), codes, codes + rows_,
                          to_feature(thrust_steps::PlaceOfRow{problem_.features(), feature++}),
                          thrust_steps::OrdinalOf{column});
      }
    }
  }

  // An iterator over the features, in the order of Place.
  template <class Place>
  auto to_feature(const Place& place) const {
    return thrust::make_permutation_iterator(
        features_.data(), thrust::make_transform_iterator(thrust::counting_iterator<std::int64_t>(0), place));
  }

  Preprocess::Problem problem_;
  const Machine& machine_;
  DeviceTable<Machine> table_;
  std::int64_t rows_;
  Buffer<float> features_, column_, sorted_, distinct_;
  Buffer<std::int64_t> occurrences_;
  Buffer<std::int32_t> seen_, codes_;
  std::vector<double> parameters_;
  std::vector<std::int32_t> host_seen_;
};

}  // namespace overtake
