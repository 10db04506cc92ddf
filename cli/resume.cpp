// SPDX-License-Identifier: Apache-2.0
#include "cli/resume.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "cli/launch.h"
#include "compare/system_difference.h"
#include "core/error.h"
#include "core/file.h"
#include "core/random.h"

namespace overtake::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

ordered_json system_of(const fs::path& folder) {
  const fs::path path = folder / "system.json";
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    throw UsageError("--resume " + folder.string() + ": there is no system.json, so it is not the folder of a run");
  ordered_json system = ordered_json::parse(read_file(path), nullptr, false);
  if (!system.is_object()) throw UsageError("'" + path.string() + "' is not valid JSON: this run cannot be resumed");
  return system;
}

// Not cryptographic: it tells programs that were built anew, not forgeries.
std::uint64_t hash_of(const std::string& bytes, std::uint64_t state) {
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min(sizeof(word), bytes.size() - i));
    state = mix64(state ^ word);
  }
  return mix64(state ^ bytes.size());
}

}  // namespace

std::vector<std::string> arguments_of_run(const fs::path& run) {
  const ordered_json system = system_of(run);
  const auto at = system.find("arguments");
  std::vector<std::string> arguments;
  if (at == system.end() || !at->is_array())
    throw UsageError("--resume " + run.string() + ": its system.json does not say with which arguments it was started");
  for (const auto& argument : *at)
    if (argument.is_string()) arguments.push_back(argument.get<std::string>());
  return arguments;
}

Place resumed_place(const fs::path& folder, const ordered_json& now) {
  const ordered_json then = system_of(folder);
  const auto text = [](const ordered_json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  const std::string refusal = "--resume " + folder.string() + ": ";
  if (text(then, "programs") != text(now, "programs"))
    throw UsageError(refusal + "the programs were built anew since: start a new run");
  if (then.value("arguments", ordered_json()) != now.value("arguments", ordered_json()))
    throw UsageError(refusal + "it was started with other arguments: leave them out, or start a new run");
  auto differences = compare::differing_fields(then, now);
  // Measured, so that other load moves it: no sign of another machine.
  std::erase_if(differences, [](const auto& difference) { return difference.field == "measured_clock_hz"; });
  if (const std::string cause = compare::attribution(differences); !cause.empty())
    throw UsageError(refusal + "this is not the machine as it was. " + cause + " Start a new run");
  fs::path plain = folder;
  if (!plain.has_filename()) plain = plain.parent_path();
  return {.folder = plain, .run_id = plain.filename().string(), .system_id = text(then, "system_id")};
}

std::string programs_hash() {
  std::vector<fs::path> programs;
  for (const auto& entry : fs::directory_iterator(program_path("overtake").parent_path())) {
    const std::string name = entry.path().filename().string();
    if (name == "overtake" || name.starts_with("bench_")) programs.push_back(entry.path());
  }
  std::sort(programs.begin(), programs.end());
  std::uint64_t state = 0;
  for (const fs::path& program : programs) state = hash_of(read_file(program), state);
  return fmt::format("{:016x}", state);
}

}  // namespace overtake::cli
