// SPDX-License-Identifier: Apache-2.0
// What the GPU ceilings run: sums and copies of memory, chains of multiply-adds, and the comparison of results that
// must be the same. Against cuda::DeviceBlock's calls, so that tests/gpu runs them on the CPU.
#pragma once

#include <cstdint>

#include "gpu/cuda/host_device.cuh"
#include "gpu/cuda/vector.cuh"

namespace overtake {

struct ProbeKernels {
  static constexpr int kThreads = 256;
  /// Loads of 16 bytes that a thread has under way at once.
  static constexpr int kInFlight = 4;
  /// Independent multiply-adds of a thread, as many as hide their latency on half-empty multiprocessors too.
  static constexpr int kChains = 4;

  /// Sum of `vectors` vectors of whole numbers, this block's part: exact while a thread's part stays below 2^24.
  /// shared: kThreads numbers; out: one a block.
  template <class Block>
  OVERTAKE_DEVICE static void sum(const Block& block, const Vector<float>* x, std::int64_t vectors, std::int64_t blocks,
                                  double* shared, double* out) {
    float sums[kInFlight] = {};
    for_each_vector(block, vectors, blocks, [&](const std::int64_t(&at)[kInFlight]) {
      Vector<float> values[kInFlight];
      OVERTAKE_UNROLL
      for (int i = 0; i < kInFlight; ++i) values[i] = at[i] < vectors ? x[at[i]] : Vector<float>{};
      OVERTAKE_UNROLL
      for (int i = 0; i < kInFlight; ++i) OVERTAKE_UNROLL
      for (int j = 0; j < kVectorWidth<float>; ++j) sums[i] += values[i].v[j];
    });
    double mine = 0;
    for (int i = 0; i < kInFlight; ++i) mine += static_cast<double>(sums[i]);
    shared[block.thread()] = mine;
    for (int half = kThreads / 2; half > 0; half /= 2) {
      block.sync();
      if (block.thread() < half) shared[block.thread()] += shared[block.thread() + half];
    }
    if (block.thread() == 0) out[block.index()] = shared[0];
  }

  template <class Block>
  OVERTAKE_DEVICE static void copy(const Block& block, const Vector<float>* from, Vector<float>* to,
                                   std::int64_t vectors, std::int64_t blocks) {
    for_each_vector(block, vectors, blocks, [&](const std::int64_t(&at)[kInFlight]) {
      Vector<float> values[kInFlight];
      OVERTAKE_UNROLL
      for (int i = 0; i < kInFlight; ++i)
        if (at[i] < vectors) values[i] = from[at[i]];
      OVERTAKE_UNROLL
      for (int i = 0; i < kInFlight; ++i)
        if (at[i] < vectors) to[at[i]] = values[i];
    });
  }

  /// kThreads x kChains elements a block, x repeating every `period` elements; `steps` multiply-adds of each, as
  /// Ceiling::Input says. factor is -1, which the compiler must not know.
  template <class T, class Block>
  OVERTAKE_DEVICE static void multiply_add(const Block& block, const T* x, int period, T factor, T addend, int steps,
                                           T* y) {
    const std::int64_t first = (block.index() * kThreads + block.thread()) * kChains;
    T values[kChains];
    OVERTAKE_UNROLL
    for (int i = 0; i < kChains; ++i) values[i] = x[(first + i) % period];
    const T next = addend + 1;
    constexpr int kPairs = 16;  // of steps in a turn of the loop
    for (int s = 0; s < steps; s += 2 * kPairs) OVERTAKE_UNROLL
    for (int pair = 0; pair < kPairs; ++pair) {
      OVERTAKE_UNROLL
      for (int i = 0; i < kChains; ++i) values[i] = values[i] * factor + addend;
      OVERTAKE_UNROLL
      for (int i = 0; i < kChains; ++i) values[i] = values[i] * factor + next;
    }
    OVERTAKE_UNROLL
    for (int i = 0; i < kChains; ++i) y[first + i] = values[i];
  }

  /// Counts the elements of y that are not equal to the one `period` or a multiple of it before: NaN never is.
  template <class T, class Block>
  OVERTAKE_DEVICE static void count_different(const Block& block, const T* y, std::int64_t count, std::int64_t period,
                                              std::int64_t blocks, unsigned* different) {
    for (std::int64_t i = block.index() * kThreads + block.thread(); i < count; i += blocks * kThreads)
      if (!(y[i] == y[i % period])) block.add_to(different, 1);
  }

 private:
  // Calls with the places of kInFlight vectors at a time, which may lie beyond the end; all together every vector once.
  template <class Block, class Work>
  OVERTAKE_DEVICE static void for_each_vector(const Block& block, std::int64_t vectors, std::int64_t blocks,
                                              Work&& work) {
    const std::int64_t stride = blocks * kThreads;
    for (std::int64_t first = block.index() * kThreads + block.thread(); first < vectors; first += kInFlight * stride) {
      std::int64_t at[kInFlight];
      OVERTAKE_UNROLL
      for (int i = 0; i < kInFlight; ++i) at[i] = first + i * stride;
      work(at);
    }
  }
};

}  // namespace overtake
