// SPDX-License-Identifier: Apache-2.0
// A kernel's view of its cluster of blocks on Hopper: barriers in shared memory, the copy engine (TMA), products of a
// warpgroup (wgmma). Kernel bodies are written against it, so that tests/gpu/emulated_cluster.h can stand in its place.
// Each instruction names the section of the PTX ISA (9.x) that it was read against, and where CUTLASS (3.x, 4.x) issues
// it. For files that are compiled for sm_90a alone.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <type_traits>

#include "core/element.h"

namespace overtake::cuda {

// The 128 sums of a thread as operands 0 to 127 of an instruction.
// clang-format off
#define OVERTAKE_SUMS_NAMED \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, " \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, " \
  "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, " \
  "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, " \
  "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"

#define OVERTAKE_SUMS_PASSED \
  "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3]), "+f"(sums[4]), "+f"(sums[5]), "+f"(sums[6]), "+f"(sums[7]), \
  "+f"(sums[8]), "+f"(sums[9]), "+f"(sums[10]), "+f"(sums[11]), "+f"(sums[12]), "+f"(sums[13]), "+f"(sums[14]), "+f"(sums[15]), \
  "+f"(sums[16]), "+f"(sums[17]), "+f"(sums[18]), "+f"(sums[19]), "+f"(sums[20]), "+f"(sums[21]), "+f"(sums[22]), "+f"(sums[23]), \
  "+f"(sums[24]), "+f"(sums[25]), "+f"(sums[26]), "+f"(sums[27]), "+f"(sums[28]), "+f"(sums[29]), "+f"(sums[30]), "+f"(sums[31]), \
  "+f"(sums[32]), "+f"(sums[33]), "+f"(sums[34]), "+f"(sums[35]), "+f"(sums[36]), "+f"(sums[37]), "+f"(sums[38]), "+f"(sums[39]), \
  "+f"(sums[40]), "+f"(sums[41]), "+f"(sums[42]), "+f"(sums[43]), "+f"(sums[44]), "+f"(sums[45]), "+f"(sums[46]), "+f"(sums[47]), \
  "+f"(sums[48]), "+f"(sums[49]), "+f"(sums[50]), "+f"(sums[51]), "+f"(sums[52]), "+f"(sums[53]), "+f"(sums[54]), "+f"(sums[55]), \
  "+f"(sums[56]), "+f"(sums[57]), "+f"(sums[58]), "+f"(sums[59]), "+f"(sums[60]), "+f"(sums[61]), "+f"(sums[62]), "+f"(sums[63]), \
  "+f"(sums[64]), "+f"(sums[65]), "+f"(sums[66]), "+f"(sums[67]), "+f"(sums[68]), "+f"(sums[69]), "+f"(sums[70]), "+f"(sums[71]), \
  "+f"(sums[72]), "+f"(sums[73]), "+f"(sums[74]), "+f"(sums[75]), "+f"(sums[76]), "+f"(sums[77]), "+f"(sums[78]), "+f"(sums[79]), \
  "+f"(sums[80]), "+f"(sums[81]), "+f"(sums[82]), "+f"(sums[83]), "+f"(sums[84]), "+f"(sums[85]), "+f"(sums[86]), "+f"(sums[87]), \
  "+f"(sums[88]), "+f"(sums[89]), "+f"(sums[90]), "+f"(sums[91]), "+f"(sums[92]), "+f"(sums[93]), "+f"(sums[94]), "+f"(sums[95]), \
  "+f"(sums[96]), "+f"(sums[97]), "+f"(sums[98]), "+f"(sums[99]), "+f"(sums[100]), "+f"(sums[101]), "+f"(sums[102]), "+f"(sums[103]), \
  "+f"(sums[104]), "+f"(sums[105]), "+f"(sums[106]), "+f"(sums[107]), "+f"(sums[108]), "+f"(sums[109]), "+f"(sums[110]), "+f"(sums[111]), \
  "+f"(sums[112]), "+f"(sums[113]), "+f"(sums[114]), "+f"(sums[115]), "+f"(sums[116]), "+f"(sums[117]), "+f"(sums[118]), "+f"(sums[119]), \
  "+f"(sums[120]), "+f"(sums[121]), "+f"(sums[122]), "+f"(sums[123]), "+f"(sums[124]), "+f"(sums[125]), "+f"(sums[126]), "+f"(sums[127])
// clang-format on

struct DeviceCluster {
  __device__ __forceinline__ int thread() const { return static_cast<int>(threadIdx.x); }
  /// Of this block in its cluster, of the cluster in the grid, and how many clusters there are. PTX ISA, "Special
  /// Registers": %cluster_ctarank, %clusterid, %nclusterid.
  __device__ __forceinline__ int rank() const {
    int value;
    asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(value));
    return value;
  }
  __device__ __forceinline__ int cluster() const {
    int value;
    asm("mov.u32 %0, %%clusterid.x;" : "=r"(value));
    return value;
  }
  __device__ __forceinline__ int clusters() const {
    int value;
    asm("mov.u32 %0, %%nclusterid.x;" : "=r"(value));
    return value;
  }

