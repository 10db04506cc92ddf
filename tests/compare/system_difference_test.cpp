// SPDX-License-Identifier: Apache-2.0
#include "compare/system_difference.h"

#include <gtest/gtest.h>

namespace overtake::compare {
namespace {

using nlohmann::ordered_json;

TEST(SystemDifference, NamesEachFieldWithBothValues) {
  const auto base = ordered_json::parse(R"({"cpu": "A", "cores": 2, "memory": {"gib": 8}, "same": [1, 2], "gone": 1})");
  const auto other =
      ordered_json::parse(R"({"cpu": "B", "cores": 2, "memory": {"gib": 16}, "same": [1, 2], "new": true})");
  const auto differences = differing_fields(base, other);
  ASSERT_EQ(differences.size(), 4U);
  EXPECT_EQ(differences_text(differences),
            "  cpu: A → B\n"
            "  memory.gib: 8 → 16\n"
            "  gone: 1 → unknown\n"
            "  new: unknown → true\n");
}

TEST(SystemDifference, NullIsUnknownWithItsReason) {
  const auto base = ordered_json::parse(R"({"turbo": null, "unavailable": {"turbo": "no such file"}})");
  const auto other = ordered_json::parse(R"({"turbo": "on", "unavailable": {}})");
  EXPECT_EQ(differences_text(differing_fields(base, other)), "  turbo: unknown (no such file) → on\n");
  EXPECT_TRUE(differing_fields(base, base).empty());
  EXPECT_TRUE(differing_fields(base, ordered_json::parse(R"({"unavailable": {"turbo": "other words"}})")).empty());
}

TEST(SystemDifference, AMissingSystemIsUnknown) {
  EXPECT_EQ(differences_text(differing_fields(nullptr, ordered_json::parse(R"({"cpu": "A"})"))),
            "  cpu: unknown → A\n");
  EXPECT_TRUE(differing_fields(nullptr, nullptr).empty());
}

TEST(SystemDifference, LongAndHostileValuesStayReadable) {
  const ordered_json base = {{"flags", std::string(90, 'a')}},
                     other = {{"flags", std::string(90, 'b') + "\x1b[31m\xff"}};
  EXPECT_EQ(differences_text(differing_fields(base, other)),
            "  flags\n    base   " + std::string(90, 'a') + "\n    other  " + std::string(90, 'b') + "?[31m?\n");
}

TEST(Attribution, NamesOneCauseAndRefusesToChooseAmongSeveral) {
  EXPECT_EQ(attribution({{"accelerator_model_name", "H100", "H200"}}), "The GPU differs.");
  EXPECT_EQ(attribution({{"compiler", "a", "b"}, {"accelerators", "1", "2"}, {"cpu_quota_cpus", "1", "2"}}),
            "CPU quota, GPU and compiler differ: not attributable to one.");
  EXPECT_EQ(attribution({{"libraries.fmt", "9", "10"}}), "The libraries differ.");
}

TEST(Attribution, TheMomentAndTheLastDigitsAreNoCause) {
  EXPECT_EQ(
      attribution({{"load_average", "1", "2"}, {"system_id", "a", "b"}, {"measured_clock_hz", "3.24e9", "3.25e9"}}),
      "");
  EXPECT_EQ(attribution({{"memory_bytes", "25276514304", "25276510208"},
                         {"numa_nodes", R"([{"node":0,"memory_bytes":10160922624}])",
                          R"([{"node":0,"memory_bytes":9624047616}])"}}),
            "");
  EXPECT_EQ(attribution({{"memory_bytes", "25276514304", "50553028608"}}), "The memory differs.");
}

}  // namespace
}  // namespace overtake::compare
