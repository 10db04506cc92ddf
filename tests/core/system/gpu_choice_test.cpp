// SPDX-License-Identifier: Apache-2.0
#include "core/system/gpu_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temporary_folder.h"

namespace overtake {
namespace {

using ::testing::HasSubstr;

std::string refused_gpus(const std::vector<std::string>& asked, const std::optional<std::string>& visible,
                         const Gpus& all = read_gpus(FAKE_NVML)) {
  return message_of<UsageError>([&] { visible_devices(asked, all, visible); });
}

TEST(GpuChoice, IsByTheNumbersOfNvidiaSmi) {
  const Gpus two = read_gpus(FAKE_NVML);
  EXPECT_EQ(visible_devices({"0"}, two, std::nullopt), "0");
  EXPECT_EQ(visible_devices({"1", "0"}, two, std::nullopt), "1,0");
}

TEST(GpuChoice, IsAmongThoseThatAreVisible) {
  const Gpus two = read_gpus(FAKE_NVML);
  EXPECT_EQ(visible_devices({"0"}, two, "1"), "1");
  EXPECT_EQ(visible_devices({"1"}, two, "1,0"), "0");
  EXPECT_EQ(visible_devices({"0"}, two, "GPU-8932f937,1"), "GPU-8932f937");
  EXPECT_EQ(visible_devices({"1"}, Gpus{.reason = "no NVML in this container"}, "3,5"), "5");
}

TEST(GpuChoice, NamesWhatThereIsWhereItIsWrong) {
  EXPECT_EQ(refused_gpus({"2"}, std::nullopt),
            "--gpus 2: '2' is no GPU here: there are 0 (NVIDIA H200), 1 (NVIDIA GeForce RTX 4070)");
  for (const char* wrong : {"", "x", "-1", "1x", " 0", "99999999999999999999"})
    EXPECT_THAT(refused_gpus({wrong}, std::nullopt), HasSubstr("is no GPU here: there are 0 (NVIDIA H200)")) << wrong;
  EXPECT_THAT(refused_gpus({"1"}, "0"), HasSubstr("there is 0"));
  EXPECT_THAT(refused_gpus({"1"}, "0,-1,1"), HasSubstr("there is 0"));
  EXPECT_THAT(refused_gpus({"1"}, "0,7"), HasSubstr("there is 0"));
  EXPECT_EQ(refused_gpus({"1", "0", "1"}, std::nullopt), "--gpus 1,0,1: GPU 1 is named twice");
}

TEST(GpuChoice, SaysWhyThereIsNone) {
  EXPECT_THAT(refused_gpus({"0"}, ""), HasSubstr("there is no GPU to choose: CUDA_VISIBLE_DEVICES= names none"));
  EXPECT_THAT(refused_gpus({"0"}, "-1"), HasSubstr("CUDA_VISIBLE_DEVICES=-1 names none"));
  EXPECT_THAT(refused_gpus({"0"}, std::nullopt, read_gpus("/nonexistent/libnvidia-ml.so.1")),
              HasSubstr("cannot be opened"));
}

}  // namespace
}  // namespace overtake
