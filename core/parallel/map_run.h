// SPDX-License-Identifier: Apache-2.0
// One call of parallel_map without its types: who takes which items next, what failed, what is to be told. Workers
// share it; a chunk costs them one atomic addition, an item one relaxed load.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "core/file_descriptor.h"
#include "core/parallel/map_options.h"

namespace overtake::detail {

struct ItemRange {
  std::size_t begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
};

/// What parallel_map's arguments allow.
struct MapKind {
  bool waits;       // fn returns a Waiting
  bool registered;  // fn is a MapFunction
};

class MapRun {
 public:
  /// Throws UsageError where the strategy cannot run such a function, or for negative workers or retries.
  MapRun(MapStrategy strategy, std::size_t count, const MapOptions& options, MapKind kind);

  std::size_t count() const { return count_; }
  std::size_t chunk() const { return chunk_; }
  bool automatic_chunk() const { return options_.chunk == 0; }
  const MapOptions& options() const { return options_; }
  /// No more than there are chunks.
  int workers() const { return workers_; }

  /// Whether no further item shall be begun.
  bool halted() const { return halted_.load(std::memory_order_relaxed); }
  /// Can be read once halted() is true. -1 where nobody waits for it.
  int wake_fd() const { return wake_.get(); }

  /// The next items; none: all are taken, or halted().
  std::optional<ItemRange> claim() {
    if (halted()) return std::nullopt;
    const std::size_t turn = next_.fetch_add(1, std::memory_order_relaxed);  // of chunks, which cannot overflow
    if (turn >= chunks_) return std::nullopt;
    const std::size_t begin = turn * chunk_;
    return ItemRange{begin, begin + std::min(chunk_, count_ - begin)};
  }
  /// `range` has had its turn; its first `ran` items have a result or an error.
  void finished(ItemRange range, std::size_t ran) {
    if (noted_) note(range, ran);
  }
  /// The item's function threw.
  void fail(std::size_t index, std::exception_ptr cause);
  /// Ends the map: to be thrown as it is.
  void break_off(std::exception_ptr cause);

  /// Once no worker is left: throws what is to be thrown.
  void settle();
  /// After settle(): whether every item is known to have a result. Not of processes, whose answers are counted instead.
  bool complete() const { return !processes_ && errors_.empty() && !halted(); }
  /// After settle(): by index.
  std::vector<MapError> take_errors() { return std::move(errors_); }
  /// After settle(), for as_completed: chunks as they ended.
  std::vector<ItemRange> completed() const;

  /// Every worker's loop. `each(i)` runs item i and returns whether it came to an end.
  template <class Each>
  void work(const Each& each) {
    while (const auto range = claim()) {
      std::size_t i = range->begin;
      for (; i < range->end && !halted(); ++i) {
        try {
          if (!each(i)) break;
        } catch (...) {
          fail(i, std::current_exception());
        }
      }
      finished(*range, i - range->begin);
    }
  }

 private:
  struct Halt {
    MapRun* run;
    void operator()() const noexcept { run->halt(); }
  };
  void halt() noexcept;
  void note(ItemRange range, std::size_t ran);

  const MapOptions& options_;
  std::size_t count_, chunk_ = 1, chunks_ = 0;
  int workers_ = 1;
  bool processes_;
  bool noted_;  // somebody wants to know which chunks have ended
  std::vector<ItemRange> completed_;
  FileDescriptor wake_;

  // Apart, because every worker reads the one for each item and writes the other for each chunk.
  alignas(64) std::atomic<bool> halted_ = false;
  alignas(64) std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> completed_count_ = 0;

  alignas(64) std::mutex mutex_;
  std::size_t done_ = 0;
  std::vector<MapError> errors_;
  std::exception_ptr broken_;
  std::optional<std::stop_callback<Halt>> on_cancel_;  // last: it may run until it is destroyed
};

/// Calls `body` from `workers` threads, this one among them, and returns when all have returned; from fewer where the
/// system gives no more. `body` must not throw.
void on_threads(int workers, const std::function<void()>& body);
void on_openmp(int workers, const std::function<void()>& body);

}  // namespace overtake::detail
