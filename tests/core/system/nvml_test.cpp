// SPDX-License-Identifier: Apache-2.0
#include "core/system/nvml.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace overtake {
namespace {

TEST(Nvml, ReadsEveryGpuWithReasonsForWhatItDoesNotSay) {
  const Gpus found = read_gpus(FAKE_NVML);
  EXPECT_EQ(found.reason, "");
  EXPECT_EQ(found.driver_version.value, "570.86.15");
  EXPECT_EQ(found.cuda_version.value, "12.8");
  ASSERT_EQ(found.gpus.size(), 2u);
  const Gpu &h200 = found.gpus[0], &rtx = found.gpus[1];
  EXPECT_EQ(h200.name.value, "NVIDIA H200");
  EXPECT_EQ(h200.compute_capability.value, "9.0");
  EXPECT_EQ(h200.memory_bytes.value, 150754820096);
  EXPECT_EQ(h200.sm_clock_max_hz.value, 1'980'000'000);
  EXPECT_EQ(h200.sm_clock_hz.value, 345'000'000);
  EXPECT_EQ(h200.memory_clock_max_hz.value, 3'201'000'000);
  EXPECT_EQ(h200.power_limit_watts.value, 700);
  EXPECT_EQ(h200.ecc.value, true);
  EXPECT_EQ(h200.mig.value, false);
  EXPECT_EQ(h200.pcie_generation_max.value, 5);
  EXPECT_EQ(h200.pcie_generation.value, 1);
  EXPECT_EQ(h200.pcie_lanes.value, 16);
  EXPECT_FALSE(h200.persistence.value);
  EXPECT_EQ(h200.persistence.reason, "this driver has no nvmlDeviceGetPersistenceMode");
  EXPECT_EQ(rtx.ecc.reason, "nvmlDeviceGetEccMode: Not Supported");
  EXPECT_FALSE(rtx.mig.value);
}

TEST(Nvml, SaysWhyThereIsNoAnswer) {
  const Gpus absent = read_gpus("/nonexistent/libnvidia-ml.so.1");
  EXPECT_TRUE(absent.gpus.empty());
  EXPECT_NE(absent.reason.find("/nonexistent/libnvidia-ml.so.1 cannot be opened"), std::string::npos);
  EXPECT_FALSE(absent.driver_version.value);
  setenv("FAKE_NVML_INIT", "9", 1);
  const Gpus unloaded = read_gpus(FAKE_NVML);
  unsetenv("FAKE_NVML_INIT");
  EXPECT_TRUE(unloaded.gpus.empty());
  EXPECT_NE(unloaded.reason.find("Driver Not Loaded"), std::string::npos);
}

TEST(Nvml, WatchesTheClockOfOneGpuAndWhatHoldsItDown) {
  const GpuWatch watch("0000:1A:00.0", FAKE_NVML);
  EXPECT_EQ(watch.now().sm_clock_hz.value, 345'000'000);
  EXPECT_EQ(watch.now().throttle_reasons.value, "none");
  setenv("FAKE_NVML_THROTTLE", "0x1024", 1);
  EXPECT_EQ(watch.now().throttle_reasons.value, "power_cap+thermal+0x1000");
  setenv("FAKE_NVML_THROTTLE", "0x1d9", 1);
  EXPECT_EQ(watch.now().throttle_reasons.value,
            "idle+hardware_slowdown+sync_boost+hardware_thermal+power_brake+display_clocks");
  unsetenv("FAKE_NVML_THROTTLE");
}

TEST(Nvml, AWatchSaysWhyItSeesNothing) {
  const GpuState absent = GpuWatch("0000:1A:00.0", "/nonexistent/libnvidia-ml.so.1").now();
  EXPECT_FALSE(absent.sm_clock_hz.value);
  EXPECT_NE(absent.throttle_reasons.reason.find("cannot be opened"), std::string::npos);
  EXPECT_FALSE(GpuWatch("0000:FF:00.0", FAKE_NVML).now().sm_clock_hz.value);
}

TEST(Nvml, ALibraryThatIsAnotherIsNoDriver) {
  const Gpus other = read_gpus("libm.so.6");
  EXPECT_TRUE(other.gpus.empty());
  EXPECT_NE(other.reason, "");
}

}  // namespace
}  // namespace overtake
