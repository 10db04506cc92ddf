// SPDX-License-Identifier: Apache-2.0
#include "tests/house/house_rules.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace overtake::house {
namespace {

constexpr std::string_view kLicence = "SPDX-License-Identifier: Apache-2.0";
constexpr int kMaxLines = 400;

// What each room may include. ARCHITECTURE.md says why; `*` is every room but those that nobody may include.
const std::map<std::string, std::set<std::string>, std::less<>> kMayInclude = {
    {"core", {"core"}},
    {"cpu", {"core", "cpu"}},
    {"gpu", {"core", "gpu"}},
    {"io", {"core", "io"}},
    {"compare", {"core", "compare"}},
    {"bench", {"core", "cpu", "gpu", "io", "bench"}},
    {"lab", {"core", "compare", "lab"}},
    {"cli", {"core", "cpu", "gpu", "io", "bench", "compare", "lab", "cli"}},
    {"tests", {"core", "cpu", "gpu", "io", "bench", "compare", "lab", "cli", "tests"}},
};

constexpr std::array<std::string_view, 5> kNotForCuda = {"fmt/", "hwy/", "CLI/", "nlohmann/", "CLI11"};

struct Include {
  int line;
  std::string path;
  bool quoted;
};

bool is_header(std::string_view path) { return path.ends_with(".h") || path.ends_with(".cuh"); }
bool is_cuda(std::string_view path) { return path.ends_with(".cu") || path.ends_with(".cuh"); }
bool is_source(std::string_view path) { return is_header(path) || path.ends_with(".cpp") || path.ends_with(".cu"); }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// The include on this line, if there is one. `#  include` and `#include/**/` are C++ too, but the former is what
// clang-format leaves and the latter nobody writes.
std::optional<Include> parse_include(std::string_view line, int number) {
  std::string_view rest = trimmed(line);
  if (!rest.starts_with('#')) return std::nullopt;
  rest = trimmed(rest.substr(1));
  if (!rest.starts_with("include")) return std::nullopt;
  rest = trimmed(rest.substr(std::string_view("include").size()));
  if (rest.empty() || (rest.front() != '"' && rest.front() != '<')) return std::nullopt;
  const bool quoted = rest.front() == '"';
  const auto end = rest.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{number, std::string(rest.substr(1, end - 1)), quoted};
}

std::vector<Include> includes_of(const std::string& text) {
  std::vector<Include> found;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (auto include = parse_include(line, number)) found.push_back(std::move(*include));
  }
  return found;
}

// The part of the path before the first slash, where it is a room.
std::optional<std::string> room_of(const std::string& path) {
  const auto slash = path.find('/');
  if (slash == std::string::npos) return std::nullopt;
  std::string room = path.substr(0, slash);
  if (!kMayInclude.contains(room)) return std::nullopt;
  return room;
}

// "matmul" where the include is of cpu/matmul/engine and the file, of the same room, is not of cpu/matmul.
std::string engine_of_another_workload(const std::string& path, const std::string& include) {
  const auto engine = include.find("/engine/");
  if (engine == std::string::npos) return "";
  const std::string owner = include.substr(0, engine + 1), room = owner.substr(0, owner.find('/') + 1);
  if (!path.starts_with(room) || path.starts_with(owner)) return "";
  return owner.substr(room.size(), owner.size() - room.size() - 1);
}

std::string at(const std::string& path, int line) { return path + ":" + std::to_string(line) + ": "; }

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Depth first through our own headers; `chain` is how we got to `path`.
void follow(const Files& files, const std::string& path, const std::string& chain, std::set<std::string>& seen,
            Violations& violations) {
  if (!seen.insert(path).second) return;
  for (const Include& include : includes_of(files.at(path))) {
    const bool refused = std::any_of(kNotForCuda.begin(), kNotForCuda.end(),
                                     [&](std::string_view prefix) { return include.path.starts_with(prefix); });
    if (refused) {
      violations.push_back(at(path, include.line) + "<" + include.path + "> is seen by nvcc through " + chain +
                           "; move it into a .cpp file");
    }
    if (files.contains(include.path)) follow(files, include.path, chain + " -> " + include.path, seen, violations);
  }
}

