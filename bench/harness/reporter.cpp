// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/reporter.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "core/error.h"

namespace overtake::bench {
namespace {

// The library's console report, without its remarks on the machine (system.json has them, and Debian's build of the
// library always calls itself a debug build) and with one header for all groups.
class Console final : public benchmark::ConsoleReporter {
 public:
  explicit Console(OutputOptions options) : ConsoleReporter(options) {}
  bool ReportContext(const Context& context) override {
    name_field_width_ = std::max(name_field_width_, context.name_field_width);
    return true;
  }
};

std::unique_ptr<benchmark::BenchmarkReporter> reporter_for(const std::string& format) {
  if (format == "json") return std::make_unique<benchmark::JSONReporter>();
  return std::make_unique<Console>(isatty(STDOUT_FILENO) != 0 ? benchmark::ConsoleReporter::OO_Color
                                                              : benchmark::ConsoleReporter::OO_None);
}

}  // namespace

Reporter::Reporter(const Options& options) : console_(reporter_for(options.format)) {
  if (options.file.empty()) return;
  file_ = reporter_for(options.file_format);
  stream_.open(options.file);
  if (!stream_) throw UsageError("--benchmark_out=" + options.file + ": the file cannot be written");
  file_->SetOutputStream(&stream_);
  file_->SetErrorStream(&std::cerr);
}

bool Reporter::ReportContext(const Context& context) {
  if (!begun_ || dynamic_cast<Console*>(console_.get()) != nullptr) console_->ReportContext(context);
  if (file_ != nullptr && !begun_) file_->ReportContext(context);
  begun_ = true;
  return true;
}

void Reporter::ReportRuns(const std::vector<Run>& runs) {
  std::vector<Run> named = runs;
  for (Run& run : named) {
    // The cell's name is the benchmark's name: how it is driven is not part of it.
    run.run_name.iterations.clear();
    run.run_name.repetitions.clear();
    run.run_name.time_type.clear();
  }
  console_->ReportRuns(named);
  if (file_ != nullptr) file_->ReportRuns(named);
}

void Reporter::finish() {
  if (!begun_) return;
  console_->Finalize();
  if (file_ != nullptr) file_->Finalize();
}

}  // namespace overtake::bench
