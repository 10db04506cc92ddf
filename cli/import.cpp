// SPDX-License-Identifier: Apache-2.0
#include "cli/import.h"

#include <fmt/format.h>

#include <cctype>
#include <set>

#include "cli/run_folder.h"
#include "compare/other_tools/other_tools.h"
#include "compare/text.h"
#include "core/file.h"
#include "core/fingerprint.h"
#include "core/results/writer.h"
#include "core/system/system.h"

namespace overtake::cli {
namespace {

namespace fs = std::filesystem;
using compare::Imported;
using nlohmann::ordered_json;

std::vector<Imported> read_all(const std::vector<fs::path>& files) {
  std::vector<Imported> all;
  for (const fs::path& file : files) all.push_back(compare::parse_other_tool(read_file(file), file.string()));
  return all;
}

// What stands for the machine in rows; empty where no file and no label says which it is.
std::string system_of(const ImportArguments& arguments, const std::vector<Imported>& all) {
  if (arguments.label) return system_id({}, arguments.label);
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i].identity != all[0].identity)
      throw UsageError(
          fmt::format("{} and {} do not come from one machine: import them one by one, or say with --label "
                      "NAME that they do",
                      arguments.files[0].string(), arguments.files[i].string()));
  return all[0].identity.empty() ? "" : "imported-" + fingerprint(all[0].identity);
}

// The file's name without its folder and ending, in letters that are harmless everywhere; each only once.
std::string csv_name(const fs::path& file, std::set<std::string>& taken) {
  std::string stem = file.stem().string();
  for (char& c : stem)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') c = '_';
  std::string name = stem;
  for (int number = 2; !taken.insert(name).second; ++number) name = fmt::format("{}-{}", stem, number);
  return name + ".csv";
}

ordered_json system_json(const ImportArguments& arguments, const std::vector<Imported>& all, const std::string& id) {
  ordered_json system = {{"schema_version", 1}, {"system_id", id}, {"suite", "import"}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    system["imported"].push_back({{"file", arguments.files[i].filename().string()}, {"tool", all[i].tool}});
    for (const auto& [key, value] : all[i].system.items()) system[key] = value;
  }
  system["host_processor_model_name"] = nullptr;
  system["unavailable"] = {{"host_processor_model_name", "files of other tools do not say it"}};
  return system;
}

}  // namespace

Status import_results(const ImportArguments& arguments) {
  std::vector<Imported> all = read_all(arguments.files);
  const std::string id = system_of(arguments, all);
  std::string run_id;
  const fs::path folder =
      new_run_folder(fs::path(arguments.out) / (id.empty() ? "unknown-system" : id), "import", run_id);
  write_file(folder / "system.json",
             system_json(arguments, all, id).dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
  std::set<std::string> taken;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ResultsWriter writer(folder / csv_name(arguments.files[i], taken));
    for (Row& row : all[i].rows) {
      row.run_id = run_id;
      row.system_id = id;
      row.process = static_cast<std::int64_t>(i);
      writer.add(row);
    }
    writer.finish();
    fmt::print("{}: {} of {}, not verified\n", compare::printable(arguments.files[i].string()),
               compare::count_text(all[i].rows.size(), "row"), all[i].tool);
    for (const std::string& note : all[i].notes) fmt::print("Note: {}\n", compare::printable(note, 1000));
  }
  fmt::print("\nNext: overtake show {}\n", compare::printable(folder.string(), 1000));
  return Status::good;
}

}  // namespace overtake::cli
