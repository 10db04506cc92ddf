// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/registry/declared.h"
#include "core/system/resources.h"
#include "core/workload/matmul.h"

namespace overtake::bench {
namespace {

template <class T>
bool contains(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::vector<std::string> declared_names(const std::string& workload) {
  std::vector<std::string> names;
  for (const VariantInfo* variant : Registry::global().variants(workload)) names.push_back(variant->name);
  for (const DeclaredVariant& row : declared_variants())
    if (row.workload == workload && !contains(names, std::string(row.variant))) names.emplace_back(row.variant);
  return names;
}

const WorkloadInfo& known_workload(const std::string& name) {
  const WorkloadInfo* info = Registry::global().find(name);
  if (info != nullptr) return *info;
  std::vector<std::string> names;
  for (const WorkloadInfo* workload : Registry::global().workloads()) names.push_back(workload->name);
  throw UsageError(fmt::format("unknown workload '{}': this program has {}", name, fmt::join(names, ", ")));
}

void require_variants(const Selection& selection, const std::vector<std::string>& workloads) {
  std::vector<std::string> known;
  for (const std::string& workload : workloads)
    for (const std::string& name : declared_names(workload)) known.push_back(name);
  for (const std::string& name : selection.variants)
    if (!contains(known, name))
      throw UsageError(fmt::format("unknown variant '{}' of {}: there are {}", name, fmt::join(workloads, ", "),
                                   fmt::join(known, ", ")));
}

// Every combination of the parameters that the user gave, laid over each of the block's.
std::vector<KeyValues> combined(std::vector<KeyValues> sets, const Selection& selection) {
  for (const auto& [key, values] : selection.params) {
    std::vector<KeyValues> next;
    for (const KeyValues& set : sets)
      for (const std::string& value : values) {
        KeyValues copy = set;
        copy.set(key, std::string_view(value));
        next.push_back(std::move(copy));
      }
    sets = std::move(next);
  }
  return sets;
}

void require_calls(const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    KeyValues entry;
    entry.set(kCallsParam, std::string_view(value));
    if (entry.integer(kCallsParam) < 1)
      throw UsageError("--param calls=" + value + ": expected a number of runs from 1");
  }
}

void require_params(const Selection& selection, const WorkloadInfo& workload) {
  for (const auto& [key, values] : selection.params) {
    if (key == kCallsParam) {
      require_calls(values);
      continue;
    }
    if (!contains(workload.param_names, key))
      throw UsageError(fmt::format(
          "--param {}: {} takes {}", key, workload.name,
          workload.param_names.empty() ? "none" : fmt::format("{}", fmt::join(workload.param_names, ", "))));
  }
}

bool has_transfers(Scope scope) { return scope == Scope::end_to_end || scope == Scope::cold_start; }

// Without those that mean nothing in the scope: what is loaded and stored anew for every run, and how.
KeyValues params_in(Scope scope, const KeyValues& params) {
  KeyValues out;
  for (const auto& [key, value] : params) {
    if (key == kCallsParam && scope != Scope::end_to_end) continue;
    if (key == kTransferParam && !has_transfers(scope)) continue;
    out.set(key, std::string_view(value));
  }
  return out;
}

template <class T>
const std::vector<T>& chosen(const std::vector<T>& asked, const std::vector<T>& suite) {
  return asked.empty() ? suite : asked;
}

class Planner {
 public:
  explicit Planner(const Selection& selection) : selection_(selection) {}

  void add(const Block& block) {
    const WorkloadInfo& workload = known_workload(block.workload);
    require_params(selection_, workload);
    const auto params = combined(block.params, selection_);
    std::vector<KeyValues> shapes = block.shapes;
    if (shapes.empty())
      for (const std::string& size : chosen(selection_.sizes, block.sizes)) shapes.push_back(workload.parse_size(size));
    for (const KeyValues& shape : shapes) {
      for (const KeyValues& set : params) {
        // Refuses values that the workload cannot read, before anything is written.
        workload.cost({block.workload, "", Dtype::none, Scope::kernel, shape, set, {}});
        for (const Dtype dtype : chosen(selection_.dtypes, block.dtypes))
          for (const Scope scope : chosen(selection_.scopes, block.scopes))
            add_variants(block, {block.workload, "", dtype, scope, shape, params_in(scope, set), {}});
      }
    }
  }

