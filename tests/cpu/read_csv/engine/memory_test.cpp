// SPDX-License-Identifier: Apache-2.0
// What reading a large file takes beyond the table that it makes. Only with OVERTAKE_LONG_TESTS=1: it writes 1 GB.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

#include "core/memory/mapped_file.h"
#include "cpu/read_csv/engine/read.h"
#include "tests/support/temporary_folder.h"

namespace overtake {
namespace {

// Memory of this process's own: pages of mapped files do not count.
std::int64_t rss_anon_bytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word)
    if (word == "RssAnon:") {
      std::int64_t kilobytes = 0;
      status >> kilobytes;
      return kilobytes * 1024;
    }
  throw std::runtime_error("/proc/self/status has no RssAnon");
}

// The most that it was while the function ran, looked at every millisecond.
template <class Function>
std::int64_t peak_rss_anon(Function function) {
  std::atomic<bool> done = false;
  std::atomic<std::int64_t> peak = 0;
  std::thread watch([&] {
    while (!done) {
      peak = std::max(peak.load(), rss_anon_bytes());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  function();
  done = true;
  watch.join();
  return std::max(peak.load(), rss_anon_bytes());
}

std::int64_t bytes_of(const Table& table) {
  std::size_t bytes = 0;
  for (const Column& column : table.columns)
    bytes += column.values.size() * sizeof(float) + column.codes.size() * sizeof(std::int32_t);
  return static_cast<std::int64_t>(bytes);
}

// Rows of 80 bytes: eight numbers, an integer, a category.
void write_table(const std::filesystem::path& path, std::int64_t bytes) {
  std::string rows;
  for (int i = 0; i < 10000; ++i) {
    for (int j = 0; j < 8; ++j) rows += std::to_string(1.0 + (i * 8 + j) % 88888 * 1e-4) + ',';
    rows += std::to_string(100 + i % 900) + ",k" + std::to_string(10 + i % 16) + '\n';
  }
  std::ofstream out(path, std::ios::binary);
  out << "x0,x1,x2,x3,x4,x5,x6,x7,count,kind\n";
  for (std::int64_t written = 0; written < bytes; written += static_cast<std::int64_t>(rows.size())) out << rows;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

TEST(ReadCsvMemory, NeedsAtMost64MiBBeyondTheTableForAFileOfOneGigabyte) {
  if (std::getenv("OVERTAKE_LONG_TESTS") == nullptr) GTEST_SKIP() << "OVERTAKE_LONG_TESTS is not set";
#ifdef OVERTAKE_SANITIZED
  GTEST_SKIP() << "a sanitizer keeps memory of its own";
#endif
  const TemporaryFolder folder;
  const auto path = folder / "large.csv";
  write_table(path, 1'000'000'000);
  for (const int workers : {1, 2}) {
    const std::int64_t before = rss_anon_bytes();
    Table table;
    const std::int64_t peak = peak_rss_anon([&] {
      const MappedFile file{std::filesystem::path(path)};
      table = read_csv<float>(file.text(), "large.csv", workers, team_of_threads(workers));
    });
    const double beyond = static_cast<double>(peak - before - bytes_of(table)) / (1 << 20);
    std::cout << workers << " worker(s): table " << bytes_of(table) / (1 << 20) << " MiB, beyond it " << beyond
              << " MiB\n";
    EXPECT_GT(table.rows, 10'000'000);
    EXPECT_LE(beyond, 64);
  }
}

}  // namespace
}  // namespace overtake
