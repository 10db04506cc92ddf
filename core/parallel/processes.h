// SPDX-License-Identifier: Apache-2.0
// parallel_map's strategy processes: items and results travel in batches over the worker pool. Here are both ends of a
// batch: what the worker does with it, and what the caller needs to know of the types.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/parallel/map_run.h"
#include "core/parallel/waiting.h"
#include "core/pool/bytes.h"
#include "core/pool/task.h"

namespace overtake {
namespace detail {

template <class T>
struct Unwrapped {
  using Type = T;
};
template <>
struct Unwrapped<void> {
  using Type = std::monostate;
};
template <class T>
struct Unwrapped<Waiting<T>> : Unwrapped<T> {};

template <class T>
inline constexpr bool kIsWaiting = false;
template <class T>
inline constexpr bool kIsWaiting<Waiting<T>> = true;

/// Values one behind the other; texts and bytes with their length before them.
template <Sendable T>
void append_value(Bytes& to, const T& value) {
  const auto append = [&](const void* data, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(data);
    to.insert(to.end(), first, first + size);
  };
  if constexpr (std::is_trivially_copyable_v<T>) {
    append(&value, sizeof value);
  } else {
    const std::uint64_t size = value.size();
    append(&size, sizeof size);
    if (size > 0) append(value.data(), size);
  }
}

class BatchReader {
 public:
  explicit BatchReader(std::span<const std::byte> bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }

  /// Throws std::runtime_error where the bytes end before.
  template <Sendable T>
  T next() {
    if constexpr (std::is_trivially_copyable_v<T>)
      return from_bytes<T>(take(sizeof(T)));
    else
      return from_bytes<T>(take(next<std::uint64_t>()));
  }

 private:
  std::span<const std::byte> take(std::size_t size) {
    if (size > rest_.size()) throw std::runtime_error("a message between processes has the wrong size");
    const auto out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  std::span<const std::byte> rest_;
};

// What stands before a batch's items. Each worker notes the item that it is at in a cache line of its own, so that one
// that dies has said which item that was.
struct BatchHead {
  SharedRef current;  // std::uint64_t, kSlotStride apart, one a worker
  std::uint64_t begin, count;
  std::uint64_t stop_at_error;
};
inline constexpr std::size_t kSlotStride = 16;
inline constexpr std::uint64_t kNoItem = static_cast<std::uint64_t>(-1);
enum class Outcome : std::uint8_t { value, error };

template <class In, class Function>
auto run_to_end(const Function& function, const In& item) {
  using Out = std::invoke_result_t<const Function&, const In&>;
  if constexpr (kIsWaiting<Out>) {
    Out waiting = function(item);
    drive(waiting);
    return waiting.take();
  } else if constexpr (std::is_void_v<Out>) {
    function(item);
    return std::monostate{};
  } else {
    return function(item);
  }
}

/// The worker's side, a RawTask: an Outcome and a value or a message for each item, up to the first error if so asked.
template <auto function, class In>
Bytes run_batch(WorkerContext& context, std::span<const std::byte> bytes) {
  BatchReader items(bytes);
  const auto head = items.next<BatchHead>();
  const std::span<std::uint64_t> slots = context.map<std::uint64_t>(head.current);
  const std::atomic_ref current(slots[static_cast<std::size_t>(context.worker()) * kSlotStride]);
  Bytes answer;
  for (std::uint64_t i = 0; i < head.count; ++i) {
    const In item = items.next<In>();
    current.store(head.begin + i, std::memory_order_relaxed);
    std::string error;
    try {
      const auto value = run_to_end<In>(function, item);
      append_value(answer, Outcome::value);
      append_value(answer, value);
      continue;
    } catch (const std::exception& thrown) {
      error = thrown.what();
    } catch (...) {
      error = "an exception of unknown type";
    }
    append_value(answer, Outcome::error);
    append_value(answer, error);
    if (head.stop_at_error != 0) break;
  }
  current.store(kNoItem, std::memory_order_relaxed);
  return answer;
}

template <class Function>
struct MapSignature;
template <class In, class Out>
struct MapSignature<Out (*)(const In&)> {
  using Item = In;
  using Returned = Out;
};

/// What on_processes() needs to know of items and results.
class BatchItems {
 public:
  virtual ~BatchItems() = default;
  virtual void append(std::size_t index, Bytes& to) const = 0;
  virtual void take(std::size_t index, BatchReader& from) = 0;
};

/// Sends all items through the function registered as `name`.
void on_processes(MapRun& run, std::string_view name, BatchItems& items);

}  // namespace detail

/// A function that other processes know by its name; parallel_map takes it for every strategy. The type names the
/// function, so that loops over it have it compiled into them and call nothing through a pointer.
template <auto function>
struct MapFunction {
  using Item = typename detail::MapSignature<decltype(function)>::Item;
  using Returned = typename detail::MapSignature<decltype(function)>::Returned;
  std::string_view name;
  Returned operator()(const Item& item) const { return function(item); }
};

/// Makes an `Out f(const In&)` known to the program's worker processes; In and Out are Sendable, Out may be void or a
/// Waiting. At namespace scope: `const auto kSquare = register_map<square>("square");`. `name` must outlive the program
/// and be no other task's: std::logic_error.
template <auto function>
auto register_map(std::string_view name) {
  using Registered = MapFunction<function>;
  static_assert(Sendable<typename Registered::Item>, "items travel to other processes as bytes: see core/pool/bytes.h");
  static_assert(Sendable<typename detail::Unwrapped<typename Registered::Returned>::Type>,
                "results travel between processes as bytes: see core/pool/bytes.h");
  register_raw_task(name, &detail::run_batch<function, typename Registered::Item>);
  return Registered{name};
}

}  // namespace overtake
