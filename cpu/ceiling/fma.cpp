// SPDX-License-Identifier: Apache-2.0
// How many multiply-adds the cores can do: independent chains of them in registers, as many as hide their latency,
// with nothing else to do.
#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <string>
#include <vector>

#include "core/registry/variant.h"
#include "core/system/clock.h"
#include "core/workload/ceiling.h"
#include "cpu/ceiling/engine/private_block.h"
#include "cpu/ceiling/engine/probes.h"

namespace overtake {
namespace {

template <class T>
class Fma {
 public:
  Fma(const Ceiling::Problem& p, const Resources& resources)
      : problem_(p), parts_(static_cast<std::size_t>(resources.workers)) {
    if (p.on_gpu()) throw Skip(std::string(to_string(p.level)) + " is a GPU's");
    if (p.level != Ceiling::Level::registers)
      throw Skip("fma works in registers: read, copy and copy_nt are the ceilings of " +
                 std::string(to_string(p.level)));
    const std::int64_t workers = resources.workers;
    for (std::int64_t i = 0; i < workers; ++i) {
      Part& part = parts_[static_cast<std::size_t>(i)];
      part.block = PrivateBlock(2 * Ceiling::kInRegisters * sizeof(T));
      part.x = static_cast<T*>(part.block.data());
      part.y = part.x + Ceiling::kInRegisters;
      part.passes = p.passes * (i + 1) / workers - p.passes * i / workers;
    }
  }

  void load(const Ceiling::Input<T>& input, Ceiling::Output<T>& output) {
    output_ = &output;
    addend_ = input.addend;
    for (Part& part : parts_) std::copy(input.x.begin(), input.x.end(), part.x);
  }

  void run() {
    const auto fma = kernel();
    const int parts = static_cast<int>(parts_.size());
    const auto start = std::chrono::steady_clock::now();
#pragma omp parallel for schedule(static, 1) num_threads(parts)
    for (int i = 0; i < parts; ++i) {
      const Part& part = parts_[static_cast<std::size_t>(i)];
      fma(part.x, factor_, addend_, part.y, part.passes);
    }
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  void store() {
    output_->answer().stored = Ceiling::Stored::steps;
    // With more workers than passes some have nothing to do, but never the last.
    std::copy_n(parts_.back().y, Ceiling::kInRegisters, output_->y.begin());
    // All workers computed the same: one that differs must not hide behind another.
    for (const Part& part : parts_)
      for (std::size_t i = 0; part.passes > 0 && i < output_->y.size(); ++i)
        if (!(part.y[i] == output_->y[i])) output_->y[i] = std::numeric_limits<T>::quiet_NaN();
  }

  void poison() {
    for (Part& part : parts_) std::fill_n(part.y, Ceiling::kInRegisters, std::numeric_limits<T>::quiet_NaN());
  }

  KeyValues metrics() const {
    KeyValues out{{"kernel", probes().target}};
    const FmaPeak peak = fma_peak();
    if (std::chrono::steady_clock::now() - clock_measured_ > kClockHolds) {
      clock_hz_ = mean_clock_hz();
      clock_measured_ = std::chrono::steady_clock::now();
    }
    const double clock = clock_hz_;
    const bool checked = peak.known && clock > 0;
    if (clock > 0) out.set("clock_hz", clock);
    out.set("probe", checked ? "checked" : "unchecked");
    if (checked && seconds_ > 0) {
      const double per_cycle = sizeof(T) == sizeof(float) ? peak.flops_per_cycle_f32 : peak.flops_per_cycle_f64;
      const double rate = Ceiling::cost(problem_, dtype_of<T>()).flops / seconds_;
      out.set("peak_share", rate / (per_cycle * clock * static_cast<double>(parts_.size())));
    }
    return out;
  }

 private:
  struct Part {
    PrivateBlock block;
    T *x = nullptr, *y = nullptr;
    std::int64_t passes = 0;
  };

  static auto kernel() {
    if constexpr (sizeof(T) == sizeof(float))
      return probes().fma_f32;
    else
      return probes().fma_f64;
  }

  // With as many cores busy as the run had, because a core alone clocks higher; NaN where it cannot be measured.
  double mean_clock_hz() const {
    const int parts = static_cast<int>(parts_.size());
    double sum = 0;
#pragma omp parallel for schedule(static, 1) num_threads(parts) reduction(+ : sum)
    for (int i = 0; i < parts; ++i) {
      // No exception may leave a parallel region.
      try {
        sum += measured_clock_hz();
      } catch (const std::exception&) {
        sum += std::numeric_limits<double>::quiet_NaN();
      }
    }
    return sum / parts;
  }

  // Measuring the clock takes longer than a sample: that of a moment ago serves.
  static constexpr std::chrono::milliseconds kClockHolds{500};

  Ceiling::Problem problem_;
  std::vector<Part> parts_;
  mutable std::chrono::steady_clock::time_point clock_measured_{};
  mutable double clock_hz_ = 0;
  T addend_ = 0, factor_ = -1;
  double seconds_ = 0;
  Ceiling::Output<T>* output_ = nullptr;
};

}  // namespace

OVERTAKE_VARIANT(Ceiling, fma, Strategy::threads, Fma, float, double);

}  // namespace overtake
