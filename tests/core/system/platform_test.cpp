// SPDX-License-Identifier: Apache-2.0
#include "core/system/platform.h"

#include <gtest/gtest.h>

#include "tests/core/system/fake_host.h"

namespace overtake {
namespace {

using test::FakeHost;

FakeHost& supply(FakeHost& host, const std::string& name, const std::string& type, const std::string& key,
                 const std::string& value) {
  return host.file("/sys/class/power_supply/" + name + "/type", type + "\n")
      .file("/sys/class/power_supply/" + name + "/" + key, value + "\n");
}

TEST(CpuModel, IsWhatTheCpuSaysOrTheArmPartsName) {
  FakeHost x86, arm, other;
  EXPECT_EQ(read_cpu_model(x86.processor("Intel(R) Core(TM) i7-1260P", false).files()).value,
            "Intel(R) Core(TM) i7-1260P");
  arm.file("/proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n");
  EXPECT_EQ(read_cpu_model(arm.files()).value, "Arm Neoverse-N1");
  other.file("/proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x7f\nCPU part\t: 0x123\n");
  EXPECT_EQ(read_cpu_model(other.files()).value, "ARM implementer 0x7f part 0x123");
  const auto none = read_cpu_model(FakeHost().files());
  EXPECT_FALSE(none.value);
  EXPECT_NE(none.reason, "");
}

TEST(OperatingSystem, IsThePrettyName) {
  FakeHost host;
  host.file("/etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  EXPECT_EQ(read_operating_system(host.files()).value, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_FALSE(read_operating_system(host.file("/etc/os-release", "PRETTY_NAME=\"\n").files()).value);
}

