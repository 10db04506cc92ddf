// SPDX-License-Identifier: Apache-2.0
// The labs of many machines side by side: `overtake lab --class DIR`, where DIR holds the run folders of a class.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace overtake::lab {

/// Every lab that has results below `folder`: for each bar one line a machine, then what each machine answers. Of
/// several runs of one lab on one machine the latest counts. Throws UsageError where there are none.
std::string class_text(const std::filesystem::path& folder, std::size_t columns);

}  // namespace overtake::lab
