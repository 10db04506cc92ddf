// SPDX-License-Identifier: Apache-2.0
// The worker pool: this program as several processes that take tasks. The processes strategy of every workload uses it.
//
//   struct Rows { SharedRef a; std::int64_t first, last; };
//   double sum_rows(WorkerContext& worker, const Rows& task) { auto a = worker.map<double>(task.a); … }
//   const auto kSumRows = register_task<sum_rows>("sum_rows");
//   …
//   Pool pool(4);
//   std::vector<double> sums = pool.run(kSumRows, tasks);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/key_values.h"
#include "core/pool/bytes.h"
#include "core/pool/task.h"
#include "core/pool/task_source.h"

namespace overtake {

struct PoolOptions {
  double start_seconds = 10;  // how long a worker may take to start
  double task_seconds =
      0;            // how long a task may go without result or heartbeat until its worker is killed; 0: for ever
  int retries = 2;  // how often a task whose worker died is given to another, and a start is tried again
};

/// Where the time of the last run() went, in seconds, and what the pool went through since it was made.
struct PoolLedger {
  double share_out = 0;                     // sending tasks
  double compute_max = 0, compute_sum = 0;  // in the tasks' functions: the busiest worker, and all together
  double wait = 0;                          // until a worker had something to say
  double gather = 0;                        // receiving results
  double start = 0;                         // starting workers, respawns included, since the pool was made
  int respawns = 0;                         // since the pool was made
};

/// One thread at a time may use a pool.
class Pool {
 public:
  /// Starts `workers` processes. Throws UsageError for less than one and in a worker of another pool, and
  /// std::runtime_error where workers cannot be started.
  explicit Pool(int workers, PoolOptions options = {});
  /// Ends the workers; kills those that are still there after a second.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int workers() const;

  /// Runs every task and gives the results in the tasks' order. Task i goes to worker i as far as there are workers,
  /// the others to whichever is free first. A task whose worker dies or hangs is given to another `retries` times.
  /// Throws std::runtime_error that names worker, task and reason, once no worker is busy any more: a task threw, or
  /// lost too many workers, or workers cannot be started again. The pool can be used after that.
  template <class In, class Out>
  auto run(const Task<In, Out>& task, const std::vector<In>& inputs) {
    std::vector<Bytes> sent;
    sent.reserve(inputs.size());
    for (const In& input : inputs) sent.push_back(to_bytes(input));
    const std::vector<Bytes> received = run_bytes(task.name, sent);
    if constexpr (!std::is_void_v<Out>) {
      std::vector<Out> results;
      results.reserve(received.size());
      for (const Bytes& bytes : received) results.push_back(from_bytes<Out>(bytes));
      return results;
    }
  }

  /// Runs the tasks of `source` until it has no more and no worker is busy, or it is halted. Throws std::runtime_error
  /// where workers cannot be started again, once no worker is busy any more. The pool can be used after that.
  void work_off(std::string_view name, TaskSource& source);

  /// Makes a block that lies in a live Arena usable by the workers, at no cost but a file descriptor once a worker.
  /// It is usable until the arena is destroyed; the memory is given back at the next share() or with the pool.
  /// Throws std::logic_error where the block lies in no arena: copy it into one.
  SharedRef share(const void* block, std::size_t bytes);

  const PoolLedger& ledger() const;
  /// The ledger as metrics of a result row.
  KeyValues metrics() const;
  /// CPU time of the live workers.
  double cpu_seconds() const;

 private:
  std::vector<Bytes> run_bytes(std::string_view name, std::span<const Bytes> tasks);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// CPU time of all live workers of this process (and of its other children): what getrusage does not count yet.
double all_pools_cpu_seconds();

}  // namespace overtake
