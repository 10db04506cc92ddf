// SPDX-License-Identifier: Apache-2.0
// One core, columns read twice: once to fit, all parameters of a column following from one set of statistics, and once
// to apply, all steps of a piece of a column while it is in the first-level cache. It wins over step by step because
// memory is what this work waits for; rows are written whole and in order, past the caches where they do not fit them.
#include "core/registry/variant.h"
#include "cpu/preprocess/engine/apply.h"
#include "cpu/preprocess/engine/fit.h"

namespace overtake {
namespace {

template <class T>
class Serial {
 public:
  Serial(const Preprocess::Problem& problem, const Resources&) : problem_(problem) {}

  void load(const TableView<T>& table, const Fitted& given, const Preprocess::Output<T>& output) {
    table_ = table;
    fitted_ = problem_.phase == Preprocess::Phase::apply ? given : output.fitted;
    features_ = output.features;
  }

  void run() {
    if (problem_.phase != Preprocess::Phase::apply) {
      Fit fit(problem_.pipeline, table_, fitted_);
      fit.start();
      for (std::size_t round = 0; round < fit.rounds(); ++round) {
        Gathered all = fit.gather(round, 0, problem_.rows);
        fit.finish(round, {&all, 1});
      }
    }
    if (problem_.phase != Preprocess::Phase::fit)
      Apply(problem_.pipeline, table_, fitted_, features_).rows(0, problem_.rows);
  }

  void store() {}

  KeyValues metrics() const { return {{"kernel", table_target()}}; }
  int workers() const { return 1; }

 private:
  Preprocess::Problem problem_;
  TableView<T> table_;
  Fitted fitted_;
  View<T> features_;
};

}  // namespace

OVERTAKE_VARIANT(Preprocess, serial, Strategy::serial, Serial, float);

}  // namespace overtake
