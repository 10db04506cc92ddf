// SPDX-License-Identifier: Apache-2.0
#include "core/workload/ceiling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/registry/workload_info.h"
#include "core/system/resources.h"

namespace overtake {
namespace {

using Level = Ceiling::Level;
constexpr std::array kLevels = {Level::registers,     Level::l1,         Level::l2,      Level::l3, Level::memory,
                                Level::gpu_registers, Level::gpu_memory, Level::gpu_link};
constexpr std::int64_t kElement = sizeof(float);
constexpr std::int64_t kUnit = 4096;  // bytes: sizes are multiples, so that halves and slices are whole vectors
constexpr std::int64_t kMinMemory = std::int64_t{64} << 20;
// Of a GPU, the same for all: passes times kGpuInput is a gigabyte, many times any L2 cache, and 10^11 flops; a link
// needs a millisecond or more for half of kGpuInput.
constexpr std::int64_t kGpuInput = std::int64_t{128} << 20, kGpuCopies = 8, kGpuRegisterPasses = 16384;

Level parse_level(std::string_view word, const std::string& where) {
  for (const Level level : kLevels)
    if (word == to_string(level)) return level;
  throw UsageError(where + ": ceiling takes " + std::string(Ceiling::size_help));
}

std::int64_t cache_bytes(int level) {
  for (const CacheLevel& cache : data_caches())
    if (cache.level == level) return cache.bytes;
  return 0;
}

// Bytes in use: well inside the level, and well outside the one below. What one worker uses is the same for one worker
// and for all, hence a core's share of a shared cache.
std::int64_t working_set(Level level) {
  switch (level) {
    case Level::registers:
    case Level::gpu_registers:
      return 0;
    case Level::gpu_memory:
    case Level::gpu_link:
      return kGpuInput;
    case Level::l1:
      return cache_bytes(1) / 2;
    case Level::l2:
      return cache_bytes(2) / 2;
    case Level::l3:
      break;
    case Level::memory: {
      std::int64_t last = 0;
      for (const CacheLevel& cache : data_caches()) {
        const std::int64_t sharing = std::max(cache.shared_by, 1);
        last = std::max(last, cache.bytes * ((physical_cores_allowed() + sharing - 1) / sharing));
      }
      return std::min(std::max(4 * last, kMinMemory), memory_limit_bytes() / 16);
    }
  }
  for (const CacheLevel& cache : data_caches())
    if (cache.level == 3) return cache_bytes(2) + cache.bytes / std::max(cache.shared_by, 1) / 2;
  return 0;
}

std::int64_t passes_for(Level level, std::int64_t bytes) {
  // Work for each core that takes at least 100 us, so that starting the threads does not show.
  constexpr std::int64_t kBytesPerCore = std::int64_t{48} << 20, kPassesPerCore = 48;
  const std::int64_t cores = physical_cores_allowed();
  if (level == Level::memory || level == Level::gpu_link) return 1;
  if (level == Level::gpu_memory) return kGpuCopies;
  if (level == Level::gpu_registers) return kGpuRegisterPasses;
  if (level == Level::registers) return kPassesPerCore * cores;
  return std::max<std::int64_t>(kBytesPerCore / std::max<std::int64_t>(bytes, 1), 2) * cores;
}

template <class T>
constexpr std::array<Ceiling::Fault<T>, 4> kFaults = {{
    {"one wrong element",
     [](const Ceiling::Input<T>&, Ceiling::Output<T>& out) {
       out.y[out.y.size() / 3] += T(1);
       out.answer().sum += 1;
     }},
    {"doubled result",
     [](const Ceiling::Input<T>&, Ceiling::Output<T>& out) {
       for (T& y : out.y) y *= 2;
       out.answer().sum *= 2;
     }},
    {"NaN",
     [](const Ceiling::Input<T>&, Ceiling::Output<T>& out) {
       out.y.back() = std::numeric_limits<T>::quiet_NaN();
       out.answer().sum = std::numeric_limits<double>::quiet_NaN();
     }},
    {"Inf",
     [](const Ceiling::Input<T>&, Ceiling::Output<T>& out) {
       out.y.front() = std::numeric_limits<T>::infinity();
       out.answer().sum = std::numeric_limits<double>::infinity();
     }},
}};

}  // namespace

std::string_view to_string(Ceiling::Level level) {
  switch (level) {
    case Level::registers:
      return "registers";
    case Level::l1:
      return "L1";
    case Level::l2:
      return "L2";
    case Level::l3:
      return "L3";
    case Level::memory:
      return "memory";
    case Level::gpu_registers:
      return "gpu_registers";
    case Level::gpu_memory:
      return "gpu_memory";
    case Level::gpu_link:
      return "gpu_link";
  }
  return "?";
}

Ceiling::Problem Ceiling::Problem::from(const KeyValues& shape, const KeyValues&) {
  Problem p;
  p.level = parse_level(shape.find("level").value_or(""), "level=" + shape.find("level").value_or(""));
  const std::int64_t bytes = working_set(p.level) / kUnit * kUnit;
  p.elements = p.in_registers() ? kInRegisters : bytes / kElement;
  p.passes = passes_for(p.level, bytes);
  return p;
}

KeyValues Ceiling::Problem::shape() const {
  KeyValues out;
  out.set("level", to_string(level));
  return out;
}

template <class T>
Ceiling::Input<T>::Input(const Problem& p, Arena& arena, const InputSource& source)
    : problem(p), x(arena.allocate<T>(static_cast<std::size_t>(p.elements))) {
  const RandomStream random(source.seed, 1);
  const auto whole = [](std::uint64_t bits, std::int64_t range) {
    return static_cast<T>(static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(2 * range)) - range);
  };
  // In registers |x| + |addend| + steps stays below 2^24, where float still holds every whole number.
  addend = whole(random.bits(x.size()), 1 << 21);
  if (source.attached || x.empty()) return;
  if (p.in_registers()) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = whole(random.bits(i), 1 << 22);
    return;
  }
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = whole(random.bits(i), 8);
    sum += static_cast<std::int64_t>(x[i]);
  }
  // The sum of one input is even and that of the other odd: a stale sum must be wrong.
  if ((sum & 1) != (source.second ? 1 : 0)) x[0] = x[0] < 0 ? x[0] + 1 : x[0] - 1;
}

