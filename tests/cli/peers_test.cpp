// SPDX-License-Identifier: Apache-2.0
// What bench/peers measures and writes for matrix products, as far as it goes without the libraries of others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/file.h"
#include "core/results/reader.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kPeers = OVERTAKE_TEST_DATA "/../../bench/peers/";
constexpr const char* kJax = "matmul_jax.py --build " OVERTAKE_BIN "/.. --rounds 1 --samples 2 --seconds 0.001 ";

Outcome python(const TemporaryFolder& folder, const std::string& rest, const std::string& path = "") {
  return shell(folder, "PYTHONPATH=" + path + " PYTHONDONTWRITEBYTECODE=1 python3 " + rest);
}

class PeersOfMatmul : public ::testing::Test {
 protected:
  void SetUp() override {
    if (python(folder, "--version").status != 0) GTEST_SKIP() << "there is no python3 here";
  }
  Outcome peer(const std::string& line, const std::string& path = "") { return python(folder, kPeers + line, path); }
  Results rows() { return read_results(only_run(folder) / "matmul_peers.csv"); }

  TemporaryFolder folder;
};

TEST_F(PeersOfMatmul, RowsOfJaxStandBesideOursAndAreSkippedWithoutIt) {
  const Outcome outcome = peer(kJax + std::string("--size 17,8x1x5 --label box"));
  // On a busy machine a ceiling can be measured too low: the row says so, and the status.
  EXPECT_TRUE(outcome.status == 0 || outcome.err.find(": implausible: ") != std::string::npos) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("m=n=k=17"), HasSubstr("jax"), HasSubstr("Results: ")));
  std::map<std::string, int> counts;
  for (const Row& row : rows().rows) {
    EXPECT_EQ(row.system_id, "box");
    EXPECT_EQ(row.workload, "matmul");
    ++counts[row.variant + ' ' + row.workers_asked.to_string() + (row.status == RowStatus::skipped ? " skipped" : "")];
    if (row.status == RowStatus::skipped)
      EXPECT_THAT(row.status_reason, HasSubstr("jax is not installed"));
    else
      EXPECT_FALSE(row.check_method.empty()) << row.cell().name();
  }
  // Two sizes, two types, two samples; a cell that is skipped has one row.
  EXPECT_EQ(counts["serial 1"], 8);
  EXPECT_EQ(counts["openmp all"], 8);
  for (const std::string workers : {"1", "all"})
    EXPECT_TRUE(counts["jax " + workers] == 8 || counts["jax " + workers + " skipped"] == 4) << workers;
}

TEST_F(PeersOfMatmul, SaysWhichArgumentIsWrong) {
  for (const auto& [arguments, message] :
       std::vector<std::pair<std::string, std::string>>{{"--size 6x4", "6x4: a size is N or MxNxK"},
                                                        {"--size 16,0", "0: a size is N or MxNxK"},
                                                        {"--dtype f32,f16", "f16: there are f32, f64"},
                                                        {"--workers 3", "3: there are 1, all"}}) {
    const Outcome outcome = peer(kJax + arguments);
    EXPECT_EQ(outcome.status, 2) << arguments;
    EXPECT_THAT(outcome.err, HasSubstr(message));
  }
}

// A library that cannot be loaded: its process dies, and no round waits for it.
TEST_F(PeersOfMatmul, AProcessOfJaxThatDiesIsAFailedRow) {
  std::filesystem::create_directories(folder / "fake/jax");
  std::filesystem::create_directories(folder / "fake/jax-0.0.1.dist-info");
  std::ofstream(folder / "fake/jax/__init__.py") << "raise ImportError('a broken library')\n";
  std::ofstream(folder / "fake/jax-0.0.1.dist-info/METADATA") << "Metadata-Version: 2.1\nName: jax\nVersion: 0.0.1\n";
  const Outcome outcome =
      peer(kJax + std::string("--size 8 --dtype f64 --workers all --label box"), (folder / "fake").string());
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  int failed = 0;
  for (const Row& row : rows().rows) {
    if (row.variant != "jax") continue;
    ++failed;
    EXPECT_EQ(row.status, RowStatus::failed);
    EXPECT_EQ(row.library, "jax 0.0.1");
    EXPECT_THAT(row.status_reason, HasSubstr("ended with status 1 ImportError: a broken library"));
  }
  EXPECT_EQ(failed, 1);
}

