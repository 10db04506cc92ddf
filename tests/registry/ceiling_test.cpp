// SPDX-License-Identifier: Apache-2.0
// Every ceiling on every level of this machine, its checker, and what its cost counts.
#include "core/workload/ceiling.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "core/registry/registry.h"
#include "core/system/resources.h"

namespace overtake::ceiling_variants {
namespace {

const WorkloadInfo& workload() { return *Registry::global().find("ceiling"); }

Cell cell_of(const std::string& level, Dtype dtype) {
  Cell cell{.workload = "ceiling", .variant = "any", .dtype = dtype};
  cell.shape.set("level", level);
  return cell;
}

void compute(Instance& instance, int which) {
  instance.poison();
  instance.load(which);
  instance.run();
  instance.store();
}

// Calls `body(variant, data, instance)` for each ceiling that this machine has at `level`.
template <class Body>
int for_each_ceiling(const std::string& level, Dtype dtype, int workers, Body body) {
  int count = 0;
  const auto data = workload().make_data(cell_of(level, dtype), {}, {});
  for (const VariantInfo* variant : Registry::global().variants("ceiling")) {
    if (variant->unavailable() || std::ranges::find(variant->dtypes, dtype) == variant->dtypes.end()) continue;
    try {
      const auto instance = variant->make(dtype, *data, {.workers = workers, .params = {}});
      SCOPED_TRACE(variant->name + " " + level + " workers=" + std::to_string(workers));
      body(*variant, *data, *instance);
      ++count;
    } catch (const Skip&) {
      continue;
    }
  }
  return count;
}

void expect_right_answers(const std::string& level, Dtype dtype, int workers) {
  for_each_ceiling(level, dtype, workers, [](const VariantInfo&, Data&, Instance& instance) {
    for (const int which : {0, 1}) {
      compute(instance, which);
      const Check check = instance.check(which);
      EXPECT_TRUE(check.ok) << check.detail;
    }
    EXPECT_FALSE(instance.check(0).ok) << "a stale answer was accepted";
    instance.poison();
    EXPECT_FALSE(instance.check(0).ok) << "no answer was accepted";
    // Nor one that is left in the worker's memory.
    instance.store();
    EXPECT_FALSE(instance.check(1).ok) << "no run was accepted";
  });
}

TEST(Ceiling, GivesTheRightAnswerToBothInputsOnEveryLevelForAnyNumberOfWorkers) {
  for (const std::string level : {"registers", "L1", "L2", "L3", "memory"})
    for (const Dtype dtype : {Dtype::f32, Dtype::f64})
      for (const int workers : {1, 2, 3}) {
        if (level == "memory" && (workers == 3 || dtype == Dtype::f64)) continue;  // large
        expect_right_answers(level, dtype, workers);
      }
}

TEST(Ceiling, GivesTheRightAnswerOnAGpu) {
  for (const VariantInfo* variant : Registry::global().variants("ceiling"))
    if (const auto why = variant->unavailable(); variant->strategy == Strategy::gpu && why) GTEST_SKIP() << *why;
  for (const std::string level : {"gpu_registers", "gpu_memory", "gpu_link"})
    expect_right_answers(level, Dtype::f32, 1);
  expect_right_answers("gpu_registers", Dtype::f64, 1);
}

TEST(Ceiling, LevelsOfAGpuAreSkippedByWhatRunsElsewhere) {
  for (const std::string level : {"gpu_registers", "gpu_link"}) {
    const auto data = workload().make_data(cell_of(level, Dtype::f32), {}, {});
    for (const VariantInfo* variant : Registry::global().variants("ceiling")) {
      if (variant->strategy == Strategy::gpu) continue;
      EXPECT_THROW(variant->make(Dtype::f32, *data, {}), Skip) << variant->name;
    }
  }
  // And the other way round, before any device is asked for.
  const auto data = workload().make_data(cell_of("L1", Dtype::f32), {}, {});
  for (const VariantInfo* variant : Registry::global().variants("ceiling"))
    if (variant->strategy == Strategy::gpu) {
      EXPECT_THROW(variant->make(Dtype::f32, *data, {}), Skip) << variant->name;
    }
}

TEST(Ceiling, RefusesEveryPlantedFault) {
  for (const std::string level : {"registers", "L1"})
    for (const Dtype dtype : {Dtype::f32, Dtype::f64})
      for_each_ceiling(level, dtype, 1, [](const VariantInfo&, Data& data, Instance& instance) {
        for (std::size_t fault = 0; fault < data.faults().size(); ++fault) {
          compute(instance, 0);
          data.plant(fault, 0);
          EXPECT_FALSE(instance.check(0).ok) << data.faults()[fault];
        }
      });
}

TEST(Ceiling, OffersMultiplyAddsInRegistersAndThreeBandwidthsBesideMemcpyElsewhere) {
  const auto none = [](const VariantInfo&, Data&, Instance&) {};
  EXPECT_EQ(for_each_ceiling("registers", Dtype::f32, 1, none), 1);
  EXPECT_EQ(for_each_ceiling("registers", Dtype::f64, 1, none), 1);
  EXPECT_EQ(for_each_ceiling("memory", Dtype::f32, 1, none), 4);
  for (const CacheLevel& cache : data_caches())
    if (cache.level <= 3) {
      EXPECT_EQ(for_each_ceiling("L" + std::to_string(cache.level), Dtype::f32, 1, none), 4) << cache.level;
    }
}

TEST(Ceiling, HasMoreWorkersThanWork) {
  for_each_ceiling("registers", Dtype::f32, 200, [](const VariantInfo&, Data&, Instance& instance) {
    compute(instance, 0);
    EXPECT_TRUE(instance.check(0).ok) << instance.check(0).detail;
  });
}

TEST(Ceiling, WorkingSetsFitTheirLevelAndMemoryExceedsTheLastCacheFourfold) {
  const auto bytes = [](const char* level) {
    return static_cast<double>(Ceiling::Problem::from(cell_of(level, Dtype::f32).shape, {}).elements) * 4;
  };
  double last = 0;
  for (const CacheLevel& cache : data_caches()) {
    if (cache.level > 3) continue;
    const std::string level = "L" + std::to_string(cache.level);
    EXPECT_LE(bytes(level.c_str()), static_cast<double>(cache.bytes)) << level;
    EXPECT_GT(bytes(level.c_str()), last) << level;
    last = static_cast<double>(cache.bytes) / cache.shared_by;
  }
  if (!data_caches().empty() && memory_limit_bytes() > 64 * data_caches().back().bytes) {
    EXPECT_GE(bytes("memory"), 4 * static_cast<double>(data_caches().back().bytes));
  }
}

TEST(Ceiling, CountsBytesForLevelsAndFlopsForRegisters) {
  const Cost memory = workload().cost(cell_of("memory", Dtype::f32));
  EXPECT_EQ(memory.flops, 0);
  EXPECT_EQ(memory.fma, Dtype::none);
  EXPECT_EQ(memory.bytes(),
            4 * static_cast<double>(Ceiling::Problem::from(cell_of("memory", Dtype::f32).shape, {}).elements));
  const Cost registers = workload().cost(cell_of("registers", Dtype::f64));
  EXPECT_EQ(registers.bytes(), 0);
  EXPECT_EQ(registers.fma, Dtype::f64);
  EXPECT_EQ(registers.flops, 2.0 * 2048 * 384 * 48 * physical_cores_allowed());
  EXPECT_EQ(workload().cost(cell_of("gpu_registers", Dtype::f32)).flops, 2.0 * 8192 * 384 * 16384);
  EXPECT_EQ(workload().cost(cell_of("gpu_memory", Dtype::f32)).bytes(), 1 << 30);
  // A link carries each byte once.
  EXPECT_EQ(workload().cost(cell_of("gpu_link", Dtype::f32)).bytes(), 64 << 20);
}

TEST(Ceiling, SaysWhetherItsMultiplyAddsWereHeldAgainstTheClock) {
  for_each_ceiling("registers", Dtype::f32, 1, [](const VariantInfo&, Data&, Instance& instance) {
    compute(instance, 0);
    const KeyValues metrics = instance.metrics();
    const std::string probe = metrics.find("probe").value_or("missing");
    EXPECT_TRUE(probe == "checked" || probe == "unchecked") << probe;
    EXPECT_EQ(probe == "checked", metrics.contains("peak_share"));
    if (probe == "checked") {
      EXPECT_GT(std::stod(*metrics.find("peak_share")), 0);
    }
  });
}

TEST(Ceiling, RefusesALevelThatItDoesNotKnow) {
  EXPECT_THROW(workload().parse_size("L9"), UsageError);
  EXPECT_THROW(workload().parse_size(""), UsageError);
  EXPECT_THROW(workload().cost(Cell{.workload = "ceiling"}), UsageError);
  EXPECT_EQ(workload().parse_size("L2").to_string(), "level=L2");
}

}  // namespace
}  // namespace overtake::ceiling_variants
