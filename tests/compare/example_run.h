// SPDX-License-Identifier: Apache-2.0
// Runs made up for the tests of compare/: rows with samples around a time that the test chooses.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "compare/statistics.h"
#include "core/results/reader.h"

namespace overtake::compare {

/// Inside a TEST, Run is a member of testing::Test.
using ExampleRun = Run;

/// Log-normal samples: every process has its own level, and samples scatter around it.
struct Noise {
  double between = 0.01, within = 0.02;  // standard deviations of the logarithm
  int processes = 9, samples = 5;
};

inline Processes noisy_samples(double seconds, const Noise& noise, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Processes all;
  for (int p = 0; p < noise.processes; ++p) {
    const double level = noise.between * normal(random);
    auto& samples = all.emplace_back();
    for (int s = 0; s < noise.samples; ++s)
      samples.push_back(seconds * std::exp(level + noise.within * normal(random)));
  }
  return all;
}

/// Nine processes whose medians agree to 1 %: as many as decide.
inline Processes around(double seconds) {
  Processes all;
  for (int p = -4; p <= 4; ++p) {
    const double level = seconds * (1 + 0.0025 * p);
    all.push_back({level, 1.01 * level, 0.99 * level});
  }
  return all;
}

/// A row as a benchmark program writes it, without times.
inline Row example_row(const std::string& cell_name) {
  const Cell cell = Cell::parse(cell_name);
  Row row;
  row.run_id = "20261121T071524Z-quick";
  row.system_id = "amd-epyc-2c-24g-1a2b3c4d";
  row.utc = "2026-11-21T07:15:24Z";
  row.git_revision = "9985ec8";
  row.workload = cell.workload;
  row.variant = cell.variant;
  row.dtype = cell.dtype;
  row.scope = cell.scope;
  row.shape = cell.shape;
  row.params = cell.params;
  row.workers_asked = cell.workers;
  row.workers = cell.workers.count == 0 ? 2 : cell.workers.count;
  row.strategy = cell.variant.starts_with("serial") ? Strategy::serial : Strategy::threads;
  if (cell.workload == "matmul")
    row.flops = 2.0 * static_cast<double>(cell.shape.integer("m") * cell.shape.integer("n") * cell.shape.integer("k"));
  row.bound = cell.workload == "ceiling" ? "" : "fma";
  row.check_method = "reference";
  row.check_error = 1e-8;
  row.check_tolerance = 1e-6;
  return row;
}

/// The row once for each sample.
inline void add_samples(Run& run, Row row, const Processes& seconds) {
  for (std::size_t p = 0; p < seconds.size(); ++p)
    for (std::size_t s = 0; s < seconds[p].size(); ++s) {
      row.process = static_cast<std::int64_t>(p);
      row.sample = static_cast<std::int64_t>(s);
      row.seconds = seconds[p][s];
      run.rows.push_back(row);
    }
}

inline void add_cell(Run& run, const std::string& cell_name, const Processes& seconds) {
  add_samples(run, example_row(cell_name), seconds);
}

/// A cell without times, and why.
inline void add_status(Run& run, const std::string& cell_name, RowStatus status, const std::string& reason) {
  Row row = example_row(cell_name);
  row.status = status;
  row.status_reason = reason;
  row.check_method.clear();
  run.rows.push_back(row);
}

/// An FMA ceiling for `workers`, its best sample at `flops_per_second`.
inline void add_fma_ceiling(Run& run, const std::string& workers, double flops_per_second) {
  Row row = example_row("ceiling/fma/f32/kernel/level:registers/workers:" + workers);
  row.flops = 1e9;
  const double best = 1e9 / flops_per_second;
  Processes seconds = around(1.02 * best);
  seconds[0] = {best, 1.01 * best};
  add_samples(run, row, seconds);
}

}  // namespace overtake::compare
