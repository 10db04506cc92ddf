// SPDX-License-Identifier: Apache-2.0
// What the workload download stands on: an origin of its own, and the user's lists as `do download` reads them.
#pragma once

#include <filesystem>
#include <string>

namespace overtake::download {

/// Makes it known to core; every strategy's file calls it.
bool provide_ground();

/// A line "URL name=NAME [sha256=HEX]" for each URL of the list, once. Throws UsageError that names the line that
/// cannot be used, and where the list is empty.
std::string normalised_list(const std::filesystem::path& list);

}  // namespace overtake::download
