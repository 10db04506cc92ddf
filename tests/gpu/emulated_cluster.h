// SPDX-License-Identifier: Apache-2.0
// A cluster of blocks of a Hopper GPU on one thread of the CPU, for kernels written against cuda::DeviceCluster's
// calls: barriers in shared memory, the copy engine, products of warpgroups. Each GPU thread is a fibre that runs until
// it has to wait. What is asynchronous happens at once or as late as the kernel allows, as the test says. Written from
// the PTX ISA, not from the kernel's own maps.
#pragma once

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/gpu/emulated_block.h"
#include "tests/gpu/emulated_engines.h"

namespace overtake::emulated {

enum class Asynchronous { at_once, as_late_as_allowed };

struct ClusterShape {
  int blocks, threads, cluster, clusters;  // this cluster's number, and how many there are
  std::size_t shared_bytes;
};

class ClusterBlock;

class Cluster {
 public:
  Cluster(const ClusterShape& shape, Order order, Asynchronous when, std::function<void(const ClusterBlock&)> kernel)
      : shape_(shape),
        order_(order),
        when_(when),
        kernel_(std::move(kernel)),
        fibres_(static_cast<std::size_t>(shape.blocks * shape.threads)),
        groups_(fibres_.size() / kWarpgroup),
        memory_(static_cast<std::size_t>(shape.blocks) * block_bytes() + 1024) {
    // NaN of every type.
    std::ranges::fill(memory_, static_cast<unsigned char>(0xff));
  }

  void run();

  // ---- what blocks call; `thread` is counted through all blocks

  const ClusterShape& shape() const { return shape_; }
  unsigned char* shared(int rank) {
    const std::size_t beyond = reinterpret_cast<std::uintptr_t>(memory_.data()) % 1024;
    return memory_.data() + (1024 - beyond) + static_cast<std::size_t>(rank) * block_bytes();
  }
  int rank_of(std::size_t thread) const { return static_cast<int>(thread) / shape_.threads; }

  void init_barrier(const void* barrier, int arrivals) { barriers_[barrier] = {arrivals, arrivals}; }
  void arrive(const void* barrier, std::int64_t expected_bytes) {
    if (!known(barrier).arrive(expected_bytes)) fail("more arrivals at a barrier than it was made for");
  }
  /// The same place of another block's memory.
  void* at(const void* place, int from_rank, int to_rank) {
    const auto offset = static_cast<const unsigned char*>(place) - shared(from_rank);
    if (offset < 0 || static_cast<std::size_t>(offset) >= shape_.shared_bytes)
      fail("not in this block's shared memory");
    const auto first = fibres_.begin() + static_cast<std::ptrdiff_t>(to_rank) * shape_.threads;
    if (std::all_of(first, first + shape_.threads, [](const Fibre& fibre) { return fibre.ended; }))
      fail("the block whose memory is meant has ended");
    return shared(to_rank) + offset;
  }
  void wait(std::size_t thread, const void* barrier, std::uint32_t parity) {
    Barrier& b = known(barrier);
    pause(thread, [&b, parity] { return b.ended(parity); });
  }
  /// Until `count` threads have come to meeting `name`.
  void meet(std::size_t thread, std::int64_t name, int count) {
    Meeting& meeting = meetings_[name];
    const int generation = meeting.generation;
    if (++meeting.here == count) {
      meeting.here = 0;
      ++meeting.generation;
    }
    pause(thread, [&meeting, generation] { return meeting.generation != generation; });
  }

  void fetch(std::size_t thread, unsigned blocks, void* to, const TensorMap& map, int column, int row,
             const void* barrier);
  void put(std::size_t thread, const TensorMap& map, const void* from, int column, int row);
  void commit_puts(std::size_t thread);
  void wait_puts(std::size_t thread, std::size_t pending);
  void publish_writes(std::size_t thread) { ++fibres_[thread].published; }

  void begin_products(std::size_t thread) { fibres_[thread].began = true; }
  template <class T>
  void multiply(std::size_t thread, float* sums, std::uint64_t a, std::uint64_t b, bool add);
  void commit_products(std::size_t thread) { fibres_[thread].committed.push_back(fibres_[thread].products); }
  void wait_products(std::size_t thread, std::size_t pending);