TEST_F(PeersOfMatmul, AnAnswerBeyondTheToleranceIsWrong) {
  const Outcome outcome =
      python(folder, "-c 'import sys; sys.path.insert(0, \"" + std::string(kPeers) +
                         "\")\n"
                         "import matmul_jax\n"
                         "cell = {\"m\": 2, \"n\": 3, \"k\": 5, \"dtype\": \"f32\"}\n"
                         "for error in (0.5, 1.5, float(\"nan\")):\n"
                         "  found = [{\"seconds\": 1, \"check_error\": error, \"check_tolerance\": 1}]\n"
                         "  row = matmul_jax.rows_of(found, {}, cell, \"all\", 2, 0)[0]\n"
                         "  print(row[\"status\"], row[\"flops\"], row[\"bytes\"], row[\"shape\"])'");
  EXPECT_EQ(outcome.out, "ok 60 124 m=2;n=3;k=5\nwrong 60 124 m=2;n=3;k=5\nwrong 60 124 m=2;n=3;k=5\n") << outcome.err;
}

// ---- the tables of cpu/matmul/README.md
// ------------------------------------------------------------------------------

// Samples of one cell, whose median is `seconds`.
struct MadeCell {
  std::string variant, dtype, workers;
  std::int64_t m, n, k;
  double seconds;
  std::string bound = "fma";
};

std::string made_csv(const std::vector<MadeCell>& cells) {
  std::string text =
      "run_id,workload,variant,library,dtype,scope,shape,params,workers_asked,workers,seconds,flops,bytes,bound,"
      "ceiling_fraction,metrics,status,status_reason\n";
  const auto number = [](auto value) { return std::to_string(value); };
  for (const std::string dtype : {"f32", "f64"})
    for (const std::string workers : {"1", "all"})
      text += "made,ceiling,fma,," + dtype + ",kernel,level=registers,," + workers + ",1,0.01," +
              (workers == "1" ? "1e9" : "2e9") + ",,,,,ok,\n";
  for (const MadeCell& cell : cells)
    for (const double factor : {0.9, 1.0, 3.0})
      text += "made,matmul," + cell.variant + ",," + cell.dtype + ",kernel,m=" + number(cell.m) +
              ";n=" + number(cell.n) + ";k=" + number(cell.k) + ",," + cell.workers + ',' +
              (cell.workers == "1" ? "1" : "2") + ',' + number(cell.seconds * factor) + ',' +
              number(2 * cell.m * cell.n * cell.k) + ',' +
              number(4 * (cell.m * cell.k + cell.k * cell.n + cell.m * cell.n)) + ',' + cell.bound +
              ",0.5,kernel=K;version=1.0,ok,\n";
  return text;
}

class TablesOfMatmul : public PeersOfMatmul {
 protected:
  Outcome tables(const std::string& name, const std::string& csv) {
    std::filesystem::create_directories(folder / "run");
    std::ofstream(folder / "run/bench_matmul.csv") << csv;
    return peer("matmul_tables.py " + name + " run");
  }
};

TEST_F(TablesOfMatmul, AreThoseOfTheReadmeAndComeBackWhereAFigureWasChanged) {
  const std::string readme = read_file(kPeers + std::string("../../cpu/matmul/README.md"));
  const auto row = readme.find("| 16 | ");
  ASSERT_NE(row, std::string::npos);
  std::ofstream(folder / "same.md") << readme;
  EXPECT_EQ(peer("matmul_tables.py write --check same.md").status, 0);
  std::ofstream(folder / "changed.md") << std::string(readme).replace(row, 7, "| 16 | 9");
  const Outcome checked = peer("matmul_tables.py write --check changed.md");
  EXPECT_EQ(checked.status, 1);
  EXPECT_THAT(checked.err, HasSubstr("not what the runs say: changed.md"));
  EXPECT_EQ(peer("matmul_tables.py write changed.md").status, 0);
  EXPECT_EQ(read_file(folder / "changed.md"), readme);
}

