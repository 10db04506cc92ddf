// SPDX-License-Identifier: Apache-2.0
// Rows shared out to threads: each gathers statistics of its rows, one merges them (Chan et al.), and each writes the
// features of its rows. It should win by as much as several cores get more bandwidth than one; it costs a start of the
// team and a barrier for each reading of the table.
#include <omp.h>

#include <vector>

#include "core/registry/variant.h"
#include "cpu/preprocess/engine/apply.h"
#include "cpu/preprocess/engine/fit.h"
#include "cpu/table/shares.h"

namespace overtake {
namespace {

template <class T>
class OpenMP {
 public:
  OpenMP(const Preprocess::Problem& problem, const Resources& resources)
      : problem_(problem), workers_(resources.workers), shares_(shares_of(problem.rows, workers_)) {}

  void load(const TableView<T>& table, const Fitted& given, const Preprocess::Output<T>& output) {
    table_ = table;
    fitted_ = problem_.phase == Preprocess::Phase::apply ? given : output.fitted;
    features_ = output.features;
  }

  void run() {
    if (problem_.phase != Preprocess::Phase::apply) {
      Fit fit(problem_.pipeline, table_, fitted_);
      fit.start();
      std::vector<Gathered> parts(shares_.size());
      for (std::size_t round = 0; round < fit.rounds(); ++round) {
        for_each_share([&](std::size_t i) { parts[i] = fit.gather(round, shares_[i].first, shares_[i].last); });
        fit.finish(round, parts);
      }
    }
    if (problem_.phase == Preprocess::Phase::fit) return;
    const Apply apply(problem_.pipeline, table_, fitted_, features_);
    for_each_share([&](std::size_t i) { apply.rows(shares_[i].first, shares_[i].last); });
  }

  void store() {}

  KeyValues metrics() const { return {{"kernel", table_target()}}; }
  int workers() const { return workers_; }

 private:
  // Share i goes to the same thread each time, so that it finds its rows in its own caches.
  template <class Function>
  void for_each_share(Function function) {
    const auto count = static_cast<std::int64_t>(shares_.size());
#pragma omp parallel for num_threads(workers_) schedule(static, 1)
    for (std::int64_t i = 0; i < count; ++i) function(static_cast<std::size_t>(i));
  }

  Preprocess::Problem problem_;
  int workers_;
  std::vector<RowShare> shares_;
  TableView<T> table_;
  Fitted fitted_;
  View<T> features_;
};

}  // namespace

OVERTAKE_VARIANT(Preprocess, openmp, Strategy::threads, OpenMP, float);

}  // namespace overtake
