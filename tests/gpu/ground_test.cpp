// SPDX-License-Identifier: Apache-2.0
// What variants for GPUs stand on, as far as it shows without one.
#include <gtest/gtest.h>

#include <limits>

#include "gpu/cuda/buffer.cuh"
#include "gpu/cuda/device.cuh"
#include "gpu/cuda/timed_launches.cuh"

namespace overtake {
namespace {

std::string message_of(cudaError_t error) {
  try {
    OVERTAKE_CUDA_CHECK(error);
  } catch (const std::runtime_error& failure) {
    return failure.what();
  }
  return "";
}

TEST(CudaCheck, SaysExpressionPlaceAndReason) {
  EXPECT_EQ(message_of(cudaSuccess), "");
  const std::string lost = message_of(cudaErrorDevicesUnavailable), memory = message_of(cudaErrorMemoryAllocation);
  EXPECT_NE(lost.find("ground_test.cpp:"), std::string::npos) << lost;
  EXPECT_NE(lost.find("error: cudaErrorDevicesUnavailable, "), std::string::npos) << lost;
  EXPECT_NE(memory.find("cudaErrorMemoryAllocation, out of memory"), std::string::npos) << memory;
  EXPECT_EQ(memory.find('\n'), std::string::npos);
}

TEST(CudaCheck, SaysWhichErrorsLoseTheGpuForGood) {
  for (const cudaError_t lost : {cudaErrorIllegalAddress, cudaErrorLaunchFailure, cudaErrorECCUncorrectable})
    EXPECT_NE(message_of(lost).find("the GPU is lost to this process"), std::string::npos) << message_of(lost);
  for (const cudaError_t passing : {cudaErrorMemoryAllocation, cudaErrorInvalidValue, cudaErrorNotReady})
    EXPECT_EQ(message_of(passing).find("lost"), std::string::npos) << message_of(passing);
}

TEST(CudaCheck, ItsTwinDoesNotThrow) { EXPECT_NO_THROW(OVERTAKE_CUDA_IGNORE(cudaErrorMemoryAllocation)); }

TEST(CudaDevice, IsThereOrItsAbsenceHasAReason) {
  int count = 0;
  const bool found = cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
  const auto reason = cuda::device_unavailable();
  EXPECT_EQ(reason.has_value(), !found);
  if (reason) {
    EXPECT_FALSE(reason->empty());
  }
}

TEST(CudaBuffer, OfNothingNeedsNoDevice) {
  cuda::Buffer<float> nothing(0), moved(std::move(nothing));
  EXPECT_EQ(moved.data(), nullptr);
  EXPECT_EQ(moved.bytes(), 0u);
}

TEST(TimedLaunches, ShortOnesGoInSeries) {
  using cuda::launches_between_events;
  EXPECT_EQ(launches_between_events(1), 1);
  EXPECT_EQ(launches_between_events(50e-6), 1);
  EXPECT_EQ(launches_between_events(40e-6), 12);
  EXPECT_EQ(launches_between_events(5e-6), 100);
  EXPECT_EQ(launches_between_events(0), 1000);
  EXPECT_EQ(launches_between_events(-1e-9), 1000);
  EXPECT_EQ(launches_between_events(std::numeric_limits<double>::quiet_NaN()), 1);
}

}  // namespace
}  // namespace overtake