void check_form_of(const std::string& path, const std::string& text, Violations& violations) {
  std::istringstream lines(text);
  std::string first;
  std::getline(lines, first);
  if (first.starts_with("#!")) std::getline(lines, first);
  if (first.find(kLicence) == std::string::npos) {
    violations.push_back(at(path, 1) + "the first line (after a shebang) must be a comment with " +
                         std::string(kLicence));
  }
  const auto count = std::count(text.begin(), text.end(), '\n');
  if (count > kMaxLines) {
    violations.push_back(at(path, kMaxLines) + std::to_string(count) + " lines are more than " +
                         std::to_string(kMaxLines) + ": the file has two subjects, split it");
  }
  // Highway includes *-inl.h once for each instruction set.
  if (is_header(path) && !path.ends_with("-inl.h") && text.find("\n#pragma once\n") == std::string::npos) {
    violations.push_back(at(path, 1) + "a header needs #pragma once");
  }
}

bool is_ours(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const std::string extension = path.extension().string();
  return is_source(name) || name == "CMakeLists.txt" || extension == ".cmake" || extension == ".py" ||
         extension == ".sh";
}

}  // namespace

Files read_files(const std::filesystem::path& root) {
  Files files;
  const auto add = [&](const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << in.rdbuf();
    files[path.lexically_relative(root).generic_string()] = text.str();
  };
  std::vector<std::string> folders = {"cmake", "scripts", ".ci"};
  for (const auto& [room, allowed] : kMayInclude) folders.push_back(room);
  for (const std::string& folder : folders) {
    if (!std::filesystem::exists(root / folder)) continue;
    // Scripts are ours whatever their name.
    const bool every = folder == "scripts" || folder == ".ci";
    std::filesystem::recursive_directory_iterator walk(root / folder);
    for (; walk != std::filesystem::recursive_directory_iterator(); ++walk) {
      // What bench/peers/fetch gets from others.
      if (walk->path().filename() == "venv") walk.disable_recursion_pending();
      if (walk->is_regular_file() && (every || is_ours(walk->path()))) add(walk->path());
    }
  }
  add(root / "CMakeLists.txt");
  return files;
}

Violations check_rooms(const Files& files) {
  Violations violations;
  for (const auto& [path, text] : files) {
    const auto room = room_of(path);
    if (!room || !is_source(path)) continue;
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    for (const Include& include : includes_of(text)) {
      const auto target = room_of(include.path);
      if (!target) {
        const auto beside = std::filesystem::path(folder + include.path).lexically_normal().generic_string();
        if (include.quoted && files.contains(beside)) {
          violations.push_back(at(path, include.line) + "write the include from the root: \"" + beside + "\"");
        }
        continue;
      }
      if (!include.quoted && files.contains(include.path)) {
        violations.push_back(at(path, include.line) + "our own headers are included with quotes: \"" + include.path +
                             "\"");
      }
      const std::string other = engine_of_another_workload(path, include.path);
      if (!other.empty())
        violations.push_back(at(path, include.line) + include.path + " is the engine of " + other +
                             " alone; what two workloads share moves to core, cpu/table or gpu/table");
      const auto& allowed = kMayInclude.at(*room);
      if (!allowed.contains(*target)) {
        violations.push_back(at(path, include.line) + *room + " may not include " + include.path + ", only " +
                             joined(allowed));
      }
    }
  }
  return violations;
}

Violations check_cuda_includes(const Files& files) {
  Violations violations;
  for (const auto& [path, text] : files) {
    std::set<std::string> seen;
    if (is_cuda(path)) follow(files, path, path, seen, violations);
  }
  return violations;
}

Violations check_form(const Files& files) {
  Violations violations;
  for (const auto& [path, text] : files) check_form_of(path, text, violations);
  return violations;
}

}  // namespace overtake::house
