// SPDX-License-Identifier: Apache-2.0
// The command lines of `overtake do preprocess` and `overtake do summarize`.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/do_preprocess.h"
#include "cli/do_summarize.h"

namespace overtake::cli {

struct TableArguments {
  PreprocessArguments preprocess;
  SummarizeArguments summarize;
};

/// Adds both verbs, which write into `arguments`.
void add_table_verbs(CLI::App& app, TableArguments& arguments);

}  // namespace overtake::cli
