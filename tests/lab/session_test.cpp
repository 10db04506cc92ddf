// SPDX-License-Identifier: Apache-2.0
// From probes to rows, to a CSV, and back: by made-up probes and by every lab.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/csv/number.h"
#include "core/file.h"
#include "core/results/reader.h"
#include "lab/engine/classroom.h"
#include "lab/engine/words.h"
#include "lab/kitchen/schedule.h"
#include "lab/lab.h"
#include "tests/support/temporary_folder.h"

namespace overtake::lab {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const RunInfo kInfo = {"20261121T000000Z-lab", "box", "abc"};

Probe probe(const char* variant, std::function<Timed(const Ask&)> run, bool may_fail = false) {
  return {.what = {variant, 2}, .check = "made up", .run = std::move(run), .may_fail = may_fail};
}

TEST(LabSession, KeepsEverySampleAsARow) {
  Session session("made_up", 0.01, {2, 2}, kInfo, nullptr);
  // So long that it is asked for once.
  session.run({probe("slow", [](const Ask& ask) { return Timed{.seconds = 1.0 * static_cast<double>(ask.times)}; })});
  ASSERT_FALSE(session.rows().empty());
  for (std::size_t i = 0; i < session.rows().size(); ++i) {
    const Row& row = session.rows()[i];
    EXPECT_EQ(row.workload, "lab_made_up");
    EXPECT_EQ(row.system_id, "box");
    EXPECT_EQ(row.sample, static_cast<std::int64_t>(i));
    EXPECT_EQ(row.iterations, 1);
    EXPECT_EQ(row.seconds, 1.0);
    EXPECT_EQ(row.check_method, "made up");
    EXPECT_EQ(row.metrics.integer("cores"), 2);
  }
  EXPECT_THAT(session.complaints(), IsEmpty());
}

TEST(LabSession, RepeatsWhatIsShortAndReportsTheTimeOfOne) {
  Session session("made_up", 0.1, {2, 2}, kInfo, nullptr);
  session.run({probe("short", [](const Ask& ask) { return Timed{.seconds = 1e-7 * static_cast<double>(ask.times)}; })});
  ASSERT_FALSE(session.rows().empty());
  // A twelfth of the time is one sample's.
  EXPECT_NEAR(static_cast<double>(session.rows()[0].iterations.value()), 1e6 / 12, 1e3);
  EXPECT_NEAR(session.rows()[0].seconds.value(), 1e-7, 1e-10);
}

TEST(LabSession, IsNotMisledByOneTryThatHadToWait) {
  Session session("made_up", 0.12, {2, 2}, kInfo, nullptr);
  int calls = 0;
  session.run({probe("short", [&](const Ask& ask) {
    return Timed{.seconds = (calls++ == 0 ? 1 : 0) + 1e-7 * static_cast<double>(ask.times)};
  })});
  EXPECT_GT(session.rows().at(0).iterations.value(), 50'000);
}

TEST(LabSession, GivesNoTimeForAWrongAnswer) {
  Session session("made_up", 0.01, {2, 2}, kInfo, nullptr);
  session.run({probe("wrong", [](const Ask&) { return Timed{.seconds = 1, .error = 3}; }),
               probe("not_a_number", [](const Ask&) { return Timed{.seconds = 1, .error = NAN}; }),
               probe("stuck", [](const Ask&) { return Timed{.seconds = 1, .failure = "stood still"}; }),
               probe("meant", [](const Ask&) { return Timed{.seconds = 1, .error = 1}; }, true)});
  std::map<std::string, RowStatus> status;
  for (const Row& row : session.rows()) {
    EXPECT_EQ(row.seconds, std::nullopt) << row.variant;
    status[row.variant] = row.status;
  }
  EXPECT_EQ(status["wrong"], RowStatus::wrong);
  EXPECT_EQ(status["not_a_number"], RowStatus::wrong);
  EXPECT_EQ(status["stuck"], RowStatus::failed);
  EXPECT_EQ(status["meant"], RowStatus::wrong);
  ASSERT_FALSE(session.complaints().empty());
  EXPECT_THAT(session.complaints()[0], HasSubstr("lab_made_up/wrong"));
  for (const std::string& complaint : session.complaints()) EXPECT_THAT(complaint, Not(HasSubstr("meant")));
}

TEST(LabSession, CountsWorkersUpToTheCoresAndTheirMultiple) {
  EXPECT_THAT(Session("x", 1, {1, 1}, kInfo, nullptr).worker_counts(1, 8), ElementsAre(1, 2));
  EXPECT_THAT(Session("x", 1, {4, 8}, kInfo, nullptr).worker_counts(2, 8), ElementsAre(1, 2, 4, 8));
  EXPECT_THAT(Session("x", 1, {64, 128}, kInfo, nullptr).worker_counts(1, 8), ElementsAre(1, 2, 8));
}

TEST(LabSession, KeepsWhatALabDrawsItself) {
  Session session("made_up", 0.01, {2, 2}, kInfo, nullptr);
  session.show("one\n");
  session.show("two\n");
  EXPECT_EQ(session.drawing(), "one\ntwo\n");
}

TEST(Labs, AreFoundByName) {
  EXPECT_EQ(find_lab("lock").name, "lock");
  EXPECT_THROW(find_lab("knitting"), UsageError);
  EXPECT_THROW(find_lab(""), UsageError);
}

TEST(Labs, NameTheFileToRead) {
  for (const Lab& lab : labs()) {
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(OVERTAKE_SOURCE_DIR) / lab.source)) << lab.name;
    EXPECT_GE(lab.choices.size(), 2U) << lab.name;
    EXPECT_TRUE(std::string(lab.question).ends_with("?")) << lab.name;
    // Lists and tables are written for lines of 100 characters.
    EXPECT_LE(lab.summary.size(), 100U) << lab.name;
  }
}

