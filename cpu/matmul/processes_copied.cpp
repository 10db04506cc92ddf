// SPDX-License-Identifier: Apache-2.0
// Rows shared out to worker processes, operands and results through pipes: what most programs with several processes
// do. Beside `processes` it shows what shared memory saves: load sends each worker its rows of A and all of B, store
// gathers the rows of C, and only `kernel` leaves both out.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/memory/view.h"
#include "core/pool/pool.h"
#include "core/registry/variant.h"
#include "core/workload/matmul.h"
#include "cpu/matmul/engine/gemm.h"

namespace overtake {
namespace {

// What a worker holds between load and store. One a process will do: a worker belongs to one pool, a pool to one
// instance.
template <class T>
struct Share {
  std::int64_t m = 0, n = 0, k = 0;
  std::vector<T> a, b, c;
};

template <class T>
Share<T>& share() {
  static Share<T> held;
  return held;
}

struct Head {
  std::int64_t m, n, k;
};

template <class T>
void append_rows(Bytes& to, View<const T> matrix) {
  for (std::int64_t i = 0; i < matrix.rows; ++i) {
    const auto* row = reinterpret_cast<const std::byte*>(matrix.row(i));
    to.insert(to.end(), row, row + matrix.cols * static_cast<std::int64_t>(sizeof(T)));
  }
}

// Head, rows of A, B -> kept.
template <class T>
void take(WorkerContext&, const Bytes& message) {
  Head head{};
  if (message.size() < sizeof head) throw std::runtime_error("operands without a head");
  std::memcpy(&head, message.data(), sizeof head);
  const auto a_count = static_cast<std::size_t>(head.m * head.k), b_count = static_cast<std::size_t>(head.k * head.n);
  if (message.size() != sizeof head + (a_count + b_count) * sizeof(T))
    throw std::runtime_error("operands of another size than their head says");
  Share<T>& held = share<T>();
  held.m = head.m;
  held.n = head.n;
  held.k = head.k;
  held.a.resize(a_count);
  held.b.resize(b_count);
  held.c.assign(static_cast<std::size_t>(head.m * head.n), std::numeric_limits<T>::quiet_NaN());
  if (a_count > 0) std::memcpy(held.a.data(), message.data() + sizeof head, a_count * sizeof(T));
  if (b_count > 0) std::memcpy(held.b.data(), message.data() + sizeof head + a_count * sizeof(T), b_count * sizeof(T));
}

template <class T>
void multiply(WorkerContext&, const Head& head) {
  Share<T>& held = share<T>();
  if (held.m != head.m || held.n != head.n || held.k != head.k)
    throw std::runtime_error("this worker started after the operands were sent: load them again");
  gemm_serial<T>({held.a.data(), held.m, held.k, held.k}, {held.b.data(), held.k, held.n, held.n},
                 {held.c.data(), held.m, held.n, held.n});
}

template <class T>
Bytes give(WorkerContext&, const Head&) {
  const auto bytes = std::as_bytes(std::span(share<T>().c));
  return {bytes.begin(), bytes.end()};
}

template <class T>
void spoil(WorkerContext&, const Head&) {
  std::ranges::fill(share<T>().c, std::numeric_limits<T>::quiet_NaN());
}

template <class T>
struct Tasks {
  Task<Bytes, void> take;
  Task<Head, void> multiply;
  Task<Head, Bytes> give;
  Task<Head, void> spoil;
};

const Tasks<float> kF32{
    register_task<take<float>>("matmul_copied_take_f32"), register_task<multiply<float>>("matmul_copied_multiply_f32"),
    register_task<give<float>>("matmul_copied_give_f32"), register_task<spoil<float>>("matmul_copied_spoil_f32")};
const Tasks<double> kF64{register_task<take<double>>("matmul_copied_take_f64"),
                         register_task<multiply<double>>("matmul_copied_multiply_f64"),
                         register_task<give<double>>("matmul_copied_give_f64"),
                         register_task<spoil<double>>("matmul_copied_spoil_f64")};

template <class T>
class ProcessesCopied {
 public:
  ProcessesCopied(const Matmul::Problem&, const Resources& resources) : pool_(resources.workers) {}

  void load(View<const T> a, View<const T> b, View<T> c) {
    c_ = c;
    heads_.clear();
    std::vector<Bytes> messages;
    // One block of rows a worker, sizes apart by one row at most: task i goes to worker i.
    const int workers = pool_.workers();
    for (std::int64_t i = 0; i < workers; ++i) {
      const std::int64_t first = c.rows * i / workers, last = c.rows * (i + 1) / workers;
      const Head head{last - first, c.cols, a.cols};
      heads_.push_back(head);
      Bytes message = to_bytes(head);
      append_rows(message, a.row_range(first, last));
      append_rows(message, b);
      messages.push_back(std::move(message));
    }
    pool_.run(tasks().take, messages);
    load_ = pool_.ledger();
  }

  void run() {
    pool_.run(tasks().multiply, heads_);
    run_metrics_ = pool_.metrics();
  }

  void store() {
    const std::vector<Bytes> shares = pool_.run(tasks().give, heads_);
    store_ = pool_.ledger();
    std::int64_t row = 0;
    for (const Bytes& share : shares) {
      const std::size_t row_bytes = static_cast<std::size_t>(c_.cols) * sizeof(T);
      for (std::size_t at = 0; row_bytes > 0 && at < share.size(); at += row_bytes)
        std::memcpy(c_.row(row++), share.data() + at, row_bytes);
    }
  }

  // Where the result lies until store.
  void poison() { pool_.run(tasks().spoil, heads_); }

  KeyValues metrics() const {
    KeyValues out = run_metrics_;
    out.set("load_share_out_seconds", load_.share_out);
    out.set("load_wait_seconds", load_.wait);
    out.set("store_wait_seconds", store_.wait);
    out.set("store_gather_seconds", store_.gather);
    out.set("kernel", tile_kernels<T>().target);  // the workers' too: the same program on the same CPU
    return out;
  }
  int workers() const { return pool_.workers(); }

 private:
  static const Tasks<T>& tasks() {
    if constexpr (std::is_same_v<T, float>)
      return kF32;
    else
      return kF64;
  }

  Pool pool_;
  std::vector<Head> heads_;
  View<T> c_;
  PoolLedger load_, store_;
  KeyValues run_metrics_;
};

}  // namespace

OVERTAKE_VARIANT(Matmul, processes_copied, Strategy::processes, ProcessesCopied, float, double);

}  // namespace overtake
