// SPDX-License-Identifier: Apache-2.0
#include "core/system/cgroup.h"

#include <algorithm>
#include <vector>

namespace overtake {
namespace {

// cgroup v1 writes "no limit" as the largest multiple of the page size.
constexpr std::int64_t kUnlimited = std::int64_t{1} << 62;

struct Mount {
  std::string root, point, controllers;  // controllers: v1 only
  bool v2 = false;
};

struct Membership {
  std::string controllers, path;  // controllers empty: v2
};

struct Place {
  std::vector<std::string> folders;  // from the process's own cgroup up to the highest visible one
  bool v2 = false;
};

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == word) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// mountinfo writes spaces in paths as \040 (proc(5)).
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool octal =
        text[i] == '\\' && i + 3 < text.size() &&
        std::all_of(text.begin() + i + 1, text.begin() + i + 4, [](char c) { return c >= '0' && c <= '7'; });
    if (!octal) {
      out += text[i];
      continue;
    }
    out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return out;
}

std::vector<Mount> cgroup_mounts(const HostFiles& files) {
  std::vector<Mount> out;
  const std::string text = files.text("/proc/self/mountinfo").value_or("");
  for (std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 6 || words.end() - dash < 4) continue;
    const std::string_view type = dash[1];
    if (type == "cgroup2") out.push_back({unescaped(words[3]), unescaped(words[4]), "", true});
    if (type == "cgroup") out.push_back({unescaped(words[3]), unescaped(words[4]), std::string(dash[3]), false});
  }
  return out;
}

std::vector<Membership> memberships(const HostFiles& files) {
  std::vector<Membership> out;
  const std::string text = files.text("/proc/self/cgroup").value_or("");
  for (std::string_view line : lines_of(text)) {  // "4:memory:/docker/1f2e", v2: "0::/user.slice"
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    out.push_back({std::string(line.substr(first + 1, second - first - 1)), std::string(line.substr(second + 1))});
  }
  return out;
}

// The path of a cgroup below its mount. A container often mounts its own cgroup as the root, while /proc/self/cgroup
// still names it as the host sees it: what lies outside the mount cannot be seen, and the mount itself is the cgroup.
std::string below(const Mount& mount, const std::string& path) {
  if (path.find("/..") != std::string::npos) return "";
  if (mount.root == "/") return path == "/" ? "" : path;
  const bool inside =
      path.starts_with(mount.root) && (path.size() == mount.root.size() || path[mount.root.size()] == '/');
  return inside ? path.substr(mount.root.size()) : "";
}

std::optional<Place> place_of(const HostFiles& files, std::string_view controller) {
  const auto mounts = cgroup_mounts(files);
  const auto groups = memberships(files);
  for (const bool v2 : {false, true})
    for (const Membership& group : groups) {
      if (v2 ? !group.controllers.empty() : !has_word(group.controllers, controller)) continue;
      for (const Mount& mount : mounts) {
        if (mount.v2 != v2 || (!v2 && !has_word(mount.controllers, controller))) continue;
        Place place{{}, v2};
        std::string path = below(mount, group.path);
        while (true) {
          place.folders.push_back(mount.point + path);
          if (path.empty()) break;
          path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
        }
        if (files.exists(mount.point)) return place;
      }
    }
  return std::nullopt;
}

template <class T>
void tighten(std::optional<T>& limit, std::optional<T> other) {
  if (other && (!limit || *other < *limit)) limit = other;
}

std::optional<double> quota_of(const HostFiles& files, const std::string& folder, bool v2) {
  std::optional<std::int64_t> quota, period;
  if (v2) {
    const std::string text = files.text(folder + "/cpu.max").value_or("");  // "max 100000" or "150000 100000"
    const auto words = words_of(text);
    if (words.size() == 2) quota = leading_integer(words[0]), period = leading_integer(words[1]);
  } else {
    quota = files.integer(folder + "/cpu.cfs_quota_us");  // -1: none
    period = files.integer(folder + "/cpu.cfs_period_us");
  }
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

void tighten_memory(const HostFiles& files, const std::string& folder, bool v2, CgroupLimits& out) {
  const std::string stat = files.text(folder + "/memory.stat").value_or("");
  std::optional<std::int64_t> limit;
  if (v2) {
    tighten(limit, files.integer(folder + "/memory.max"));
    tighten(limit, files.integer(folder + "/memory.high"));  // beyond it the kernel throttles
  } else {
    tighten(limit, files.integer(folder + "/memory.limit_in_bytes"));
    tighten(limit, counter(stat, "hierarchical_memory_limit"));  // counts parents that a container does not see
  }
  if (!limit || *limit >= kUnlimited) return;
  tighten(out.memory_bytes, limit);
  const std::int64_t used = files.integer(folder + (v2 ? "/memory.current" : "/memory.usage_in_bytes")).value_or(0);
  const std::int64_t cache = counter(stat, v2 ? "inactive_file" : "total_inactive_file").value_or(0);
  tighten(out.memory_left_bytes,
          std::optional(std::max<std::int64_t>(*limit - std::max<std::int64_t>(used - cache, 0), 0)));
}

}  // namespace

CgroupLimits read_cgroup_limits(const HostFiles& files) {
  CgroupLimits out;
  if (const auto place = place_of(files, "cpu")) {
    out.version = place->v2 ? "v2" : "v1";
    for (const std::string& folder : place->folders) tighten(out.cpus, quota_of(files, folder, place->v2));
  }
  if (const auto place = place_of(files, "memory"))
    for (const std::string& folder : place->folders) tighten_memory(files, folder, place->v2, out);
  return out;
}

}  // namespace overtake
