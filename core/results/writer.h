// SPDX-License-Identifier: Apache-2.0
// Writes a results CSV so that an interrupted run loses at most the row being measured. Used by the benchmark programs
// and by `overtake run`.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>

#include "core/file.h"
#include "core/results/row.h"

namespace overtake {

/// What happens to a file of the same name; extend: rows are added to those of earlier processes of the same run.
enum class Existing { refuse, replace, extend };

/// Rows go to `PATH.part`, which finish() renames to PATH. Every call is safe from any thread, also finish() from a
/// thread that watches for Ctrl-C while another is in add(): the row being written is completed first, and rows added
/// after finish() are not written.
class ResultsWriter {
 public:
  /// Creates `PATH.part` with the header. The folder must exist. Throws UsageError where PATH or PATH.part exists and
  /// is not to be replaced, or the folder cannot be written; std::runtime_error where the disk is full.
  explicit ResultsWriter(std::filesystem::path path, Existing existing = Existing::refuse);
  /// Without finish(), as after an exception, leaves `PATH.part` with the rows so far.
  ~ResultsWriter() = default;
  ResultsWriter(const ResultsWriter&) = delete;
  ResultsWriter& operator=(const ResultsWriter&) = delete;

  /// Writes the row with one write(2). Returns false, and writes nothing, after finish(). Throws std::runtime_error
  /// where the disk is full (the rows before stay whole, and finish() still works) or readers would refuse the row.
  bool add(const Row& row);
  /// Renames `PATH.part` to PATH; calls after the first do nothing. Throws as File does.
  void finish();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path part_path() const;

 private:
  void open_extended();
  void append(std::string_view text);

  const std::filesystem::path path_;
  std::mutex mutex_;
  std::optional<File> file_;  // none after finish()
  std::size_t size_ = 0;      // of the whole rows in the file, in bytes
};

}  // namespace overtake
