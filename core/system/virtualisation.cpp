// SPDX-License-Identifier: Apache-2.0
// The part of platform.h that finds hypervisors, WSL and containers.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "core/system/cpu_id.h"
#include "core/system/platform.h"

namespace overtake {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// What hypervisors write in cpuid leaf 40000000h (Linux, arch/x86/kernel/cpu/hypervisor.c and its kin).
constexpr std::array<Pair, 10> kSignatures = {{{"KVMKVMKVM", "kvm"},
                                               {"Linux KVM Hv", "kvm"},
                                               {"Microsoft Hv", "hyper-v"},
                                               {"VMwareVMware", "vmware"},
                                               {"XenVMMXenVMM", "xen"},
                                               {"TCGTCGTCGTCG", "qemu"},
                                               {"bhyve bhyve", "bhyve"},
                                               {"VBoxVBoxVBox", "virtualbox"},
                                               {"ACRNACRNACRN", "acrn"},
                                               {"lrpepyh  vr", "parallels"}}};

// What virtual machines' firmware writes as its vendor or product (systemd, src/basic/virt.c).
constexpr std::array<Pair, 9> kFirmware = {{{"QEMU", "qemu"},
                                            {"KVM", "kvm"},
                                            {"VMware", "vmware"},
                                            {"VirtualBox", "virtualbox"},
                                            {"innotek", "virtualbox"},
                                            {"Virtual Machine", "hyper-v"},
                                            {"Xen", "xen"},
                                            {"Google Compute Engine", "kvm"},
                                            {"Parallels", "parallels"}}};

std::string hypervisor_of_firmware(const HostFiles& files) {
  const std::string folder = "/sys/class/dmi/id/";
  const std::string product = files.text(folder + "product_name").value_or("");
  const std::string vendor = files.text(folder + "sys_vendor").value_or("");
  // Amazon's machines without a hypervisor are named .metal.
  if (vendor == "Amazon EC2" && product.find("metal") == std::string::npos) return "kvm";
  for (const auto& [sign, name] : kFirmware)
    if (product.find(sign) != std::string::npos || vendor.find(sign) != std::string::npos) return std::string(name);
  return files.text("/sys/hypervisor/type").value_or("");
}

bool has_flag(const std::string& cpuinfo, std::string_view flag) {
  for (std::string_view line : lines_of(cpuinfo)) {
    if (!line.starts_with("flags")) continue;
    const auto words = words_of(line);
    return std::find(words.begin(), words.end(), flag) != words.end();
  }
  return false;
}

bool is_x86(const std::string& cpuinfo) { return cpuinfo.find("vendor_id") != std::string::npos; }

// Namespaces of a booted system have fixed inode numbers (Linux, include/linux/proc_ns.h).
bool in_first_pid_namespace(const HostFiles& files) { return files.link("/proc/self/ns/pid") == "pid:[4026531836]"; }

std::string container_of_cgroup(const HostFiles& files) {
  const std::string groups = files.text("/proc/self/cgroup").value_or("");
  for (const auto& [sign, name] :
       {Pair("kubepods", "kubernetes"), Pair("/docker", "docker"), Pair("libpod", "podman"), Pair("/lxc", "lxc")})
    if (groups.find(sign) != std::string::npos) return std::string(name);
  return "";
}

}  // namespace

Fact<std::string> read_hypervisor(const HostFiles& files) {
  const std::string cpuinfo = files.text("/proc/cpuinfo").value_or("");
  const std::string firmware = hypervisor_of_firmware(files);
  const CpuId cpu = files.live() ? read_cpu_id() : CpuId{};
  if (is_x86(cpuinfo) && !has_flag(cpuinfo, "hypervisor") && !cpu.virtualised) return Fact<std::string>::of("none");
  for (const auto& [signature, name] : kSignatures)
    if (cpu.hypervisor == signature) return Fact<std::string>::of(std::string(name));
  if (!firmware.empty()) return Fact<std::string>::of(firmware);
  if (is_x86(cpuinfo)) return Fact<std::string>::of("unknown");
  return {std::nullopt,
          "neither the CPU nor the firmware's names in /sys/class/dmi/id say whether there is a hypervisor"};
}

Fact<std::string> read_wsl(const HostFiles& files) {
  const auto kernel = read_kernel(files);
  if (!kernel.value) return {std::nullopt, kernel.reason};
  // WSL1: "4.4.0-19041-Microsoft"; WSL2: "5.15.90.1-microsoft-standard-WSL2".
  if (kernel.value->find("microsoft-standard") != std::string::npos || kernel.value->find("WSL2") != std::string::npos)
    return Fact<std::string>::of("wsl2");
  if (kernel.value->ends_with("-Microsoft")) return Fact<std::string>::of("wsl1");
  return Fact<std::string>::of("none");
}

Fact<std::string> read_container(const HostFiles& files) {
  if (files.exists("/.singularity.d")) return Fact<std::string>::of("apptainer");
  if (const auto name = files.text("/run/systemd/container"); name && !name->empty())
    return Fact<std::string>::of(*name);
  if (std::string name = container_of_cgroup(files); !name.empty()) return Fact<std::string>::of(std::move(name));
  if (files.live() && std::getenv("KUBERNETES_SERVICE_HOST") != nullptr) return Fact<std::string>::of("kubernetes");
  for (const auto& [marker, name] : {Pair("/run/.containerenv", "podman"), Pair("/.dockerenv", "docker")}) {
    if (!files.exists(marker)) continue;
    if (!in_first_pid_namespace(files)) return Fact<std::string>::of(std::string(name));
    return {std::nullopt, std::string(marker) + " is there, but processes are not isolated: a " + std::string(name) +
                              " image unpacked on a machine of its own, or a container that sees its host's processes"};
  }
  return Fact<std::string>::of("none");
}

}  // namespace overtake