class EveryLab : public ::testing::TestWithParam<std::size_t> {};

// Really measured, as shortly as it goes: on this machine, and for the rows of a machine with one core.
TEST_P(EveryLab, MeasuresExplainsAndReadsItsCsvBack) {
  const Lab& lab = labs()[GetParam()];
  const TemporaryFolder folder;
  const auto csv = folder / ("lab_" + std::string(lab.name) + ".csv");
  for (const int cores : {2, 1}) {
    ResultsWriter writer(csv, Existing::replace);
    Session session(std::string(lab.name), 0.05, {cores, cores}, kInfo, &writer);
    lab.measure(session);
    writer.finish();
    EXPECT_THAT(session.complaints(), IsEmpty());

    const Results results = read_results(csv);
    EXPECT_THAT(results.notes, IsEmpty());
    ASSERT_EQ(results.rows.size(), session.rows().size());
    EXPECT_TRUE(std::ranges::equal(results.rows, session.rows()));
    for (const Row& row : results.rows) {
      EXPECT_EQ(row.workload, "lab_" + std::string(lab.name));
      EXPECT_TRUE(row.status != RowStatus::skipped || !row.status_reason.empty()) << row.variant;
    }

    const Explanation fresh = explained(lab, Figures(session.rows())), read = explained(lab, Figures(results.rows));
    ASSERT_EQ(fresh.sentences.size(), 3U) << fresh.sentences[0];
    EXPECT_EQ(fresh.sentences, read.sentences);
    ASSERT_TRUE(fresh.answer.has_value());
    EXPECT_LT(*fresh.answer, lab.choices.size());
    for (const Chart& chart : fresh.charts) EXPECT_FALSE(chart.bars.empty()) << chart.title;
  }
}

INSTANTIATE_TEST_SUITE_P(Measured, EveryLab, ::testing::Range(std::size_t{0}, labs().size()),
                         [](const auto& lab) { return std::string(labs()[lab.param].name); });

