// SPDX-License-Identifier: Apache-2.0
// A cell is one thing that can be timed. Its name is the benchmark's name, its fields are the key of a result row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/element.h"
#include "core/key_values.h"

namespace overtake {

/// none: the workload has no element type. bf16: in and out, added up in f32. tf32: f32 in memory, its operands
/// rounded.
enum class Dtype { none, f32, f64, bf16, tf32 };
enum class Scope { kernel, end_to_end, cold_start, device, reported };  // reported: the user's program timed itself
enum class Strategy { serial, threads, processes, mpi, async, gpu };

std::string_view to_string(Dtype);
std::string_view to_string(Scope);
std::string_view to_string(Strategy);
/// Each throws UsageError that lists the words it takes.
Dtype parse_dtype(std::string_view);
Scope parse_scope(std::string_view);
Strategy parse_strategy(std::string_view);
/// Bytes of one element; 0 for Dtype::none.
std::int64_t size_of(Dtype);

/// Stands for the element type of workloads that have none: Dtype::none.
struct NoElement {};

template <class T>
constexpr Dtype dtype_of() {
  if constexpr (std::is_same_v<T, NoElement>) {
    return Dtype::none;
  } else {
    static_assert(
        std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, Bf16> || std::is_same_v<T, Tf32>,
        "elements are float, double, Bf16 or Tf32");
    if constexpr (std::is_same_v<T, Bf16>) return Dtype::bf16;
    if constexpr (std::is_same_v<T, Tf32>) return Dtype::tf32;
    return std::is_same_v<T, double> ? Dtype::f64 : Dtype::f32;
  }
}

/// Workers asked for: a number, or all = one per physical core that this process may use.
struct Workers {
  int count = 0;                                // 0: all
  static Workers parse(std::string_view text);  // "all" or a positive number; throws UsageError
  std::string to_string() const;
  friend bool operator==(Workers, Workers) = default;
};

/// Parameters of every workload: rows that time a cell twice, so that what this machine calls a difference can be seen,
/// and, in scope end_to_end, how many runs on the same data load and store are paid once for.
constexpr std::string_view kAaParam = "aa", kCallsParam = "calls";

struct Cell {
  std::string workload, variant;
  Dtype dtype = Dtype::none;
  Scope scope = Scope::kernel;
  KeyValues shape, params;
  Workers workers;

  /// "matmul/openmp/f32/kernel/m:1024/n:1024/k:1024/pad=3/workers:2": shape as key:value, params as key=value.
  /// Characters outside [A-Za-z0-9._+-] in values are written as %XX.
  std::string name() const;
  /// The inverse of name(); throws UsageError naming the text.
  static Cell parse(std::string_view name);
  friend bool operator==(const Cell&, const Cell&) = default;
};

}  // namespace overtake
