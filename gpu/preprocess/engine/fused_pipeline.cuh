// SPDX-License-Identifier: Apache-2.0
// The fused variant of preprocess but for what ties it to a GPU: which kernels run in which order. `Machine` is
// cuda::Machine, or tests/gpu/emulated_machine.h, which runs all of it on the CPU.
#pragma once

#include <cstdint>
#include <vector>

#include "core/workload/preprocess.h"
#include "gpu/preprocess/engine/apply_kernel.cuh"
#include "gpu/preprocess/engine/fit_kernels.cuh"
#include "gpu/table/device_table.cuh"
#include "gpu/table/moments.cuh"
#include "gpu/table/select.cuh"

namespace overtake {

template <class Machine>
class FusedPipeline {
  template <class T>
  using Buffer = typename Machine::template Buffer<T>;

 public:
  /// `unclear`: a number that kernels raise where a reading did not give all parameters that it was to give.
  FusedPipeline(const Preprocess::Problem& p, const Machine& machine, unsigned* unclear)
      : problem_(p),
        machine_(machine),
        unclear_(unclear),
        table_(machine, p),
        rounds_(rounds_of(p.pipeline)),
        single_rounds_(single_rounds_of(p.pipeline)),
        chunks_(chunks_of(p.rows, p.numeric(), blocks_at_once<GatherMoments<AsItIs, false>>())),
        categories_(chunks_of(p.rows, p.categorical, blocks_at_once<MarkCategories>())),
        tiles_(FeatureTiles::of(p.phase == Preprocess::Phase::fit ? 0 : p.rows, p.features())),
        features_(size(tiles_.rows * p.features())),
        pipeline_(p.pipeline.steps.size()),
        parameters_(p.pipeline.steps.size() * size(2 * p.numeric())),
        seen_(size(p.levels)),
        steps_(p.pipeline.steps.size() * size(p.numeric())),
        step_counts_(size(p.numeric())),
        parts_(fits() ? size(chunks_.blocks()) : 0),
        statistics_(fits() ? size(p.numeric()) : 0),
        searches_(asks(StepKind::impute_median) ? size(p.numeric()) : 0),
        first_digits_(searches_.size() * Keys::kDigits),
        digits_(searches_.size() * Keys::kDigits),
        above_(searches_.size()),
        keys_(asks(StepKind::impute_most_frequent) ? size(p.rows) : 0),
        sorted_(keys_.size()),
        runs_(asks(StepKind::impute_most_frequent) ? size(p.numeric()) : 0),
        sort_room_(keys_.size() > 0 ? machine.sort_bytes(p.rows) : 0) {
    if (keys_.size() > 0 && p.rows >= LongestRun::kMostRows)
      throw Skip("impute_most_frequent takes at most 4294967295 rows on a GPU");
  }

  /// Complete when the machine's stream is. What it copies from must live until then.
  void load(const TableView<float>& table, const Fitted& given) {
    table_.load(table);
    machine_.copy(pipeline_.data(), problem_.pipeline.steps.data(), pipeline_.size());
    if (fits()) return;
    machine_.copy(parameters_.data(), given.parameters.data, parameters_.size());
    machine_.copy(seen_.data(), given.seen.data(), seen_.size());
    resolve_round({0, 0}, problem_.pipeline.steps.size(), Middle::none);
  }

  /// Puts a run on the stream. `single`: a reading for each step that learns, after a run that was unclear.
  void launch(bool single) {
    if (fits()) fit(single ? single_rounds_ : rounds_);
    if (problem_.phase != Preprocess::Phase::fit) apply();
  }

  void store(const Preprocess::Output<float>& out) const {
    machine_.copy_rows(out.features.data, out.features.stride, features_.data(), problem_.features(), tiles_.rows,
                       problem_.features());
    if (!fits()) return;
    machine_.copy(out.fitted.parameters.data, parameters_.data(), parameters_.size());
    machine_.copy(out.fitted.seen.data(), seen_.data(), seen_.size());
  }

  /// What a run leaves becomes NaN; parameters that were given are kept.
  void poison() const {
    machine_.fill_ones(features_);
    if (!fits()) return;
    machine_.fill_ones(parameters_);
    machine_.fill_ones(seen_);
  }

 private:
  static std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }
  template <class Kernel>
  std::int64_t blocks_at_once() const {
    return machine_.template blocks_at_once<Kernel>();
  }
  bool fits() const { return problem_.phase != Preprocess::Phase::apply; }
  bool asks(StepKind kind) const {
    bool any = false;
    for (const Step& step : problem_.pipeline.steps) any = any || (step.kind == kind && fits());
    return any;
  }
  Middle middle_of(Round round) const {
    const StepKind kind = problem_.pipeline.steps[round.first].kind;
    return kind == StepKind::impute_median          ? Middle::median
           : kind == StepKind::impute_most_frequent ? Middle::most_frequent
                                                    : Middle::none;
  }
  ColumnSteps column_steps() const {
    return {steps_.data(), step_counts_.data(), static_cast<std::int64_t>(problem_.pipeline.steps.size())};
  }

