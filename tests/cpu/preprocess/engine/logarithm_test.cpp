// SPDX-License-Identifier: Apache-2.0
// log1p of the preprocessing engine against the C library's in double precision: of every 997th float, or of all where
// OVERTAKE_LONG_TESTS is set.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <thread>
#include <vector>

#include "cpu/preprocess/engine/kernels.h"
#include "tests/highway_targets.h"

namespace overtake {
namespace {

// How far `actual` is from log1p(x), in units in the last place of the float nearest to it; where it is that float, the
// half unit that this can be at most. Quick, because there are four billion floats.
double units_off(float actual, float x) {
  if (std::isnan(x) || x < -1) return std::isnan(actual) ? 0 : 1e9;
  const double exact = std::log1p(static_cast<double>(x));
  const float nearest = static_cast<float>(exact);
  if (actual == nearest) return 0.5;
  if (std::isinf(nearest)) return 1e9;
  const double unit = static_cast<double>(std::nextafter(std::abs(nearest), std::numeric_limits<float>::infinity())) -
                      static_cast<double>(std::abs(nearest));
  return std::abs(static_cast<double>(actual) - exact) / unit;
}

struct Worst {
  double units = 0;
  float at = 0;
};

// Of every `step`th float whose bits lie in [begin, end).
Worst worst_of(std::uint64_t begin, std::uint64_t end, std::uint64_t step) {
  Worst worst;
  std::vector<float> values(kPieceRows), logarithms(kPieceRows + 16);
  for (std::uint64_t bits = begin; bits < end;) {
    for (float& x : values) {
      x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
      bits += step;
    }
    log1p_piece(values.data(), kPieceRows, logarithms.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double units = units_off(logarithms[i], values[i]);
      if (units > worst.units) worst = {units, values[i]};
    }
  }
  return worst;
}

std::uint64_t step_of_floats() {
#ifdef OVERTAKE_SANITIZED
  return 997;  // all of them take an hour
#else
  return std::getenv("OVERTAKE_LONG_TESTS") != nullptr ? 1 : 997;
#endif
}

TEST(PreprocessEngine, TakesLogarithmsWithinAUnitInTheLastPlace) {
  constexpr std::uint64_t kFloats = std::uint64_t{1} << 32, kThreads = 4;
  for_each_highway_target([] {
    std::array<Worst, kThreads> found;
    {
      std::vector<std::jthread> threads;
      for (std::uint64_t i = 0; i < kThreads; ++i)
        threads.emplace_back([&found, i] {
          found[i] = worst_of(kFloats / kThreads * i, kFloats / kThreads * (i + 1), step_of_floats());
        });
    }
    Worst worst;
    for (const Worst& of_thread : found)
      if (of_thread.units > worst.units) worst = of_thread;
    std::cout << hwy::TargetName(hwy::SupportedTargets() & -hwy::SupportedTargets()) << ": " << worst.units
              << " units at " << worst.at << '\n';
    EXPECT_LE(worst.units, 1.0) << "at " << worst.at;
  });
}

}  // namespace
}  // namespace overtake
