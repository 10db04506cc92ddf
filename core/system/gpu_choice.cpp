// SPDX-License-Identifier: Apache-2.0
#include "core/system/gpu_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "core/error.h"

namespace overtake {
namespace {

struct Device {
  std::string entry, name;  // of CUDA_VISIBLE_DEVICES; for people, may be empty
};

std::optional<std::size_t> number_of(const std::string& text) {
  std::size_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<Device> every_device(const Gpus& all) {
  std::vector<Device> devices;
  for (const Gpu& gpu : all.gpus) devices.push_back({std::to_string(devices.size()), gpu.name.value.value_or("")});
  return devices;
}

// CUDA reads the list up to the first entry that means nothing, such as -1. How CUDA orders its numbers depends on
// CUDA_DEVICE_ORDER, so they are given no names here.
std::vector<Device> devices_in(const std::string& visible, const Gpus& all) {
  std::vector<Device> devices;
  for (std::size_t begin = 0; begin <= visible.size();) {
    const std::size_t end = std::min(visible.find(',', begin), visible.size());
    const std::string entry = visible.substr(begin, end - begin);
    const auto number = number_of(entry);
    const bool exists =
        number ? all.gpus.empty() || *number < all.gpus.size() : entry.starts_with("GPU-") || entry.starts_with("MIG-");
    if (!exists) break;
    devices.push_back({entry, number ? "" : entry});
    begin = end + 1;
  }
  return devices;
}

std::string list_of(const std::vector<Device>& devices) {
  std::vector<std::string> texts;
  for (const Device& device : devices) {
    const std::string number = std::to_string(texts.size());
    texts.push_back(device.name.empty() ? number : number + " (" + device.name + ")");
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

std::string visible_devices(const std::vector<std::string>& asked, const Gpus& all,
                            const std::optional<std::string>& visible) {
  const std::string flag = fmt::format("--gpus {}", fmt::join(asked, ","));
  const auto devices = visible ? devices_in(*visible, all) : every_device(all);
  if (devices.empty())
    throw UsageError(flag + ": there is no GPU to choose: " +
                     (visible               ? "CUDA_VISIBLE_DEVICES=" + *visible + " names none"
                      : !all.reason.empty() ? all.reason
                                            : "NVIDIA's driver finds none"));
  std::vector<std::string> chosen;
  for (const std::string& text : asked) {
    const auto number = number_of(text);
    if (!number || *number >= devices.size())
      throw UsageError(fmt::format("{}: '{}' is no GPU here: there {} {}", flag, text,
                                   devices.size() == 1 ? "is" : "are", list_of(devices)));
    const std::string& entry = devices[*number].entry;
    if (std::ranges::find(chosen, entry) != chosen.end()) throw UsageError(flag + ": GPU " + text + " is named twice");
    chosen.push_back(entry);
  }
  return fmt::format("{}", fmt::join(chosen, ","));
}

void use_gpus(const std::vector<std::string>& asked) {
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  const std::string devices =
      visible_devices(asked, read_gpus(), visible == nullptr ? std::nullopt : std::optional<std::string>(visible));
  // As nvidia-smi counts, unless the numbers are those of a list that was made for another order.
  if (visible == nullptr) setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 1);
  setenv("CUDA_VISIBLE_DEVICES", devices.c_str(), 1);
}

}  // namespace overtake
