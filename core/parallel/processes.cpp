// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/processes.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <vector>

#include "core/memory/arena.h"
#include "core/pool/pool.h"

namespace overtake::detail {
namespace {

constexpr std::size_t kMaxAutomaticBytes = 1 << 20;

// Batches of items as the pool's tasks; a batch is known by its first item.
class Batches : public TaskSource {
 public:
  Batches(MapRun& run, BatchItems& items, Pool& pool) : run_(run), items_(items) {
    slots_ = arena_.allocate<std::uint64_t>(static_cast<std::size_t>(pool.workers()) * kSlotStride);
    for (std::uint64_t& slot : slots_) slot = kNoItem;
    current_ = pool.share(slots_.data(), slots_.size_bytes());
  }

  std::optional<Next> next() override {
    if (run_.halted()) return std::nullopt;
    if (again_.empty()) {
      if (const auto range = run_.claim()) again_.push_back(*range);
    }
    if (again_.empty()) return std::nullopt;
    ItemRange range = again_.back();
    again_.pop_back();
    Bytes items;
    std::size_t end = range.begin;
    for (; end < range.end; ++end) {
      if (run_.automatic_chunk() && items.size() >= kMaxAutomaticBytes) break;
      items_.append(end, items);
    }
    if (end < range.end) again_.push_back({end, range.end});
    range.end = end;
    const bool stop = run_.options().on_error == OnError::stop;
    Bytes bytes = to_bytes(BatchHead{current_, range.begin, range.size(), stop ? 1U : 0U});
    bytes.insert(bytes.end(), items.begin(), items.end());
    sent_[range.begin] = range;
    return Next{range.begin, std::move(bytes)};
  }

  void done(std::size_t id, std::span<const std::byte> result) override {
    const ItemRange range = taken_back(id);
    BatchReader answers(result);
    std::size_t i = range.begin;
    for (; i < range.end && !answers.at_end(); ++i) {
      if (answers.next<Outcome>() == Outcome::value)
        items_.take(i, answers);
      else
        run_.fail(i, std::make_exception_ptr(std::runtime_error(answers.next<std::string>())));
    }
    run_.finished(range, i - range.begin);
  }

  // Errors of items are answers; this is one of the batch.
  void failed(std::size_t id, int worker, const std::string& what) override {
    const ItemRange range = taken_back(id);
    run_.break_off(std::make_exception_ptr(
        std::runtime_error(fmt::format("worker {}, items {} to {}: {}", worker, range.begin, range.end - 1, what))));
  }

  // The item that the worker was at is tried alone from now on, so that the others are not lost with it once more.
  void lost(std::size_t id, const WorkerLoss& loss) override {
    const ItemRange range = taken_back(id);
    const auto slot = static_cast<std::size_t>(loss.worker) * kSlotStride;
    std::uint64_t& current = slots_[slot];
    const std::size_t at = range.begin <= current && current < range.end ? current : range.begin;
    current = kNoItem;
    if (at + 1 < range.end) again_.push_back({at + 1, range.end});
    if (++losses_[at] <= run_.options().retries) {
      again_.push_back({at, at + 1});
    } else {
      const int before = run_.options().retries;
      const std::string what =
          loss.how + (before > 0 ? fmt::format(", as did {} before it at the same item", before) : std::string());
      run_.fail(at, std::make_exception_ptr(WorkerDied(what, loss.worker, loss.ending)));
      run_.finished({at, at + 1}, 1);
    }
    if (range.begin < at) again_.push_back({range.begin, at});
  }

  bool halted() const override { return run_.halted(); }
  int wake_fd() const override { return run_.wake_fd(); }

 private:
  ItemRange taken_back(std::size_t id) {
    const ItemRange range = sent_.at(id);
    sent_.erase(id);
    return range;
  }

  MapRun& run_;
  BatchItems& items_;
  Arena arena_;
  std::span<std::uint64_t> slots_;
  SharedRef current_;
  std::vector<ItemRange> again_;           // before what is not claimed yet
  std::map<std::size_t, ItemRange> sent_;  // by first item
  std::map<std::size_t, int> losses_;      // by item
};

}  // namespace

void on_processes(MapRun& run, std::string_view name, BatchItems& items) {
  if (run.count() == 0) return;
  std::optional<Pool> own;
  Pool* pool = run.options().pool;
  if (pool == nullptr) pool = &own.emplace(run.workers());
  Batches batches(run, items, *pool);
  pool->work_off(name, batches);
}

}  // namespace overtake::detail