template <class T>
Ceiling::Output<T>::Output(const Problem& p, const Input<T>&, Arena& arena)
    : y(arena.allocate<T>(static_cast<std::size_t>(p.in_registers() ? p.elements : p.elements / 2))),
      answer_(arena.allocate<Answer>(1)) {}

template <class T>
void Ceiling::Output<T>::poison() {
  answer() = {Stored::nothing, std::numeric_limits<double>::quiet_NaN()};
  std::fill(y.begin(), y.end(), std::numeric_limits<T>::quiet_NaN());
}

template <class T>
Ceiling::Checker<T>::Checker(const Input<T>& input) : problem_(input.problem), x_(input.x) {
  sum_ = static_cast<double>(problem_.passes) * std::accumulate(x_.begin(), x_.end(), 0.0);
}

template <class T>
Check Ceiling::Checker<T>::operator()(const Output<T>& output) const {
  const auto& answer = output.answer();
  switch (answer.stored) {
    case Stored::nothing:
      break;
    case Stored::copy:
      return compare("equal to source", output, T{0});
    case Stored::steps: {
      const std::int64_t added = problem_.steps() / 2;
      return compare("closed form", output, static_cast<T>(added));
    }
    case Stored::sum: {
      const double error = std::abs(answer.sum - sum_);
      const bool ok = error <= 0;
      return {.method = "exact sum",
              .error = error,
              .tolerance = 0,
              .ok = ok,
              .detail = ok ? "" : "the sum is " + std::to_string(answer.sum) + ", not " + std::to_string(sum_)};
    }
  }
  return {.method = "exact",
          .error = std::numeric_limits<double>::quiet_NaN(),
          .tolerance = 0,
          .ok = false,
          .detail = "no answer was stored"};
}

template <class T>
Check Ceiling::Checker<T>::compare(std::string_view method, const Output<T>& output, T added) const {
  for (std::size_t i = 0; i < output.y.size(); ++i) {
    const double expected = static_cast<double>(x_[i] + added);
    const double error = std::abs(static_cast<double>(output.y[i]) - expected);
    if (!(error <= 0))
      return {.method = method,
              .error = error,
              .tolerance = 0,
              .ok = false,
              .detail = "element " + std::to_string(i) + " is " + std::to_string(static_cast<double>(output.y[i])) +
                        ", not " + std::to_string(expected)};
  }
  return {.method = method, .error = 0, .tolerance = 0, .ok = true};
}

template <class T>
std::span<const Ceiling::Fault<T>> Ceiling::faults() {
  return kFaults<T>;
}

Cost Ceiling::cost(const Problem& p, Dtype dtype) {
  const double moved = static_cast<double>(p.elements) * static_cast<double>(p.passes);
  if (p.in_registers()) return {.flops = 2 * static_cast<double>(p.steps()) * moved, .fma = dtype};
  if (p.level == Level::gpu_link) return {.bytes_read = moved / 2 * static_cast<double>(kElement)};
  return {.bytes_read = moved * static_cast<double>(kElement)};
}

KeyValues Ceiling::parse_size(std::string_view size) {
  KeyValues shape;
  shape.set("level", to_string(parse_level(size, "--size " + std::string(size))));
  return shape;
}

template struct Ceiling::Input<float>;
template struct Ceiling::Input<double>;
template struct Ceiling::Output<float>;
template struct Ceiling::Output<double>;
template class Ceiling::Checker<float>;
template class Ceiling::Checker<double>;
template std::span<const Ceiling::Fault<float>> Ceiling::faults<float>();
template std::span<const Ceiling::Fault<double>> Ceiling::faults<double>();

OVERTAKE_WORKLOAD(Ceiling);

}  // namespace overtake
