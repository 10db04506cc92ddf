// SPDX-License-Identifier: Apache-2.0
// What a user sees when a GPU fails: its rows say so in one line, and everything else is measured.
#include <cuda_runtime.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/results/reader.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kGpuCell = "matmul/fake_gpu/f32/end_to_end/m:8/n:8/k:8/workers:1";

// The rows of two cells of the GPU and one of the CPU beside each, after `fault` ("function:error:calls before").
class GpuErrors : public ::testing::Test {
 protected:
  void measure(const std::string& fault, int expected_status, const std::string& params = "") {
    std::string cells;
    for (const char* size : {"m:8/n:8/k:8", "m:5/n:6/k:7"})
      for (const char* variant : {"fake_gpu", "serial"})
        cells += std::string("matmul/") + variant + "/f32/end_to_end/" + size +
                 (std::string(variant) == "fake_gpu" ? params : "") + "/workers:1\\n";
    const Outcome outcome = shell(folder, "printf '" + cells + "' > cells && FAKE_CUDA=" + fault +
                                              " fake_gpu_bench --cells cells --out out --benchmark_min_time=0 "
                                              "--benchmark_repetitions=2 --label box");
    EXPECT_EQ(outcome.status, expected_status) << outcome.err;
    for (Row& row : read_results(folder / "out/bench_matmul.csv").rows)
      (row.variant == "serial" ? cpu_rows : gpu_rows).push_back(std::move(row));
    ASSERT_EQ(cpu_rows.size(), 4U);
    for (const Row& row : cpu_rows) EXPECT_EQ(row.status, RowStatus::ok) << row.status_reason;
  }

  void expect_gpu_rows(RowStatus status, const std::string& reason) {
    ASSERT_FALSE(gpu_rows.empty());
    for (const Row& row : gpu_rows) {
      EXPECT_EQ(row.status, status) << row.status_reason;
      EXPECT_THAT(row.status_reason, AllOf(HasSubstr(reason), Not(HasSubstr("\n"))));
      EXPECT_FALSE(row.seconds.has_value());
    }
  }

  TemporaryFolder folder;
  std::vector<Row> gpu_rows, cpu_rows;
};

TEST_F(GpuErrors, WithoutOneItsRowsAreMeasured) {
  measure("none:0:0", 0);
  ASSERT_EQ(gpu_rows.size(), 4U);
  for (const Row& row : gpu_rows) {
    EXPECT_EQ(row.status, RowStatus::ok) << row.status_reason;
    EXPECT_EQ(row.gpus, 1);
  }
}

TEST_F(GpuErrors, ADriverThatIsTooOldIsAReasonToSkip) {
  measure("cudaGetDeviceCount:" + std::to_string(cudaErrorInsufficientDriver) + ":0", 0);
  expect_gpu_rows(RowStatus::skipped, "the NVIDIA driver is for CUDA 12.4, older than this program's");
}

TEST_F(GpuErrors, NoDeviceIsAReasonToSkip) {
  measure("cudaGetDeviceCount:" + std::to_string(cudaErrorNoDevice) + ":0", 0);
  expect_gpu_rows(RowStatus::skipped, "sees no GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES");
}

TEST_F(GpuErrors, TooLittleMemoryIsAReasonToSkip) {
  measure("cudaMallocAsync:" + std::to_string(cudaErrorMemoryAllocation) + ":0", 0);
  expect_gpu_rows(RowStatus::skipped, "out of GPU memory: 0 MB were asked for, 1073 MB are free");
}

TEST_F(GpuErrors, TooLittleManagedMemoryIsAReasonToSkip) {
  measure("cudaMallocManaged:" + std::to_string(cudaErrorMemoryAllocation) + ":0", 0, "/transfer=managed");
  expect_gpu_rows(RowStatus::skipped, "out of GPU memory");
}

TEST_F(GpuErrors, ADeviceThatIsLostFailsItsRowsAndNoOthers) {
  const std::string lost = std::to_string(cudaErrorLaunchFailure);
  measure("cudaMemcpyAsync:" + lost + ":0", 1);
  expect_gpu_rows(RowStatus::failed,
                  "cudaErrorLaunchFailure, unspecified launch failure; the GPU is lost to this process");
  EXPECT_EQ(gpu_rows.size(), 2U);
}

// In the middle of the samples, where answers were right before.
TEST_F(GpuErrors, ADeviceThatIsLostLateFailsTheRowsFromThenOn) {
  measure("cudaMemcpyAsync:" + std::to_string(cudaErrorLaunchFailure) + ":12", 1, "/transfer=overlapped");
  ASSERT_GE(gpu_rows.size(), 2U);
  EXPECT_EQ(gpu_rows.back().status, RowStatus::failed);
  EXPECT_THAT(gpu_rows.back().status_reason, HasSubstr("lost"));
}

}  // namespace
}  // namespace overtake
