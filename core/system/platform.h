// SPDX-License-Identifier: Apache-2.0
// What stands between the hardware and the program: operating system, virtualisation, power, clocks. For system.json.
#pragma once

#include <cstdint>
#include <string>

#include "core/system/fact.h"
#include "core/system/host_files.h"

namespace overtake {

/// "AMD EPYC 7763 64-Core Processor"; on ARM, whose kernel states no name, that of the part, else its numbers.
Fact<std::string> read_cpu_model(const HostFiles&);
/// "Debian GNU/Linux 12 (bookworm)".
Fact<std::string> read_operating_system(const HostFiles&);
/// "6.1.0-13-amd64".
Fact<std::string> read_kernel(const HostFiles&);
/// kvm, hyper-v, vmware, xen, …; "none" on real hardware; "unknown" for a hypervisor that does not say which it is.
Fact<std::string> read_hypervisor(const HostFiles&);
/// none, wsl1 or wsl2.
Fact<std::string> read_wsl(const HostFiles&);
/// docker, podman, apptainer, kubernetes, lxc, …; "none" where there is no sign of one.
Fact<std::string> read_container(const HostFiles&);
/// ac or battery.
Fact<std::string> read_power_source(const HostFiles&);
/// performance, powersave, schedutil, …; several where CPUs differ: "performance, powersave".
Fact<std::string> read_governor(const HostFiles&);
/// acpi-cpufreq, intel_pstate, amd-pstate-epp, ….
Fact<std::string> read_frequency_driver(const HostFiles&);
Fact<bool> read_turbo(const HostFiles&);
/// The highest clock that the firmware states for any CPU, in Hz.
Fact<std::int64_t> read_max_frequency_hz(const HostFiles&);
/// always, madvise or never.
Fact<std::string> read_transparent_huge_pages(const HostFiles&);
/// Running threads, averaged over the last minute.
Fact<double> read_load_average(const HostFiles&);
/// Share of CPU time since boot that the hypervisor gave to others.
Fact<double> read_steal_fraction(const HostFiles&);

}  // namespace overtake