TEST_F(TablesOfMatmul, GiveSharesTheBestLibraryAndWhereWeAreSlower) {
  // A hundred GFLOP/s, twice that on all cores; 256^3 takes 33.55 Mflop.
  const Outcome outcome = tables("libraries", made_csv({{"serial", "f32", "1", 256, 256, 256, 4e-4},
                                                        {"openblas", "f32", "1", 256, 256, 256, 5e-4},
                                                        {"mkl", "f32", "1", 256, 256, 256, 6e-4},
                                                        {"openmp", "f32", "all", 256, 256, 256, 4e-4},
                                                        {"onednn", "f32", "all", 256, 256, 256, 1e-4}}));
  EXPECT_THAT(outcome.out, HasSubstr("| 256 | 84 % | OpenBLAS 67 % | 1.25 | 42 % | oneDNN 168 % | **0.25** |"))
      << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("| f32, from 256 | 1.25 | 0.25 |"));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Medians of 3 samples."), HasSubstr("OpenBLAS 1.0, kernel K")));
}

TEST_F(TablesOfMatmul, GiveTheGainOfEachStep) {
  std::vector<MadeCell> cells;
  double seconds = 16;
  for (const char* step : {"serial_naive", "serial_tiled", "serial_vectorized", "serial_packed", "serial"})
    cells.push_back({step, "f64", "1", 512, 512, 512, seconds /= 2});
  EXPECT_THAT(tables("ladder", made_csv(cells)).out,
              HasSubstr("| 512 | f64 | 8 s | 4 s, 2.00x | 2 s, 2.00x | 1 s, 2.00x | 500 ms, 2.00x |"));
  cells.pop_back();
  const Outcome without = tables("ladder", made_csv(cells));
  EXPECT_EQ(without.status, 1);
  EXPECT_THAT(without.err, HasSubstr("hold no cells for this table"));
}

TEST_F(TablesOfMatmul, GiveVectorsAsBandwidthAndPrimesAsWork) {
  const Outcome outcome = tables("vectors", made_csv({{"serial", "f32", "1", 1, 1000, 1000, 1e-3, "L3"},
                                                      {"openblas", "f32", "1", 1, 1000, 1000, 2e-3, "L3"},
                                                      {"openmp", "f32", "all", 101, 103, 107, 1e-3},
                                                      {"openmp", "f32", "all", 100, 100, 100, 1e-3}}));
  EXPECT_EQ(outcome.out.find("| 100 |"), std::string::npos);
  EXPECT_THAT(outcome.out, HasSubstr("| 1 x 1000 x 1000 | f32 | 4.0 GB/s, 50 % of L3 | OpenBLAS 2.00 | – | – |"));
  EXPECT_THAT(outcome.out, HasSubstr("| 101 x 103 x 107 | f32 | – | – | 2.2 GFLOP/s, 50 % of fma | – |"));
}

TEST_F(TablesOfMatmul, GiveWhatTheCoresAddFrom1024On) {
  const auto at = [](const char* variant, const char* workers, std::int64_t n, double seconds) {
    return MadeCell{variant, "f32", workers, n, n, n, seconds};
  };
  const Outcome outcome = tables("cores", made_csv({at("serial", "1", 2048, 1), at("openmp", "all", 2048, 0.5),
                                                    at("processes", "all", 2048, 0.625), at("serial", "1", 512, 1),
                                                    at("openmp", "all", 512, 0.5)}));
  EXPECT_THAT(outcome.out, HasSubstr("| 2048 | f32 | 1 s | 500 ms | 1.000 | 0.800 | – |")) << outcome.err;
  EXPECT_EQ(outcome.out.find("| 512"), std::string::npos);
}

TEST_F(TablesOfMatmul, GiveJaxBesideOurs) {
  const Outcome outcome = tables(
      "jax", made_csv({{"serial", "f64", "1", 256, 256, 256, 1e-3}, {"jax", "f64", "1", 256, 256, 256, 1.1e-3}}));
  EXPECT_THAT(outcome.out, HasSubstr("| 256 | – | – | 1.10 | – |")) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("| geometric mean, n >= 128 | – | – | 1.10 | – |"));
}

TEST_F(TablesOfMatmul, FailWhereAYardstickWasSkipped) {
  const std::string skipped = ",f64,kernel,m=8;n=8;k=8,,1,,,,,,,,skipped,";
  const std::string csv = made_csv({{"serial", "f64", "1", 8, 8, 8, 1e-3}, {"mkl", "f64", "1", 8, 8, 8, 1e-3}});
  EXPECT_EQ(tables("libraries", csv + "made,matmul,onednn," + skipped + "onednn has no f64 form\n").status, 0);
  const Outcome outcome = tables("libraries", csv + "made,matmul,openblas," + skipped + "OpenBLAS was not found\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("made lacks openblas: OpenBLAS was not found"));
}

}  // namespace
}  // namespace overtake
