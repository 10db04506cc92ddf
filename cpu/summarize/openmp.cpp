// SPDX-License-Identifier: Apache-2.0
// Rows shared out to threads: each gathers moments, counts, products and sums of its rows, then quartiles and
// correlations are shared out by columns. It should win by as much as several cores get more bandwidth than one: the
// ceiling is serial's, with the read bandwidth of all of them. It costs a start of the team and a barrier or two for
// each of at most two readings.
#include <omp.h>

#include "core/registry/variant.h"
#include "cpu/summarize/engine/summarizer.h"
#include "cpu/table/kernels.h"

namespace overtake {
namespace {

template <class T>
class OpenMP {
 public:
  OpenMP(const Summarize::Problem& problem, const Resources& resources)
      : problem_(problem), workers_(resources.workers) {}

  void load(const TableView<T>& table, const Summarize::Answer& answer) {
    table_ = table;
    answer_ = answer;
  }

  void run() {
    // Share i goes to the same thread each time, so that it finds its rows in its own caches.
    Summarizer(problem_, table_, answer_, shares_of(problem_.rows, workers_))
        .run([&](std::int64_t count, const Summarizer::Task& task) {
#pragma omp parallel for num_threads(workers_) schedule(static, 1)
          for (std::int64_t i = 0; i < count; ++i) task(i);
        });
  }

  void store() {}

  KeyValues metrics() const { return {{"kernel", table_target()}}; }
  int workers() const { return workers_; }

 private:
  Summarize::Problem problem_;
  int workers_;
  TableView<T> table_;
  Summarize::Answer answer_;
};

}  // namespace

OVERTAKE_VARIANT(Summarize, openmp, Strategy::threads, OpenMP, float);

}  // namespace overtake
