// SPDX-License-Identifier: Apache-2.0
// The versioned suites: the same cells on every machine, so that machines can be compared. Changing a list means a new
// version in its name.
#include "bench/harness/plan.h"

namespace overtake::bench {
namespace {

const std::vector<Workers> kOneAndAll = {{1}, {}};
const std::vector<Workers> kAll = {{}};
const std::vector<Workers> kOne = {{1}};

// Of matmul's variants those that answer which way pays off. The steps on the way to `serial` and the further
// yardsticks are in the default suite.
const std::vector<std::string> kMatmulWays = {"serial_naive", "serial",     "openmp", "processes",
                                              "openblas",     "cuda_naive", "thrust", "cublas"};

// Process medians are the unit of every verdict, and nine a side decide after correction for some hundred rows.
constexpr int kProcesses = 9;

// What is timed at the levels of the caches, and in memory.
std::vector<Block> ceilings(const std::vector<std::string>& cached, const std::vector<std::string>& memory) {
  return {
      {"ceiling", {"fma"}, {"registers"}, {Dtype::f32, Dtype::f64}, {Scope::kernel}, kOneAndAll},
      {"ceiling", cached, {"L1", "L2", "L3"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      {"ceiling", memory, {"memory"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
  };
}

KeyValues in_flight(std::int64_t count) {
  KeyValues params;
  params.set("in_flight", count);
  return params;
}

// Every combination; digests as they are by default.
std::vector<KeyValues> waits(const std::vector<std::int64_t>& counts, const std::vector<std::string>& milliseconds) {
  std::vector<KeyValues> out;
  for (const std::string& latency : milliseconds)
    for (const std::int64_t count : counts) {
      out.push_back(in_flight(count));
      out.back().set("latency_ms", std::string_view(latency));
    }
  return out;
}

std::vector<KeyValues> with_digest(const std::vector<std::int64_t>& counts, std::string_view digest) {
  std::vector<KeyValues> out;
  for (const std::int64_t count : counts) {
    out.push_back(in_flight(count));
    out.back().set("digest", digest);
  }
  return out;
}

}  // namespace

Suite quick_suite() {
  Suite suite{"quick.6", {}, 0.01, 2, kProcesses, 0.1};
  suite.blocks = {
      {"matmul", kMatmulWays, {"64", "256", "1024"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      {"matmul", kMatmulWays, {"256"}, {Dtype::f64}, {Scope::kernel}, kOneAndAll},
      {"matmul", kMatmulWays, {"1024"}, {Dtype::f32}, {Scope::end_to_end, Scope::cold_start}, kAll},
      {"preprocess", {}, {"3000x8", "30000x8", "100000x8"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      {"preprocess", {}, {"100000x8"}, {Dtype::f32}, {Scope::end_to_end, Scope::cold_start}, kAll},
      {"summarize", {}, {"30000x8"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      {"read_csv", {}, {"20000"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      // Every variant under the same key, so that all stand against `sequential`; so few and so short that nine
      // processes wait some seconds in all.
      {"download", {}, {"10x10k"}, {Dtype::none}, {Scope::kernel}, kOne, {{{"in_flight", "5"}, {"latency_ms", "2"}}}},
  };
  for (Block& block : ceilings({"read"}, {"read", "copy", "copy_nt"})) suite.blocks.push_back(std::move(block));
  return suite;
}

Suite default_suite() {
  Suite suite{"default.6", {}, 0.05, 5, kProcesses, 5.0};
  const std::vector<std::string> shapes = {"16",   "64",   "128",  "256",          "512",          "1000",
                                           "1024", "2048", "4096", "4096x64x4096", "64x4096x4096", "4096x4096x64"};
  suite.blocks = {
      {"matmul", {}, shapes, {Dtype::f32, Dtype::f64}, {Scope::kernel}, kOneAndAll},
      {"matmul",
       {},
       {"64", "256", "1024", "2048"},
       {Dtype::f32},
       {Scope::end_to_end, Scope::cold_start, Scope::device},
       kAll},
      {"preprocess", {}, {"1000x8", "10000x8", "100000x8", "1000000x8"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      {"preprocess",
       {},
       {"1000000x8"},
       {Dtype::f32},
       {Scope::kernel},
       kOneAndAll,
       {{{"phase", "fit"}}, {{"phase", "apply"}}}},
      {"preprocess", {}, {"10000x8", "1000000x8"}, {Dtype::f32}, {Scope::end_to_end, Scope::cold_start}, kAll},
      {"summarize", {}, {"10000x8", "100000x8", "1000000x8"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      {"summarize",
       {},
       {"1000000x8"},
       {Dtype::f32},
       {Scope::kernel},
       kOneAndAll,
       {{{"part", "moments"}}, {{"part", "describe"}}, {{"part", "corr"}}, {{"part", "groups"}}}},
      {"summarize", {}, {"1000000x8"}, {Dtype::f32}, {Scope::end_to_end, Scope::cold_start}, kAll},
      {"read_csv", {}, {"10000", "100000", "1000000"}, {Dtype::f32, Dtype::f64}, {Scope::kernel}, kOneAndAll},
      {"read_csv", {}, {"300000"}, {Dtype::f64}, {Scope::kernel}, kOneAndAll, {{{"text", "quoted"}}}},
      {"read_csv", {}, {"1000000"}, {Dtype::f64}, {Scope::end_to_end, Scope::cold_start}, kAll},
      {"download", {}, {"20x10k"}, {Dtype::none}, {Scope::kernel}, kOne, {{{"in_flight", "10"}, {"latency_ms", "10"}}}},
      {"download",
       {},
       {"100x10k", "1000x10k"},
       {Dtype::none},
       {Scope::kernel, Scope::cold_start},
       kOne,
       {in_flight(10)}},
  };
  for (Block& block : ceilings({"read", "copy", "memcpy"}, {"read", "copy", "copy_nt", "memcpy"}))
    suite.blocks.push_back(std::move(block));
  const std::vector<Scope> gpu_scopes = {Scope::kernel, Scope::device};
  suite.blocks.push_back({"ceiling", {"gpu_fma"}, {"gpu_registers"}, {Dtype::f32, Dtype::f64}, gpu_scopes, kOne});
  suite.blocks.push_back({"ceiling", {"gpu_read", "gpu_copy"}, {"gpu_memory"}, {Dtype::f32}, gpu_scopes, kOne});
  suite.blocks.push_back({"ceiling",
                          {"h2d_pinned", "h2d_pageable", "d2h_pinned", "d2h_pageable"},
                          {"gpu_link"},
                          {Dtype::f32},
                          gpu_scopes,
                          kOne});
  return suite;
}

// Seconds of one repetition, which is one run of a cell with latency and up to four of one without: 10 and 100 ms: 66
// one after another in all six cells of each, 60 for the other three; 598 ms: 60 and 3 x 50; small files, at 2,000 a
// second and worse: 16 x 4 x 1; large files, at 1 GB/s: 20 x 2, and as much again to check them.
Suite download_suite() {
  Suite suite{"download.1", {}, 0.05, 1, 1, 0};
  const std::vector<Dtype> none = {Dtype::none};
  const std::vector<Scope> kernel = {Scope::kernel};
  // One at a time is what `sequential` is: at the longest latency no other variant is asked to wait for a minute.
  suite.blocks = {
      {"download", {}, {"100x100k"}, none, kernel, kOne, waits({1, 2, 5, 10, 50, 100}, {"10", "100"})},
      {"download", {"sequential"}, {"100x100k"}, none, kernel, kOne, waits({1}, {"598"})},
      {"download",
       {"threads", "processes", "async"},
       {"100x100k"},
       none,
       kernel,
       kOne,
       waits({2, 5, 10, 50, 100}, {"598"})},
      {"download", {}, {"2000x10k"}, none, kernel, kOne, {in_flight(1), in_flight(10), in_flight(50), in_flight(300)}},
      {"download", {}, {"20x100M"}, none, kernel, kOne, with_digest({1, 4, 20}, "0")},
      {"download", {}, {"20x100M"}, none, kernel, kOne, with_digest({1, 20}, "1")},
  };
  return suite;
}

Suite urls_suite() {
  return {"urls", {{"download", {}, {}, {Dtype::none}, {Scope::kernel}, kOne, {in_flight(8)}}}, 0, 3, 1, 0};
}

Suite command_suite(std::vector<std::string> sizes, Scope scope) {
  if (sizes.empty()) sizes.emplace_back();
  return {"command", {{"command", {}, std::move(sizes), {Dtype::none}, {scope}, {{1}}}}, 0, 1, kProcesses, 0};
}

}  // namespace overtake::bench
