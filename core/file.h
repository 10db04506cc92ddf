// SPDX-License-Identifier: Apache-2.0
// Files that are closed by themselves, written whole or not at all, and whose errors say what to do. Used by everything
// that reads or writes a file: CSV, results, system.json, summaries.
#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace overtake {

/// An open file. Every call that fails throws with the path, the reason and what to do: UsageError where the path given
/// cannot serve (absent, a folder, not permitted, not a folder on the way), std::runtime_error otherwise (disk full).
class File {
 public:
  enum class Mode {
    read,
    create,   // refuses a file that exists
    replace,  // empties a file that exists
    extend,   // keeps what a file that exists holds; truncate() says where to go on
  };
  File(std::filesystem::path path, Mode mode);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  /// Reads until `size` bytes are there or the file ends; returns how many there are.
  std::size_t read(char* into, std::size_t size);
  /// Hands all of `bytes` to the system in one call, or in more where it takes only a part.
  void write(std::string_view bytes);
  /// Cuts the file to `size` bytes and goes on there; false where that is impossible.
  bool truncate(std::size_t size) noexcept;
  /// Closes; throws where the system reports only now that earlier writes failed.
  void close();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// The whole file. Throws UsageError where it cannot be opened or is a folder.
std::string read_file(const std::filesystem::path& path);

/// Writes `content` under a temporary name in the same folder and renames it, so that `path` holds the old content or
/// the new one, never a part; nothing is left behind on failure. A symbolic link is followed; a device or a pipe is
/// written directly, because renaming would replace it. Throws as File does.
void write_file(const std::filesystem::path& path, std::string_view content);
/// The same of several pieces, one behind the other.
void write_file(const std::filesystem::path& path, std::initializer_list<std::string_view> pieces);

/// Renames, replacing `to`. Throws as File does.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes the folder and its parents where absent. Throws as File does.
void make_folders(const std::filesystem::path& folder);

}  // namespace overtake
