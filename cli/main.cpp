// SPDX-License-Identifier: Apache-2.0
// The overtake command: reads the command line and decides the exit status. The work is in the other files here.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <new>
#include <optional>

#include "cli/do.h"
#include "cli/do_tables.h"
#include "cli/doctor.h"
#include "cli/help.h"
#include "cli/import.h"
#include "cli/lab.h"
#include "cli/resume.h"
#include "cli/run.h"
#include "compare/commands.h"
#include "core/error.h"
#include "core/pool/spawn.h"

namespace overtake::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  overtake run --quick                       every way of doing every workload, in under three minutes
  overtake run matmul --size 512,1024        one workload at the sizes you care about
  overtake run preprocess --data people.csv  your own table
  overtake run --command a='./app {n}' --command b='./app --fast {n}' --size 1000,100000
  overtake show results/SYSTEM/RUN           a run's summary again; --breakeven A,B and --scaling say more
  overtake compare OLD_RUN NEW_RUN           what became faster or slower, with intervals
  overtake import gbench.json                results of Google Benchmark, nvbench or BabelStream, for show and compare
  overtake doctor                            what can run here, and what would distort it
  overtake lab                               surprises of parallel computing, shown live
  overtake do download urls.txt files        download a list of URLs
  overtake do preprocess people.csv --out features.npy

Exit status: 0 good; 1 a failure, or something got slower; 2 wrong usage; 3 undecided; 4 rows missing;
5 not comparable; 130 interrupted.)";

// What stands on the command line of show.
struct ShowArguments {
  std::string run;
  std::optional<std::string> breakeven;
  bool scaling = false, json = false;
  std::string google_benchmark_json;
};

// What stands on the command line of compare, unread.
struct CompareArguments {
  std::string metric = "seconds", threshold = "3%";
  std::optional<std::string> by;
  std::vector<std::string> prices;
  bool best = false, json = false, markdown = false;
};

struct Arguments {
  RunArguments run;
  TableArguments tables;
  std::vector<std::filesystem::path> compared;
  CompareArguments compare;
  ShowArguments show;
  ImportArguments imported;
  bool selftest = false;
  LabArguments lab;
  DownloadArguments download;
  OriginArguments origin;
};

CLI::Option* list(CLI::App& app, const std::string& flag, std::vector<std::string>& into, const std::string& help) {
  return app.add_option(flag, into, help)->delimiter(',')->allow_extra_args(false);
}

