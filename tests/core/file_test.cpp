// SPDX-License-Identifier: Apache-2.0
#include "core/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "tests/support/temporary_folder.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  return names;
}

TEST(File, WholeContentReadsBackAndReplacesWhatWasThere) {
  const TemporaryFolder folder;
  const std::string large(300000, 'x');
  for (const std::string& content :
       {std::string("first"), large, std::string(65536, 'y'), std::string("a\0b", 3), std::string()}) {
    write_file(folder / "data", content);
    EXPECT_EQ(read_file(folder / "data"), content);
  }
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("data"));
}

TEST(File, WritesThroughALinkAndKeepsIt) {
  const TemporaryFolder folder;
  write_file(folder / "data", "old");
  fs::create_symlink(folder / "data", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "data"), "new");
}

TEST(File, ReadingNamesThePathAndTheReason) {
  const TemporaryFolder folder;
  const auto absent = (folder / "absent").string();
  EXPECT_EQ(message_of<UsageError>([&] { read_file(absent); }),
            "cannot open '" + absent + "': No such file or directory: check the path");
  EXPECT_THAT(message_of<UsageError>([&] { read_file(folder.path()); }), HasSubstr("give a file, not a folder"));
}

TEST(File, WritingWhereItCannotIsWrongUsage) {
  const TemporaryFolder folder;
  write_file(folder / "file", "");
  EXPECT_THAT(message_of<UsageError>([&] { write_file(folder / "absent/data", "x"); }), HasSubstr("create the folder"));
  EXPECT_THAT(message_of<UsageError>([&] { write_file(folder / "file/data", "x"); }),
              HasSubstr("is a file, not a folder"));
  EXPECT_THAT(message_of<UsageError>([&] { write_file(folder.path(), "x"); }), HasSubstr("give a file"));
  EXPECT_THAT(message_of<UsageError>([&] { write_file("/proc/overtake", "x"); }), HasSubstr("cannot write"));
  EXPECT_THAT(message_of<UsageError>([&] { make_folders(folder / "file/sub"); }),
              HasSubstr("cannot create the folder"));
  EXPECT_THAT(message_of<UsageError>([&] { File(folder / "file", File::Mode::create); }), HasSubstr("remove it"));
}

TEST(File, FoldersAreMadeWithTheirParents) {
  const TemporaryFolder folder;
  make_folders(folder / "a/b/c/");
  make_folders(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
}

TEST(File, DevicesAreWrittenAndNotReplaced) {
  write_file("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(File, FullDiskIsAFailureThatSaysSo) {
  if (!fs::is_character_file("/dev/full")) GTEST_SKIP() << "this machine has no /dev/full";
  const std::string message = message_of<std::runtime_error>([] { write_file("/dev/full", "x"); });
  EXPECT_EQ(message, "cannot write '/dev/full': No space left on device: free some space, or write elsewhere");
  EXPECT_THAT(message_of<UsageError>([] { write_file("/dev/full", "x"); }), HasSubstr("another kind"));
}

TEST(File, FailedWriteLeavesTheOldContentAndNothingElse) {
  const TemporaryFolder folder;
  write_file(folder / "data", "old");
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{.rlim_cur = 4096, .rlim_max = limit.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message =
      message_of<std::runtime_error>([&] { write_file(folder / "data", std::string(10000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(message, HasSubstr("File too large"));
  EXPECT_EQ(read_file(folder / "data"), "old");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("data"));
}

}  // namespace
}  // namespace overtake
