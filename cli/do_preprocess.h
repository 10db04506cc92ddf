// SPDX-License-Identifier: Apache-2.0
// `overtake do preprocess`: a user's table through a pipeline into a file of features.
#pragma once

#include <string>

#include "core/error.h"

namespace overtake::cli {

struct PreprocessArguments {
  std::string table, out;
  std::string pipeline, apply, save_fitted;  // files; empty: none
  std::string strategy = "threads", workers = "all";
};

/// Prints the pipeline as JSON to stdout, and to stderr what was done with columns and cells that a user may not
/// expect. Throws UsageError.
Status do_preprocess(const PreprocessArguments&);

}  // namespace overtake::cli