CLI::App* add_run(CLI::App& app, RunArguments& run) {
  CLI::App* command = app.add_subcommand("run", "Time every way of doing a workload, or your own commands, here");
  command->footer(kRunFooter);
  command->add_option("WORKLOAD", run.workloads,
                      "matmul, preprocess, read_csv, summarize, download, ceiling (default: all but ceiling alone)");
  command->add_flag("--quick", run.quick, "The quick suite: at most three minutes on two cores");
  list(*command, "--variant", run.variants, "Only these variants");
  list(*command, "--strategy", run.strategies, "Only these strategies: serial, threads, processes, async, gpu");
  list(*command, "--dtype", run.dtypes, "f32, f64; matmul also bf16, tf32");
  list(*command, "--scope", run.scopes, "kernel, end_to_end, cold_start, device");
  list(*command, "--size", run.sizes, "These sizes instead of the suite's");
  list(*command, "--workers", run.workers, "Numbers, or all = one per physical core allowed");
  list(*command, "--gpus", run.gpus, "GPUs by number, as nvidia-smi counts; every variant uses one, the first named");
  command->add_option("--param", run.params, "NAME=VALUE,VALUE... of the workload; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--repetitions", run.repetitions, "Samples of a cell in each process")
      ->check(CLI::Range(1, 100000));
  command->add_option("--processes", run.processes, "Fresh processes that the samples of each cell are spread over")
      ->check(CLI::Range(1, 1000));
  command->add_option("--seed", run.seed, "Seed of the generated inputs")->capture_default_str();
  command->add_option("--label", run.label, "Name of this system, instead of one made from its hardware");
  command->add_option("--out", run.out, "Folder of all results")->capture_default_str();
  command->add_option("--data", run.data, "Your own table (CSV with a header) for preprocess, read_csv or summarize");
  command->add_option("--command", run.commands, "NAME=COMMAND LINE: your own program as a variant; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--seconds-from", run.seconds_from,
                      "Regular expression whose first group finds the seconds in a command's output (scope reported)");
  command->add_option("--check", run.check, "Command that succeeds where a command's {output} for {n} is right");
  command->add_option("--budget", run.budget,
                      "Time to spend (10m, 90s): every cell once, then those whose verdict is undecided");
  command->add_option("--breakeven", run.breakeven,
                      "A,B (variants, or VARIANT:WORKERS): find the sizes at which one overtakes the other");
  command->add_option("--urls", run.urls, "Your own list of URLs for download, as `do download` reads it");
  command->add_flag("--yes", run.yes, "With --urls: more than 1,000 requests are all right");
  CLI::Option* talk = command->add_flag("--talk", run.talk, "Replay a published table of downloads, one sample each");
  command->add_option("--scale", run.scale, "Of --talk: waits and published times are multiplied by it")->needs(talk);
  command->add_option("--resume", run.resume, "Continue an interrupted run: its folder");
  command->add_flag("--list", run.list, "Show the cells, and what would be skipped and why; time nothing");
  return command;
}

CLI::App* add_show(CLI::App& app, ShowArguments& show) {
  CLI::App* command = app.add_subcommand("show", "Read a run again: its summary, break-even points, scaling");
  command->footer(kShowFooter);
  command->add_option("RUN", show.run, "Folder of a run, or one of its CSVs")->required();
  CLI::Option* breakeven =
      command->add_option("--breakeven", show.breakeven,
                          "A,B: where one variant overtakes the other, in size and in calls on the same data");
  CLI::Option* scaling =
      command->add_flag("--scaling", show.scaling, "Speed-up, efficiency and serial fraction over workers");
  breakeven->excludes(scaling);
  command->add_flag("--json", show.json, "For machines; of --breakeven or --scaling");
  command
      ->add_option("--google-benchmark-json", show.google_benchmark_json,
                   "Write the samples to this file, as Google Benchmark would, instead")
      ->excludes(breakeven)
      ->excludes(scaling);
  return command;
}

Status show(const ShowArguments& arguments) {
  const auto format = arguments.json ? compare::Format::json : compare::Format::text;
  if (!arguments.google_benchmark_json.empty())
    return compare::export_command(arguments.run, arguments.google_benchmark_json, std::cout);
  if (arguments.breakeven) return compare::show_breakeven(arguments.run, *arguments.breakeven, format, std::cout);
  if (arguments.scaling) return compare::show_scaling(arguments.run, format, std::cout);
  if (arguments.json) throw UsageError("show --json: needs --breakeven A,B or --scaling");
  return compare::show_command(arguments.run, baselines(), std::cout);
}

CLI::App* add_compare(CLI::App& app, Arguments& arguments) {
  CLI::App* command = app.add_subcommand("compare", "Row by row: which run is faster, by how much, how surely");
  command->footer(kCompareFooter);
  command->add_option("RUN", arguments.compared, "Folders of runs, or their CSVs; the first is the base")
      ->required()
      ->expected(1, 1000);
  CompareArguments& compare = arguments.compare;
  command->add_option("--metric", compare.metric, "seconds, cpu_seconds (of all workers) or rate")
      ->capture_default_str();
  command->add_option("--threshold", compare.threshold, "A smaller change is nobody's concern")->capture_default_str();
  CLI::Option* by = command->add_option(
      "--by", compare.by, "Rows; what differs between their sides: system, variant, workers or param:NAME");
  command
      ->add_flag("--best", compare.best, "Systems side by side, each problem's fastest way (default between systems)")
      ->excludes(by);
  command->add_option("--hourly-price", compare.prices, "SYSTEM=PRICE of an hour: what results cost; may be repeated")
      ->allow_extra_args(false);
  CLI::Option* json = command->add_flag("--json", compare.json, "For machines");
  command->add_flag("--markdown", compare.markdown, "For pull requests")->excludes(json);
  return command;
}

