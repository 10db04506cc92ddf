// SPDX-License-Identifier: Apache-2.0
// The files under /proc, /sys and /etc that describe a machine, below a root folder, so that tests can describe others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace overtake {

class HostFiles {
 public:
  explicit HostFiles(std::filesystem::path root = "/") : root_(std::move(root)) {}

  /// Whether this is the running machine, so that its CPU, environment and drivers may be asked too.
  bool live() const { return root_ == "/"; }
  /// The file's text without spaces and newlines at its end; nothing where it cannot be read. Paths start with '/'.
  std::optional<std::string> text(std::string_view path) const;
  /// The integer that the file begins with; nothing where there is none.
  std::optional<std::int64_t> integer(std::string_view path) const;
  bool exists(std::string_view path) const;
  /// What a symbolic link says, unresolved.
  std::optional<std::string> link(std::string_view path) const;
  /// Names in a folder, sorted; empty where it cannot be read.
  std::vector<std::string> list(std::string_view folder) const;

 private:
  std::filesystem::path full(std::string_view path) const;
  std::filesystem::path root_;
};

/// Reads the kernel's CPU lists: "0-3,8" is 0 1 2 3 8. Text that is none gives an empty list.
std::vector<int> parse_cpu_list(std::string_view text);
/// The inverse; `cpus` ascending.
std::string cpu_list_text(std::span<const int> cpus);
/// The lines of a text, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);
/// The words between spaces and tabs.
std::vector<std::string_view> words_of(std::string_view text);
/// The value after "key:" or "key " at the start of one of the lines, as in /proc/meminfo; kB are made bytes.
std::optional<std::int64_t> counter(std::string_view text, std::string_view key);
/// The integer that the text begins with.
std::optional<std::int64_t> leading_integer(std::string_view text);

}  // namespace overtake
