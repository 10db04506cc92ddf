// SPDX-License-Identifier: Apache-2.0
// A full disk: an error that says so, and what was written before stays readable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>

#include "core/results/reader.h"
#include "tests/cli/program.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;

// A file system of `kilobytes` on a folder of the test's own.
class SmallDisk {
 public:
  explicit SmallDisk(int kilobytes) {
    const std::string size = "size=" + std::to_string(kilobytes) + "k";
    mounted_ = mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
  bool mounted_ = false;
};

TEST(DiskFull, IsAnErrorThatNamesTheFileBeforeAnythingIsMeasured) {
  const SmallDisk disk(4);
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  const Outcome outcome = shell(disk.folder(), "overtake run matmul --size 8 --out . --label box");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, ::testing::HasSubstr("No space left"));
  EXPECT_THAT(outcome.err, ::testing::HasSubstr("system.json"));
  EXPECT_TRUE(files_in(disk.folder()).empty());
}

TEST(DiskFull, DuringTheRunKeepsTheRowsBefore) {
  const SmallDisk disk(32);
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  const Outcome outcome = shell(disk.folder(),
                                "bench_matmul --out . --benchmark_filter=serial/f32/kernel "
                                "--benchmark_min_time=0 --benchmark_repetitions=300 --skip-above=0.01");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, ::testing::HasSubstr("No space left"));
  int rows = 0;
  for (const auto& entry : fs::directory_iterator(disk.folder().path()))
    if (entry.path().string().find(".csv") != std::string::npos)
      rows += static_cast<int>(read_results(entry.path()).rows.size());
  EXPECT_GT(rows, 0);
}

}  // namespace
}  // namespace overtake
