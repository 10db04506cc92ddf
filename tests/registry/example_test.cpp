// SPDX-License-Identifier: Apache-2.0
// The example that README.md shows is docs/example_variant.cpp, compiled into this program, and right.
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/registry/registry.h"

namespace overtake {
namespace {

std::string text_of(const std::string& path) { return read_file(std::string(OVERTAKE_SOURCE) + "/" + path); }

TEST(Example, IsTheTextOfTheReadme) {
  const std::string example = text_of("docs/example_variant.cpp");
  ASSERT_FALSE(example.empty());
  EXPECT_NE(text_of("README.md").find(example), std::string::npos);
}

TEST(Example, RegistersAndIsRight) {
  const VariantInfo* variant = Registry::global().find("matmul", "rows_by_threads");
  ASSERT_NE(variant, nullptr);
  const Cell cell = Cell::parse("matmul/rows_by_threads/f64/kernel/m:37/n:41/k:43/workers:2");
  const auto data = Registry::global().find("matmul")->make_data(cell, {}, {});
  const auto instance = variant->make(cell.dtype, *data, {.workers = 2, .params = {}});
  for (const int which : {0, 1}) {
    instance->poison();
    instance->load(which);
    instance->run();
    instance->store();
    EXPECT_TRUE(instance->check(which).ok) << instance->check(which).detail;
  }
}

}  // namespace
}  // namespace overtake
