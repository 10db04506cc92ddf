// SPDX-License-Identifier: Apache-2.0
// All cores of one process, by OpenMP. Large products: the blocks of `serial` with one packed block of B that all
// threads share, and tiles of C dealt out. Small and thin ones: a slice of m, n or k for each thread, as `serial` would
// compute it. It wins because threads start in microseconds and share their caches; it costs two barriers a block.
#include <omp.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "core/memory/view.h"
#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "cpu/matmul/engine/gemm.h"
#include "cpu/matmul/engine/partition.h"
#include "cpu/matmul/engine/scratch.h"

namespace overtake {
namespace {

// How one block of C (m x columns) is cut into tasks: by rows, and by columns too where there are too few rows.
struct Tasks {
  std::int64_t rows, cols;  // of a task
  std::int64_t row_count, col_count;
};

template <class T>
Tasks tasks_for(const TileKernels<T>& kernels, const Blocking& blocking, std::int64_t m, std::int64_t columns,
                std::int64_t workers) {
  // As many equal blocks of rows for each worker, and several, so that the last to finish is not waited for long.
  constexpr std::int64_t kTasksPerWorker = 4;
  const std::int64_t wanted = std::max(round_up(ceil_div(m, blocking.mc), workers),
                                       std::min(kTasksPerWorker * workers, ceil_div(m, 8 * kernels.mr)));
  const std::int64_t rows = std::min(round_up(ceil_div(m, wanted), kernels.mr), blocking.mc);
  const std::int64_t row_count = ceil_div(m, rows);
  const std::int64_t cols = round_up(ceil_div(columns, ceil_div(workers, row_count)), kernels.nr);
  return {rows, cols, row_count, ceil_div(columns, cols)};
}

template <class T>
class OpenMp {
 public:
  OpenMp(const Matmul::Problem&, const Resources& resources)
      : workers_(resources.workers), packed_a_(static_cast<std::size_t>(resources.workers)) {}

  void load(View<const T> a, View<const T> b, View<T> c) {
    a_ = a;
    b_ = b;
    c_ = c;
  }

  void run() {
    if (c_.size() == 0) return;
    if (a_.cols == 0) return fill_zero(c_);
    const TileKernels<T>& kernels = tile_kernels<T>();
    const std::int64_t m = c_.rows, n = c_.cols, k = a_.cols;
    const int threads = useful_threads<T>(m, n, k, allowed());
    if (threads == 1) {
      team_ = 1;
      return gemm_serial(a_, b_, c_);
    }
    if (is_thin(m, n, k, threads)) return run_slices(slices_for(kernels, m, n, k, threads));
    const Blocking blocking = blocking_for(kernels, m, n, k);
    // Allocated before the threads start: an exception cannot leave a parallel region.
    T* packed_b = packed_b_.at_least(static_cast<std::size_t>(blocking.nc * blocking.kc));
    for (Scratch<T>& packed_a : packed_a_) packed_a.at_least(static_cast<std::size_t>(blocking.mc * blocking.kc));
#pragma omp parallel num_threads(threads)
    {
#pragma omp single nowait
      team_ = omp_get_num_threads();
      for (std::int64_t j = 0; j < n; j += blocking.nc)
        for (std::int64_t l = 0; l < k; l += blocking.kc) multiply_block(kernels, blocking, j, l, packed_b);
    }
  }

  void store() {}

  int workers() const { return team_ > 0 ? team_ : workers_; }
  KeyValues metrics() const { return {{"kernel", tile_kernels<T>().target}}; }

 private:
  // The runtime obeys OMP_PLACES and OMP_PROC_BIND by itself, but num_threads() would overrule OMP_NUM_THREADS.
  int allowed() const {
    static const bool kLimited = std::getenv("OMP_NUM_THREADS") != nullptr;
    return kLimited ? std::min(workers_, omp_get_max_threads()) : workers_;
  }

  // Sharing packed blocks pays only where each of them is used much.
  static bool is_thin(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t threads) {
    return std::min(m, n) <= 128 * threads || k <= 128;
  }

  void run_slices(const Slices& slices) {
    const bool sums = slices.along == Slices::Along::k;
    T* partial = sums ? partial_.at_least(static_cast<std::size_t>(c_.size() * (slices.count - 1))) : nullptr;
#pragma omp parallel for schedule(static, 1) num_threads(slices.count)
    for (int slice = 0; slice < slices.count; ++slice) {
      if (slice == 0) team_ = omp_get_num_threads();
      const std::int64_t first = slices.begin(slice), size = slices.end(slice) - first;
      if (slices.along == Slices::Along::m) {
        gemm_serial<T>({a_.row(first), size, a_.cols, a_.stride}, b_, {c_.row(first), size, c_.cols, c_.stride});
      } else if (slices.along == Slices::Along::n) {
        gemm_serial<T>(a_, {b_.data + first, b_.rows, size, b_.stride}, {c_.data + first, c_.rows, size, c_.stride});
      } else {
        const View<T> to = slice == 0 ? c_ : View<T>{partial + (slice - 1) * c_.size(), c_.rows, c_.cols, c_.cols};
        gemm_serial<T>({a_.data + first, a_.rows, size, a_.stride}, {b_.row(first), size, b_.cols, b_.stride}, to);
      }
    }
    for (int slice = 1; sums && slice < slices.count; ++slice, partial += c_.size())
      for (std::int64_t i = 0; i < c_.rows; ++i)
        for (std::int64_t j = 0; j < c_.cols; ++j) c_(i, j) += partial[i * c_.cols + j];
  }

  // C's columns from `first` += A's columns from `depth_first` * that block of B. Called by the whole team.
  void multiply_block(const TileKernels<T>& kernels, const Blocking& blocking, std::int64_t first,
                      std::int64_t depth_first, T* packed_b) {
    const std::int64_t columns = std::min(blocking.nc, c_.cols - first);
    const std::int64_t depth = std::min(blocking.kc, a_.cols - depth_first);
    const std::int64_t panels = ceil_div(columns, kernels.nr);
#pragma omp for schedule(static)
    for (std::int64_t panel = 0; panel < panels; ++panel) {
      const std::int64_t j = panel * kernels.nr;
      kernels.pack_b({&b_(depth_first, first + j), depth, std::min(kernels.nr, columns - j), b_.stride},
                     packed_b + j * depth);
    }
    const Tasks tasks = tasks_for(kernels, blocking, c_.rows, columns, omp_get_num_threads());
    T* packed_a = packed_a_[static_cast<std::size_t>(omp_get_thread_num())].at_least(0);
    // Dynamic: a core that is slower or disturbed takes fewer.
#pragma omp for schedule(dynamic)
    for (std::int64_t task = 0; task < tasks.row_count * tasks.col_count; ++task) {
      const std::int64_t i = task / tasks.col_count * tasks.rows, j = task % tasks.col_count * tasks.cols;
      const std::int64_t rows = std::min(tasks.rows, c_.rows - i), cols = std::min(tasks.cols, columns - j);
      kernels.pack_a({&a_(i, depth_first), rows, depth, a_.stride}, packed_a);
      kernels.multiply(packed_a, packed_b + j * depth, depth, {&c_(i, first + j), rows, cols, c_.stride},
                       depth_first > 0);
    }
  }

  int workers_, team_ = 0;
  View<const T> a_, b_;
  View<T> c_;
  Scratch<T> packed_b_, partial_;
  std::vector<Scratch<T>> packed_a_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, openmp, Strategy::threads, OpenMp, float, double);

}  // namespace overtake
