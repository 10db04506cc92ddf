// SPDX-License-Identifier: Apache-2.0
// Numbers whose order is that of float32 values, and their digits: what selection by digits counts. For gpu/table and
// the fused variants of preprocess and summarize.
#pragma once

#include <bit>
#include <cstdint>

#include "gpu/cuda/host_device.cuh"

namespace overtake {

struct Keys {
  static constexpr int kPasses = 3, kDigitBits = 11, kDigits = 1 << kDigitBits;

  /// x < y exactly where of(x) < of(y); -0 is 0. Not for NaN.
  OVERTAKE_HOST_DEVICE static std::uint32_t of(float x) {
    const auto bits = bits_of(x + 0.0f);
    return bits ^ ((bits & kSign) != 0 ? ~std::uint32_t{0} : kSign);
  }
  OVERTAKE_HOST_DEVICE static float value(std::uint32_t key) {
    const std::uint32_t bits = key ^ ((key & kSign) != 0 ? kSign : ~std::uint32_t{0});
#if defined(__CUDA_ARCH__)
    return __uint_as_float(bits);
#else
    return std::bit_cast<float>(bits);
#endif
  }

  /// Of 11, 11 and 10 bits, the highest first.
  OVERTAKE_HOST_DEVICE static constexpr int shift(int pass) { return pass == 0 ? 21 : pass == 1 ? 10 : 0; }
  OVERTAKE_HOST_DEVICE static constexpr int bits(int pass) { return pass == 2 ? 10 : kDigitBits; }
  OVERTAKE_HOST_DEVICE static constexpr unsigned digit(std::uint32_t key, int pass) {
    return key >> shift(pass) & ((1u << bits(pass)) - 1);
  }
  /// The digits before that of `pass`, as one number; 0 before the first.
  OVERTAKE_HOST_DEVICE static constexpr std::uint32_t prefix(std::uint32_t key, int pass) {
    return pass == 0 ? 0 : key >> shift(pass - 1);
  }

  /// Zeros in shared memory; a barrier after it.
  template <int kThreads, class Block>
  OVERTAKE_DEVICE static void clear(const Block& block, unsigned* bins, int count) {
    for (int i = block.thread(); i < count; i += kThreads) bins[i] = 0;
    block.sync();
  }
  /// A barrier, then the block's counts are added to everyone's.
  template <int kThreads, class Block>
  OVERTAKE_DEVICE static void add_bins(const Block& block, const unsigned* bins, unsigned long long* all) {
    block.sync();
    for (int i = block.thread(); i < kDigits; i += kThreads)
      if (bins[i] != 0) block.add_to(&all[i], bins[i]);
  }

 private:
  static constexpr std::uint32_t kSign = 0x80000000u;
  OVERTAKE_HOST_DEVICE static std::uint32_t bits_of(float x) {
#if defined(__CUDA_ARCH__)
    return __float_as_uint(x);
#else
    return std::bit_cast<std::uint32_t>(x);
#endif
  }
};

}  // namespace overtake
