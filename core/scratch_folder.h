// SPDX-License-Identifier: Apache-2.0
// A folder of this process' own that benchmarks write into: in memory where there is room, gone with its object. What a
// process that was killed left behind is removed by the next that makes one.
#pragma once

#include <cstdint>
#include <string>

namespace overtake {

class ScratchFolder {
 public:
  /// In $TMPDIR where it is set, otherwise in /dev/shm, otherwise in /tmp. Throws Skip where `bytes` and a tenth more
  /// do not fit, and std::runtime_error where it cannot be made.
  explicit ScratchFolder(std::int64_t bytes);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  const std::string& path() const { return path_; }
  /// Removes those of this process, however many: for an end without destructors.
  static void remove_all();

 private:
  std::string path_;
};

/// Removes all that is in the folder, and leaves the folder.
void empty_folder(const std::string& path);

/// Whether files there are kept in memory (tmpfs).
bool is_in_memory(const std::string& path);

}  // namespace overtake
