// SPDX-License-Identifier: Apache-2.0
// What workers of the pool can be asked to do: functions registered by name, so that parent and worker, which are the
// same program, mean the same function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/memory/arena.h"
#include "core/pool/bytes.h"
#include "core/pool/channel.h"

namespace overtake {

/// A block of memory that parent and workers share; a plain value to be put into tasks. Made by Pool::share().
struct SharedRef {
  std::uint64_t arena = 0;  // 0: an empty block
  std::uint64_t offset = 0, bytes = 0;
};

/// The worker's side of the pool, handed to every task.
class WorkerContext {
 public:
  WorkerContext(int number, Channel& parent) : number_(number), parent_(parent) {}

  /// 0-based, below the pool's workers().
  int worker() const { return number_; }

  /// The block that `ref` names, at this process' own address. Throws std::runtime_error where the parent has given it
  /// up since, or where T does not fit.
  template <class T>
  std::span<T> map(const SharedRef& ref) {
    static_assert(std::is_trivially_copyable_v<T>, "other processes see the bytes only");
    if (ref.offset % alignof(T) != 0 || ref.bytes % sizeof(T) != 0)
      throw std::runtime_error("a shared block does not hold whole elements of the type it is used as");
    return {reinterpret_cast<T*>(map_bytes(ref)), ref.bytes / sizeof(T)};
  }

  /// A sign of life from a long task: the pool's time limit starts anew.
  void heartbeat();

  /// Called by the worker's loop when the parent shares or gives up an arena.
  void attach(std::uint64_t arena, FileDescriptor memory);
  void detach(std::uint64_t arena) { mappings_.erase(arena); }

 private:
  std::byte* map_bytes(const SharedRef& ref);

  // A grown arena is mapped once more; the older mapping stays, because the task may be using it.
  struct Mapping {
    std::vector<Arena> arenas;
    std::span<std::byte> newest;
  };
  int number_;
  Channel& parent_;
  std::map<std::uint64_t, Mapping> mappings_;
};

using RawTask = Bytes (*)(WorkerContext&, std::span<const std::byte>);

/// Throws std::logic_error where the name is taken.
void register_raw_task(std::string_view name, RawTask run);

/// A registered function from In to Out; Out may be void.
template <class In, class Out>
struct Task {
  std::string_view name;
};

namespace detail {

template <class Function>
struct Signature;
template <class In, class Out>
struct Signature<Out (*)(WorkerContext&, const In&)> {
  using Handle = Task<In, Out>;
  template <Out (*function)(WorkerContext&, const In&)>
  static Bytes run(WorkerContext& context, std::span<const std::byte> bytes) {
    const In in = from_bytes<In>(bytes);
    if constexpr (std::is_void_v<Out>) {
      function(context, in);
      return {};
    } else {
      return to_bytes(function(context, in));
    }
  }
};

}  // namespace detail

/// Registers `function`, an `Out f(WorkerContext&, const In&)`, where In and Out are Sendable. At namespace scope:
/// `const auto kRows = register_task<multiply_rows>("matmul_rows");`. `name` must outlive the program.
template <auto function>
auto register_task(std::string_view name) {
  using Signature = detail::Signature<decltype(function)>;
  register_raw_task(name, &Signature::template run<function>);
  return typename Signature::Handle{name};
}

// The protocol between pool and worker.
enum class PoolMessage : std::uint32_t {
  setup = 1,  // -> worker: its number
  attach,     // -> worker: id of an arena, with its descriptor
  detach,     // -> worker: id of an arena
  task,       // -> worker: name, a zero byte, the task's bytes
  done,       // <- worker: DoneHead, result
  failed,     // <- worker: message of the exception
  heartbeat,  // <- worker
};
struct DoneHead {
  double seconds;  // what the function took
};

/// The main loop of a worker, a ChildMain; pool.cpp registers it.
int run_worker(Channel& parent);

}  // namespace overtake
