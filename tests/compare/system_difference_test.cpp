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

}  // namespace
}  // namespace overtake::compare
