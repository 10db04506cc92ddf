// SPDX-License-Identifier: Apache-2.0
// A benchmark as others write them with Google Benchmark: arguments, threads, counters, an error. import_test.cpp
// imports what it writes.
#include <benchmark/benchmark.h>

namespace {

void add_up(benchmark::State& state) {
  for (auto _ : state) {
    double sum = 0;
    for (std::int64_t i = 0; i < state.range(0); ++i) benchmark::DoNotOptimize(sum += static_cast<double>(i));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * 8);
  state.counters["not a number"] = 0.0 / static_cast<double>(state.range(0) - state.range(0));
}
BENCHMARK(add_up)->Name("BM_add<up>")->Arg(64)->ArgName("n")->Iterations(10)->Repetitions(9)->Threads(1)->Threads(2);

void fail(benchmark::State& state) {
  state.SkipWithError("no \"device\"");
  for (auto _ : state) {
  }
}
BENCHMARK(fail);

}  // namespace

BENCHMARK_MAIN();