TEST(Hypervisor, IsNamedByTheFirmwareWhereTheCpuSaysThereIsOne) {
  FakeHost metal, guest, mute, arm, graviton;
  metal.processor("X", false).file("/sys/class/dmi/id/sys_vendor", "QEMU-like name of a maker\n");
  EXPECT_EQ(read_hypervisor(metal.files()).value, "none") << "the CPU knows better";
  guest.processor("X", true).file("/sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
  EXPECT_EQ(read_hypervisor(guest.files()).value, "vmware");
  EXPECT_EQ(read_hypervisor(mute.processor("X", true).files()).value, "unknown");
  arm.file("/proc/cpuinfo", "processor\t: 0\nCPU part\t: 0xd0c\n");
  EXPECT_FALSE(read_hypervisor(arm.files()).value) << "an ARM CPU does not say";
  graviton.file("/proc/cpuinfo", "processor\t: 0\n")
      .file("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n")
      .file("/sys/class/dmi/id/product_name", "c7g.large\n");
  EXPECT_EQ(read_hypervisor(graviton.files()).value, "kvm");
  graviton.file("/sys/class/dmi/id/product_name", "c7g.metal\n");
  EXPECT_FALSE(read_hypervisor(graviton.files()).value);
}

TEST(Wsl, IsToldByTheKernelsName) {
  for (const auto& [kernel, expected] :
       {std::pair("5.15.90.1-microsoft-standard-WSL2", "wsl2"), std::pair("4.4.0-19041-Microsoft", "wsl1"),
        std::pair("6.1.0-13-amd64", "none"), std::pair("6.6.0-mykernel-WSL2", "wsl2"),
        std::pair("6.8.0-1010-azure", "none")}) {
    FakeHost host;
    EXPECT_EQ(read_wsl(host.file("/proc/sys/kernel/osrelease", kernel).files()).value, expected) << kernel;
  }
  EXPECT_FALSE(read_wsl(FakeHost().files()).value);
}

TEST(Container, IsToldByItsMarks) {
  FakeHost none, docker, kubernetes, podman, unpacked, nspawn;
  EXPECT_EQ(read_container(none.files()).value, "none");
  docker.file("/.dockerenv", "").link("/proc/self/ns/pid", "pid:[4026532500]");
  EXPECT_EQ(read_container(docker.files()).value, "docker");
  EXPECT_EQ(read_container(kubernetes.cgroup_v1("/kubepods/burstable/pod1").files()).value, "kubernetes");
  EXPECT_EQ(read_container(podman.file("/run/.containerenv", "x").files()).value, "podman");
  EXPECT_EQ(read_container(nspawn.file("/run/systemd/container", "systemd-nspawn\n").files()).value, "systemd-nspawn");
  unpacked.file("/.dockerenv", "").link("/proc/self/ns/pid", "pid:[4026531836]");
  const auto unsure = read_container(unpacked.files());
  EXPECT_FALSE(unsure.value) << "a virtual machine's disk made from an image keeps the file";
  EXPECT_NE(unsure.reason.find("/.dockerenv"), std::string::npos);
}

TEST(PowerSource, IsBatteryOnlyWhenItDischarges) {
  FakeHost desktop, plugged, unplugged, full, mouse;
  EXPECT_FALSE(read_power_source(desktop.files()).value);
  supply(supply(plugged, "AC", "Mains", "online", "1"), "BAT0", "Battery", "status", "Charging");
  EXPECT_EQ(read_power_source(plugged.files()).value, "ac");
  supply(supply(unplugged, "AC", "Mains", "online", "0"), "BAT0", "Battery", "status", "Discharging");
  EXPECT_EQ(read_power_source(unplugged.files()).value, "battery");
  supply(full, "BAT0", "Battery", "status", "Full");
  EXPECT_EQ(read_power_source(full.files()).value, "ac");
  supply(supply(mouse, "hid", "Battery", "status", "Discharging"), "hid", "Battery", "scope", "Device");
  EXPECT_FALSE(read_power_source(mouse.files()).value) << "a mouse's battery";
}

TEST(Clocks, AreReadOverAllCpus) {
  FakeHost host;
  host.cpus(2);
  EXPECT_FALSE(read_governor(host.files()).value);
  EXPECT_FALSE(read_max_frequency_hz(host.files()).value);
  EXPECT_FALSE(read_turbo(host.files()).value);
  host.for_cpu(0, "cpufreq/scaling_governor", "performance").for_cpu(1, "cpufreq/scaling_governor", "powersave");
  EXPECT_EQ(read_governor(host.files()).value, "performance, powersave");
  host.for_cpu(0, "cpufreq/cpuinfo_max_freq", "3500000").for_cpu(1, "cpufreq/cpuinfo_max_freq", "4800000");
  EXPECT_EQ(read_max_frequency_hz(host.files()).value, 4'800'000'000);
  EXPECT_EQ(read_turbo(host.file("/sys/devices/system/cpu/cpufreq/boost", "0\n").files()).value, false);
  EXPECT_EQ(read_turbo(host.file("/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n").files()).value, true);
}

TEST(HugePages, AreTheWordInBrackets) {
  FakeHost host;
  host.file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  EXPECT_EQ(read_transparent_huge_pages(host.files()).value, "madvise");
  host.file("/sys/kernel/mm/transparent_hugepage/enabled", "] [\n");
  EXPECT_FALSE(read_transparent_huge_pages(host.files()).value);
}

TEST(Load, AndStealAreShares) {
  FakeHost host;
  host.file("/proc/loadavg", "1.25 0.50 0.10 1/85 4307\n")
      .file("/proc/stat", "cpu  50 0 10 30 0 0 0 10 5 0\ncpu0 1 1\n");
  EXPECT_EQ(read_load_average(host.files()).value, 1.25);
  EXPECT_EQ(read_steal_fraction(host.files()).value, 0.1);
  host.file("/proc/loadavg", "").file("/proc/stat", "cpu 0 0 0 0 0 0 0 0 0 0\n");
  EXPECT_FALSE(read_load_average(host.files()).value);
  EXPECT_FALSE(read_steal_fraction(host.files()).value);
}

}  // namespace
}  // namespace overtake
