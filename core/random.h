// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers: element i of stream s depends on (seed, s, i) alone, so that inputs are the same on
// every machine, in any order and for any number of workers.
#pragma once

#include <cstdint>

namespace overtake {

struct Seed {
  std::uint64_t value = 42;
};

/// The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

class RandomStream {
 public:
  constexpr RandomStream(Seed seed, std::uint64_t stream)
      : key_(mix64(seed.value + 0x9e3779b97f4a7c15ULL * (stream + 1))) {}

  constexpr std::uint64_t bits(std::uint64_t i) const { return mix64(key_ + 0x9e3779b97f4a7c15ULL * (i + 1)); }
  /// Uniform in [0, 1), 53 random bits.
  constexpr double uniform(std::uint64_t i) const { return static_cast<double>(bits(i) >> 11) * 0x1p-53; }
  /// Uniform in [-1, 1), exactly representable in T; of bf16 rounded to it, so that 1 can come out.
  template <class T>
  constexpr T symmetric(std::uint64_t i) const {
    if constexpr (sizeof(T) == 8)
      return static_cast<T>(static_cast<double>(static_cast<std::int64_t>(bits(i)) >> 11) * 0x1p-52);
    else
      return static_cast<T>(static_cast<float>(static_cast<std::int64_t>(bits(i)) >> 40) * 0x1p-23f);
  }
  /// +1 or -1.
  constexpr double sign(std::uint64_t i) const { return (bits(i) >> 63) != 0 ? 1.0 : -1.0; }

 private:
  std::uint64_t key_;
};

}  // namespace overtake
