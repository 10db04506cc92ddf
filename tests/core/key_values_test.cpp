// SPDX-License-Identifier: Apache-2.0
#include "core/key_values.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace overtake {
namespace {

TEST(KeyValues, TextRoundTripsInOrder) {
  const auto values = KeyValues::parse("m=4;n=5;name=a b");
  EXPECT_EQ(values.to_string(), "m=4;n=5;name=a b");
  EXPECT_EQ(values.integer("n"), 5);
  EXPECT_EQ(values.find("name"), "a b");
  EXPECT_FALSE(values.contains("k"));
  EXPECT_EQ(KeyValues::parse("").to_string(), "");
}

TEST(KeyValues, SetReplacesInPlaceAndKeepsTheTextReadable) {
  KeyValues values{{"a", "1"}, {"b", "2"}};
  values.set("a", std::string_view("x;y=z\n"));
  values.set("c", 0.1);
  EXPECT_EQ(values.to_string(), "a=x_y_z_;b=2;c=0.1");
  EXPECT_EQ(KeyValues::parse(values.to_string()), values);
}

TEST(KeyValues, RejectsWhatCannotBeRead) {
  for (const char* bad : {"a", "=1", "a=1;a=2", ";", "a_=1;a\x01=2"})
    EXPECT_THROW(KeyValues::parse(bad), UsageError) << bad;
  const auto values = KeyValues::parse("a=1x;b=");
  EXPECT_THROW(values.integer("a"), UsageError);
  EXPECT_THROW(values.integer("b"), UsageError);
  EXPECT_THROW(values.integer("absent"), UsageError);
  EXPECT_EQ(values.integer("absent", 7), 7);
}

}  // namespace
}  // namespace overtake
