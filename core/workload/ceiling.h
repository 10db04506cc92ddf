// SPDX-License-Identifier: Apache-2.0
// The workload ceiling: what this machine can do at most, in multiply-adds and in bytes from each level of memory.
// Every other workload's rates are held against it. Variants are in cpu/ceiling and gpu/ceiling.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/memory/arena.h"
#include "core/workload/workload.h"

namespace overtake {

struct Ceiling {
  static constexpr std::string_view name = "ceiling", baseline = "read";
  static constexpr std::string_view size_help = "registers, L1, L2, L3, memory, gpu_registers, gpu_memory or gpu_link",
                                    rate_unit = "GB/s";
  static constexpr std::array<std::string_view, 0> param_names = {};
  static constexpr bool has_f64 = true;

  /// gpu_link: between the host's memory and a GPU's.
  enum class Level { registers, l1, l2, l3, memory, gpu_registers, gpu_memory, gpu_link };

  /// The shape names the level alone, so that all machines have the same cells; sizes follow from this machine's
  /// caches and cores, and not from the number of workers, which share out the same work.
  struct Problem {
    Level level = Level::memory;
    /// Elements that one pass reads (a copy reads one half and writes as much); 0: this machine has no such level.
    std::int64_t elements = 0;
    /// In the caches each worker passes over a part of its own, `passes` times in all; memory is passed over once,
    /// each worker on its slice. A GPU's memory holds so many copies of the input, and a GPU's threads compute so many.
    std::int64_t passes = 0;
    static Problem from(const KeyValues& shape, const KeyValues& params);
    KeyValues shape() const;
    Problem shrunk(std::int64_t) const { return *this; }
    bool has_slices() const { return level == Level::memory; }
    bool in_registers() const { return level == Level::registers || level == Level::gpu_registers; }
    bool on_gpu() const { return level >= Level::gpu_registers; }
    /// Multiply-adds of one pass for each of the elements in registers: x becomes x + steps / 2, see Input.
    std::int64_t steps() const { return level == Level::gpu_registers ? kGpuSteps : kSteps; }
  };

  /// The more steps, the less the store of a GPU's results shows.
  static constexpr std::int64_t kSteps = 2048, kGpuSteps = 8192;
  /// Elements in registers, a multiple of what every instruction set keeps there.
  static constexpr std::int64_t kInRegisters = 384;

  /// Whole numbers, so small that all sums of this workload are exact.
  template <class T>
  struct Input {
    Input(const Problem&, Arena&, const InputSource&);
    Problem problem;
    std::span<T> x;
    /// Steps alternate between addend - x and (addend + 1) - x: two of them add 1 exactly and flip every sign between,
    /// so that numbers neither die out nor grow, and the count of steps can be read off the result.
    T addend = 0;
  };

  enum class Stored : std::int64_t { nothing, sum, copy, steps };

  template <class T>
  struct Output {
    Output(const Problem&, const Input<T>&, Arena&);
    void poison();
    struct Answer {
      Stored stored;
      double sum;  // of all that was read in all passes
    };
    Answer& answer() const { return *answer_.data(); }
    std::span<T> y;  // the copy, or x after the steps

   private:
    std::span<Answer> answer_;
  };

  /// Exact: a sum, the copy's source, or x + steps / 2.
  template <class T>
  class Checker {
   public:
    explicit Checker(const Input<T>& input);
    Check operator()(const Output<T>& output) const;

   private:
    Check compare(std::string_view method, const Output<T>& output, T added) const;
    Problem problem_;
    std::span<const T> x_;
    double sum_ = 0;
  };

  template <class T>
  struct Fault {
    std::string_view name;
    void (*plant)(const Input<T>&, Output<T>&);
  };
  template <class T>
  static std::span<const Fault<T>> faults();

  /// In registers 2 flops a step and element; elsewhere bytes as STREAM counts them (McCalpin, "Memory bandwidth and
  /// machine balance in current high performance computers", 1995): what the program reads and writes, not what a
  /// cache fetches besides. A read and a copy of the same problem move the same number of bytes. A copy
  /// over a link counts once.
  static Cost cost(const Problem&, Dtype);
  static KeyValues parse_size(std::string_view size);

  template <class T, class V>
  static void load(V& variant, const Input<T>& input, Output<T>& output) {
    variant.load(input, output);
  }
};

std::string_view to_string(Ceiling::Level);

}  // namespace overtake
