// SPDX-License-Identifier: Apache-2.0
// The element types besides float and double that tensor cores multiply, bf16 and tf32, and how a product of matrices
// treats each type. Kernels see this header too.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/host_device.h"

namespace overtake {

/// The upper half of a float: 8 bits of precision, one of them implied, and a float's exponents.
struct Bf16 {
  std::uint16_t bits = 0;

  constexpr Bf16() = default;
  /// Rounds to nearest, ties to even; NaN stays NaN.
  OVERTAKE_HOST_DEVICE constexpr explicit Bf16(float x) : bits(upper_half(__builtin_bit_cast(std::uint32_t, x))) {}
  OVERTAKE_HOST_DEVICE constexpr operator float() const {  // NOLINT(google-explicit-constructor): exact
    return __builtin_bit_cast(float, std::uint32_t{bits} << 16);
  }

 private:
  OVERTAKE_HOST_DEVICE static constexpr std::uint16_t upper_half(std::uint32_t x) {
    if ((x & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(x >> 16 | 0x40u);  // NaN, made quiet
    return static_cast<std::uint16_t>((x + 0x7fffu + (x >> 16 & 1u)) >> 16);
  }
};

/// A float whose products count 11 bits of precision only: memory holds all 24.
struct Tf32 {
  float value = 0;

  constexpr Tf32() = default;
  OVERTAKE_HOST_DEVICE constexpr explicit Tf32(float x) : value(x) {}
  OVERTAKE_HOST_DEVICE constexpr operator float() const { return value; }  // NOLINT(google-explicit-constructor)
};
static_assert(sizeof(Bf16) == 2 && sizeof(Tf32) == 4, "what tensor cores read");

/// What products of two elements are added up in.
template <class T>
using Accumulator = std::conditional_t<std::is_same_v<T, double>, double, float>;

/// The number that enters a product: of tf32 its nearest with 11 bits, ties away from zero as by PTX's cvt.rna.tf32.
OVERTAKE_HOST_DEVICE constexpr float operand(float x) { return x; }
OVERTAKE_HOST_DEVICE constexpr double operand(double x) { return x; }
OVERTAKE_HOST_DEVICE constexpr float operand(Bf16 x) { return x; }
OVERTAKE_HOST_DEVICE constexpr float operand(Tf32 x) {
  const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, x.value);
  if ((bits & 0x7f800000u) == 0x7f800000u) return x.value;  // NaN and infinities
  return __builtin_bit_cast(float, (bits + 0x1000u) & 0xffffe000u);
}

}  // namespace overtake

// NOLINTBEGIN(readability-identifier-naming): the standard names them
template <>
class std::numeric_limits<overtake::Bf16> {
 public:
  static constexpr bool is_specialized = true;
  static constexpr int digits = 8;
  static constexpr overtake::Bf16 epsilon() { return overtake::Bf16(0x1p-7F); }
  static constexpr overtake::Bf16 infinity() { return overtake::Bf16(std::numeric_limits<float>::infinity()); }
  static constexpr overtake::Bf16 quiet_NaN() { return overtake::Bf16(std::numeric_limits<float>::quiet_NaN()); }
};

template <>
class std::numeric_limits<overtake::Tf32> {
 public:
  static constexpr bool is_specialized = true;
  static constexpr int digits = 11;  // of what enters a product
  static constexpr overtake::Tf32 epsilon() { return overtake::Tf32(0x1p-10F); }
  static constexpr overtake::Tf32 infinity() { return overtake::Tf32(std::numeric_limits<float>::infinity()); }
  static constexpr overtake::Tf32 quiet_NaN() { return overtake::Tf32(std::numeric_limits<float>::quiet_NaN()); }
};
// NOLINTEND(readability-identifier-naming)
