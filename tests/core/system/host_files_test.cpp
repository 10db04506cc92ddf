// SPDX-License-Identifier: Apache-2.0
#include "core/system/host_files.h"

#include <gmock/gmock.h>

#include "tests/core/system/fake_host.h"

namespace overtake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HostFiles, ReadsBelowItsRootOnly) {
  test::FakeHost host;
  host.file("/sys/a/value", "17 or so \n\n").file("/sys/a/text", "x\n").link("/proc/self/ns/pid", "pid:[7]");
  const HostFiles files = host.files();
  EXPECT_FALSE(files.live());
  EXPECT_EQ(files.text("/sys/a/value"), "17 or so");
  EXPECT_EQ(files.integer("/sys/a/value"), 17);
  EXPECT_EQ(files.integer("/sys/a/text"), std::nullopt);
  EXPECT_EQ(files.text("/sys/a"), std::nullopt) << "a folder has no text";
  EXPECT_EQ(files.text("/proc/self/status"), std::nullopt);
  EXPECT_EQ(files.link("/proc/self/ns/pid"), "pid:[7]");
  EXPECT_THAT(files.list("/sys/a"), ElementsAre("text", "value"));
  EXPECT_THAT(files.list("/none"), IsEmpty());
  EXPECT_TRUE(HostFiles().live());
}

TEST(CpuList, RoundTripsTheKernelsNotation) {
  EXPECT_THAT(parse_cpu_list("0-3,8"), ElementsAre(0, 1, 2, 3, 8));
  EXPECT_THAT(parse_cpu_list("5"), ElementsAre(5));
  EXPECT_THAT(parse_cpu_list("3,1,1-2"), ElementsAre(1, 2, 3));
  for (const char* text : {"0", "0-3,8", "1,3,5-6", "0-127"}) EXPECT_EQ(cpu_list_text(parse_cpu_list(text)), text);
  EXPECT_EQ(cpu_list_text({}), "");
}

TEST(CpuList, IsEmptyForTextThatIsNone) {
  for (const char* text : {"", "all", "1-", "-3", "0-99999999", "1,x"})
    EXPECT_THAT(parse_cpu_list(text), IsEmpty()) << text;
}

TEST(Counter, FindsWholeKeysAndKnowsKilobytes) {
  const char* text = "MemTotalExtra: 1 kB\nMemTotal:   24 kB\ninactive_file 77\nbroken\n";
  EXPECT_EQ(counter(text, "MemTotal"), 24 * 1024);
  EXPECT_EQ(counter(text, "inactive_file"), 77);
  EXPECT_EQ(counter(text, "broken"), std::nullopt);
  EXPECT_EQ(counter(text, "Mem"), std::nullopt);
}

}  // namespace
}  // namespace overtake