CLI::App* add_import(CLI::App& app, ImportArguments& imported) {
  CLI::App* command = app.add_subcommand("import", "Results of Google Benchmark, nvbench or BabelStream as a run");
  command->footer(kImportFooter);
  command->add_option("FILE", imported.files, "Google Benchmark's JSON, nvbench's or BabelStream's CSV")
      ->required()
      ->expected(1, 1000);
  command->add_option("--out", imported.out, "Folder of all results")->capture_default_str();
  command->add_option("--label", imported.label, "Name of the system that was measured");
  return command;
}

CLI::App* add_lab(CLI::App& app, LabArguments& lab) {
  CLI::App* command = app.add_subcommand("lab", "One surprise of parallel computing, measured and explained here");
  command->footer(kLabFooter);
  command->add_option("NAME", lab.name, "A lab, or all (default: list them)");
  CLI::Option* guess = command->add_option("--guess", lab.guess, "Number of your answer (a terminal asks for it)");
  command->add_flag("--no-guess", lab.no_guess, "Do not ask")->excludes(guess);
  command->add_option("--seconds", lab.seconds, "What one lab may measure, about")
      ->check(CLI::Range(0.01, 50.0))
      ->capture_default_str();
  command->add_option("--scale", lab.scale, "Of waiting and kitchen: their waits are real time multiplied by it");
  command->add_option("--out", lab.out, "Folder of all results")->capture_default_str();
  command->add_option("--label", lab.label, "Name of this system, instead of one made from its hardware");
  command->add_option("--class", lab.class_folder, "Draw the labs of all machines whose run folders lie below this");
  return command;
}

// What downloads and checks have in common.
void add_request_options(CLI::App& command, DownloadArguments& arguments) {
  download::Options& options = arguments.options;
  command.add_option("LIST", arguments.list, "File with a URL a line; - is stdin")->required();
  command.add_option("--in-flight", options.in_flight, "Requests at the same time")->capture_default_str();
  command
      .add_option("--allow-private", options.allow_private,
                  "ADDR or ADDR:PORT: this address may be connected to though it is not public; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--ca-file", options.ca_file, "Trust the certificates in this file (PEM) instead of the system's");
  command.add_option("--connect-timeout", options.connect_timeout, "Seconds to connect")->capture_default_str();
  command.add_option("--first-byte-timeout", options.first_byte_timeout, "Seconds to the first byte of an answer")
      ->capture_default_str();
  command.add_option("--per-host", options.per_host, "At most so many in flight to one host; 0: no limit")
      ->capture_default_str();
  command.add_option("--retries", options.retries, "Attempts after the first")->capture_default_str();
  command.add_option("--backoff", options.backoff, "Seconds: the longest first pause before a retry; then doubled")
      ->capture_default_str();
  command.add_option("--retry-after-most", options.retry_after_most, "Longest wait that a server may ask for, seconds")
      ->capture_default_str();
  command.add_option("--timeout", options.total_timeout, "Seconds an attempt may take; 0: any")->capture_default_str();
  command.add_option("--header", options.headers, "One more request header, 'Name: value'; may be repeated")
      ->allow_extra_args(false);
}

