// SPDX-License-Identifier: Apache-2.0
// The part of system.h that names a system.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "core/error.h"
#include "core/fingerprint.h"
#include "core/system/system.h"

namespace overtake {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kLongestPart = 40;  // characters of a CPU's or a GPU's name

// Letters a-z, digits, and one '-' for any run of others.
std::string slug(std::string_view text) {
  std::string out;
  for (const char raw : text) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw - 'A' + 'a') : raw;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  if (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

// The words that tell models apart: "Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz" is intel-xeon-platinum-8375c.
std::string short_name(const std::string& name) {
  static const std::regex kNoise(R"(\((R|TM|tm|r)\)|@.*$|\bCPU\b|\bProcessor\b|\b[0-9]+-Core\b|\bwith .*$)");
  std::string out = slug(std::regex_replace(name, kNoise, " "));
  if (out.size() > kLongestPart) out = slug(out.substr(0, kLongestPart));
  return out;
}

std::string text_at(const ordered_json& object, const char* key) {
  return object.contains(key) && object.at(key).is_string() ? object.at(key).get<std::string>() : "";
}

std::optional<double> number_at(const ordered_json& object, const char* key) {
  return object.contains(key) && object.at(key).is_number() ? std::optional(object.at(key).get<double>())
                                                            : std::nullopt;
}

}  // namespace

std::string system_id(const ordered_json& system, const std::optional<std::string>& label) {
  if (label) {
    std::string out = slug(*label);
    if (out.empty())
      throw UsageError("--label '" + *label + "' has no letter or digit: name the system, as in --label lab-pc-2");
    return out;
  }
  const std::string cpu = text_at(system, "host_processor_model_name");
  std::string size;
  if (const auto cores = number_at(system, "physical_cores")) size += fmt::format("-{}c", *cores);
  if (const auto bytes = number_at(system, "memory_bytes"))
    size += fmt::format("-{}g", std::llround(*bytes / (1024.0 * 1024 * 1024)));
  std::string out = (cpu.empty() ? "unknown-cpu" : short_name(cpu)) + size, identity = cpu + size;
  if (system.contains("accelerators") && system.at("accelerators").is_array() && !system.at("accelerators").empty()) {
    const ordered_json& gpus = system.at("accelerators");
    const std::string name = short_name(text_at(gpus.front(), "name"));
    out += gpus.size() > 1 ? fmt::format("-{}x-{}", gpus.size(), name) : '-' + name;
    for (const auto& gpu : gpus) identity += ';' + text_at(gpu, "name");
  }
  return out + "-" + fingerprint(identity);
}

}  // namespace overtake
