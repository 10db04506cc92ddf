// SPDX-License-Identifier: Apache-2.0
// What cuda_wgmma's kernel is made of besides its instructions: who computes what, what lies where in shared memory,
// how a descriptor says so, who waits for what. All of it runs on the CPU too, where tests/gpu/wgmma_plan_test.cpp
// tries it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/element.h"
#include "gpu/cuda/host_device.cuh"

namespace overtake {

/// Where the 16 bytes at `byte` of a buffer that begins on 1024 bytes lie under the 128-byte swizzle, which the copy
/// engine writes and wgmma reads: of each row of 128 bytes, the eighths change places by the row's number modulo 8. PTX
/// ISA, "Tensor Swizzling Modes"; CUTLASS: Swizzle<3, 4, 3>.
OVERTAKE_HOST_DEVICE constexpr std::uint32_t swizzled(std::uint32_t byte) { return byte ^ (byte >> 3 & 0x70u); }

/// PTX ISA, "Matrix Descriptor Format" of wgmma: bits 0-13 the start address, 16-29 the leading dimension's and 32-45
/// the stride dimension's byte offset, all without their last four bits; 49-51 the base offset, 0 where the pattern
/// begins on 1024 bytes; 62-63 the swizzle, 1: 128 bytes.
OVERTAKE_HOST_DEVICE constexpr std::uint64_t wgmma_descriptor(std::uint32_t address, std::uint32_t leading_bytes,
                                                              std::uint32_t stride_bytes) {
  const auto encoded = [](std::uint32_t x) { return std::uint64_t{(x & 0x3ffffu) >> 4}; };
  return encoded(address) | encoded(leading_bytes) << 16 | encoded(stride_bytes) << 32 | std::uint64_t{1} << 62;
}

/// A place in a ring of kStages stages whose barriers flip their phase once a round. Producer and consumers each go
/// round by themselves. PTX ISA, "mbarrier.test_wait, mbarrier.try_wait": waiting for a parity waits for the phase of
/// that parity to end; a fresh barrier is in phase 0, and phase 1 "before it" counts as ended.
template <int kStages>
struct Ring {
  int stage = 0;
  std::uint32_t parity = 0;

  /// For whom waits until a stage is full.
  OVERTAKE_HOST_DEVICE constexpr std::uint32_t full() const { return parity; }
  /// For whom waits until it is empty: in the first round all are.
  OVERTAKE_HOST_DEVICE constexpr std::uint32_t empty() const { return parity ^ 1u; }
  OVERTAKE_HOST_DEVICE constexpr void advance() {
    if (++stage == kStages) {
      stage = 0;
      parity ^= 1u;
    }
  }
};

/// Bf16: B is read as it is, row by row (N-major). Tf32: B comes transposed (K-major), because wgmma transposes
/// elements of 16 bits alone (PTX ISA, "wgmma.mma_async", imm-trans-b).
template <class T>
struct WgmmaPlan {
  static_assert(std::is_same_v<T, Bf16> || std::is_same_v<T, Tf32>, "what wgmma multiplies here");
  static constexpr bool kTransposesB = std::is_same_v<T, Bf16>;
  static constexpr int kElement = static_cast<int>(sizeof(T));

  // A warpgroup fetches, two compute 64 rows each; a cluster of two blocks, one below the other, has the same columns.
  static constexpr int kWarpgroup = 128, kConsumers = 2, kThreads = (1 + kConsumers) * kWarpgroup, kCluster = 2;
  static constexpr int kRowsOfConsumer = 64;
  static constexpr int kTileRows = kConsumers * kRowsOfConsumer, kTileColumns = 256;
  static constexpr int kClusterRows = kCluster * kTileRows;
  static constexpr int kSums = kRowsOfConsumer * kTileColumns / kWarpgroup;  // of a thread
  // setmaxnreg: what one warpgroup gives up, the two others share; 504 = 3 x 168, which 384 threads begin with.
  static constexpr int kRegistersOfProducer = 40, kRegistersOfConsumer = 232;
  static_assert(kRegistersOfProducer + kConsumers * kRegistersOfConsumer <= 3 * 168 && kRegistersOfProducer % 8 == 0 &&
                    kRegistersOfConsumer % 8 == 0,
                "PTX ISA, setmaxnreg: in steps of 8, and no more than the block has");

  // All rows in shared memory are 128 bytes long and swizzled.
  static constexpr int kRowBytes = 128, kRowElements = kRowBytes / kElement, kAtomBytes = 8 * kRowBytes;
  static constexpr int kDepth = kRowElements, kInstructionDepth = 32 / kElement;
  static constexpr int kInstructions = kDepth / kInstructionDepth;  // a step