 private:
  static constexpr std::size_t kWarpgroup = 128, kStackBytes = std::size_t{64} << 10;
  struct Meeting {
    int here = 0, generation = 0;
  };
  struct Put {
    const TensorMap* map;
    const unsigned char* from;
    int column, row;
  };
  struct Fibre {
    ucontext_t context;
    std::function<bool()> ready = [] { return true; };
    bool ended = false, began = false;
    std::vector<Put> open_puts;
    std::deque<std::vector<Put>> puts;  // groups, oldest first
    std::size_t published = 0, products = 0;
    std::vector<std::size_t> committed;  // products up to the end of each group
  };
  struct Operation {
    std::array<float*, kWarpgroup> sums{};
    std::uint64_t a, b;
    bool add;
    std::function<void(const Operation&)> perform;
  };
  struct Warpgroup {
    std::vector<Operation> operations;
    std::size_t performed = 0, puts = 0;
  };

  std::size_t block_bytes() const { return (shape_.shared_bytes + 1023) / 1024 * 1024; }
  Barrier& known(const void* barrier) {
    const auto found = barriers_.find(barrier);
    if (found == barriers_.end()) fail("no barrier was made there");
    return found->second;
  }
  void pause(std::size_t thread, std::function<bool()> ready) {
    if (ready()) return;
    fibres_[thread].ready = std::move(ready);
    swapcontext(&fibres_[thread].context, &scheduler_);
  }
  void perform_up_to(std::size_t group, std::size_t count);
  SharedWindow window_of(std::size_t group);
  void start(std::size_t thread);
  static void main_of_fibre(int thread);
  bool pass(std::span<const std::size_t> threads);
  void resume(std::size_t thread) {
    running_thread_ = &fibres_[thread];
    swapcontext(&scheduler_, &fibres_[thread].context);
    running_thread_ = nullptr;
  }
  // A fibre that finds something wrong is left where it is: sanitizers do not follow exceptions on stacks of ours.
  [[noreturn]] void fail(const std::string& what) {
    if (running_thread_ == nullptr) throw Misuse(what);
    misuse_ = what;
    swapcontext(&running_thread_->context, &scheduler_);
    std::abort();
  }

  inline static Cluster* running_now = nullptr;

  ClusterShape shape_;
  Order order_;
  Asynchronous when_;
  std::function<void(const ClusterBlock&)> kernel_;
  std::vector<Fibre> fibres_;
  std::vector<Warpgroup> groups_;
  std::vector<unsigned char> memory_;
  std::map<const void*, Barrier> barriers_;
  std::map<std::int64_t, Meeting> meetings_;
  std::deque<std::function<void()>> fetches_;
  ucontext_t scheduler_ = {};
  std::string misuse_;
  Fibre* running_thread_ = nullptr;  // nullptr: the scheduler runs
};

/// What a kernel sees of it: the calls of cuda::DeviceCluster.
class ClusterBlock {
 public:
  ClusterBlock(Cluster& cluster, std::size_t thread) : cluster_(cluster), thread_(thread) {}

  int thread() const { return static_cast<int>(thread_) % cluster_.shape().threads; }
  int rank() const { return cluster_.rank_of(thread_); }
  int cluster() const { return cluster_.shape().cluster; }
  int clusters() const { return cluster_.shape().clusters; }
  unsigned char* shared() const { return cluster_.shared(rank()); }
  std::uint32_t address(const void* shared) const {
    return static_cast<std::uint32_t>(static_cast<const unsigned char*>(shared) - cluster_.shared(rank())) + kWindow;
  }

  void init_barrier(std::uint64_t* barrier, int arrivals) const { cluster_.init_barrier(barrier, arrivals); }
  void publish_barriers() const {}
  void sync_cluster() const { cluster_.meet(thread_, -1, cluster_.shape().blocks * cluster_.shape().threads); }
  void sync_warpgroup(int barrier) const { cluster_.meet(thread_, rank() * 16 + barrier, 128); }
  void arrive_expecting(std::uint64_t* barrier, int bytes) const { cluster_.arrive(barrier, bytes); }
  void arrive_at(std::uint64_t* barrier, int rank) const {
    cluster_.arrive(cluster_.at(barrier, this->rank(), rank), 0);
  }
  void wait(std::uint64_t* barrier, std::uint32_t parity) const { cluster_.wait(thread_, barrier, parity); }

