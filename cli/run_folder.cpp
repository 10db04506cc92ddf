// SPDX-License-Identifier: Apache-2.0
#include "cli/run_folder.h"

#include <fmt/format.h>

#include "core/file.h"
#include "core/time.h"

namespace overtake::cli {

namespace fs = std::filesystem;

fs::path new_run_folder(const fs::path& parent, const std::string& suite, std::string& run_id) {
  const std::string first = utc_now_compact() + "-" + suite;
  run_id = first;
  for (int number = 2; fs::exists(parent / run_id); ++number) run_id = fmt::format("{}-{}", first, number);
  make_folders(parent / run_id);
  return parent / run_id;
}

}  // namespace overtake::cli
