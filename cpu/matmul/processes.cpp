// SPDX-License-Identifier: Apache-2.0
// Rows shared out to worker processes: each computes one block of rows of C from operands that all of them map. It does
// what threads do without sharing an address space, so that nothing but the kernel's own work can slow it down; it
// costs the start of the workers, a message to and from each per product, and, where the operands are not in shared
// memory yet, a copy of them.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "core/memory/view.h"
#include "core/pool/pool.h"
#include "core/pool/shared_matrix.h"
#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "cpu/matmul/engine/gemm.h"

namespace overtake {
namespace {

// Rows [first, last) of C = A B.
struct RowsTask {
  SharedView a, b, c;
  std::int64_t first, last;
};

template <class T>
void multiply_rows(WorkerContext& worker, const RowsTask& task) {
  const View<const T> a = task.a.map<const T>(worker), b = task.b.map<const T>(worker);
  const View<T> c = task.c.map<T>(worker).row_range(task.first, task.last);
  gemm_serial<T>(a.row_range(task.first, task.last), b, c);
}

const auto kRowsF32 = register_task<multiply_rows<float>>("matmul_rows_f32");
const auto kRowsF64 = register_task<multiply_rows<double>>("matmul_rows_f64");

template <class T>
class Processes {
 public:
  Processes(const Matmul::Problem&, const Resources& resources) : pool_(resources.workers) {}

  void load(View<const T> a, View<const T> b, View<T> c) {
    host_c_ = c;
    RowsTask task{a_.share(pool_, a), b_.share(pool_, b), c_.share_output(pool_, c), 0, 0};
    // One block of rows a worker, sizes apart by one row at most.
    const std::int64_t shares = std::min<std::int64_t>(pool_.workers(), c.rows);
    tasks_.clear();
    for (std::int64_t i = 0; i < shares; ++i) {
      task.first = c.rows * i / shares;
      task.last = c.rows * (i + 1) / shares;
      tasks_.push_back(task);
    }
  }

  void run() { pool_.run(std::is_same_v<T, float> ? kRowsF32 : kRowsF64, tasks_); }
  void store() { c_.store(host_c_); }
  void poison() { c_.fill(std::numeric_limits<T>::quiet_NaN()); }

  KeyValues metrics() const {
    KeyValues out = pool_.metrics();
    out.set("kernel", tile_kernels<T>().target);  // the workers' too: the same program on the same CPU
    return out;
  }
  int workers() const { return pool_.workers(); }

 private:
  Pool pool_;
  SharedMatrix<T> a_, b_, c_;
  View<T> host_c_;
  std::vector<RowsTask> tasks_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, processes, Strategy::processes, Processes, float, double);

}  // namespace overtake