void add_download(CLI::App& app, DownloadArguments& arguments) {
  CLI::App* command = app.add_subcommand("download", "Download a list of URLs into a folder");
  command->footer(kDownloadFooter);
  download::Options& options = arguments.options;
  add_request_options(*command, arguments);
  command->add_option("DIR", options.folder, "Folder, made where absent")->required();
  command->add_option("--strategy", arguments.strategy, "sequential, threads, processes or async")
      ->capture_default_str();
  command->add_option("--low-speed", options.low_speed, "Bytes a second below which a transfer is too slow ...")
      ->capture_default_str();
  command->add_option("--low-speed-time", options.low_speed_time, "... when it is so for so many seconds; 0: never")
      ->capture_default_str();
  command->add_option("--max-size", arguments.max_size, "Largest file, after decompression: bytes, or 10k, 100M, 1G");
  command
      ->add_option("--worker-timeout", options.worker_seconds,
                   "Seconds after which a worker process that says nothing is replaced")
      ->capture_default_str();
  command->add_flag("--compressed", options.compressed, "Ask for gzip, and store what is inside");
  command->add_flag("--digest", options.digest, "Report the SHA-256 of every file");
  command->add_flag("--refresh", options.refresh, "Download and replace files that are there already");
}

void add_origin(CLI::App& app, OriginArguments& arguments) {
  CLI::App* command = app.add_subcommand("origin", "A local HTTP server whose URLs say how it misbehaves");
  command->footer(origin_grammar() + R"(

Examples:
  overtake do origin --port 8080
  overtake do origin --list urls.txt --files 100 --size 100k --query 'delay=598'
  curl 'http://127.0.0.1:8080/f/1M/a.bin?fault=reset&at=500k&times=1')");
  command->add_option("--address", arguments.server.address, "IPv4 address to listen on")->capture_default_str();
  command->add_option("--port", arguments.server.port, "Port; 0: one that is free, printed")
      ->check(CLI::Range(0, 65535));
  command->add_option(
      "--tls", arguments.server.tls_dir,
      "HTTPS too, on free ports: good, expired and wrong-host certificates of a CA written to this folder");
  command->add_option("--log", arguments.server.log, "A JSON line a request into this file");
  command->add_option("--list", arguments.list, "Write a list of URLs with digests here, for `overtake do download`");
  command->add_option("--files", arguments.files, "URLs in that list")->capture_default_str();
  command->add_option("--size", arguments.size, "Size of each")->capture_default_str();
  command->add_option("--query", arguments.query, "Options of each, as URLs say them");
}

CLI::App* add_do(CLI::App& app, Arguments& arguments) {
  CLI::App* command =
      app.add_subcommand("do", "The work without measuring: preprocess, summarize, download, check, origin");
  command->footer(kDoFooter);
  command->require_subcommand(1);
  add_table_verbs(*command, arguments.tables);
  add_download(*command, arguments.download);
  CLI::App* check = command->add_subcommand("check", "Report what each URL of a list answers");
  check->footer(kCheckFooter);
  add_request_options(*check, arguments.download);
  add_origin(*command, arguments.origin);
  return command;
}

Status do_work(const CLI::App& command, const Arguments& arguments) {
  if (command.got_subcommand("preprocess")) return do_preprocess(arguments.tables.preprocess);
  if (command.got_subcommand("summarize")) return do_summarize(arguments.tables.summarize);
  if (command.got_subcommand("download")) return do_download(arguments.download);
  if (command.got_subcommand("check")) return do_check(arguments.download);
  return do_origin(arguments.origin);
}

compare::CompareRequest request_of(const CompareArguments& arguments) {
  compare::CompareRequest request;
  request.options = {.by = compare::Dimension::parse(arguments.by.value_or("system")),
                     .metric = compare::parse_metric(arguments.metric),
                     .limits = {.threshold = compare::parse_threshold(arguments.threshold)},
                     .baselines = baselines()};
  if (arguments.best || arguments.by || arguments.metric != "seconds") request.best = arguments.best;
  for (const std::string& price : arguments.prices) request.hourly_prices.insert(compare::parse_price(price));
  request.format = arguments.json       ? compare::Format::json
                   : arguments.markdown ? compare::Format::markdown
                                        : compare::Format::text;
  return request;
}

