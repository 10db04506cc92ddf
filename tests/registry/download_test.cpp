// SPDX-License-Identifier: Apache-2.0
// Every registered strategy of download against an origin of this program's own.
#include "core/workload/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "core/pool/spawn.h"
#include "core/registry/variant.h"
#include "io/origin/child.h"
#include "tests/support/temporary_folder.h"

namespace overtake::download_variants {
namespace {

namespace fs = std::filesystem;
using Typed = TypedData<Download, NoElement>;
using ::testing::HasSubstr;

Cell cell_of(const std::string& shape, const std::string& params) {
  return {
      .workload = "download", .variant = "any", .shape = KeyValues::parse(shape), .params = KeyValues::parse(params)};
}

std::unique_ptr<Data> data_of(const Cell& cell, const InputSource& source = {}) {
  return Registry::global().find("download")->make_data(cell, source, {});
}

std::unique_ptr<Instance> instance_of(const VariantInfo& variant, const Cell& cell, Data& data) {
  return variant.make(Dtype::none, data, {.workers = 1, .params = cell.params});
}

void download(Instance& instance, int which) {
  instance.poison();
  instance.load(which);
  instance.reset();
  instance.run();
  instance.store();
}

std::int64_t metric(const Instance& instance, const char* key) { return instance.metrics().integer(key); }

TEST(DownloadVariants, GetEveryFileOfBothInputsRight) {
  const std::pair<const char*, const char*> problems[] = {{"files=1;bytes=1", "in_flight=1"},
                                                          {"files=7;bytes=1000", "in_flight=3;latency_ms=1"},
                                                          {"files=40;bytes=10000", "in_flight=60;digest=0"},
                                                          {"files=3;bytes=2000000", "in_flight=2"}};
  for (const auto& [shape, params] : problems) {
    const Cell cell = cell_of(shape, params);
    const auto data = data_of(cell);
    for (const VariantInfo* variant : Registry::global().variants("download")) {
      SCOPED_TRACE(variant->name + " " + cell.name());
      const auto instance = instance_of(*variant, cell, *data);
      for (const int which : {0, 1, 0}) {
        download(*instance, which);
        const Check check = instance->check(which);
        ASSERT_TRUE(check.ok) << check.detail;
        EXPECT_EQ(check.method, "sha256");
        EXPECT_FALSE(instance->check(1 - which).ok) << "a stale answer was accepted";
      }
      instance->poison();
      EXPECT_FALSE(instance->check(0).ok) << "no answer was accepted";
    }
  }
}

TEST(DownloadVariants, BeginEveryRunWithoutAConnection) {
  const Cell cell = cell_of("files=12;bytes=100", "in_flight=4");
  const auto data = data_of(cell);
  for (const VariantInfo* variant : Registry::global().variants("download")) {
    const auto instance = instance_of(*variant, cell, *data);
    for (int run = 0; run < 3; ++run) {
      download(*instance, 0);
      const std::int64_t opened = metric(*instance, "connections_opened");
      EXPECT_GE(opened, 1) << variant->name << " run " << run;
      EXPECT_LE(opened, variant->strategy == Strategy::serial ? 1 : 4) << variant->name;
      EXPECT_EQ(opened + metric(*instance, "connections_reused"), 12) << variant->name;
      EXPECT_EQ(metric(*instance, "retries"), 0);
      EXPECT_EQ(instance->metrics().contains("workers_peak_memory_bytes"), variant->strategy == Strategy::processes);
    }
  }
}

TEST(DownloadVariants, SayWhyAFileCouldNotBeHad) {
  const TemporaryFolder folder;
  const std::string listed = origin::served_list(1, "10", "status=404");
  write_file(folder / "list", listed.substr(0, listed.find(' ')) + "\n");
  const Cell cell = cell_of("files=1", "urls=list;allow_private=127.0.0.1");
  const auto data = data_of(cell, {.path = (folder / "list").string()});
  for (const VariantInfo* variant : Registry::global().variants("download")) {
    const auto instance = instance_of(*variant, cell, *data);
    EXPECT_THAT(message_of<std::runtime_error>([&] { download(*instance, 0); }), HasSubstr("http_404"))
        << variant->name;
  }
}

TEST(DownloadVariants, TakeAUsersOwnList) {
  const TemporaryFolder folder;
  const std::string listed = origin::served_list(3, "1000", "");
  const std::string bare = listed.substr(0, listed.find(' '));
  write_file(folder / "list", "# mine\n" + listed + bare + "\n");  // the last one is a duplicate
  const Cell cell = cell_of("files=3", "urls=list;allow_private=127.0.0.1;in_flight=2");
  const auto data = data_of(cell, {.path = (folder / "list").string()});
  for (const VariantInfo* variant : Registry::global().variants("download")) {
    const auto instance = instance_of(*variant, cell, *data);
    download(*instance, 0);
    const Check check = instance->check(0);
    EXPECT_TRUE(check.ok) << check.detail;
    EXPECT_EQ(check.method, "sha256");
  }
  EXPECT_TRUE(data->least_times().empty());
  EXPECT_THROW(data_of(cell), UsageError);
  EXPECT_THROW(data_of(cell_of("files=4", "urls=list"), {.path = (folder / "list").string()}), UsageError);
  write_file(folder / "list", bare + "\n");
  EXPECT_EQ(data_of(cell_of("files=1", "urls=list"), {.path = (folder / "list").string()})->check(0).method, "present");
  write_file(folder / "list", bare + "\nftp://example.org/a\n");
  EXPECT_THAT(message_of<UsageError>([&] { data_of(cell, {.path = (folder / "list").string()}); }),
              HasSubstr("line 2"));
}

TEST(DownloadVariants, RunAgainWithoutAReset) {
  const Cell cell = cell_of("files=5;bytes=100", "in_flight=2");
  const auto data = data_of(cell);
  for (const VariantInfo* variant : Registry::global().variants("download")) {
    const auto instance = instance_of(*variant, cell, *data);
    download(*instance, 0);
    write_file(fs::path(static_cast<Typed&>(*data).output.path) / "in the way", "x");
    instance->run();
    EXPECT_TRUE(instance->check(0).ok) << variant->name;
  }
}

TEST(Download, ItsFolderGoesWithTheData) {
  auto data = data_of(cell_of("files=1;bytes=1", ""));
  const std::string path = static_cast<Typed&>(*data).output.path;
  EXPECT_TRUE(fs::is_directory(path));
  data.reset();
  EXPECT_FALSE(fs::exists(path));
}

TEST(Download, IsBoundByWaitingByTheOriginAndByTheDisk) {
  const auto data = data_of(cell_of("files=25;bytes=1000", "in_flight=10;latency_ms=40"));
  const auto times = data->least_times();
  ASSERT_EQ(times.size(), 3U);
  EXPECT_EQ(times[0].bound, "latency");
  EXPECT_DOUBLE_EQ(times[0].seconds, 3 * 0.04);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(times[i].bound, i == 1 ? "origin" : "disk");
    EXPECT_GT(times[i].seconds, 0);
  }
  // The origin is asked without the wait: 25 files of 1 kB, not 3 times 40 ms.
  EXPECT_LT(times[1].seconds, 3 * 0.04);
  EXPECT_TRUE(fs::is_empty(static_cast<Typed&>(*data).output.path));
  EXPECT_EQ(data_of(cell_of("files=2;bytes=10", ""))->least_times().size(), 2U);
}

TEST(Download, TheOriginsTimeIsNotTheClients) {
  const double before = live_children_cpu_seconds();
  data_of(cell_of("files=100;bytes=1000000", ""));  // two hundred digests of a megabyte
  EXPECT_EQ(live_children_cpu_seconds(), before);
}

TEST(Download, IsNotRehearsedWhereThatWouldCostAsMuchAsTheSample) {
  const auto rehearsed = [](const char* shape, const char* params) {
    return Registry::global().find("download")->rehearsed(cell_of(shape, params));
  };
  EXPECT_TRUE(rehearsed("files=1000;bytes=10000", "in_flight=10"));
  EXPECT_FALSE(rehearsed("files=1000;bytes=10000", "in_flight=10;latency_ms=1"));
  EXPECT_FALSE(rehearsed("files=20;bytes=100000000", ""));
  EXPECT_FALSE(rehearsed("files=1", "urls=list"));
  EXPECT_TRUE(Registry::global().find("matmul")->rehearsed({}));
}

TEST(Download, RefusesWhatItCannotMean) {
  EXPECT_EQ(Download::parse_size("100").to_string(), "files=100;bytes=10000");
  EXPECT_EQ(Download::parse_size("2kx10M").to_string(), "files=2000;bytes=10000000");
  for (const char* size : {"", "x", "0", "10x0", "10x", "x10k", "-1", "10x10q", "1x9223372036854775807", "3x4x5"})
    EXPECT_THROW(Download::parse_size(size), UsageError) << size;
  const KeyValues shape = KeyValues::parse("files=10;bytes=10");
  for (const char* params : {"in_flight=0", "in_flight=x", "latency_ms=-1", "latency_ms=nan", "latency_ms=1e9",
                             "digest=yes", "urls=list", "allow_private=10.0.0.1"})
    EXPECT_THROW(Download::Problem::from(shape, KeyValues::parse(params)), UsageError) << params;
  EXPECT_THROW(Download::Problem::from(KeyValues::parse("files=10"), {}), UsageError);
  EXPECT_THROW(Download::Problem::from(KeyValues::parse("files=10"), KeyValues::parse("urls=l;latency_ms=5")),
               UsageError);
}

TEST(Download, ShrinksFilesFirstAndThenTheirBytes) {
  const auto shrunk = [](const char* shape, std::int64_t divisor) {
    return Download::Problem::from(KeyValues::parse(shape), {}).shrunk(divisor).shape().to_string();
  };
  EXPECT_EQ(shrunk("files=100;bytes=10", 10), "files=10;bytes=10");
  EXPECT_EQ(shrunk("files=4;bytes=1000", 16), "files=1;bytes=250");
  EXPECT_EQ(shrunk("files=1;bytes=1", 16), "files=1;bytes=1");
}

}  // namespace
}  // namespace overtake::download_variants