  void fetch(void* to, const TensorMap& map, int column, int row, std::uint64_t* barrier) const {
    cluster_.fetch(thread_, 1u << rank(), to, map, column, row, barrier);
  }
  void fetch_for(unsigned blocks, void* to, const TensorMap& map, int column, int row, std::uint64_t* barrier) const {
    cluster_.fetch(thread_, blocks, to, map, column, row, barrier);
  }
  void put(const TensorMap& map, const void* from, int column, int row) const {
    cluster_.put(thread_, map, from, column, row);
  }
  void commit_puts() const { cluster_.commit_puts(thread_); }
  template <int kPending>
  void wait_puts() const {
    cluster_.wait_puts(thread_, kPending);
  }
  template <int kPending>
  void wait_puts_read() const {
    cluster_.wait_puts(thread_, kPending);
  }
  void publish_writes() const { cluster_.publish_writes(thread_); }

  template <int kRegisters>
  void give_registers() const {}
  template <int kRegisters>
  void take_registers() const {}
  void begin_products() const { cluster_.begin_products(thread_); }
  template <class T>
  void multiply(float (&sums)[128], std::uint64_t a, std::uint64_t b, bool add) const {
    cluster_.multiply<T>(thread_, sums, a, b, add);
  }
  void commit_products() const { cluster_.commit_products(thread_); }
  void wait_products_but_one() const { cluster_.wait_products(thread_, 1); }
  void wait_products(float (&)[128]) const { cluster_.wait_products(thread_, 0); }

  /// Where shared memory begins as instructions see it: not at 0, on 1024 bytes.
  static constexpr std::uint32_t kWindow = 1024;

