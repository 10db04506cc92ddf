// SPDX-License-Identifier: Apache-2.0
// Every way of transferring operands gives the right product in whatever order a GPU's streams get on.
#include <gtest/gtest.h>

#include "tests/gpu/host_product.cuh"

namespace overtake {
namespace {

using fake_cuda::Order;

struct TransferShape {
  std::int64_t m, n, k, pad;
  std::int64_t chunks;  // when overlapped
};

// Empty ones, single ones, one chunk, several, a ragged last one, rows with gaps.
constexpr TransferShape kTransferShapes[] = {{0, 3, 4, 0, 0},      {3, 0, 4, 0, 1},     {3, 4, 0, 0, 1},
                                             {1, 1, 1, 0, 1},      {17, 9, 33, 5, 1},   {300, 2, 8190, 0, 3},
                                             {385, 3, 8200, 7, 4}, {256, 1, 8191, 0, 2}};

std::unique_ptr<TypedData<Matmul, float>> data_of(const TransferShape& s, Transfer transfer) {
  return std::make_unique<TypedData<Matmul, float>>(
      Matmul::Problem{.m = s.m, .n = s.n, .k = s.k, .pad = s.pad, .transfer = transfer}, InputSource{},
      std::vector<int>{});
}

void expect_right_product(Instance& instance, int which, const TransferShape& s, int runs) {
  instance.poison();
  instance.load(which);
  for (int i = 0; i < runs; ++i) instance.run();
  instance.store();
  const Check check = instance.check(which);
  EXPECT_TRUE(check.ok) << s.m << " x " << s.n << " x " << s.k << ", input " << which << ": " << check.detail;
}

void expect_right_in(Transfer transfer) {
  for (const Order order : {Order::lazy, Order::eager})
    for (const TransferShape& s : kTransferShapes) {
      fake_cuda::use(order);
      const auto data = data_of(s, transfer);
      {
        TypedInstance<Matmul, float, HostProduct<float>> instance(*data, {}), another(*data, {});
        for (const int which : {0, 1, 0}) expect_right_product(instance, which, s, 1);
        expect_right_product(another, 1, s, 1);
        expect_right_product(instance, 1, s, 3);
        const auto chunks = instance.metrics().find("chunks");
        EXPECT_EQ(chunks.value_or("none"), transfer == Transfer::overlapped ? std::to_string(s.chunks) : "none") << s.m;
      }
      EXPECT_EQ(fake_cuda::live_blocks(), 0);
      EXPECT_EQ(fake_cuda::locked_ranges(), 0);
    }
}

std::int64_t pageable_copies_in(Transfer transfer) {
  const std::int64_t before = fake_cuda::copies_of_pageable_memory();
  expect_right_in(transfer);
  return fake_cuda::copies_of_pageable_memory() - before;
}

TEST(Transfers, ArePageableByDefault) {
  EXPECT_EQ(transfer_of({}), Transfer::pageable);
  EXPECT_EQ(transfer_of({{"transfer", "managed"}}), Transfer::managed);
  EXPECT_THROW(transfer_of({{"transfer", ""}}), UsageError);
  EXPECT_GT(pageable_copies_in(Transfer::pageable), 0);
}

TEST(Transfers, ThatArePinnedCopyFromAndToLockedPagesAlone) { EXPECT_EQ(pageable_copies_in(Transfer::pinned), 0); }

TEST(Transfers, ThatOverlapWaitForWhatTheyNeed) { EXPECT_EQ(pageable_copies_in(Transfer::overlapped), 0); }

TEST(Transfers, OfManagedMemoryAreTheProcessors) { EXPECT_EQ(pageable_copies_in(Transfer::managed), 0); }

struct WholeProduct : GpuVariant<float, WholeProduct> {
  using WholeProductsOnly = void;
  WholeProduct(const Matmul::Problem& p, const Resources&) : GpuVariant<float, WholeProduct>(p) {}
  void launch_product(cudaStream_t) {}
};

TEST(Transfers, DoNotOverlapWithWhatComputesWholeProductsOnly) {
  EXPECT_NO_THROW(WholeProduct({.m = 4, .n = 4, .k = 4, .transfer = Transfer::pinned}, {}));
  EXPECT_THROW(WholeProduct({.m = 4, .n = 4, .k = 4, .transfer = Transfer::overlapped}, {}), Skip);
}

TEST(PageLocks, HoldEveryPageOnce) {
  using Ranges = std::vector<std::pair<std::uintptr_t, std::uintptr_t>>;
  const auto pages = [](std::vector<cuda::AddressRange> blocks) {
    Ranges out;
    for (const cuda::AddressRange& range : cuda::pages_of(std::move(blocks), 4096))
      out.emplace_back(range.first, range.last);
    return out;
  };
  EXPECT_EQ(pages({}), Ranges{});
  EXPECT_EQ(pages({{8192, 8192}}), Ranges{});
  EXPECT_EQ(pages({{8192, 8193}}), (Ranges{{8192, 12288}}));
  EXPECT_EQ(pages({{12288, 20480}, {4097, 8191}}), (Ranges{{4096, 8192}, {12288, 20480}}));
  EXPECT_EQ(pages({{4096, 8200}, {8300, 8400}}),
            (Ranges{{4096, 12288}}));  // the second begins in the first's last page
  EXPECT_EQ(pages({{4096, 8192}, {8192, 12288}}), (Ranges{{4096, 12288}}));  // one behind the other
  EXPECT_EQ(pages({{4096, 40000}, {8192, 8200}}), (Ranges{{4096, 40960}}));  // one in the other
}

TEST(PageLocks, AreSkippedWhereTheSystemRefusesThem) {
  fake_cuda::fail("cudaHostRegister", cudaErrorNotPermitted);
  const TransferShape s{4, 4, 4, 0, 1};
  const auto data = data_of(s, Transfer::pinned);
  TypedInstance<Matmul, float, HostProduct<float>> instance(*data, {});
  EXPECT_THROW(instance.load(0), Skip);
  fake_cuda::calm();
  expect_right_product(instance, 0, s, 1);
}

}  // namespace
}  // namespace overtake
