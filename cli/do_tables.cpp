// SPDX-License-Identifier: Apache-2.0
#include "cli/do_tables.h"

namespace overtake::cli {
namespace {

constexpr const char* kPreprocessFooter = R"(Examples:
  overtake do preprocess people.csv --out features.npy
  overtake do preprocess people.csv --pipeline steps.json --out features.csv --save-fitted fitted.json
  overtake do preprocess new.csv --apply fitted.json --out new.npy

steps.json: {"numeric": ["impute_median", "clip:-3:3"], "categorical": "one_hot", "leave_out": ["name"]}
categorical is one_hot, ordinal or drop. Without --pipeline one is made for the table and printed. The names of the
features stand in the first line of a .csv, and beside features.npy in features.names.json. docs/preprocess.md has the
steps.)";

void add_preprocess(CLI::App& app, PreprocessArguments& arguments) {
  CLI::App* command = app.add_subcommand("preprocess", "A table (CSV) into a matrix of features (.npy or .csv)");
  command->footer(kPreprocessFooter);
  command->add_option("FILE", arguments.table, "CSV with a header line")->required();
  command->add_option("--out", arguments.out, "Features: .npy (float32, row by row) or .csv")->required();
  command->add_option("--pipeline", arguments.pipeline, "Steps as JSON, fitted to this table");
  command->add_option("--apply", arguments.apply, "What --save-fitted wrote, applied to this table as it is");
  command->add_option("--save-fitted", arguments.save_fitted, "Write the pipeline and what it learnt, as JSON");
  command->add_option("--strategy", arguments.strategy, "serial, threads, processes or gpu")->capture_default_str();
  command->add_option("--workers", arguments.workers, "A number, or all = one per physical core allowed")
      ->capture_default_str();
}

void add_summarize(CLI::App& app, SummarizeArguments& arguments) {
  CLI::App* command = app.add_subcommand("summarize", "Figures of a table's columns, correlations, means of groups");
  command->footer(
      "Examples:\n  overtake do summarize people.csv\n  overtake do summarize people.csv --json > "
      "people.json\n\nFigures "
      "mean what pandas' describe(), corr() and groupby().mean() mean.");
  command->add_option("FILE", arguments.table, "CSV with a header line")->required();
  command->add_flag("--json", arguments.json, "For machines: every group, in full precision");
  command->add_option("--strategy", arguments.strategy, "serial, threads, processes or gpu")->capture_default_str();
  command->add_option("--workers", arguments.workers, "A number, or all = one per physical core allowed")
      ->capture_default_str();
}

}  // namespace

void add_table_verbs(CLI::App& app, TableArguments& arguments) {
  add_preprocess(app, arguments.preprocess);
  add_summarize(app, arguments.summarize);
}

}  // namespace overtake::cli
