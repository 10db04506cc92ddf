// SPDX-License-Identifier: Apache-2.0
// A, B and C on their way between the host and the device, in each of the four ways of the parameter `transfer`. Used
// by DeviceOperands.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <type_traits>
#include <vector>

#include "core/memory/view.h"
#include "core/workload/transfer.h"
#include "gpu/cuda/chunk_plan.cuh"
#include "gpu/cuda/page_lock.cuh"
#include "gpu/cuda/stream.cuh"

namespace overtake {

/// Views whose data are on the device say how rows follow each other there.
template <class T>
class OperandTransfers {
 public:
  /// Chunks begin where a tile of every kernel begins.
  static constexpr std::int64_t kRowMultiple = 128;

  OperandTransfers(Transfer way, const View<T>& a, const View<T>& b, const View<T>& c)
      : way_(way), a_(a), b_(b), c_(c) {
    if (way != Transfer::overlapped) return;
    const auto row_bytes = static_cast<std::int64_t>(sizeof(T)) * (a.cols + c.cols);
    chunks_ = std::make_unique<Chunks>(cuda::ChunkPlan(c.rows, row_bytes, kRowMultiple));
  }

  /// Complete when it returns; with overlapped, when all of it is on its way: B, then the rows of A.
  void load(const cuda::Stream& stream, View<const T> a, View<const T> b, View<T> c) {
    host_c_ = c;
    if (way_ == Transfer::pinned || way_ == Transfer::overlapped) lock_pages(a, b, c);
    if (way_ != Transfer::overlapped) {
      copy(stream, a_, a, cudaMemcpyHostToDevice);
      copy(stream, b_, b, cudaMemcpyHostToDevice);
      stream.synchronize();
      return;
    }
    stream.synchronize();  // kernels of an earlier run read what arrives now
    copy(chunks_->up, b_, b, cudaMemcpyHostToDevice);
    for (std::int64_t i = 0; i < chunks_->plan.chunks(); ++i) {
      copy(chunks_->up, rows(a_, i), rows(a, i), cudaMemcpyHostToDevice);
      chunks_->arrived[static_cast<std::size_t>(i)].record(chunks_->up);
    }
  }

  /// Complete when it returns.
  void store(const cuda::Stream& stream) {
    if (way_ != Transfer::overlapped) {
      copy(stream, host_c_, View<const T>(c_), cudaMemcpyDeviceToHost);
      stream.synchronize();
      return;
    }
    for (std::int64_t i = 0; i < chunks_->plan.chunks(); ++i) {
      chunks_->down.wait(chunks_->computed[static_cast<std::size_t>(i)]);
      copy(chunks_->down, rows(host_c_, i), rows(View<const T>(c_), i), cudaMemcpyDeviceToHost);
    }
    for (const cuda::Stream* each : {&std::as_const(chunks_->up), &stream, &std::as_const(chunks_->down)})
      each->synchronize();
  }

  bool are_overlapped() const { return chunks_ != nullptr; }
  std::int64_t chunks() const { return are_overlapped() ? chunks_->plan.chunks() : 1; }

  /// Of overlapped ones: calls launch(rows) for the rows of each chunk, behind their arrival on the stream. What it
  /// puts there is not complete when this returns.
  template <class Launch>
  void compute(const cuda::Stream& stream, Launch&& launch) {
    for (std::int64_t i = 0; i < chunks_->plan.chunks(); ++i) {
      stream.wait(chunks_->arrived[static_cast<std::size_t>(i)]);
      launch(chunks_->plan.chunk(i));
      chunks_->computed[static_cast<std::size_t>(i)].record(stream);
    }
    OVERTAKE_CUDA_CHECK(cudaGetLastError());
  }

 private:
  struct Chunks {
    explicit Chunks(const cuda::ChunkPlan& of)
        : plan(of), arrived(static_cast<std::size_t>(of.chunks())), computed(static_cast<std::size_t>(of.chunks())) {}
    cuda::ChunkPlan plan;
    std::vector<cuda::Event> arrived, computed;
    cuda::Stream up, down;
  };

  template <class U>
  View<U> rows(const View<U>& matrix, std::int64_t i) const {
    const cuda::RowRange range = chunks_->plan.chunk(i);
    return matrix.row_range(range.first, range.first + range.count);
  }

  void lock_pages(View<const T> a, View<const T> b, View<T> c) {
    const auto range = [](const auto& matrix) {
      const auto first = reinterpret_cast<std::uintptr_t>(matrix.data);
      const std::int64_t count = matrix.size() == 0 ? 0 : (matrix.rows - 1) * matrix.stride + matrix.cols;
      return cuda::AddressRange{first, first + static_cast<std::size_t>(count) * sizeof(T)};
    };
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    for (const cuda::AddressRange& pages : cuda::pages_of({range(a), range(b), range(c)}, page)) {
      const bool is_new =
          std::ranges::find(locked_, pages.first, [](const Locked& l) { return l.pages.first; }) == locked_.end();
      if (is_new) locked_.push_back({pages, cuda::PageLock::of(pages)});
    }
  }

  template <class To>
  void copy(const cuda::Stream& stream, View<To> to, View<const T> from, cudaMemcpyKind kind) {
    if (from.size() == 0) return;
    const auto bytes = [](std::int64_t elements) { return static_cast<std::size_t>(elements) * sizeof(T); };
    if (way_ == Transfer::managed) {
      // As a program on managed memory has it: the processor reads and writes the very pages.
      stream.synchronize();
      for (std::int64_t i = 0; i < from.rows; ++i) std::copy_n(from.row(i), from.cols, to.row(i));
    } else if (from.rows == 1 || (to.stride == from.cols && from.stride == from.cols)) {
      // One row has no pitch, and CUDA limits pitches: dense matrices go in one piece.
      OVERTAKE_CUDA_CHECK(cudaMemcpyAsync(to.data, from.data, bytes(from.size()), kind, stream.get()));
    } else {
      OVERTAKE_CUDA_CHECK(cudaMemcpy2DAsync(to.data, bytes(to.stride), from.data, bytes(from.stride), bytes(from.cols),
                                            static_cast<std::size_t>(from.rows), kind, stream.get()));
    }
  }

  struct Locked {
    cuda::AddressRange pages;
    std::shared_ptr<const cuda::PageLock> lock;
  };

  Transfer way_;
  View<T> a_, b_, c_;  // on the device
  View<T> host_c_;
  std::vector<Locked> locked_;      // ends after the streams that copy from it
  std::unique_ptr<Chunks> chunks_;  // of overlapped transfers
};

}  // namespace overtake
