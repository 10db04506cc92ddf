// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/waiting.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/file_descriptor.h"
#include "core/parallel/map.h"
#include "core/pool/channel.h"

namespace overtake {
namespace {

Waiting<int> sum_of_pipe(const FileDescriptor& from) {
  int sum = 0;
  for (;;) {
    if (!co_await readable(from.get(), 60)) throw std::runtime_error("nothing came for a minute");
    unsigned char byte = 0;
    if (read(from.get(), &byte, 1) <= 0) co_return sum;
    sum += byte;
  }
}

void post_event(int fd) {
  const std::uint64_t one = 1;
  ASSERT_EQ(write(fd, &one, sizeof one), 8);
}

TEST(Waiting, OneThreadReadsManyPipesAsTheirBytesCome) {
  std::vector<FileDescriptor> readers;
  std::vector<FileDescriptor> writers;
  for (int i = 0; i < 50; ++i) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    readers.emplace_back(ends[0]);
    writers.emplace_back(ends[1]);
  }
  // From the last to the first, so that a loop that waited for one after the other would not end.
  const std::jthread writes([&] {
    for (std::size_t i = writers.size(); i-- > 0;) {
      for (unsigned char byte = 1; byte <= 3; ++byte) EXPECT_EQ(write(writers[i].get(), &byte, 1), 1);
      writers[i].reset();
    }
  });
  EXPECT_EQ(parallel_map(MapStrategy::async, readers, sum_of_pipe, {.workers = 50}).values(), std::vector<int>(50, 6));
}

TEST(Waiting, AThousandWaitAtOnceAndNoMoreThanAskedFor) {
  const FileDescriptor event(eventfd(0, EFD_CLOEXEC));
  std::vector<int> items(1000);
  int waiting = 0, most = 0;
  const auto last_frees_all = [&](const int&) -> Waiting<int> {
    most = std::max(most, ++waiting);
    if (waiting == 1000) post_event(event.get());
    co_await readable(event.get());
    co_return --waiting;
  };
  EXPECT_EQ(parallel_map(MapStrategy::async, items, last_frees_all, {.workers = 1000}).items.size(), 1000U);
  EXPECT_EQ(most, 1000);
  most = 0;
  EXPECT_EQ(parallel_map(MapStrategy::async, items, last_frees_all, {.workers = 7}).items.size(), 1000U);
  EXPECT_EQ(most, 7);
}

TEST(Waiting, SaysWhetherTheDescriptorOrTheTimeCameFirst) {
  const FileDescriptor event(eventfd(0, EFD_CLOEXEC));
  const auto look = [](const int& fd) -> Waiting<std::string> {
    const bool first = co_await readable(fd, 0), second = co_await writable(fd), third = co_await seconds_pass(-1);
    co_return std::string(first ? "r" : "-") + (second ? "w" : "-") + (third ? "t" : "-");
  };
  EXPECT_EQ(parallel_map(MapStrategy::async, std::vector<int>{event.get()}, look).values()[0], "-w-");
  post_event(event.get());
  EXPECT_EQ(parallel_map(MapStrategy::serial, std::vector<int>{event.get()}, look).values()[0], "rw-");
}

TEST(Waiting, ForEverIsNoPointInTime) {
  for (const double seconds :
       {1e10, 1e300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    EXPECT_EQ(seconds_pass(seconds).until, Wait::kNever);
  const auto at_once = seconds_pass(-std::numeric_limits<double>::infinity()).until;
  EXPECT_LE(at_once, Wait::Clock::now());
}

TEST(Waiting, IsEndedWhereverItIsSuspended) {
  const auto held = std::make_shared<int>(1);
  const auto hold = [](std::shared_ptr<int> mine) -> Waiting<int> {
    co_await seconds_pass(1e12);
    co_return *mine;
  };
  {
    Waiting<int> begun = hold(held), not_begun = hold(held);
    EXPECT_TRUE(begun.resume());
    EXPECT_EQ(held.use_count(), 3);
  }
  EXPECT_EQ(held.use_count(), 1);
  const FileDescriptor wake(eventfd(1, EFD_CLOEXEC));
  Waiting<int> dropped = hold(held);
  EXPECT_FALSE(drive(dropped, wake.get()));
}

}  // namespace
}  // namespace overtake
