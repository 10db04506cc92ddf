// SPDX-License-Identifier: Apache-2.0
// What two systems or two programs that measured differ in: beside every comparison, because a ratio means nothing
// without it.
#pragma once

#include <string>
#include <vector>

#include "core/results/reader.h"

namespace overtake::compare {

struct Difference {
  std::string field;  // "a.b" for b within object a
  std::string base, other;
};

/// Fields of system.json whose values differ, in the order of base's file and then other's; a missing or null one reads
/// "unknown", with its reason where the file has one under "unavailable".
std::vector<Difference> differing_fields(const nlohmann::ordered_json& base, const nlohmann::ordered_json& other);

/// What the differences amount to: "The GPU differs.", "CPU, compiler and CPU quota differ: not attributable to one.";
/// "" where none of them could change a result (names, suite, the moment's load).
std::string attribution(const std::vector<Difference>&);

/// A line for each, or the values below each other where they are long.
std::string differences_text(const std::vector<Difference>&);

}  // namespace overtake::compare
