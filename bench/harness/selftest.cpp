// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/selftest.h"

#include <algorithm>
#include <map>
#include <memory>

#include "bench/harness/plan.h"

namespace overtake::bench {
namespace {

double effort(const WorkloadInfo& workload, const Cell& cell) {
  const Cost cost = workload.cost(cell);
  return cost.flops + cost.bytes();
}

// The right answer comes from the fastest kind of variant that any machine has.
std::string solver(const std::string& workload) {
  for (const char* name : {"openmp", "serial"}) {
    const VariantInfo* variant = Registry::global().find(workload, name);
    if (variant != nullptr && !variant->unavailable()) return name;
  }
  return Registry::global().find(workload)->baseline;
}

void compute(Instance& instance, int which) {
  instance.poison();
  instance.load(which);
  if (instance.has_reset()) instance.reset();
  instance.run();
  instance.store();
}

FaultResult refused(std::string name, const Check& check) {
  return {std::move(name), !check.ok, check.ok ? "accepted" : check.detail};
}

// For each workload, dtype and set of parameters: the cell that `better` prefers.
template <class Better>
std::vector<Cell> chosen_cells(Better better) {
  std::map<std::string, Cell> best;
  Selection every;
  for (const WorkloadInfo* workload : Registry::global().workloads())
    if (workload->name != "command") every.workloads.push_back(workload->name);
  for (const PlannedCell& planned : plan(default_suite(), every)) {
    Cell cell = planned.cell;
    const WorkloadInfo& workload = *Registry::global().find(cell.workload);
    if (cell.workload != "ceiling")
      cell.variant = solver(cell.workload);
    else if (!planned.skip.empty())
      continue;
    cell.scope = Scope::kernel;
    cell.workers = cell.workload == "ceiling" ? cell.workers : Workers{};
    const std::string kind = cell.workload + '/' + (cell.workload == "ceiling" ? cell.variant : "") +
                             std::string(to_string(cell.dtype)) + cell.params.to_string();
    const auto [at, is_new] = best.try_emplace(kind, cell);
    if (!is_new && better(effort(workload, cell), effort(workload, at->second))) at->second = cell;
  }
  std::vector<Cell> cells;
  for (auto& [kind, cell] : best) cells.push_back(std::move(cell));
  return cells;
}

}  // namespace

std::vector<Cell> small_selftest_cells() {
  return chosen_cells([](double a, double b) { return a < b; });
}

std::vector<Cell> selftest_cells() {
  std::vector<Cell> cells = small_selftest_cells();
  for (Cell& cell : chosen_cells([](double a, double b) { return a > b; }))
    if (std::find(cells.begin(), cells.end(), cell) == cells.end()) cells.push_back(std::move(cell));
  return cells;
}

std::vector<FaultResult> selftest(const Cell& cell) {
  const auto data = Registry::global().find(cell.workload)->make_data(cell, {}, {});
  const VariantInfo& variant = *Registry::global().find(cell.workload, cell.variant);
  const auto instance = variant.make(cell.dtype, *data, {worker_count(cell.workers), cell.params});
  std::vector<FaultResult> results;
  for (const int which : {0, 1}) {
    compute(*instance, which);
    const Check check = instance->check(which);
    results.push_back({"right answer to input " + std::to_string(which), check.ok, check.detail});
  }
  results.push_back(refused("stale result", instance->check(0)));
  instance->poison();
  results.push_back(refused("does nothing", instance->check(0)));
  for (std::size_t fault = 0; fault < data->faults().size(); ++fault) {
    compute(*instance, 0);
    data->plant(fault, 0);
    results.push_back(refused(std::string(data->faults()[fault]), instance->check(0)));
  }
  return results;
}

}  // namespace overtake::bench
