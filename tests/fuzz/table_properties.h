// SPDX-License-Identifier: Apache-2.0
// What must hold of every input to the readers of tables, whatever its bytes: run by a fuzzer on inputs that it
// invents, and by cpu/read_csv/engine/read_test.cpp on those of the corpus.
#pragma once

#include <stdexcept>
#include <string_view>

#include "cpu/read_csv/engine/read.h"
#include "tests/table_text.h"

namespace overtake {

/// Throws std::logic_error unless the fast reader makes the same table, or the same error, of the bytes as the plain
/// one, in blocks of every size that may matter.
inline void check_table(std::string_view bytes) {
  const auto plain = table_text<float>([&] { return read_table_as<float>(bytes, "input"); });
  for (const std::size_t block : {1U, 2U, 3U, 7U, 64U, 1000U}) {
    const auto fast =
        table_text<float>([&] { return read_csv<float>(bytes, "input", 1, team_of_one(), {.block_bytes = block}); });
    if (fast != plain)
      throw std::logic_error("blocks of " + std::to_string(block) + ":\n" + fast + "instead of\n" + plain);
  }
}

}  // namespace overtake