  static constexpr int kBytesOfA = kTileRows * kRowBytes;
  // B in boxes, one copy each: kRowElements columns of kDepth rows, or, transposed, 128 rows of kDepth columns.
  static constexpr int kRowsOfBoxOfB = kTransposesB ? kDepth : kTileColumns / kCluster;
  static constexpr int kColumnsOfBoxOfB = kTransposesB ? kRowElements : kRowsOfBoxOfB;  // of C
  static constexpr int kBoxBytesOfB = kRowsOfBoxOfB * kRowBytes;
  static constexpr int kBoxesOfB = kTileColumns / kColumnsOfBoxOfB, kBoxesOfBlock = kBoxesOfB / kCluster;
  static constexpr int kBytesOfB = kBoxesOfB * kBoxBytesOfB;
  static constexpr int kStages = 4, kStageBytes = kBytesOfA + kBytesOfB;

  // C leaves in pieces of kRowElements columns, from two buffers in turn.
  static constexpr int kPieces = kTileColumns / kRowElements, kPieceBytes = kRowsOfConsumer * kRowBytes, kBuffers = 2;
  static_assert(kPieces % kBuffers == 0, "every tile begins with the same buffer");

  // Shared memory from a boundary of 1024 bytes, where swizzles begin: stages (A, then B), pieces of C, barriers.
  static constexpr int kAtPieces = kStages * kStageBytes;
  static constexpr int kAtFull = kAtPieces + kConsumers * kBuffers * kPieceBytes, kAtEmpty = kAtFull + kStages * 8;
  static constexpr int kAlignment = 1024, kSharedBytes = kAtEmpty + kStages * 8,
                       kSharedAsked = kSharedBytes + kAlignment;
  static_assert(kSharedAsked <= 227 * 1024, "a block of compute capability 9.0 has 227 KB at most");
  static_assert(kBytesOfA % kAlignment == 0 && kBoxBytesOfB % kAlignment == 0 && kPieceBytes % kAlignment == 0,
                "each buffer begins where a swizzle may");

  /// For A of one consumer, `address` being that of its first row, and for B, `address` being that of the tile; of
  /// instruction i of a step. K-major: 32 bytes further in the same rows, groups of 8 rows a stride apart, leading
  /// offset unused (1). N-major: kInstructionDepth rows further, groups of 8 rows a stride apart, boxes of
  /// kRowElements columns a leading offset apart. PTX ISA, "Strides" of wgmma; CUTLASS, mma_traits_sm90_gmma.hpp,
  /// make_gmma_desc.
  OVERTAKE_HOST_DEVICE static constexpr std::uint64_t descriptor_of_a(std::uint32_t address, int i) {
    return wgmma_descriptor(address + static_cast<std::uint32_t>(32 * i), 16, kAtomBytes);
  }
  OVERTAKE_HOST_DEVICE static constexpr std::uint64_t descriptor_of_b(std::uint32_t address, int i) {
    if constexpr (kTransposesB)
      return wgmma_descriptor(address + static_cast<std::uint32_t>(i * kInstructionDepth * kRowBytes), kBoxBytesOfB,
                              kAtomBytes);
    else
      return wgmma_descriptor(address + static_cast<std::uint32_t>(32 * i), 16, kAtomBytes);
  }

  /// Which element of its consumer's 64 x 256 a thread's sum i is. PTX ISA, "Register Fragments" of wgmma, accumulator
  /// D.
  OVERTAKE_HOST_DEVICE static constexpr int row_of_sum(int thread, int i) {
    return thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8;
  }
  OVERTAKE_HOST_DEVICE static constexpr int column_of_sum(int thread, int i) {
    return i / 4 * 8 + thread % 4 * 2 + i % 2;
  }
  /// Byte of its piece where it is staged.
  OVERTAKE_HOST_DEVICE static constexpr std::uint32_t staged_at(int thread, int i) {
    return swizzled(static_cast<std::uint32_t>(row_of_sum(thread, i) * kRowBytes +
                                               column_of_sum(thread, i) % kRowElements * kElement));
  }

  /// First row of a block's tile, `tile_row` counted in tiles of a cluster.
  OVERTAKE_HOST_DEVICE static constexpr int first_row(int tile_row, int rank) {
    return tile_row * kClusterRows + rank * kTileRows;
  }
};

}  // namespace overtake
