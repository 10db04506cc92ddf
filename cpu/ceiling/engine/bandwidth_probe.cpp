// SPDX-License-Identifier: Apache-2.0
#include "cpu/ceiling/engine/bandwidth_probe.h"

#include <omp.h>

#include <algorithm>
#include <limits>
#include <string>

namespace overtake {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

}  // namespace

BandwidthProbe::BandwidthProbe(Kind kind, const Ceiling::Problem& p, const Resources& resources)
    : kind_(kind), problem_(p), parts_(static_cast<std::size_t>(resources.workers)) {
  if (p.on_gpu()) throw Skip(std::string(to_string(p.level)) + " is a GPU's");
  if (p.level == Ceiling::Level::registers) throw Skip("registers have no bandwidth: fma is their ceiling");
  if (p.elements == 0) throw Skip("this machine lists no " + std::string(to_string(p.level)) + " cache");
  const std::int64_t workers = resources.workers;
  // A copy reads the first half of the input and writes as much.
  const std::int64_t blocks = p.elements / kProbeBlock / (kind == Kind::copy ? 2 : 1);
  for (std::int64_t i = 0; i < workers; ++i) {
    Part& part = parts_[static_cast<std::size_t>(i)];
    const auto share = [&](std::int64_t whole) { return whole * (i + 1) / workers - whole * i / workers; };
    part.first = p.has_slices() ? blocks * i / workers * kProbeBlock : 0;
    part.count = (p.has_slices() ? share(blocks) : blocks) * kProbeBlock;
    part.passes = p.has_slices() ? p.passes : share(p.passes);
    const auto bytes = static_cast<std::size_t>(part.count) * sizeof(float);
    part.block = PrivateBlock(kind == Kind::copy ? 2 * bytes : bytes);
    part.from = static_cast<float*>(part.block.data());
    part.to = kind == Kind::copy ? part.from + part.count : nullptr;
  }
}

void BandwidthProbe::for_each_part(const std::function<void(Part&)>& work) {
  const int parts = static_cast<int>(parts_.size());
  // Parts and threads go together in the same order each time, so that a part stays near its worker; should OpenMP
  // grant fewer threads, all parts are worked on nevertheless.
#pragma omp parallel for schedule(static, 1) num_threads(parts)
  for (int i = 0; i < parts; ++i) {
    if (i == 0) team_ = omp_get_num_threads();
    work(parts_[static_cast<std::size_t>(i)]);
  }
}

void BandwidthProbe::load(const Ceiling::Input<float>& input, Ceiling::Output<float>& output) {
  output_ = &output;
  for_each_part([&](Part& part) { std::copy_n(input.x.data() + part.first, part.count, part.from); });
}

void BandwidthProbe::store() {
  if (kind_ == Kind::read) {
    double sum = 0;
    for (const Part& part : parts_) sum += part.sum;
    output_->answer() = {Ceiling::Stored::sum, sum};
    return;
  }
  output_->answer() = {Ceiling::Stored::copy, std::numeric_limits<double>::quiet_NaN()};
  bool is_first = true;
  for (const Part& part : parts_) {
    if (part.passes == 0) continue;
    float* y = output_->y.data() + part.first;
    if (problem_.has_slices() || is_first) {
      std::copy_n(part.to, part.count, y);
    } else {
      // All workers copied the same: one that differs must not hide behind another.
      for (std::int64_t i = 0; i < part.count; ++i)
        if (!(part.to[i] == y[i])) y[i] = kNan;
    }
    is_first = false;
  }
}

void BandwidthProbe::poison() {
  for_each_part([](Part& part) {
    part.sum = std::numeric_limits<double>::quiet_NaN();
    if (part.to != nullptr) std::fill_n(part.to, part.count, kNan);
  });
}

KeyValues BandwidthProbe::metrics() const {
  KeyValues out{{"kernel", probes().target}};
  out.set("working_set_bytes", problem_.elements * static_cast<std::int64_t>(sizeof(float)));
  return out;
}

}  // namespace overtake
