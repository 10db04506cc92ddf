// SPDX-License-Identifier: Apache-2.0
// Google Benchmark's reports over several calls of the library: one call times a group of cells, the report is one.
#pragma once

#include <benchmark/benchmark.h>

#include <fstream>
#include <memory>

#include "bench/harness/options.h"

namespace overtake::bench {

class Reporter final : public benchmark::BenchmarkReporter {
 public:
  /// Throws UsageError where the file of --benchmark_out cannot be written.
  explicit Reporter(const Options&);

  bool ReportContext(const Context&) override;
  void ReportRuns(const std::vector<Run>&) override;
  void Finalize() override {}  // called after every group
  void finish();               // after the last

 private:
  std::unique_ptr<BenchmarkReporter> console_, file_;
  std::ofstream stream_;
  bool begun_ = false;
};

}  // namespace overtake::bench
