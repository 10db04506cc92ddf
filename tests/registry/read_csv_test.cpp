// SPDX-License-Identifier: Apache-2.0
// Every registered variant of read_csv, on generated texts and on a real table.
#include "core/workload/read_csv.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/registry/registry.h"
#include "tests/support/files.h"

namespace overtake::read_csv_variants {
namespace {

void expect_right(const KeyValues& shape, const KeyValues& params, const InputSource& source) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f64}) {
    const Cell cell{.workload = "read_csv", .variant = "any", .dtype = dtype, .shape = shape, .params = params};
    const auto data = Registry::global().find("read_csv")->make_data(cell, source, {});
    for (const VariantInfo* variant : Registry::global().variants("read_csv"))
      for (const int workers : {1, 3}) {
        const auto instance = variant->make(dtype, *data, {.workers = workers, .params = params});
        for (const int which : {0, 1, 0}) {
          instance->poison();
          instance->store();
          ASSERT_FALSE(instance->check(which).ok);
          instance->load(which);
          instance->run();
          instance->store();
          const Check check = instance->check(which);
          ASSERT_TRUE(check.ok) << variant->name << ' ' << shape.to_string() << " workers=" << workers << " input "
                                << which << ": " << check.detail;
        }
      }
  }
}

TEST(ReadCsvVariants, ReadGeneratedTextsBitByBit) {
  for (const char* text : {"plain", "quoted"})
    for (const char* rows : {"1", "2", "130", "10007"}) expect_right({{"rows", rows}}, {{"text", text}}, {});
}

TEST(ReadCsvVariants, ReadARealTable) {
  const std::string path = test_file(OVERTAKE_TEST_DATA "/penguins.csv").string();
  const KeyValues shape = ReadCsv::describe(path);
  EXPECT_EQ(shape.to_string(), "rows=344;cols=7;categorical=3;levels=8;bytes=13478");
  expect_right(shape, {{"data", "penguins.csv"}}, {.path = path});
}

TEST(ReadCsv, SaysHowManyBytesItsTextsHave) {
  for (const char* text : {"plain", "quoted"}) {
    Arena arena;
    const auto problem = ReadCsv::Problem::from({{"rows", "7"}}, {{"text", text}});
    EXPECT_EQ(static_cast<std::int64_t>(ReadCsv::Input<float>(problem, arena, {}).text.size()), problem.bytes) << text;
  }
}

TEST(ReadCsv, RefusesWhatItCannotMean) {
  EXPECT_THROW(ReadCsv::parse_size("0"), UsageError);
  EXPECT_THROW(ReadCsv::parse_size("10x8"), UsageError);
  EXPECT_THROW(ReadCsv::Problem::from({{"rows", "5"}}, {{"text", "hard"}}), UsageError);
  Arena arena;
  EXPECT_THROW(ReadCsv::Input<float>(ReadCsv::Problem::from({{"rows", "5"}}, {{"data", "x"}}), arena, {}), UsageError);
}

}  // namespace
}  // namespace overtake::read_csv_variants
