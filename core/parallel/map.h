// SPDX-License-Identifier: Apache-2.0
// One loop, any backend: parallel_map calls a function for many items, and one word says how: one after the other, on
// threads, on OpenMP's threads, as waits of one loop, or in other processes. docs/example_parallel_map.cpp shows each.
//
//   const auto squares = parallel_map(MapStrategy::threads, numbers, [](double x) { return x * x; });
//   for (const auto& [index, value] : squares.items) …
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/parallel/map_options.h"
#include "core/parallel/map_run.h"
#include "core/parallel/processes.h"
#include "core/parallel/waiting.h"

namespace overtake {

template <class T>
struct MapItem {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t index = kNone;  // of the item
  T value{};
};

template <class T>
struct MapResult {
  std::vector<MapItem<T>> items;  // those without error, in the order asked for
  std::vector<MapError> errors;   // by index; with OnError::collect only
  std::size_t not_run = 0;        // items that cancellation left out

  /// The values alone.
  std::vector<T> values() && {
    std::vector<T> out;
    out.reserve(items.size());
    for (MapItem<T>& item : items) out.push_back(std::move(item.value));
    return out;
  }
};

namespace detail {

template <class Function>
inline constexpr bool kIsRegistered = false;
template <auto function>
inline constexpr bool kIsRegistered<MapFunction<function>> = true;

// One call of parallel_map with its types.
template <class Items, class Function>
class Mapping {
 public:
  using Reference = std::ranges::range_reference_t<const Items>;
  using Returned = std::invoke_result_t<const Function&, Reference>;
  using Value = typename Unwrapped<Returned>::Type;
  static constexpr bool kWaits = kIsWaiting<Returned>;
  static constexpr MapKind kKind{kWaits, kIsRegistered<Function>};
  static_assert(std::is_default_constructible_v<Value> && std::is_move_assignable_v<Value>,
                "results are put into a vector as they come: wrap this one in a std::optional");
  static_assert(!kWaits || std::is_lvalue_reference_v<Reference>,
                "a coroutine may look at its item after a wait, so the items must be kept somewhere: use a vector");

  Mapping(MapRun& run, const Items& items, const Function& function)
      : run_(run),
        slots_(run.count()),
        calls_{.first = std::ranges::begin(items), .function = &function, .slots = slots_.data(), .run = &run} {}

  void on(MapStrategy strategy) {
    // The copy is the loop's own, so that it looks at nothing through `this` for each item.
    const auto work = [this] { run_.work([mine = calls_](std::size_t i) { return mine.call(i); }); };
    switch (strategy) {
      case MapStrategy::serial:
        return work();
      case MapStrategy::threads:
        return on_threads(run_.workers(), work);
      case MapStrategy::openmp:
        return on_openmp(run_.workers(), work);
      case MapStrategy::async:
        if constexpr (kWaits) wait_for_all();
        return;
      case MapStrategy::processes:
        if constexpr (kKind.registered) {
          Batch batch(*this);
          on_processes(run_, calls_.function->name, batch);
        }
        return;
    }
  }

  MapResult<Value> result() {
    MapResult<Value> out;
    run_.settle();
    const bool complete = run_.complete();
    out.errors = run_.take_errors();
    const auto empty = [](const MapItem<Value>& item) { return item.index == MapItem<Value>::kNone; };
    if (run_.options().order == MapOrder::as_completed) {
      out.items.reserve(slots_.size());
      for (const ItemRange range : run_.completed())
        for (std::size_t i = range.begin; i < range.end; ++i)
          if (!empty(slots_[i])) out.items.push_back(std::move(slots_[i]));
    } else {
      if (!complete) std::erase_if(slots_, empty);
      out.items = std::move(slots_);
    }
    out.not_run = run_.count() - out.items.size() - out.errors.size();
    return out;
  }

 private:
  // An item whose wait has not come to an end yet.
  struct InFlight {
    InFlight(std::size_t i, Returned&& given) : index(i), waiting(std::move(given)) {}
    std::size_t index;
    Returned waiting;
  };

  struct Batch : BatchItems {
    explicit Batch(Mapping& given) : mapping(given) {}
    void append(std::size_t i, Bytes& to) const override {
      append_value<std::remove_cvref_t<Reference>>(to, mapping.calls_.item(i));
    }
    void take(std::size_t i, BatchReader& from) override { mapping.calls_.keep(i, from.next<Value>()); }
    Mapping& mapping;
  };

