// SPDX-License-Identifier: Apache-2.0
// A table that workers of a pool read: in place where it lies in an arena, otherwise as a copy. For the variants of
// strategy processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/pool/shared_matrix.h"
#include "core/workload/table_input.h"

namespace overtake {

/// As a task names it.
struct SharedTableView {
  SharedView numeric, codes, levels;

  /// The table in the worker's memory. Throws as WorkerContext::map does.
  TableView<float> map(WorkerContext& worker) const {
    const View<std::int32_t> all = levels.map<std::int32_t>(worker);
    return {numeric.map<float>(worker), codes.map<std::int32_t>(worker),
            std::span(all.data, static_cast<std::size_t>(all.cols))};
  }
};

class SharedTable {
 public:
  SharedTableView share(Pool& pool, const TableView<float>& table) {
    return {numeric_.share(pool, table.numeric), codes_.share(pool, table.codes),
            levels_.share(pool, one_row(table.levels))};
  }

 private:
  SharedMatrix<float> numeric_;
  SharedMatrix<std::int32_t> codes_, levels_;
};

}  // namespace overtake
