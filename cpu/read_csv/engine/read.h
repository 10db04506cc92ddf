// SPDX-License-Identifier: Apache-2.0
// Reads CSV into a table of columns at the speed of memory rather than of text: the same table, notes and errors as
// read_table_as (core/workload/table.h). For the variants of read_csv, and for overtake do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/workload/table.h"

namespace overtake {

/// Calls the function once for each worker, 0 to workers - 1, possibly at once, and returns when all have returned.
using Team = std::function<void(const std::function<void(int worker)>&)>;
/// The calling thread alone.
Team team_of_one();
/// Threads that are started for each call, the calling one among them.
Team team_of_threads(int workers);

struct CsvOptions {
  std::size_t block_bytes = std::size_t{1} << 18;  // stays in the second-level cache between scan and parsing
  std::int64_t memory_bytes = -1;                  // what the table may take; -1: what this process can have
  std::vector<std::string> categorical;            // columns that are so whatever they hold
};

/// Throws UsageError as read_table_as does, and, before it reads further than the first rows, where a table of that
/// many rows needs more memory than there is. Beyond the table it needs, a worker, about 5 bytes for each byte of a
/// block, and the categories of columns of text.
template <class T>
BasicTable<T> read_csv(std::string_view text, const std::string& name, int workers, const Team& team,
                       const CsvOptions& options = {});

}  // namespace overtake
