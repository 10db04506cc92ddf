// SPDX-License-Identifier: Apache-2.0
#include "core/results/row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace overtake {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Row full_row() {
  Row row;
  row.run_id = "20261121T071524Z-quick";
  row.system_id = "amd-epyc-2c-24g-1a2b3c4d";
  row.utc = "2026-11-21T07:15:24Z";
  row.git_revision = "9985ec8";
  row.workload = "matmul";
  row.variant = "a \"quoted\",\nodd; name";
  row.strategy = Strategy::threads;
  row.library = "OpenBLAS 0.3.21";
  row.dtype = Dtype::f32;
  row.scope = Scope::end_to_end;
  row.shape = KeyValues::parse("m=4;n=5;k=6");
  row.params = KeyValues::parse("pad=3");
  row.workers_asked = Workers{2};
  row.workers = 2;
  row.hosts = 1;
  row.gpus = 0;
  row.process = 0;
  row.sample = 17;
  row.iterations = 1000;
  row.seconds = 1.0 / 3;
  row.cpu_seconds = 0.1;
  row.flops = 2147483648.0;
  row.bytes = 1e300;
  row.bound = "fma_f32";
  row.ceiling_fraction = 0.75;
  row.check_method = "reference";
  row.check_error = std::numeric_limits<double>::infinity();
  row.check_tolerance = 1e-7;
  row.metrics = KeyValues::parse("kernel=Haswell;clock=3.1e9");
  row.status = RowStatus::ok;
  row.status_reason = "fine, \"really\"";
  return row;
}

std::size_t column(std::string_view name) {
  const auto names = column_names();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// The message for a full row whose cell in `name` reads `text`; empty when it is accepted.
std::string refusal(std::string_view name, const std::string& text) {
  auto fields = to_fields(full_row());
  fields.at(column(name)) = text;
  try {
    row_from_fields(fields);
  } catch (const CellError& error) {
    EXPECT_EQ(error.column, column(name));
    return error.what();
  }
  return "";
}

TEST(Row, ColumnsStandInTheOrderOfTheFormat) {
  std::string header;
  for (const auto name : column_names()) header += std::string(name) + ",";
  EXPECT_EQ(header,
            "schema_version,run_id,system_id,utc,git_revision,workload,variant,strategy,library,dtype,scope,shape,"
            "params,workers_asked,workers,hosts,gpus,process,sample,iterations,seconds,cpu_seconds,flops,bytes,bound,"
            "ceiling_fraction,check_method,check_error,check_tolerance,metrics,status,status_reason,");
}

TEST(Row, FullAndEmptyRowsRoundTrip) {
  EXPECT_EQ(row_from_fields(to_fields(full_row())), full_row());
  Row skipped;
  skipped.status = RowStatus::skipped;
  skipped.status_reason = "no nvcc";
  EXPECT_EQ(row_from_fields(to_fields(skipped)), skipped);
  EXPECT_EQ(to_fields(skipped).at(column("seconds")), "");
  EXPECT_EQ(to_fields(skipped).at(column("workers_asked")), "all");
}

TEST(Row, NanIsAValueAndNotMissing) {
  Row row = full_row();
  row.check_error = std::numeric_limits<double>::quiet_NaN();
  row.status = RowStatus::wrong;
  const Row back = row_from_fields(to_fields(row));
  ASSERT_TRUE(back.check_error.has_value());
  EXPECT_TRUE(std::isnan(*back.check_error));
}

TEST(Row, CellIsTheKey) {
  const Cell cell = full_row().cell();
  EXPECT_EQ(cell.workload, "matmul");
  EXPECT_EQ(cell.variant, full_row().variant);
  EXPECT_EQ(cell.shape.integer("n"), 5);
  EXPECT_EQ(cell.params.integer("pad"), 3);
  EXPECT_EQ(cell.workers.count, 2);
  EXPECT_EQ(cell.scope, Scope::end_to_end);
  EXPECT_EQ(cell.dtype, Dtype::f32);
}

TEST(Row, EveryStatusWordRoundTrips) {
  for (const RowStatus status :
       {RowStatus::ok, RowStatus::skipped, RowStatus::wrong, RowStatus::implausible, RowStatus::failed})
    EXPECT_EQ(parse_row_status(to_string(status)), status);
}

TEST(Row, RefusalsNameColumnAndCell) {
  EXPECT_THAT(refusal("seconds", "fast"), AllOf(HasSubstr("column 'seconds'"), HasSubstr("'fast' is not a number")));
  EXPECT_THAT(refusal("seconds", "-1"), HasSubstr("'-1' is negative"));
  EXPECT_THAT(refusal("sample", "1.5"), AllOf(HasSubstr("column 'sample'"), HasSubstr("'1.5' is not an integer")));
  EXPECT_THAT(refusal("process", "-3"), HasSubstr("'-3' is negative"));
  EXPECT_THAT(refusal("shape", "m4"), AllOf(HasSubstr("column 'shape'"), HasSubstr("'m4'")));
  EXPECT_THAT(refusal("strategy", "magic"), AllOf(HasSubstr("column 'strategy'"), HasSubstr("'magic'")));
  EXPECT_THAT(refusal("dtype", ""), HasSubstr("column 'dtype'"));
  EXPECT_THAT(refusal("scope", "all"), HasSubstr("column 'scope'"));
  EXPECT_THAT(refusal("workers_asked", "0"), HasSubstr("column 'workers_asked'"));
  EXPECT_THAT(refusal("status", "good"), AllOf(HasSubstr("column 'status'"), HasSubstr("implausible")));
  EXPECT_THAT(refusal("schema_version", "2"), AllOf(HasSubstr("version 1"), HasSubstr("says 2")));
}

TEST(Row, OkNeedsAFiniteTime) {
  for (const char* bad : {"", "nan", "inf"}) EXPECT_THAT(refusal("seconds", bad), HasSubstr("finite time")) << bad;
  EXPECT_EQ(refusal("seconds", "0"), "");
}

TEST(Row, AnotherNumberOfCellsIsRefused) {
  auto fields = to_fields(full_row());
  fields.pop_back();
  EXPECT_THROW(row_from_fields(fields), UsageError);
}

}  // namespace
}  // namespace overtake