// Every row of a lab's measurement has this metric with this value.
void expect_metric_of_scaled(const char* name, double scale, const char* metric, double value) {
  Session session(name, 0.05, {2, 2}, kInfo, nullptr, scale);
  find_lab(name).measure(session);
  EXPECT_THAT(session.complaints(), IsEmpty());
  ASSERT_FALSE(session.rows().empty());
  for (const Row& row : session.rows())
    EXPECT_DOUBLE_EQ(parse_double(row.metrics.find(metric).value_or("")).value_or(0), value) << row.variant;
}

TEST(Scale, MultipliesTheWaitsOfARequestAndOfAMinute) {
  expect_metric_of_scaled("waiting", 1e-4, "request_seconds", 598e-7);
  expect_metric_of_scaled("kitchen", 1e-6, "minute_seconds", 60e-6);
}

std::string refused_scale(const char* lab, double scale) {
  try {
    require_scale(find_lab(lab), scale);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Scale, IsForLabsThatWaitAndForAMinuteAtMost) {
  for (const Lab& lab : labs()) {
    if (lab.largest_scale > 0) continue;
    EXPECT_THAT(refused_scale(std::string(lab.name).c_str(), 0.001), HasSubstr("some in kitchen and waiting"));
  }
  for (const char* const name : {"kitchen", "waiting"}) {
    const double largest = find_lab(name).largest_scale;
    EXPECT_EQ(refused_scale(name, largest), "");
    for (const double scale : {0.0, -1.0, largest * 1.01, 1.0, static_cast<double>(NAN)})
      EXPECT_THAT(refused_scale(name, scale), AllOf(HasSubstr("a number above 0, at most"), HasSubstr(name)));
    EXPECT_DOUBLE_EQ(seconds_at_scale(find_lab(name), largest / 2), kLongestRounds / 2);
  }
  double minutes = 0;
  for (const Rule rule : kRules) minutes += planned(dinner_for_ten(), rule).minutes();
  EXPECT_NEAR(2 * 60 * minutes * find_lab("kitchen").largest_scale, kLongestRounds, 1);
}

void write_sharing(const std::filesystem::path& folder, const std::string& system, const std::string& run,
                   double packed) {
  make_folders(folder / system / run);
  ResultsWriter writer(folder / system / run / "lab_sharing.csv");
  Session session("sharing", 0.01, {2, 2}, {run, system, "abc"}, &writer);
  std::vector<Probe> probes;
  for (const int workers : {1, 2})
    for (const char* const layout : {"padded", "packed"}) {
      const double seconds = workers == 2 && std::string(layout) == "packed" ? packed : 1e-9;
      probes.push_back({.what = {layout, workers}, .check = "made up", .run = [=](const Ask& ask) {
                          return Timed{.seconds = seconds * static_cast<double>(ask.times)};
                        }});
    }
  session.run(probes);
  writer.finish();
}

TEST(Class, DrawsMachinesSideBySideAndTakesTheLatestRunOfEach) {
  const TemporaryFolder folder;
  write_sharing(folder.path(), "ada", "20261121T000001Z-lab", 1e-9);
  write_sharing(folder.path(), "ada", "20261121T000002Z-lab", 9e-9);
  write_sharing(folder.path(), "grace", "20261121T000001Z-lab", 1e-9);
  const std::string text = class_text(folder.path(), 80);
  EXPECT_THAT(text, AllOf(HasSubstr("== sharing: 2 machines =="), HasSubstr("packed, 2 threads: ada "),
                          HasSubstr("packed, 2 threads: grace "), HasSubstr("9.00 ns")));
  EXPECT_THAT(text, AllOf(HasSubstr("about as long (1): grace"), HasSubstr("more than 5 times (1): ada")));
}

TEST(Class, NeedsResultsOfALab) {
  const TemporaryFolder folder;
  EXPECT_THROW(class_text(folder.path(), 80), UsageError);
  EXPECT_THROW(class_text(folder / "absent", 80), UsageError);
  write_file(folder / "lab_sharing.csv", "not,ours\n1,2\n");
  EXPECT_THROW(class_text(folder.path(), 80), UsageError);
}

}  // namespace
}  // namespace overtake::lab
