// SPDX-License-Identifier: Apache-2.0
// Whether a folder holds what its list says and nothing else, and the faults that must be seen.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <unordered_set>

#include "core/digest.h"
#include "core/file.h"
#include "core/file_descriptor.h"
#include "core/workload/download.h"

namespace overtake {
namespace {

namespace fs = std::filesystem;

// What is wrong with one file; empty: nothing.
std::string fault_of(int folder, const DownloadInput::File& file, std::int64_t bytes) {
  const std::string name(file.name);
  const FileDescriptor fd(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return fmt::format("{} is not there ({})", name, std::strerror(errno));
  struct stat info{};
  if (fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return name + " is no file";
  if (bytes > 0 && info.st_size != bytes) return fmt::format("{} has {} bytes, not {}", name, info.st_size, bytes);
  if (file.sha256.empty()) return {};
  Digest digest;
  const int error = add_file(fd.get(), digest);
  if (error != 0) return fmt::format("{}: {}", name, std::strerror(error));
  return digest.finish() == file.sha256 ? std::string() : name + " has another SHA-256";
}

fs::path path_of(const DownloadFolder& folder, const DownloadInput::File& file) {
  return fs::path(folder.path) / file.name;
}

void one_byte_wrong(const DownloadInput& input, DownloadFolder& folder) {
  const fs::path path = path_of(folder, input.files[input.files.size() / 2]);
  std::string content = read_file(path);
  content[content.size() / 2] ^= 1;
  write_file(path, content);
}

void file_missing(const DownloadInput& input, DownloadFolder& folder) {
  fs::remove(path_of(folder, input.files.back()));
}

void truncated(const DownloadInput& input, DownloadFolder& folder) {
  const fs::path path = path_of(folder, input.files.front());
  fs::resize_file(path, fs::file_size(path) - 1);
}

// As a mix-up of transfers would leave it; of a list of one, its name alone.
void names_exchanged(const DownloadInput& input, DownloadFolder& folder) {
  const fs::path first = path_of(folder, input.files.front()), last = path_of(folder, input.files.back());
  const fs::path between = fs::path(folder.path) / "between";
  fs::rename(first, between);
  if (first != last) fs::rename(last, first);
  fs::rename(between, first == last ? fs::path(first.string() + "2") : last);
}

void extra_file(const DownloadInput&, DownloadFolder& folder) { write_file(fs::path(folder.path) / "extra", "x"); }

void part_left(const DownloadInput& input, DownloadFolder& folder) {
  write_file(path_of(folder, input.files.front()).string() + ".part", "x");
}

}  // namespace

std::string_view Download::ListChecker::method() const {
  const bool all = std::ranges::none_of(input_.files, [](const auto& file) { return file.sha256.empty(); });
  return all ? "sha256" : "present";
}

Check Download::ListChecker::operator()(const DownloadFolder& folder) const {
  Check check{.method = method()};
  std::unordered_set<std::string_view> names;
  const auto wrong = [&](const std::string& what) {
    if (check.detail.empty()) check.detail = what;
    ++check.error;
  };
  const FileDescriptor where(open(folder.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const DownloadInput::File& file : input_.files) {
    names.insert(file.name);
    if (const std::string fault = fault_of(where.get(), file, input_.problem.bytes); !fault.empty()) wrong(fault);
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder.path, error)) {
    const std::string found = entry.path().filename().string();
    if (found != kDownloadRecord && !names.contains(found)) wrong(found + " is there, and on no line of the list");
  }
  if (error) wrong(folder.path + ": " + error.message());
  check.ok = check.error <= check.tolerance;
  if (check.error > 1) check.detail += fmt::format(", and {} more are wrong", check.error - 1);
  return check;
}

std::span<const Download::Spoil> Download::spoils() {
  static constexpr Spoil kSpoils[] = {
      {"one byte wrong", one_byte_wrong}, {"a file missing", file_missing},
      {"a file truncated", truncated},    {"two files' names exchanged", names_exchanged},
      {"an extra file", extra_file},      {"a temporary file left", part_left},
  };
  return kSpoils;
}

}  // namespace overtake
