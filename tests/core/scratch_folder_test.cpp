// SPDX-License-Identifier: Apache-2.0
#include "core/scratch_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "core/file.h"
#include "core/workload/workload.h"
#include "tests/support/temporary_folder.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;

// Scratch folders are made in `base` while this lives.
class InFolder {
 public:
  InFolder() { setenv("TMPDIR", base.path().c_str(), 1); }
  ~InFolder() { before_ == nullptr ? unsetenv("TMPDIR") : setenv("TMPDIR", kept_.c_str(), 1); }
  TemporaryFolder base;

 private:
  const char* before_ = getenv("TMPDIR");
  std::string kept_ = before_ == nullptr ? "" : before_;
};

TEST(ScratchFolder, IsThereAsLongAsItsObject) {
  const InFolder in;
  std::string path;
  {
    const ScratchFolder scratch(1000);
    path = scratch.path();
    EXPECT_EQ(fs::path(path).parent_path(), in.base.path());
    write_file(path + "/a", "a");
    fs::create_directory(path + "/b");
    write_file(path + "/b/c", "c");
    empty_folder(path);
    EXPECT_TRUE(fs::is_empty(path));
    write_file(path + "/a", "a");
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(ScratchFolder, RemovesWhatADeadProcessLeftAndNothingElse) {
  const InFolder in;
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  waitpid(gone, nullptr, 0);
  const std::string dead = "overtake-scratch-" + std::to_string(gone) + "-abcdef";
  for (const char* name : {dead.c_str(), "overtake-scratch-1-abcdef", "overtake-scratch-x", "another"})
    fs::create_directory(in.base / name);
  const ScratchFolder scratch(0);
  EXPECT_FALSE(fs::exists(in.base / dead));
  for (const char* name : {"overtake-scratch-1-abcdef", "overtake-scratch-x", "another"})
    EXPECT_TRUE(fs::exists(in.base / name)) << name;
}

TEST(ScratchFolder, SaysWhereThereIsNoRoom) {
  const InFolder in;
  EXPECT_NE(message_of<Skip>([] { ScratchFolder(std::int64_t{1} << 60); }).find("set TMPDIR"), std::string::npos);
}

TEST(ScratchFolder, AllOfAProcessCanBeRemovedAtOnce) {
  const InFolder in;
  const ScratchFolder a(0), b(0);
  write_file(a.path() + "/a", "a");
  ScratchFolder::remove_all();
  EXPECT_TRUE(fs::is_empty(in.base.path()));
}

}  // namespace
}  // namespace overtake
