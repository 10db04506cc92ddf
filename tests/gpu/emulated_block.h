// SPDX-License-Identifier: Apache-2.0
// A block of GPU threads on one thread of the CPU, for kernels written against cuda::DeviceBlock's calls: tests of gpu/
// run them where there is no GPU. Each GPU thread is a fibre that runs until its next barrier. In which order they run
// between two barriers, and when asynchronous copies arrive, is for the test to say: a kernel with a barrier or a wait
// too few is wrong in one order or another.
#pragma once

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace overtake::emulated {

enum class Order { forward, backward, shuffled };
enum class Copies { arrive_at_once, arrive_when_waited_for };

class Block;

/// What is wrong with how a kernel uses its block: threads that end while others wait, misaligned copies.
struct Misuse : std::logic_error {
  using std::logic_error::logic_error;
};

/// The threads of one block; used by run_block() alone.
class Threads {
 public:
  Threads(int count, std::int64_t block, Order order, Copies copies, std::function<void(const Block&)> kernel)
      : block_(block), order_(order), copies_(copies), kernel_(std::move(kernel)), fibres_(count) {}

  void run() {
    running_now = this;
    for (std::size_t i = 0; i < fibres_.size(); ++i) start(i);
    std::vector<std::size_t> order(fibres_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (order_ == Order::backward) std::reverse(order.begin(), order.end());
    std::mt19937 random(7);
    for (std::size_t running = fibres_.size(); running > 0;) {
      if (order_ == Order::shuffled) std::shuffle(order.begin(), order.end(), random);
      for (const std::size_t i : order) advance(i);
      for (Fibre& fibre : fibres_) fibre.at_barrier = false;
      if (!misuse_.empty()) throw Misuse(misuse_);
      const auto left = static_cast<std::size_t>(std::ranges::count(fibres_, false, &Fibre::ended));
      if (left != 0 && left != running) throw Misuse("some threads ended and others wait at a barrier");
      running = left;
    }
  }

  std::int64_t block() const { return block_; }

  void sync(std::size_t thread) {
    fibres_[thread].at_barrier = true;
    leave(thread);
  }

  /// What a lane brings to a product of its warp, and where it takes its share of the result.
  struct Lane {
    double* c = nullptr;  // 4; nullptr: not there yet
    const double* a;      // 2
    double b;
  };
  /// Returns when every lane of the warp has come and the product is computed.
  void multiply_add(std::size_t thread, Lane lane) {
    fibres_[thread].lane = lane;
    leave(thread);
  }

  void copy(std::size_t thread, void* to, const void* from, std::size_t bytes, bool inside) {
    if (reinterpret_cast<std::uintptr_t>(to) % bytes != 0 || reinterpret_cast<std::uintptr_t>(from) % bytes != 0)
      misuse_ = "a copy of " + std::to_string(bytes) + " bytes is not aligned to as many";
    const Copy copy = {to, inside ? from : nullptr, bytes};
    if (copies_ == Copies::arrive_at_once)
      perform(copy);
    else
      fibres_[thread].open.push_back(copy);
  }

  void commit(std::size_t thread) {
    fibres_[thread].groups.push_back(std::move(fibres_[thread].open));
    fibres_[thread].open.clear();
  }

  void wait(std::size_t thread, std::size_t pending) {
    auto& groups = fibres_[thread].groups;
    for (; groups.size() > pending; groups.erase(groups.begin()))
      for (const Copy& copy : groups.front()) perform(copy);
  }

 private:
  struct Copy {
    void* to;
    const void* from;  // nullptr: zeros
    std::size_t bytes;
  };
  struct Fibre {
    ucontext_t context;  // where it begins
    jmp_buf next;        // where it goes on
    bool started = false;
    std::vector<Copy> open;
    std::vector<std::vector<Copy>> groups;  // oldest first
    Lane lane;                              // waits for the others of its warp where lane.c is set
    bool ended = false, at_barrier = false;
  };
  static constexpr std::size_t kWarp = 32;
  static constexpr std::size_t kStackBytes = std::size_t{64} << 10;

  static void perform(const Copy& copy) {
    if (copy.from == nullptr)
      std::memset(copy.to, 0, copy.bytes);
    else
      std::memcpy(copy.to, copy.from, copy.bytes);
  }

  // Lets a thread run to its next barrier or its end, and the others of its warp as far as it needs them.
  void advance(std::size_t thread) {
    Fibre& fibre = fibres_[thread];
    if (fibre.ended || fibre.at_barrier) return;
    if (fibre.lane.c == nullptr) resume(thread);
    while (fibre.lane.c != nullptr) {
      const std::size_t first = thread / kWarp * kWarp;
      for (std::size_t i = first; i < first + kWarp; ++i) {
        Fibre& other = fibres_.at(i);
        if (other.lane.c == nullptr && !other.ended && !other.at_barrier) resume(i);
        if (other.lane.c == nullptr) throw Misuse("some lanes of a warp multiply and others do not");
      }
      multiply(first);
      resume(thread);
    }
  }

  // From its definition in the PTX ISA, "Matrix Fragments for mma.m16n8k4", not from the kernel's own maps.
  void multiply(std::size_t first) {
    double a[16][4], b[4][8];
    for (std::size_t i = 0; i < kWarp; ++i) {
      const Lane& lane = fibres_[first + i].lane;
      const std::size_t group = i >> 2, place = i % 4;
      a[group][place] = lane.a[0];
      a[group + 8][place] = lane.a[1];
      b[place][group] = lane.b;
    }
    for (std::size_t i = 0; i < kWarp; ++i) {
      Lane& lane = fibres_[first + i].lane;
      for (std::size_t e = 0; e < 4; ++e) {
        const std::size_t row = e < 2 ? i >> 2 : (i >> 2) + 8, column = i % 4 * 2 + (e & 1);
        for (std::size_t l = 0; l < 4; ++l) lane.c[e] += a[row][l] * b[l][column];
      }
      lane.c = nullptr;
    }
  }

  void start(std::size_t thread);
  static void main_of_fibre(int thread);

  // Back to the scheduler, until it resumes this one.
  void leave(std::size_t thread) {
    if (_setjmp(fibres_[thread].next) == 0) _longjmp(scheduler_, 1);
  }

  // From its second turn on by a jump: swapcontext() asks the kernel for signal masks each time, and threads of a suite
  // of tables meet millions of barriers.
  void resume(std::size_t thread) {
    Fibre& fibre = fibres_[thread];
    if (_setjmp(scheduler_) != 0) return;
    if (fibre.started) _longjmp(fibre.next, 1);
    fibre.started = true;
    setcontext(&fibre.context);
  }

  inline static Threads* running_now = nullptr;  // makecontext passes ints alone

  std::int64_t block_;
  Order order_;
  Copies copies_;
  std::function<void(const Block&)> kernel_;
  std::vector<Fibre> fibres_;
  jmp_buf scheduler_ = {};
  std::string misuse_;
};

/// What a kernel sees of it: the calls of cuda::DeviceBlock.
class Block {
 public:
  Block(Threads& threads, int thread) : threads_(threads), thread_(thread) {}

  int thread() const { return thread_; }
  std::int64_t index() const { return threads_.block(); }
  void sync() const { threads_.sync(place()); }
  template <class N>
  void add_to(N* sum, std::type_identity_t<N> value) const {
    *sum += value;
  }
  void lower_to(unsigned* least, unsigned value) const { *least = std::min(*least, value); }
  void raise_to(unsigned long long* most, unsigned long long value) const { *most = std::max(*most, value); }
  template <int kBytes>
  void copy_async(void* shared, const void* global, bool inside) const {
    static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16, "cp.async copies 4, 8 or 16 bytes");
    threads_.copy(place(), shared, global, kBytes, inside);
  }
  void multiply_add(double (&c)[4], const double (&a)[2], double b) const { threads_.multiply_add(place(), {c, a, b}); }
  void commit_copies() const { threads_.commit(place()); }
  template <int kPending>
  void wait_copies() const {
    threads_.wait(place(), kPending);
  }

 private:
  std::size_t place() const { return static_cast<std::size_t>(thread_); }
  Threads& threads_;
  int thread_;
};

inline void Threads::main_of_fibre(int thread) {
  Threads& self = *running_now;
  self.kernel_(Block(self, thread));
  self.fibres_[static_cast<std::size_t>(thread)].ended = true;
  _longjmp(self.scheduler_, 1);
}

inline void Threads::start(std::size_t thread) {
  Fibre& fibre = fibres_[thread];
  // Blocks follow each other: fresh stacks for each would mean fresh pages.
  static std::vector<std::unique_ptr<std::byte[]>> stacks;
  while (stacks.size() <= thread) stacks.emplace_back(new std::byte[kStackBytes]);
  getcontext(&fibre.context);
  fibre.context.uc_stack.ss_sp = stacks[thread].get();
  fibre.context.uc_stack.ss_size = kStackBytes;
  makecontext(&fibre.context, reinterpret_cast<void (*)()>(main_of_fibre), 1, static_cast<int>(thread));
}

/// Runs `kernel(block)` on `threads` threads of block `index`. Throws Misuse.
inline void run_block(int threads, std::int64_t index, Order order, Copies copies,
                      std::function<void(const Block&)> kernel) {
  Threads(threads, index, order, copies, std::move(kernel)).run();
}

}  // namespace overtake::emulated