  std::vector<PlannedCell> take() { return std::move(cells_); }

 private:
  void add_variants(const Block& block, Cell cell) {
    for (const std::string& name : declared_names(block.workload)) {
      if (!block.variants.empty() && !contains(block.variants, name)) continue;
      if (!selection_.variants.empty() && !contains(selection_.variants, name)) continue;
      const VariantInfo* variant = Registry::global().find(block.workload, name);
      if (!selection_.strategies.empty() && variant != nullptr && !contains(selection_.strategies, variant->strategy))
        continue;
      cell.variant = name;
      // Device time exists for some variants only: for the others the scope is no question, not a skipped answer.
      if (cell.scope == Scope::device && variant != nullptr && !contains(variant->scopes, Scope::device)) continue;
      const bool one = variant == nullptr || variant->strategy == Strategy::serial ||
                       variant->strategy == Strategy::gpu || !known_workload(block.workload).takes_workers;
      for (const Workers workers : one ? std::vector<Workers>{{1}} : chosen(selection_.workers, block.workers)) {
        cell.workers = workers;
        if (seen_.insert(cell.name()).second) cells_.push_back(planned(cell));
      }
    }
  }

  const Selection& selection_;
  std::vector<PlannedCell> cells_;
  std::set<std::string> seen_;
};

}  // namespace

bool Selection::narrowed() const {
  return !(workloads.empty() && variants.empty() && sizes.empty() && strategies.empty() && dtypes.empty() &&
           scopes.empty() && workers.empty() && params.empty());
}

int worker_count(Workers workers) { return workers.count > 0 ? workers.count : physical_cores_allowed(); }

PlannedCell planned(const Cell& cell) {
  const VariantInfo* variant = Registry::global().find(cell.workload, cell.variant);
  if (variant == nullptr) {
    for (const DeclaredVariant& row : declared_variants())
      if (row.workload == cell.workload && row.variant == cell.variant) return {cell, std::string(row.missing)};
    throw UsageError("unknown variant '" + cell.workload + "/" + cell.variant + "'");
  }
  if (const auto why = variant->unavailable()) return {cell, *why};
  if (!contains(variant->dtypes, cell.dtype))
    return {cell, fmt::format("{} has no {} form", cell.variant, to_string(cell.dtype))};
  if (!contains(variant->scopes, cell.scope))
    return {cell, fmt::format("{} cannot be timed in scope {}", cell.variant, to_string(cell.scope))};
  if (cell.params.contains(kL2Param) && variant->strategy != Strategy::gpu)
    return {cell, fmt::format("{} does not run on a GPU, and l2 is about a GPU's cache", cell.variant)};
  if (cell.params.contains(kTransferParam)) {
    if (variant->strategy != Strategy::gpu)
      return {cell, fmt::format("{} does not run on a GPU, and transfer is about copies to one", cell.variant)};
    if (!has_transfers(cell.scope)) return {cell, fmt::format("scope {} has no transfers", to_string(cell.scope))};
  }
  return {cell, ""};
}

std::vector<PlannedCell> plan(const Suite& suite, const Selection& selection) {
  std::vector<std::string> workloads = selection.workloads;
  for (const std::string& name : workloads) known_workload(name);
  if (workloads.empty())
    for (const Block& block : suite.blocks)
      if (!contains(workloads, block.workload) && block.workload != "ceiling" &&
          Registry::global().find(block.workload) != nullptr)
        workloads.push_back(block.workload);
  require_variants(selection, workloads);
  Planner planner(selection);
  for (const std::string& workload : workloads)
    for (const Block& block : suite.blocks)
      if (block.workload == workload) planner.add(block);
  auto cells = planner.take();
  if (cells.empty())
    throw UsageError("nothing to run: no cell of the suite " + suite.name +
                     " has all that was asked for; overtake run --list shows what is there");
  return cells;
}

}  // namespace overtake::bench
