// SPDX-License-Identifier: Apache-2.0
// A table as text in which every bit shows, or the error that reading it gave: two readers agree where the texts do.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>

#include "core/error.h"
#include "core/workload/table.h"

namespace overtake {

template <class T>
std::string table_text(const BasicTable<T>& table) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  std::string out = "rows " + std::to_string(table.rows) + "\n";
  for (const TableColumn<T>& column : table.columns) {
    out += "column " + column.name + (column.categorical ? " categorical:" : " numeric:");
    for (const T value : column.values)
      out += ' ' + (std::isnan(value) ? std::string("nan") : std::to_string(std::bit_cast<Bits>(value)));
    for (const std::int32_t code : column.codes) out += ' ' + std::to_string(code);
    for (const std::string& category : column.categories) out += " [" + category + "]";
    out += '\n';
  }
  for (const std::string& note : table.notes) out += note + '\n';
  return out;
}

template <class T, class Read>
std::string table_text(Read&& read) {
  try {
    return table_text(read());
  } catch (const UsageError& error) {
    return std::string("error: ") + error.what();
  }
}

}  // namespace overtake
