// SPDX-License-Identifier: Apache-2.0
// What lab `race` says of ThreadSanitizer is true: it names a plain race, whatever the total was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>

#include <array>
#include <string>

namespace overtake::lab {
namespace {

using ::testing::HasSubstr;

// Both streams of a command, and its exit status.
std::pair<std::string, int> output_of(const std::string& command) {
  std::string text;
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {"popen failed", -1};
  std::array<char, 4096> block{};
  while (const std::size_t count = fread(block.data(), 1, block.size(), pipe)) text.append(block.data(), count);
  const int status = pclose(pipe);
  return {text, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

TEST(PlainRace, IsNamedByThreadSanitizer) {
  // With addresses in their usual places: newer kernels spread them more than older sanitizers expect.
  const auto [text, status] = output_of("TSAN_OPTIONS= setarch -R " PLAIN_RACE);
  EXPECT_EQ(status, 66) << text;
  EXPECT_THAT(text, HasSubstr("WARNING: ThreadSanitizer: data race"));
#ifndef __clang__  // clang's sanitizer takes names from a program that may not be installed
  EXPECT_THAT(text, HasSubstr("count_up"));
  EXPECT_THAT(text, HasSubstr("Location is global"));
#endif
}

}  // namespace
}  // namespace overtake::lab