  void fit(const std::vector<Round>& rounds) {
    machine_.fill_zeros(seen_);
    if (problem_.pipeline.encodes())
      machine_.launch(MarkCategories{table_.columns(), categories_, seen_.data()}, categories_.blocks());
    // Steps that learn nothing may come first.
    const std::size_t all = problem_.pipeline.steps.size();
    resolve_round({0, 0}, rounds.empty() ? all : rounds.front().first, Middle::none);
    for (std::size_t r = 0; r < rounds.size() && problem_.numeric() > 0; ++r) {
      gather(rounds[r].first == 0, middle_of(rounds[r]));
      resolve_round(rounds[r], r + 1 < rounds.size() ? rounds[r + 1].first : all, middle_of(rounds[r]));
    }
  }

  void gather(bool untouched, Middle middle) {
    if (untouched)
      gather_after(AsItIs{}, middle);
    else
      gather_after(AfterSteps{column_steps()}, middle);
    if (middle == Middle::most_frequent) find_most_frequent();
  }

  template <class Before>
  void gather_after(const Before& before, Middle middle) {
    const DeviceColumns table = table_.columns();
    const MergeMoments merge{parts_.data(), chunks_.parts, statistics_.data()};
    if (middle != Middle::median) {
      machine_.launch(GatherMoments<Before, false>{table, chunks_, before, parts_.data(), nullptr}, chunks_.blocks());
      machine_.launch(merge, problem_.numeric());
      return;
    }
    machine_.fill_zeros(first_digits_);
    machine_.fill_zeros(digits_);
    machine_.fill_ones(above_);
    machine_.launch(GatherMoments<Before, true>{table, chunks_, before, parts_.data(), first_digits_.data()},
                    chunks_.blocks());
    machine_.launch(merge, problem_.numeric());
    for (int pass = 0; pass < Keys::kPasses; ++pass) {
      if (pass > 0)
        machine_.launch(
            CountDigits<Before, 1, NothingAlso>{
                table, chunks_, before, searches_.data(), digits_.data(), above_.data(), pass, {}},
            chunks_.blocks());
      machine_.launch(FindDigit<1>{statistics_.data(),
                                   {{0.5}},
                                   searches_.data(),
                                   pass == 0 ? first_digits_.data() : digits_.data(),
                                   above_.data(),
                                   pass},
                      problem_.numeric());
    }
  }

  void find_most_frequent() {
    machine_.fill_zeros(runs_);
    const std::int64_t blocks = chunks_of(problem_.rows, 1, blocks_at_once<LongestRun>()).parts;
    for (std::int64_t j = 0; j < problem_.numeric() && problem_.rows > 0; ++j) {
      machine_.launch(WriteKeys{table_.columns(), j, blocks, column_steps(), keys_.data()}, blocks);
      machine_.sort(keys_.data(), sorted_.data(), problem_.rows, sort_room_);
      machine_.launch(LongestRun{sorted_.data(), statistics_.data() + j, blocks, runs_.data() + j}, blocks);
    }
  }

  void resolve_round(Round round, std::size_t next, Middle middle) {
    machine_.launch(ResolveRound{pipeline_.data(), pipeline_.size(), round, next, !fits(), problem_.rows,
                                 problem_.numeric(), middle, statistics_.data(), searches_.data(), runs_.data(),
                                 parameters_.data(), column_steps(), unclear_},
                    ResolveRound::blocks(problem_.numeric()));
  }

  void apply() {
    machine_.launch(ApplySteps{table_.columns(), tiles_, Divisor::of(static_cast<std::uint32_t>(tiles_.tile_columns)),
                               column_steps(), seen_.data(), problem_.pipeline.one_hot, problem_.pipeline.ordinal,
                               features_.data()},
                    tiles_.blocks());
  }

  Preprocess::Problem problem_;
  const Machine& machine_;
  unsigned* unclear_;
  DeviceTable<Machine> table_;
  std::vector<Round> rounds_, single_rounds_;
  Chunks chunks_, categories_;
  FeatureTiles tiles_;
  Buffer<float> features_;
  Buffer<Step> pipeline_;
  Buffer<double> parameters_;
  Buffer<std::int32_t> seen_;
  Buffer<ColumnStep> steps_;
  Buffer<std::int32_t> step_counts_;
  Buffer<Statistics> parts_, statistics_;
  Buffer<Search> searches_;
  Buffer<unsigned long long> first_digits_, digits_;
  Buffer<unsigned> above_, keys_, sorted_;
  Buffer<unsigned long long> runs_;
  Buffer<unsigned char> sort_room_;
};

}  // namespace overtake
