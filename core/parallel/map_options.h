// SPDX-License-Identifier: Apache-2.0
// What a caller of parallel_map chooses, and how it is told of items that failed.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <exception>
#include <functional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/pool/spawn.h"

namespace overtake {

class Pool;

enum class MapStrategy {
  serial,     // this thread, one item after the other
  threads,    // std::thread, this thread among them; fn is called from several at once
  openmp,     // the same on OpenMP's threads
  async,      // this thread, which attends to the waits of many items at once: fn returns a Waiting<T>
  processes,  // this program as several processes: fn is registered, items and results travel as bytes
};
std::string_view to_string(MapStrategy);
/// Throws UsageError that lists the words it takes.
MapStrategy parse_map_strategy(std::string_view);

enum class MapOrder {
  of_items,
  as_completed,  // by the end of an item's chunk; within a chunk as the items were
};

enum class OnError {
  stop,     // no further item is begun; the error of the lowest index among those that happened is thrown
  collect,  // every item has its turn; errors are in the result
};

struct MapOptions {
  int workers = 0;  // threads or processes, 0: one per physical core allowed; async: items in flight, 0: 1000
  MapOrder order = MapOrder::of_items;
  std::size_t chunk = 0;  // items that a worker takes at a time; 0: few enough for every worker to have many turns
  OnError on_error = OnError::stop;
  /// Called after every chunk, by whichever thread ended it, one call at a time: `done` grows until all had their turn.
  /// What it throws ends the map and is thrown.
  std::function<void(std::size_t done, std::size_t total)> progress;
  std::stop_token cancel;  // items in progress end (threads, openmp) or are dropped (async, processes); see not_run
  Pool* pool = nullptr;    // processes: workers that are there already, instead of `workers` new ones
  int retries = 2;         // processes: how often an item at which a worker died is given to another
};

/// What an item's function threw, with the item's index.
struct MapError : std::runtime_error {
  MapError(std::size_t index, std::exception_ptr cause);
  std::size_t index;
  std::exception_ptr cause;  // from another process: a std::runtime_error with the message, or a WorkerDied
};

/// The cause of a MapError where the item ended every process that it was given to.
struct WorkerDied : std::runtime_error {
  WorkerDied(const std::string& what, int number, Ending how) : std::runtime_error(what), worker(number), ending(how) {}
  int worker;
  Ending ending;
};

}  // namespace overtake
