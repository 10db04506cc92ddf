// SPDX-License-Identifier: Apache-2.0
// One thread a row of C, the inner loops ordered so that B is read row by row. It should win over the textbook loop by
// vector instructions and all cores; it costs a pass over B for every row of C.
#include "core/registry/variant.h"
#include "core/workload/matmul.h"

namespace overtake {

template <class T>
struct RowsByThreads {
  RowsByThreads(const Matmul::Problem&, const Resources& resources) : workers(resources.workers) {}
  void load(View<const T> a_in, View<const T> b_in, View<T> c_out) { a = a_in, b = b_in, c = c_out; }
  void run() {
#pragma omp parallel for num_threads(workers) schedule(static)
    for (std::int64_t i = 0; i < c.rows; ++i) {
      for (std::int64_t j = 0; j < c.cols; ++j) c(i, j) = 0;
      for (std::int64_t l = 0; l < a.cols; ++l)
        for (std::int64_t j = 0; j < c.cols; ++j) c(i, j) += a(i, l) * b(l, j);
    }
  }
  void store() {}
  int workers;
  View<const T> a, b;
  View<T> c;
};

OVERTAKE_VARIANT(Matmul, rows_by_threads, Strategy::threads, RowsByThreads, float, double);

}  // namespace overtake
