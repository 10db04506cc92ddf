// SPDX-License-Identifier: Apache-2.0
#include "compare/best.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/compare/example_run.h"

namespace overtake::compare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Baselines kBaselines = {{"matmul", "serial"}, {"ceiling", ""}};

struct Timed {
  const char* variant;
  int workers;
  double seconds;
};

/// A run of a machine with `cores` cores at two sizes.
std::shared_ptr<const MeasuredRun> system_of(int cores, std::initializer_list<Timed> ways) {
  ExampleRun run;
  run.label = std::to_string(cores) + "-cores/run";
  run.system = {{"physical_cores", cores}, {"host_processor_model_name", "Example"}};
  for (const char* size : {"64", "1024"})
    for (const Timed& way : ways) {
      const std::string name = std::string("matmul/") + way.variant + "/f32/kernel/m:" + size + "/n:" + size +
                               "/k:" + size + "/workers:" + (way.workers == cores && cores > 1 ? "all" : "1");
      Row row = example_row(name);
      row.workers = way.workers;
      row.system_id = std::to_string(cores) + "-cores";
      add_samples(run, row, around(way.seconds));
    }
  return std::make_shared<const MeasuredRun>(measured_run(run));
}

class Best : public testing::Test {
 protected:
  std::shared_ptr<const MeasuredRun> one = system_of(1, {{"serial", 1, 0.010}, {"openmp", 1, 0.011}}),
                                     two = system_of(2, {{"serial", 1, 0.010}, {"openmp", 2, 0.0055}}),
                                     eight = system_of(8, {{"serial", 1, 0.010}, {"openmp", 8, 0.0016}});
};

TEST_F(Best, NamesEachSystemsFastest) {
  const BestComparison best = best_of({one, two, eight}, {}, kBaselines);
  ASSERT_EQ(best.workloads.size(), 1U);
  ASSERT_EQ(best.workloads[0].rows.size(), 2U);
  for (const BestRow& row : best.workloads[0].rows) {
    EXPECT_EQ(row.ways[0].fastest->cell.variant, "serial");
    EXPECT_EQ(row.ways[1].fastest->cell.variant, "openmp");
    EXPECT_EQ(row.ways[2].fastest->cell.variant, "openmp");
    EXPECT_EQ(row.ways[2].verdict, Verdict::faster);
    EXPECT_NEAR(row.ways[2].ratio.estimate, 0.16, 1e-9);
  }
  const auto& ranking = best.workloads[0].ranking;
  EXPECT_THAT((std::vector<std::size_t>{ranking[0].system, ranking[1].system, ranking[2].system}),
              ElementsAre(2, 1, 0));
  EXPECT_THAT((std::vector<std::size_t>{ranking[0].rank, ranking[1].rank, ranking[2].rank}), ElementsAre(1, 2, 3));
  EXPECT_EQ(best.status(), Status::good);
  const std::string text = best_text(best);
  EXPECT_THAT(text, HasSubstr("1.60 ms openmp x8"));
  EXPECT_THAT(text, HasSubstr("8-cores against 1-cores: The CPU differs."));
}

TEST_F(Best, WrongAndUnverifiedAnswersNeverWin) {
  ExampleRun run;
  add_cell(run, "matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1", around(0.01));
  Row fast = example_row("matmul/openmp/f32/kernel/m:64/n:64/k:64/workers:2");
  fast.check_method.clear();
  add_samples(run, fast, around(0.001));
  add_status(run, "matmul/processes/f32/kernel/m:64/n:64/k:64/workers:2", RowStatus::wrong, "element 3");
  const auto measured = std::make_shared<const MeasuredRun>(measured_run(run));
  const BestComparison best = best_of({measured, measured}, {}, kBaselines);
  EXPECT_EQ(best.workloads[0].rows[0].ways[0].fastest->cell.variant, "serial");
}

TEST_F(Best, TiesAreMarkedInCellsAndRanks) {
  const auto tied = system_of(4, {{"serial", 1, 0.010}, {"openmp", 4, 0.0100}});
  const BestComparison best = best_of({one, tied}, {}, kBaselines);
  EXPECT_EQ(best.workloads[0].rows[0].ways[1].ties.size(), 1U);
  for (const Rank& rank : best.workloads[0].ranking) EXPECT_EQ(rank.rank, 1U);
  EXPECT_THAT(best_text(best), HasSubstr("1= "));
}

TEST_F(Best, PricesTurnTimesIntoCosts) {
  const BestComparison best = best_of({one, eight}, {}, kBaselines, {{"1-cores", 0.36}, {"8-cores", 3.6}});
  const auto json = best_json(best);
  EXPECT_NEAR(json["workloads"][0]["rows"][0]["systems"][0]["cost_per_result"], 0.01 * 0.36 / 3600, 1e-12);
  EXPECT_NEAR(json["workloads"][0]["rows"][0]["systems"][1]["cost_per_result"], 0.0016 * 3.6 / 3600, 1e-12);
  EXPECT_THAT(best_text(best), HasSubstr("cost of a result 1.60"));
  EXPECT_THROW(best_of({one, eight}, {}, kBaselines, {{"absent", 1}}), UsageError);
  EXPECT_THAT(parse_price("a=b=3.50"), testing::Pair("a=b", 3.5));
  for (const char* wrong : {"", "a", "a=", "=3", "a=-1", "a=0", "a=1e999", "a=x"})
    EXPECT_THROW(parse_price(wrong), UsageError) << wrong;
}

TEST_F(Best, AProblemThatOneSystemLacksIsMissingAndOutOfTheRanking) {
  ExampleRun run;
  add_cell(run, "matmul/serial/f32/kernel/m:64/n:64/k:64/workers:1", around(0.02));
  const auto small = std::make_shared<const MeasuredRun>(measured_run(run));
  const BestComparison best = best_of({one, small}, {}, kBaselines);
  EXPECT_EQ(best.workloads[0].ranking[0].mean.rows, 1U);
  EXPECT_EQ(best.status(), Status::failure);  // slower beats missing
  EXPECT_EQ(best.workloads[0].rows[1].ways[1].verdict, Verdict::missing);
}

TEST_F(Best, NamesFromFilesAreShownHarmlessly) {
  auto hostile = *one;
  hostile.system_id = "<script>\x1b[31m|";
  const BestComparison best = best_of({two, std::make_shared<const MeasuredRun>(hostile)}, {}, kBaselines);
  EXPECT_THAT(best_text(best), testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(best_markdown(best), testing::AllOf(testing::Not(HasSubstr("\x1b")), HasSubstr("\\<script>")));
}

}  // namespace
}  // namespace overtake::compare