 private:
  Cluster& cluster_;
  std::size_t thread_;
};

// ---- the copy engine

inline void Cluster::fetch(std::size_t thread, unsigned blocks, void* to, const TensorMap& map, int column, int row,
                           const void* barrier) {
  const int rank = rank_of(thread);
  if (map.box_columns * map.element != 128) fail("rows of a swizzled box are 128 bytes long");
  if ((static_cast<unsigned char*>(to) - shared(rank)) % 1024 != 0) fail("a swizzled box begins on 1024 bytes");
  auto copy = [this, rank, blocks, to, &map, column, row, barrier] {
    for (int other = 0; other < shape_.blocks; ++other) {
      if ((blocks >> other & 1u) == 0) continue;
      copy_box(true, static_cast<unsigned char*>(at(to, rank, other)), map, column, row);
      known(at(barrier, rank, other)).complete(std::int64_t{map.box_rows} * 128);
    }
  };
  if (when_ == Asynchronous::at_once)
    copy();
  else
    fetches_.push_back(std::move(copy));
}

inline void Cluster::put(std::size_t thread, const TensorMap& map, const void* from, int column, int row) {
  const std::size_t first = thread / kWarpgroup * kWarpgroup;
  const std::size_t puts = ++groups_[thread / kWarpgroup].puts;
  for (std::size_t i = first; i < first + kWarpgroup; ++i)
    if (fibres_[i].published < puts) fail("a thread's writes are not visible to the copy engine");
  fibres_[thread].open_puts.push_back({&map, static_cast<const unsigned char*>(from), column, row});
}

inline void Cluster::commit_puts(std::size_t thread) {
  Fibre& fibre = fibres_[thread];
  fibre.puts.push_back(std::move(fibre.open_puts));
  fibre.open_puts.clear();
  if (when_ == Asynchronous::at_once) wait_puts(thread, 0);
}

inline void Cluster::wait_puts(std::size_t thread, std::size_t pending) {
  auto& groups = fibres_[thread].puts;
  for (; groups.size() > pending; groups.pop_front())
    for (const Put& put : groups.front())
      copy_box(false, const_cast<unsigned char*>(put.from), *put.map, put.column, put.row);
}

// ---- products

template <class T>
void Cluster::multiply(std::size_t thread, float* sums, std::uint64_t a, std::uint64_t b, bool add) {
  Fibre& fibre = fibres_[thread];
  if (!fibre.began) fail("a product without wgmma.fence before it");
  const std::size_t group = thread / kWarpgroup, index = fibre.products++;
  auto& operations = groups_[group].operations;
  if (index == operations.size())
    operations.push_back({{}, a, b, add, [this, group](const Operation& o) {
                            multiply_shared<T>(window_of(group), o.a, o.b, o.add, o.sums);
                          }});
  Operation& operation = operations[index];
  if (operation.a != a || operation.b != b || operation.add != add)
    fail("threads of a warpgroup disagree on what they multiply");
  operation.sums[thread % kWarpgroup] = sums;
  if (when_ == Asynchronous::at_once && std::ranges::count(operation.sums, nullptr) == 0)
    perform_up_to(group, index + 1);
}

inline SharedWindow Cluster::window_of(std::size_t group) {
  return {shared(rank_of(group * kWarpgroup)), ClusterBlock::kWindow, shape_.shared_bytes};
}

inline void Cluster::perform_up_to(std::size_t group, std::size_t count) {
  Warpgroup& g = groups_[group];
  std::string wrong;
  for (; g.performed < count && wrong.empty(); ++g.performed) try {
      g.operations[g.performed].perform(g.operations[g.performed]);
    } catch (const Misuse& misuse) {
      wrong = misuse.what();
    }
  if (!wrong.empty()) fail(wrong);
}

inline void Cluster::wait_products(std::size_t thread, std::size_t pending) {
  Fibre& fibre = fibres_[thread];
  const std::size_t group = thread / kWarpgroup, first = group * kWarpgroup;
  if (pending == 0) fibre.began = false;
  if (fibre.committed.size() <= pending) return;
  const std::size_t count = fibre.committed[fibre.committed.size() - 1 - pending];
  pause(thread, [this, first, count] {
    return std::all_of(fibres_.begin() + static_cast<std::ptrdiff_t>(first),
                       fibres_.begin() + static_cast<std::ptrdiff_t>(first + kWarpgroup),
                       [&](const Fibre& f) { return f.products >= count; });
  });
  perform_up_to(group, count);
}

inline void Cluster::main_of_fibre(int thread) {
  Cluster& self = *running_now;
  self.kernel_(ClusterBlock(self, static_cast<std::size_t>(thread)));
  self.fibres_[static_cast<std::size_t>(thread)].ended = true;
}

inline void Cluster::start(std::size_t thread) {
  static std::vector<std::unique_ptr<std::byte[]>> stacks;
  while (stacks.size() <= thread) stacks.emplace_back(new std::byte[kStackBytes]);
  Fibre& fibre = fibres_[thread];
  getcontext(&fibre.context);
  fibre.context.uc_stack.ss_sp = stacks[thread].get();
  fibre.context.uc_stack.ss_size = kStackBytes;
  fibre.context.uc_link = &scheduler_;
  makecontext(&fibre.context, reinterpret_cast<void (*)()>(main_of_fibre), 1, static_cast<int>(thread));
}

// Each of these threads that can go on, as far as it can; whether one could.
inline bool Cluster::pass(std::span<const std::size_t> threads) {
  bool moved = false;
  for (const std::size_t thread : threads) {
    if (fibres_[thread].ended || !fibres_[thread].ready()) continue;
    moved = true;
    resume(thread);
    if (!misuse_.empty()) break;
  }
  return moved;
}

inline void Cluster::run() {
  running_now = this;
  std::vector<std::size_t> order(fibres_.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
    start(i);
  }
  if (order_ == Order::backward) std::reverse(order.begin(), order.end());
  std::mt19937 random(7);
  // In order, one block goes as far as it can before the next one does.
  const std::size_t at_once = order_ == Order::shuffled ? order.size() : static_cast<std::size_t>(shape_.threads);
  while (std::ranges::count(fibres_, false, &Fibre::ended) > 0) {
    if (order_ == Order::shuffled) std::shuffle(order.begin(), order.end(), random);
    bool moved = false;
    for (std::size_t first = 0; first < order.size(); first += at_once)
      while (pass(std::span(order).subspan(first, at_once)) && misuse_.empty()) {
        moved = true;
        if (order_ == Order::shuffled) break;
      }
    // As late as possible: when nobody gets on without it.
    if (!moved && misuse_.empty()) {
      if (fetches_.empty()) {
        misuse_ = "all threads wait for something that will not come";
      } else {
        fetches_.front()();
        fetches_.pop_front();
      }
    }
    if (!misuse_.empty()) throw Misuse(misuse_);
  }
}

}  // namespace overtake::emulated