  /// Of a place in shared memory, as instructions and descriptors take it.
  __device__ __forceinline__ std::uint32_t address(const void* shared) const {
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  }

  // ---- barriers

  /// PTX ISA, "mbarrier.init"; CUTLASS, arch/barrier.h, ClusterBarrier::init.
  __device__ __forceinline__ void init_barrier(std::uint64_t* barrier, int arrivals) const {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(address(barrier)), "r"(arrivals) : "memory");
  }

  /// Fresh barriers become visible to the cluster and to the copy engine once sync_cluster follows. PTX ISA, "membar,
  /// fence": fence.mbarrier_init; CUTLASS, fence_barrier_init. The second is fence.proxy.async of the same section, for
  /// what the copy engine reads.
  __device__ __forceinline__ void publish_barriers() const {
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  }

  /// Of all threads of all blocks. PTX ISA, "barrier.cluster"; not .aligned, as one thread of a warp may come later.
  __device__ __forceinline__ void sync_cluster() const {
    asm volatile("barrier.cluster.arrive.release;" ::: "memory");
    asm volatile("barrier.cluster.wait.acquire;" ::: "memory");
  }

  /// Of the 128 threads that call it with the same number, 1 to 15. PTX ISA, "bar, barrier": bar.sync a, b.
  __device__ __forceinline__ void sync_warpgroup(int barrier) const {
    asm volatile("bar.sync %0, 128;" ::"r"(barrier) : "memory");
  }

  /// One arrival, and so many bytes that must come besides before the phase ends. PTX ISA, "mbarrier.arrive":
  /// .expect_tx; CUTLASS, ClusterTransactionBarrier::arrive_and_expect_tx.
  __device__ __forceinline__ void arrive_expecting(std::uint64_t* barrier, int bytes) const {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(address(barrier)), "r"(bytes)
                 : "memory");
  }

  /// One arrival at the same barrier of block `rank`. PTX ISA, "mapa" and "mbarrier.arrive" on .shared::cluster, which
  /// returns no state; release at cluster scope, so that the block there may overwrite what was read here. CUTLASS,
  /// ClusterBarrier::arrive(cta_id).
  __device__ __forceinline__ void arrive_at(std::uint64_t* barrier, int rank) const {
    asm volatile(
        "{\n"
        ".reg .b32 there;\n"
        "mapa.shared::cluster.u32 there, %0, %1;\n"
        "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [there];\n"
        "}" ::"r"(address(barrier)),
        "r"(rank)
        : "memory");
  }

  /// Returns when the phase of this parity has ended. PTX ISA, "mbarrier.test_wait, mbarrier.try_wait": .parity;
  /// acquire at cluster scope, as arrivals come from other blocks. CUTLASS, ClusterBarrier::wait.
  __device__ __forceinline__ void wait(std::uint64_t* barrier, std::uint32_t parity) const {
    std::uint32_t ended = 0;
    while (ended == 0)
      asm volatile(
          "{\n"
          ".reg .pred ended;\n"
          "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 ended, [%1], %2;\n"
          "selp.u32 %0, 1, 0, ended;\n"
          "}"
          : "=r"(ended)
          : "r"(address(barrier)), "r"(parity)
          : "memory");
  }

  // ---- the copy engine

  /// The box of `map` that begins there into this block's shared memory; what is outside the tensor comes as zeros, and
  /// its bytes count. PTX ISA, "cp.async.bulk.tensor", .tile, 2d; coordinates from the innermost on. CUTLASS,
  /// arch/copy_sm90_tma.hpp, SM90_TMA_LOAD_2D.
  __device__ __forceinline__ void fetch(void* to, const CUtensorMap& map, int column, int row,
                                        std::uint64_t* barrier) const {
    asm volatile(
        "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], "
        "[%4];" ::"r"(address(to)),
        "l"(&map), "r"(column), "r"(row), "r"(address(barrier))
        : "memory");
  }

  /// The same into every block of `blocks` (bit r: rank r), to the same place there and signalled to the same barrier
  /// there. PTX ISA, "cp.async.bulk.tensor": .multicast::cluster; CUTLASS, SM90_TMA_LOAD_MULTICAST_2D.
  __device__ __forceinline__ void fetch_for(unsigned blocks, void* to, const CUtensorMap& map, int column, int row,
                                            std::uint64_t* barrier) const {
    asm volatile(
        "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes.multicast::cluster [%0], "
        "[%1, {%2, %3}], [%4], %5;" ::"r"(address(to)),
        "l"(&map), "r"(column), "r"(row), "r"(address(barrier)), "h"(static_cast<std::uint16_t>(blocks))
        : "memory");
  }

  /// The box from shared memory; what is outside the tensor is not written. PTX ISA, "cp.async.bulk.tensor",
  /// .global.shared::cta with .bulk_group; CUTLASS, SM90_TMA_STORE_2D.
  __device__ __forceinline__ void put(const CUtensorMap& map, const void* from, int column, int row) const {
    asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group [%0, {%1, %2}], [%3];" ::"l"(&map),
                 "r"(column), "r"(row), "r"(address(from))
                 : "memory");
  }

  /// PTX ISA, "cp.async.bulk.commit_group": closes a group of this thread's puts; it may be empty.
  __device__ __forceinline__ void commit_puts() const { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }

  /// PTX ISA, "cp.async.bulk.wait_group": returns when all but the latest kPending groups of this thread are complete,
  /// or, .read, have read what they send.
  template <int kPending>
  __device__ __forceinline__ void wait_puts() const {
    asm volatile("cp.async.bulk.wait_group %0;" ::"n"(kPending) : "memory");
  }
  template <int kPending>
  __device__ __forceinline__ void wait_puts_read() const {
    asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(kPending) : "memory");
  }

  /// What this thread wrote to shared memory becomes visible to the copy engine, once a barrier follows. PTX ISA,
  /// "membar, fence": fence.proxy.async; CUTLASS, tma_store_fence.
  __device__ __forceinline__ void publish_writes() const {
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  }

  // ---- products of a warpgroup

  /// PTX ISA, "setmaxnreg": .dec and .inc, by all warps of a warpgroup; .inc waits until there are as many. CUTLASS,
  /// arch/reg_reconfig.h.
  template <int kRegisters>
  __device__ __forceinline__ void give_registers() const {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters));
  }
  template <int kRegisters>
  __device__ __forceinline__ void take_registers() const {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters));
  }

  /// PTX ISA, "wgmma.fence": before the first product, and after registers of sums were touched. CUTLASS,
  /// warpgroup_arrive.
  __device__ __forceinline__ void begin_products() const { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }

  /// sums (64 x 256) = A B, or += where `add`, both from shared memory as their descriptors say; complete after a wait.
  /// PTX ISA, "wgmma.mma_async": .m64n256k16 of bf16, A K-major, B N-major (imm-trans-b 1); .m64n256k8 of tf32, both
  /// K-major, whose operands' lowest 13 bits do not count. scale-d: p, imm-scale-a and -b: 1. CUTLASS,
  /// mma_sm90_gmma.hpp, MMA_64x256x16_F32BF16BF16_SS and MMA_64x256x8_F32TF32TF32_SS_TN.
  template <class T>
  __device__ __forceinline__ void multiply(float (&sums)[128], std::uint64_t a, std::uint64_t b, bool add) const {
    if constexpr (std::is_same_v<T, Bf16>)
      asm volatile(
          "{\n.reg .pred p;\nsetp.ne.b32 p, %130, 0;\n"
          "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {" OVERTAKE_SUMS_NAMED
          "}, %128, %129, p, 1, 1, 0, 1;\n}"
          : OVERTAKE_SUMS_PASSED
          : "l"(a), "l"(b), "r"(static_cast<int>(add)));
    else
      asm volatile(
          "{\n.reg .pred p;\nsetp.ne.b32 p, %130, 0;\n"
          "wgmma.mma_async.sync.aligned.m64n256k8.f32.tf32.tf32 {" OVERTAKE_SUMS_NAMED "}, %128, %129, p, 1, 1;\n}"
          : OVERTAKE_SUMS_PASSED
          : "l"(a), "l"(b), "r"(static_cast<int>(add)));
  }

  /// PTX ISA, "wgmma.commit_group": closes a group.
  __device__ __forceinline__ void commit_products() const {
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
  }

  /// PTX ISA, "wgmma.wait_group": returns when all groups but the latest are complete: what they read may be
  /// overwritten.
  __device__ __forceinline__ void wait_products_but_one() const {
    asm volatile("wgmma.wait_group.sync.aligned 1;" ::: "memory");
  }
  /// When all are, and `sums` may be read: as operands, so that the compiler reads none of them before. CUTLASS,
  /// warpgroup_wait<0> and warpgroup_fence_operand.
  __device__ __forceinline__ void wait_products(float (&sums)[128]) const {
    asm volatile("wgmma.wait_group.sync.aligned 0;" : OVERTAKE_SUMS_PASSED::"memory");
  }
};

#undef OVERTAKE_SUMS_NAMED
#undef OVERTAKE_SUMS_PASSED

}  // namespace overtake::cuda
