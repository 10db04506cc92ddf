// SPDX-License-Identifier: Apache-2.0
// A file's bytes as memory, read by the system when they are touched, so that they need none of this process's own.
// For readers of large files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace overtake {

/// The file must not be cut while it is mapped: touching what is gone ends the process (SIGBUS), as with every mapping.
class MappedFile {
 public:
  /// What cannot be mapped (a pipe, a device) is read into memory. Throws as read_file does.
  explicit MappedFile(const std::filesystem::path& path);
  /// The first `bytes` bytes of an open file, which stays the caller's. Throws std::system_error's message.
  MappedFile(int descriptor, std::size_t bytes);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::string_view text() const { return {data_, size_}; }

 private:
  const char* data_ = "";
  std::size_t size_ = 0;
  bool mapped_ = false;
  std::string content_;  // of what cannot be mapped
};

}  // namespace overtake
