// SPDX-License-Identifier: Apache-2.0
#include "core/system/system.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "tests/core/system/fake_host.h"

namespace overtake {
namespace {

using nlohmann::ordered_json;
using test::FakeHost;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

SystemOptions at(const FakeHost& host, const std::string& nvml = "") { return {host.root(), false, nvml}; }

// Every null has a reason, and every reason a null.
void expect_reasons(const ordered_json& value, const std::string& where) {
  const ordered_json reasons = value.is_object() ? value.value("unavailable", ordered_json()) : ordered_json();
  for (const auto& [key, reason] : reasons.items()) {
    EXPECT_TRUE(value.contains(key) && value[key].is_null()) << where << key;
    EXPECT_TRUE(reason.is_string() && !reason.get<std::string>().empty()) << where << key;
  }
  if (value.is_structured())
    for (const auto& [key, child] : value.items()) {
      if (child.is_null()) {
        EXPECT_TRUE(value.is_object() && value.contains("unavailable") && value["unavailable"].contains(key))
            << where << key;
      }
      expect_reasons(child, where + key + "/");
    }
}

// What cannot be zero or empty on any machine: such a value would be a failed reading passed off as one.
void expect_no_zero(const ordered_json& system) {
  for (const char* key : {"host_processors_per_node", "host_processor_core_count", "host_processor_vcpu_count",
                          "physical_cores", "logical_cpus", "threads_per_core", "memory_bytes", "memory_limit_bytes",
                          "cpu_quota_cpus", "max_frequency_hz", "measured_clock_hz", "accelerators_per_node",
                          "affinity_logical_cpus", "affinity_physical_cores", "physical_cores_allowed"})
    EXPECT_TRUE(system.at(key).is_null() || system.at(key).get<double>() > 0) << key;
  for (const auto& [key, value] : system.items())
    if (value.is_string()) {
      EXPECT_NE(value.get<std::string>(), "") << key;
    }
}

FakeHost& laptop(FakeHost& host) {
  host.cpus(4, 2).memory(16 << 20, 12 << 20).processor("Intel(R) Core(TM) i7-8565U CPU @ 1.80GHz", false);
  for (int cpu = 0; cpu < 8; ++cpu)
    host.for_cpu(cpu, "cpufreq/scaling_governor", "powersave").for_cpu(cpu, "cpufreq/cpuinfo_max_freq", "4600000");
  return host.file("/sys/class/power_supply/BAT0/type", "Battery\n")
      .file("/sys/class/power_supply/BAT0/status", "Discharging\n")
      .file("/proc/loadavg", "3.10 1 1 1/1 1\n")
      .file("/proc/stat", "cpu  1 0 1 900 0 0 0 0 0 0\n")
      .file("/proc/sys/kernel/osrelease", "6.1.0-13-amd64\n")
      .file("/proc/sys/kernel/hostname", "anna-laptop\n");
}

TEST(System, DescribesALaptopOnBattery) {
  FakeHost host;
  const ordered_json system = describe_system(at(laptop(host)));
  EXPECT_EQ(system["host_processor_model_name"], "Intel(R) Core(TM) i7-8565U CPU @ 1.80GHz");
  EXPECT_EQ(system["host_processors_per_node"], 1);
  EXPECT_EQ(system["host_processor_core_count"], 4);
  EXPECT_EQ(system["host_processor_vcpu_count"], nullptr);
  EXPECT_EQ(system["unavailable"]["host_processor_vcpu_count"], "not a virtual machine");
  EXPECT_EQ(system["host_processor_frequency"], "up to 4.6 GHz");
  EXPECT_EQ(system["host_processor_caches"], "L1d 32 KiB x 4, L1i 32 KiB x 4, L2 1 MiB x 4, L3 32 MiB x 1");
  EXPECT_EQ(
      system["caches"].back(),
      (ordered_json{{"level", 3}, {"type", "Unified"}, {"bytes", 32 << 20}, {"shared_by_cores", 4}, {"instances", 1}}));
  EXPECT_EQ(system["host_memory_capacity"], "16 GiB");
  EXPECT_EQ(system["threads_per_core"], 2);
  EXPECT_EQ(system["power_source"], "battery");
  EXPECT_EQ(system["accelerators_per_node"], nullptr);
  expect_reasons(system, "/");
  expect_no_zero(system);
  EXPECT_THAT(distortions(system), testing::UnorderedElementsAre(
                                       HasSubstr("battery"), HasSubstr("powersave"), HasSubstr("3.1 of 4 cores busy"),
                                       AllOf(HasSubstr("SMT is on (8 CPUs on 4 cores)"), HasSubstr("taskset -c 0-3"))));
}

TEST(System, NamesTheHostOnlyIfAsked) {
  FakeHost host;
  laptop(host);
  EXPECT_THAT(describe_system(at(host)).dump(), Not(HasSubstr("anna")));
  EXPECT_EQ(describe_system({host.root(), true, ""})["host_name"], "anna-laptop");
}

TEST(System, DescribesAContainerWithLimits) {
  FakeHost host;
  host.cpus(8).affinity("2-5").memory(32 << 20, 30 << 20).processor("AMD EPYC 7763 64-Core Processor", true);
  host.cgroup_v2("/")
      .file("/sys/fs/cgroup/cpu.max", "150000 100000\n")
      .file("/sys/fs/cgroup/memory.max", "4294967296\n");
  host.file("/.dockerenv", "").link("/proc/self/ns/pid", "pid:[4026532500]");
  host.file("/proc/stat", "cpu  90 0 0 0 0 0 0 10 0 0\n").file("/proc/loadavg", "0.10 0 0 1/1 1\n");
  const ordered_json system = describe_system(at(host));
  EXPECT_EQ(system["container"], "docker");
  EXPECT_EQ(system["host_processor_vcpu_count"], 8);
  EXPECT_EQ(system["cgroup_version"], "v2");
  EXPECT_EQ(system["cpu_quota_cpus"], 1.5);
  EXPECT_EQ(system["memory_limit_bytes"], std::int64_t{4} << 30);
  EXPECT_EQ(system["affinity_cpus"], "2-5");
  EXPECT_EQ(system["physical_cores_allowed"], 2);
  expect_reasons(system, "/");
  expect_no_zero(system);
  EXPECT_THAT(distortions(system),
              testing::UnorderedElementsAre(HasSubstr("10.0 % of its CPU time"), HasSubstr("only 4 of 8 CPUs (2-5)"),
                                            HasSubstr("CPU quota of 1.5 CPUs"), HasSubstr("4 GiB of 32 GiB")));
}

TEST(System, KnowsCgroupV1AndWsl) {
  FakeHost host;
  host.cpus(2).memory(8 << 20, 6 << 20).processor("AMD Ryzen 7 PRO 4750U with Radeon Graphics", true).cgroup_v1("/");
  host.file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000\n")
      .file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  host.file("/proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n");
  const ordered_json system = describe_system(at(host));
  EXPECT_EQ(system["cgroup_version"], "v1");
  EXPECT_EQ(system["wsl"], "wsl2");
  EXPECT_THAT(distortions(system), testing::UnorderedElementsAre(HasSubstr("WSL 2"), HasSubstr("CPU quota of 1 CPUs")));
  EXPECT_THAT(system_id(system), testing::StartsWith("amd-ryzen-7-pro-4750u-2c-8g-"));
}

TEST(System, NamesClassesOfCores) {
  FakeHost host;
  host.cpus(6).file("/sys/devices/cpu_core/cpus", "0-1\n").file("/sys/devices/cpu_atom/cpus", "2-5\n");
  const ordered_json system = describe_system(at(host));
  EXPECT_EQ(system["core_classes"][1],
            (ordered_json{{"name", "efficiency"}, {"physical_cores", 4}, {"logical_cpus", 4}, {"cpus", "2-5"}}));
  EXPECT_THAT(distortions(system),
              Contains(AllOf(HasSubstr("2 performance, 4 efficiency"), HasSubstr("taskset -c 0-1"))));
}

TEST(System, OfAMachineThatSaysNothingHasReasonsOnly) {
  FakeHost host;
  const ordered_json system = describe_system(at(host));
  expect_reasons(system, "/");
  expect_no_zero(system);
  EXPECT_THAT(distortions(system), IsEmpty());
  EXPECT_THAT(system_id(system), testing::StartsWith("unknown-cpu-"));
}

TEST(System, DescribesGpus) {
  FakeHost host;
  const ordered_json system = describe_system(at(host.cpus(2), FAKE_NVML));
  EXPECT_EQ(system["accelerators_per_node"], 2);
  EXPECT_EQ(system["accelerator_model_name"], "NVIDIA H200 + NVIDIA GeForce RTX 4070");
  EXPECT_EQ(system["accelerator_memory_capacity"], "140.4 GiB + 11.99 GiB");
  EXPECT_EQ(system["accelerator_frequency"], "up to 1980 MHz");
  EXPECT_EQ(system["accelerator_host_interconnect"], "PCIe Gen5 x16");
  EXPECT_EQ(system["accelerators"][1]["unavailable"]["ecc"], "nvmlDeviceGetEccMode: Not Supported");
  EXPECT_EQ(system["nvidia_driver_version"], "570.86.15");
  expect_reasons(system, "/");
  EXPECT_THAT(system_id(system), HasSubstr("-2x-nvidia-h200-"));
}

TEST(System, OfThisMachineParsesAndGuessesNothing) {
  const ordered_json system = ordered_json::parse(describe_system().dump(2));
  expect_reasons(system, "/");
  expect_no_zero(system);
  EXPECT_TRUE(system["measured_clock_hz"].is_number());
  EXPECT_TRUE(system["compiler"].is_string());
  EXPECT_EQ(system["logical_cpus"].is_null() ? sysconf(_SC_NPROCESSORS_ONLN) : system["logical_cpus"].get<long>(),
            sysconf(_SC_NPROCESSORS_ONLN));
  EXPECT_FALSE(system.contains("host_name"));
  distortions(system);  // whatever they are here
}

void collect_keys(const ordered_json& value, std::set<std::string>& keys) {
  for (const auto& [key, child] : value.items()) {
    if (key == "environment") keys.insert(key);
    if (key == "unavailable" || key == "environment") continue;
    if (value.is_object()) keys.insert(key);
    if (child.is_structured()) collect_keys(child, keys);
  }
}

TEST(System, HasNoKeyThatTheDocumentDoesNotExplain) {
  const std::string text = read_file(OVERTAKE_SOURCE_DIR "/docs/results-format.md");
  const std::size_t section = text.find("\n## system.json");
  ASSERT_NE(section, std::string::npos);
  std::set<std::string> keys;
  collect_keys(describe_system({"/", true, FAKE_NVML}), keys);
  for (const std::string& key : keys) EXPECT_NE(text.find('`' + key + '`', section), std::string::npos) << key;
}

TEST(SystemId, ChangesWithTheHardwareOnly) {
  ordered_json system = {{"host_processor_model_name", "AMD EPYC"},
                         {"physical_cores", 2},
                         {"memory_bytes", 25276514304},
                         {"load_average", 0.5}};
  const std::string id = system_id(system);
  EXPECT_THAT(id, testing::MatchesRegex("amd-epyc-2c-24g-[0-9a-f]{8}"));
  system["load_average"] = 7.0;
  system["memory_bytes"] = 25276514304 - (1 << 20);  // kernels differ in what they keep for themselves
  EXPECT_EQ(system_id(system), id);
  for (const auto& [key, value] : {std::pair<const char*, ordered_json>("host_processor_model_name", "AMD EPYC 9004"),
                                   {"physical_cores", 4},
                                   {"memory_bytes", 51539607552},
                                   {"accelerators", {{{"name", "NVIDIA H200"}}}}}) {
    ordered_json other = system;
    other[key] = value;
    EXPECT_NE(system_id(other), id) << key;
  }
}

TEST(SystemId, DropsWhatDoesNotTellModelsApart) {
  for (const auto& [model, expected] :
       {std::pair("Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz", "intel-xeon-platinum-8375c-"),
        std::pair("AMD EPYC 7763 64-Core Processor", "amd-epyc-7763-"),
        std::pair("Arm Neoverse-N1", "arm-neoverse-n1-"),
        std::pair("12th Gen Intel(R) Core(TM) i7-1260P", "12th-gen-intel-core-i7-1260p-")})
    EXPECT_THAT(system_id({{"host_processor_model_name", model}}), testing::StartsWith(expected));
  EXPECT_LT(system_id({{"host_processor_model_name", std::string(500, 'x')}}).size(), 60u);
}

TEST(SystemId, IsTheLabelWhereThereIsOne) {
  EXPECT_EQ(system_id({}, "Lab PC/2 (new)"), "lab-pc-2-new");
  EXPECT_EQ(system_id({}, "../../etc"), "etc");
  for (const char* label : {"", " ", "../..", "---", "\xc3\xa4"})
    EXPECT_THROW(system_id({}, label), UsageError) << label;
}

TEST(Distortions, OfAnyJsonDoNotThrow) {
  EXPECT_THAT(distortions(nullptr), IsEmpty());
  EXPECT_THAT(distortions({{"wsl", 7}, {"load_average", "much"}, {"core_classes", {1, 2}}, {"environment", "x"}}),
              Not(IsEmpty()));
}

}  // namespace
}  // namespace overtake