  // From an item to its result in its place.
  struct Calls {
    std::ranges::iterator_t<const Items> first;
    const Function* function;
    MapItem<Value>* slots;
    const MapRun* run;

    Reference item(std::size_t i) const { return first[static_cast<std::ranges::range_difference_t<const Items>>(i)]; }

    void keep(std::size_t i, Value&& value) const {
      slots[i].value = std::move(value);
      slots[i].index = i;
    }

    // Returns false where the item's wait was broken off.
    bool call(std::size_t i) const {
      if constexpr (kWaits) {
        Returned waiting = std::invoke(*function, item(i));
        if (!drive(waiting, run->wake_fd())) return false;
        keep(i, waiting.take());
      } else if constexpr (std::is_void_v<Returned>) {
        std::invoke(*function, item(i));
        keep(i, {});
      } else {
        keep(i, std::invoke(*function, item(i)));
      }
      return true;
    }
  };

  // Begins an item in a free place, or goes on with it; returns whether it waits. If not, its place is free again.
  bool begins(ItemRange range, std::optional<InFlight>& flight) {
    try {
      flight.emplace(range.begin, std::invoke(*calls_.function, calls_.item(range.begin)));
    } catch (...) {
      run_.fail(range.begin, std::current_exception());
      run_.finished(range, 1);
      return false;
    }
    return goes_on(flight, false);
  }

  bool goes_on(std::optional<InFlight>& flight, bool ready) {
    if (flight->waiting.resume(ready)) return true;
    const std::size_t index = flight->index;
    try {
      calls_.keep(index, flight->waiting.take());
    } catch (...) {
      run_.fail(index, std::current_exception());
    }
    flight.reset();
    run_.finished({index, index + 1}, 1);
    return false;
  }

  void wait_for_all() {
    std::vector<std::optional<InFlight>> flights(static_cast<std::size_t>(run_.workers()));
    std::vector<std::size_t> free;
    for (std::size_t place = flights.size(); place-- > 0;) free.push_back(place);
    WaitSet waits;
    bool more = true;
    while (!run_.halted()) {
      // So many at most before those that are due have their turn.
      for (std::size_t begun = 0; more && begun < flights.size() && !free.empty(); ++begun) {
        const auto range = run_.claim();
        if (!range) {
          more = false;
          break;
        }
        if (begins(*range, flights[free.back()])) {
          waits.add(free.back(), flights[free.back()]->waiting.wait());
          free.pop_back();
        }
      }
      if (!more && waits.empty()) return;
      for (const auto& [place, ready] : waits.await(run_.wake_fd(), !more || free.empty())) {
        if (goes_on(flights[place], ready))
          waits.add(place, flights[place]->waiting.wait());
        else
          free.push_back(place);
      }
    }
  }

  MapRun& run_;
  std::vector<MapItem<Value>> slots_;
  Calls calls_;
};

}  // namespace detail

/// Calls `function` for every item and gives the results with their index.
///
/// `items`: any random-access range that knows its size. `function`: called as a const object, from several threads at
/// once with threads and openmp. Strategy async wants one that returns a Waiting<T> (core/parallel/waiting.h) and holds
/// `workers` of them in flight on this thread; processes wants one made known by register_map()
/// (core/parallel/processes.h), and main() calls worker_entry() first; such a function may run more than once for an
/// item where a worker died. A registered coroutine runs with every strategy. Results must be default-constructible;
/// those of void are std::monostate.
///
/// Throws MapError for an item that failed, with OnError::stop; UsageError where the strategy cannot run the function;
/// std::runtime_error where processes cannot be started; and what `progress` threw.
template <std::ranges::random_access_range Items, class Function>
  requires std::ranges::sized_range<const Items>
auto parallel_map(MapStrategy strategy, const Items& items, const Function& function, const MapOptions& options = {}) {
  using Mapping = detail::Mapping<Items, Function>;
  detail::MapRun run(strategy, std::ranges::size(items), options, Mapping::kKind);
  Mapping mapping(run, items, function);
  mapping.on(strategy);
  return mapping.result();
}

}  // namespace overtake
