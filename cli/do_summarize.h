// SPDX-License-Identifier: Apache-2.0
// `overtake do summarize`: what there is to know of a user's table at first sight.
#pragma once

#include <string>

#include "core/error.h"

namespace overtake::cli {

struct SummarizeArguments {
  std::string table;
  std::string strategy = "threads", workers = "all";
  bool json = false;
};

/// Prints the summary to stdout. Throws UsageError.
Status do_summarize(const SummarizeArguments&);

}  // namespace overtake::cli
