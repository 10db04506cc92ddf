// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/map_run.h"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/pool/pool.h"
#include "core/system/resources.h"

namespace overtake {
namespace {

constexpr std::array<std::pair<MapStrategy, std::string_view>, 5> kStrategies = {{
    {MapStrategy::serial, "serial"},
    {MapStrategy::threads, "threads"},
    {MapStrategy::openmp, "openmp"},
    {MapStrategy::async, "async"},
    {MapStrategy::processes, "processes"},
}};

constexpr int kInFlight = 1000;
// A worker has about this many turns, so that uneven items even out; more where a turn costs an atomic addition than
// where it costs a message.
constexpr std::size_t kTurns = 64, kTurnsOfProcess = 16;
constexpr std::size_t kMaxAutomaticChunk = 4096;

std::string describe(std::size_t index, const std::exception_ptr& cause) {
  try {
    std::rethrow_exception(cause);
  } catch (const std::exception& error) {
    return fmt::format("item {}: {}", index, error.what());
  } catch (...) {
    return fmt::format("item {}: an exception of unknown type", index);
  }
}

}  // namespace

std::string_view to_string(MapStrategy strategy) {
  return std::ranges::find(kStrategies, strategy, &std::pair<MapStrategy, std::string_view>::first)->second;
}

MapStrategy parse_map_strategy(std::string_view text) {
  for (const auto& [strategy, name] : kStrategies)
    if (name == text) return strategy;
  throw UsageError(
      fmt::format("'{}' is no strategy of parallel_map: serial, threads, openmp, async or processes", text));
}

MapError::MapError(std::size_t at, std::exception_ptr given)
    : std::runtime_error(describe(at, given)), index(at), cause(std::move(given)) {}

namespace detail {

MapRun::MapRun(MapStrategy strategy, std::size_t count, const MapOptions& options, MapKind kind)
    : options_(options),
      count_(count),
      processes_(strategy == MapStrategy::processes),
      noted_(options.order == MapOrder::as_completed || static_cast<bool>(options.progress)) {
  if (options.workers < 0) throw UsageError(fmt::format("parallel_map with {} workers: 0 or more", options.workers));
  if (options.retries < 0) throw UsageError(fmt::format("parallel_map with {} retries: 0 or more", options.retries));
  if (strategy == MapStrategy::async && !kind.waits)
    throw UsageError("parallel_map's strategy async needs a function that returns a Waiting<T>; this one would block");
  if (processes_ && !kind.registered)
    throw UsageError("parallel_map's strategy processes needs a function made known by register_map()");
  if (strategy == MapStrategy::async)
    workers_ = options.workers > 0 ? options.workers : kInFlight;
  else if (processes_ && options.pool != nullptr)
    workers_ = options.pool->workers();
  else if (strategy != MapStrategy::serial)
    workers_ = options.workers > 0 ? options.workers : physical_cores_allowed();
  const std::size_t turns = static_cast<std::size_t>(workers_) * (processes_ ? kTurnsOfProcess : kTurns);
  if (strategy != MapStrategy::async)
    chunk_ = options.chunk > 0 ? options.chunk : std::clamp<std::size_t>(count / turns, 1, kMaxAutomaticChunk);
  chunks_ = count / chunk_ + (count % chunk_ > 0 ? 1 : 0);
  workers_ = static_cast<int>(std::clamp<std::size_t>(chunks_, 1, static_cast<std::size_t>(workers_)));
  if (options.order == MapOrder::as_completed) completed_.resize(chunks_);
  if (processes_ || kind.waits) {
    wake_ = FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_) throw_errno("making a descriptor to wake waiting workers with");
  }
  on_cancel_.emplace(options.cancel, Halt{this});
}

void MapRun::halt() noexcept {
  halted_.store(true, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  if (wake_) [[maybe_unused]]
    const auto written = write(wake_.get(), &one, sizeof one);
}

void MapRun::note(ItemRange range, std::size_t ran) {
  if (options_.order == MapOrder::as_completed) {
    const std::size_t place = completed_count_.fetch_add(1, std::memory_order_relaxed);
    if (place >= completed_.size()) completed_.resize(place + 1);  // only processes, from one thread, split chunks
    completed_[place] = range;
  }
  if (!options_.progress || ran == 0) return;
  const std::lock_guard lock(mutex_);
  if (broken_) return;
  done_ += ran;
  try {
    options_.progress(done_, count_);
  } catch (...) {
    broken_ = std::current_exception();
    halt();
  }
}

void MapRun::fail(std::size_t index, std::exception_ptr cause) {
  const std::lock_guard lock(mutex_);
  errors_.emplace_back(index, std::move(cause));
  if (options_.on_error == OnError::stop) halt();
}

void MapRun::break_off(std::exception_ptr cause) {
  const std::lock_guard lock(mutex_);
  if (!broken_) broken_ = std::move(cause);
  halt();
}

void MapRun::settle() {
  on_cancel_.reset();
  if (broken_) std::rethrow_exception(broken_);
  std::ranges::sort(errors_, {}, &MapError::index);
  if (options_.on_error == OnError::stop && !errors_.empty()) throw MapError(errors_.front());
}

std::vector<ItemRange> MapRun::completed() const {
  return {completed_.begin(), completed_.begin() + static_cast<std::ptrdiff_t>(completed_count_.load())};
}

void on_threads(int workers, const std::function<void()>& body) {
  std::vector<std::jthread> others;
  for (bool more = true; more && static_cast<int>(others.size()) + 1 < workers;) {
    try {
      others.emplace_back(body);
    } catch (const std::system_error&) {
      more = false;  // those that are there share the items
    }
  }
  body();
}

}  // namespace detail
}  // namespace overtake
