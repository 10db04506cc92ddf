// SPDX-License-Identifier: Apache-2.0
// The versioned suites: the same cells on every machine, so that machines can be compared. Changing a list means a new
// version in its name.
#include "bench/harness/plan.h"

namespace overtake::bench {
namespace {

const std::vector<Workers> kOneAndAll = {{1}, {}};
const std::vector<Workers> kAll = {{}};

// Of matmul's variants those that answer which way pays off. The steps on the way to `serial` and the further
// yardsticks are in the default suite.
const std::vector<std::string> kMatmulWays = {"serial_naive", "serial",     "openmp", "processes",
                                              "openblas",     "cuda_naive", "thrust", "cublas"};

// Process medians are the unit of every verdict, and nine a side decide after correction for some hundred rows.
constexpr int kProcesses = 9;

// `cached`: what is timed at the levels of the caches.
std::vector<Block> ceilings(const std::vector<std::string>& cached) {
  return {
      {"ceiling", {"fma"}, {"registers"}, {Dtype::f32, Dtype::f64}, {Scope::kernel}, kOneAndAll},
      {"ceiling", cached, {"L1", "L2", "L3"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      {"ceiling", {"read", "copy", "copy_nt"}, {"memory"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
  };
}

}  // namespace

Suite quick_suite() {
  Suite suite{"quick.3", {}, 0.01, 2, kProcesses, 0.1};
  suite.blocks = {
      {"matmul", kMatmulWays, {"64", "256", "1024"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      {"matmul", kMatmulWays, {"256"}, {Dtype::f64}, {Scope::kernel}, kOneAndAll},
      {"matmul", kMatmulWays, {"1024"}, {Dtype::f32}, {Scope::end_to_end, Scope::cold_start}, kAll},
      {"preprocess", {}, {"3000x8", "30000x8", "100000x8"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
      {"preprocess", {}, {"100000x8"}, {Dtype::f32}, {Scope::end_to_end, Scope::cold_start}, kAll},
      {"read_csv", {}, {"20000"}, {Dtype::f32}, {Scope::kernel}, kOneAndAll},
  };
  for (Block& block : ceilings({"read"})) suite.blocks.push_back(std::move(block));
  return suite;
}

Suite default_suite() {
  Suite suite{"default.4", {}, 0.05, 5, kProcesses, 5.0};
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
  };
  for (Block& block : ceilings({"read", "copy"})) suite.blocks.push_back(std::move(block));
  return suite;
}

Suite command_suite(std::vector<std::string> sizes, Scope scope) {
  if (sizes.empty()) sizes.emplace_back();
  return {"command", {{"command", {}, std::move(sizes), {Dtype::none}, {scope}, {{1}}}}, 0, 1, kProcesses, 0};
}

}  // namespace overtake::bench
