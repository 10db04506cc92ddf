// SPDX-License-Identifier: Apache-2.0
#include "core/cell.h"

#include <gtest/gtest.h>

#include <tuple>

#include "core/error.h"

namespace overtake {
namespace {

Cell example() {
  return {"matmul", "openmp", Dtype::f32, Scope::kernel, {{"m", "4"}, {"n", "5"}, {"k", "6"}}, {{"pad", "3"}}, {2}};
}

TEST(Cell, NameIsTheBenchmarkName) {
  EXPECT_EQ(example().name(), "matmul/openmp/f32/kernel/m:4/n:5/k:6/pad=3/workers:2");
}

TEST(Cell, ParseInvertsNameEvenForUglyValues) {
  Cell cell = example();
  cell.params.set("data", std::string_view("my people/100%:x,\"y\".csv"));
  cell.workers = {};
  EXPECT_EQ(Cell::parse(cell.name()), cell) << cell.name();
}

TEST(Cell, ParseRejectsWhatIsNoName) {
  for (const char* bad : {"", "matmul", "matmul/openmp/f32/kernel", "matmul/openmp/f32/kernel/m:4",
                          "matmul/openmp/f16/kernel/m:4/workers:2", "matmul/openmp/f32/warm/m:4/workers:2",
                          "matmul/openmp/f32/kernel/m/workers:2", "matmul/openmp/f32/kernel/m:4/workers:0"})
    EXPECT_THROW(Cell::parse(bad), UsageError) << bad;
}

TEST(Dtype, HasATextThatParsesAndASize) {
  for (const auto& [dtype, text, bytes] :
       {std::tuple(Dtype::none, "none", 0), std::tuple(Dtype::f32, "f32", 4), std::tuple(Dtype::f64, "f64", 8),
        std::tuple(Dtype::bf16, "bf16", 2), std::tuple(Dtype::tf32, "tf32", 4)}) {
    EXPECT_EQ(to_string(dtype), text);
    EXPECT_EQ(parse_dtype(text), dtype);
    EXPECT_EQ(size_of(dtype), bytes) << text;
  }
  EXPECT_THROW(parse_dtype("f16"), UsageError);
}

TEST(Workers, TakesANumberOrAll) {
  EXPECT_EQ(Workers::parse("all").to_string(), "all");
  EXPECT_EQ(Workers::parse("12").count, 12);
  for (const char* bad : {"", "0", "-1", "two", "2x", "99999999999"})
    EXPECT_THROW(Workers::parse(bad), UsageError) << bad;
}

}  // namespace
}  // namespace overtake