// What stands behind `run`, without --resume: kept beside the results, so that the run can be continued.
std::vector<std::string> written_arguments(int argc, char** argv) {
  std::vector<std::string> out;
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--resume")
      ++i;
    else if (!argument.starts_with("--resume="))
      out.push_back(argument);
  }
  return out;
}

int body(int argc, char** argv, const std::string* from_run = nullptr);

// Once more, with the arguments that the run was started with.
int resume(const RunArguments& asked, char* program) {
  auto arguments = arguments_of_run(asked.resume);
  if (!asked.written.empty() && asked.written != arguments)
    throw UsageError("--resume " + asked.resume +
                     ": it was started with other arguments: leave them out, or start a new run");
  std::string run = "run";
  std::vector<char*> pointers = {program, run.data()};
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  return body(static_cast<int>(pointers.size()), pointers.data(), &asked.resume);
}

// `from_run`: the folder whose arguments these are.
int body(int argc, char** argv, const std::string* from_run) {
  Arguments arguments;
  CLI::App app(
      "Tells which way of running a piece of work pays off on which hardware: one core, all cores, processes, GPU.",
      "overtake");
  app.footer(kFooter);
  app.require_subcommand(1);
  const CLI::App* run_command = add_run(app, arguments.run);
  const CLI::App* show_command = add_show(app, arguments.show);
  const CLI::App* compare_command = add_compare(app, arguments);
  const CLI::App* import_command = add_import(app, arguments.imported);
  CLI::App* doctor_command = app.add_subcommand("doctor", "What can run here and why not; what would distort results");
  doctor_command->footer("Examples:\n  overtake doctor\n  overtake doctor --selftest");
  doctor_command->add_flag("--selftest", arguments.selftest, "Plant faults and show that the checkers catch each");

  const CLI::App* lab_command = add_lab(app, arguments.lab);
  const CLI::App* do_command = add_do(app, arguments);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    // The help of the subcommand that was named, otherwise of the program.
    const CLI::App* named = &app;
    while (!named->get_subcommands().empty()) named = named->get_subcommands().front();
    fmt::print("{}", named->help());
    return 0;
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + " (see overtake --help)");
  }
  if (run_command->parsed()) {
    arguments.run.written = written_arguments(argc, argv);
    if (from_run != nullptr) arguments.run.resume = *from_run;
    if (arguments.run.resume.empty() || from_run != nullptr) return static_cast<int>(run(arguments.run));
    return resume(arguments.run, argv[0]);
  }
  if (lab_command->parsed()) return static_cast<int>(lab(arguments.lab));
  if (do_command->parsed()) return static_cast<int>(do_work(*do_command, arguments));
  if (show_command->parsed()) return static_cast<int>(show(arguments.show));
  if (import_command->parsed()) return static_cast<int>(import_results(arguments.imported));
  if (compare_command->parsed())
    return static_cast<int>(compare::compare_command(arguments.compared, request_of(arguments.compare), std::cout));
  return static_cast<int>(arguments.selftest ? selftest() : doctor());
}

}  // namespace
}  // namespace overtake::cli

int main(int argc, char** argv) {
  overtake::worker_entry();
  try {
    return overtake::cli::body(argc, argv);
  } catch (const overtake::UsageError& error) {
    fmt::print(stderr, "overtake: {}\n", error.what());
    return static_cast<int>(overtake::Status::usage);
  } catch (const std::bad_alloc&) {
    std::fputs("overtake: no memory was left\n", stderr);
    return static_cast<int>(overtake::Status::failure);
  } catch (const std::exception& error) {
    fmt::print(stderr, "overtake: {}\n", error.what());
    return static_cast<int>(overtake::Status::failure);
  }
}
