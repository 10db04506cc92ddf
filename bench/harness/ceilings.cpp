// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/ceilings.h"

#include <algorithm>
#include <array>

#include "bench/harness/plan.h"

namespace overtake::bench {
namespace {

constexpr std::array<const char*, 3> kBandwidthVariants = {"read", "copy", "copy_nt"};

// Stores that pass the caches are no ceiling of a cache.
bool probes(const std::string& variant, const std::string& level) { return variant != "copy_nt" || level == "memory"; }

Cell ceiling_cell(std::string variant, Dtype dtype, const std::string& level, Workers workers) {
  Cell cell{.workload = "ceiling", .variant = std::move(variant), .dtype = dtype};
  cell.shape.set("level", std::string_view(level));
  cell.workers = workers;
  return cell;
}

// No GPU's L2 cache is larger: so much of a working set may be found there, and its bandwidth has no probe.
constexpr double kGpuCacheBytes = 256e6;

// What a cell of a GPU cannot do without: `amount` flops or bytes, at the best rate that one of the probes reached.
struct GpuBound {
  const char* name;
  std::vector<const char*> probes;
  const char* level;
  double amount;
};

// f64 and what else tensor cores compute are not bounded by the general units' multiply-adds. Transfers in and out may
// overlap, and with several runs on the same data (`calls`) each has a part of them.
std::vector<GpuBound> gpu_bounds(const Cell& cell, const Cost& cost) {
  std::vector<GpuBound> bounds;
  if (cost.fma == Dtype::f32 && cell.dtype == Dtype::f32)
    bounds.push_back({"gpu_fma", {"gpu_fma"}, "gpu_registers", cost.flops});
  if (!cost.through_memory) return bounds;
  if (cost.bytes() > kGpuCacheBytes)
    bounds.push_back({"gpu_memory", {"gpu_read", "gpu_copy"}, "gpu_memory", cost.bytes() - kGpuCacheBytes});
  const bool has_transfers = cell.scope == Scope::end_to_end || cell.scope == Scope::cold_start;
  if (!has_transfers || cell.params.integer(kCallsParam, 1) > 1) return bounds;
  if (cost.bytes_read > 0) bounds.push_back({"h2d", {"h2d_pinned", "h2d_pageable"}, "gpu_link", cost.bytes_read});
  if (cost.bytes_written > 0) bounds.push_back({"d2h", {"d2h_pinned", "d2h_pageable"}, "gpu_link", cost.bytes_written});
  return bounds;
}

std::vector<Cell> gpu_ceilings_of(const Cell& cell, const Cost& cost) {
  std::vector<Cell> cells;
  for (const GpuBound& bound : gpu_bounds(cell, cost))
    for (const char* probe : bound.probes) cells.push_back(ceiling_cell(probe, Dtype::f32, bound.level, {1}));
  return cells;
}

// Bytes that `workers` can hold in a level together: private caches add up.
double capacity(const CacheLevel& level, int workers) {
  const int instances = (workers + std::max(level.shared_by, 1) - 1) / std::max(level.shared_by, 1);
  return static_cast<double>(level.bytes) * instances;
}

}  // namespace

std::vector<Served> served_from(const Cost& cost, int workers, const std::vector<CacheLevel>& caches) {
  const double bytes = cost.bytes();
  double inner = 0;
  std::string inner_name;
  for (const CacheLevel& level : caches) {
    const double room = capacity(level, workers);
    const std::string level_name = "L" + std::to_string(level.level);
    if (bytes <= room)
      return inner > 0 && bytes < 8 * inner ? std::vector<Served>{{inner_name, inner}, {level_name, bytes - inner}}
                                            : std::vector<Served>{{level_name, bytes}};
    inner = room;
    inner_name = level_name;
  }
  if (inner > 0 && bytes < 8 * inner) return {{inner_name, inner}, {"memory", bytes - inner}};
  return {{"memory", bytes}};
}

std::vector<Cell> ceilings_of(const Cell& cell, const Cost& cost) {
  // A cell that is timed twice has its ceilings beside the cell that it repeats.
  if (cell.params.contains(kAaParam)) return {};
  if (cell.workload == "ceiling" || Registry::global().find("ceiling") == nullptr) return {};
  const VariantInfo* variant = Registry::global().find(cell.workload, cell.variant);
  if (variant == nullptr) return {};
  if (variant->strategy == Strategy::gpu) return gpu_ceilings_of(cell, cost);
  std::vector<Cell> cells;
  if (cost.fma != Dtype::none) cells.push_back(ceiling_cell("fma", cost.fma, "registers", cell.workers));
  if (cost.bytes() > 0 && cost.through_memory)
    for (const Served& served : served_from(cost, worker_count(cell.workers), data_caches()))
      for (const char* name : kBandwidthVariants)
        if (probes(name, served.level)) cells.push_back(ceiling_cell(name, Dtype::f32, served.level, cell.workers));
  return cells;
}

void Ceilings::add(const Cell& ceiling, const Cost& cost, double seconds) {
  double& best = best_[ceiling.name()];
  best = std::max(best, (cost.fma != Dtype::none ? cost.flops : cost.bytes()) / seconds);
}

// Several workers can do at least what one of them can: a ceiling that other load held back does not hide that.
double Ceilings::best_of(const std::string& variant, Dtype dtype, const std::string& level, Workers workers) const {
  double best = 0;
  for (const Workers measured : {workers, Workers{1}}) {
    const auto at = best_.find(ceiling_cell(variant, dtype, level, measured).name());
    if (at != best_.end()) best = std::max(best, at->second);
  }
  return best;
}

double Ceilings::best_bandwidth(const std::string& level, Workers workers) const {
  double best = 0;
  for (const char* name : kBandwidthVariants) best = std::max(best, best_of(name, Dtype::f32, level, workers));
  return best;
}

Ceilings::Share Ceilings::gpu_share(const Cell& cell, const Cost& cost, double seconds) const {
  Share longest;
  for (const GpuBound& bound : gpu_bounds(cell, cost)) {
    double best = 0;
    for (const char* probe : bound.probes) best = std::max(best, best_of(probe, Dtype::f32, bound.level, {1}));
    if (best <= 0) return {};
    const double fraction = bound.amount / best / seconds;
    if (fraction > longest.fraction) longest = {bound.name, fraction};
  }
  return longest;
}

Ceilings::Share Ceilings::share(const Cell& cell, const Cost& cost, double seconds) const {
  const auto needed = ceilings_of(cell, cost);
  if (needed.empty() || seconds <= 0) return {};
  if (Registry::global().find(cell.workload, cell.variant)->strategy == Strategy::gpu)
    return gpu_share(cell, cost, seconds);
  double arithmetic = 0;
  if (cost.fma != Dtype::none) {
    const double best = best_of("fma", cost.fma, "registers", cell.workers);
    if (best <= 0) return {};
    arithmetic = cost.flops / best;
  }
  double bytes = 0, largest = 0;
  std::string level;
  for (const Served& served : served_from(cost, worker_count(cell.workers), data_caches())) {
    const double bandwidth = best_bandwidth(served.level, cell.workers);
    if (bandwidth <= 0) return {};
    const double part = served.bytes / bandwidth;
    bytes += part;
    if (part > largest) {
      largest = part;
      level = served.level;
    }
  }
  return {arithmetic >= bytes ? "fma" : level, std::max(arithmetic, bytes) / seconds};
}

}  // namespace overtake::bench
