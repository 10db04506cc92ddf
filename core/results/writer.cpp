// SPDX-License-Identifier: Apache-2.0
#include "core/results/writer.h"

#include <stdexcept>
#include <utility>

#include "core/csv/writer.h"

namespace overtake {
namespace fs = std::filesystem;
namespace {

void refuse_existing(const fs::path& path) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error)))
    throw UsageError("'" + path.string() + "' exists: remove it, or choose another name for the results");
}

}  // namespace

ResultsWriter::ResultsWriter(fs::path path, Existing existing) : path_(std::move(path)) {
  std::error_code error;
  if (existing == Existing::refuse) {
    refuse_existing(path_);
    refuse_existing(part_path());
  } else if (fs::exists(path_, error) && !fs::is_regular_file(path_, error)) {
    throw UsageError("'" + path_.string() + "' is not a regular file: choose another name for the results");
  }
  if (existing == Existing::extend) {
    open_extended();
    if (size_ > 0) return;
  } else {
    file_.emplace(part_path(), existing == Existing::refuse ? File::Mode::create : File::Mode::replace);
  }
  try {
    CsvWriter header;
    header.record(column_names());
    append(header.text());
  } catch (...) {
    fs::remove(part_path(), error);
    throw;
  }
}

fs::path ResultsWriter::part_path() const { return fs::path(path_) += ".part"; }

// A process that crashed may have left a part with a line that it could not complete: rows go on before that.
void ResultsWriter::open_extended() {
  std::error_code error;
  if (fs::exists(path_, error)) {
    refuse_existing(part_path());
    rename_file(path_, part_path());
  }
  if (fs::exists(part_path(), error)) size_ = read_file(part_path()).rfind('\n') + 1;
  file_.emplace(part_path(), File::Mode::extend);
  if (!file_->truncate(size_)) throw_errno("'" + part_path().string() + "' cannot be extended");
}

void ResultsWriter::append(std::string_view text) {
  try {
    file_->write(text);
  } catch (...) {
    file_->truncate(size_);  // where that fails too, readers drop the unterminated line
    throw;
  }
  size_ += text.size();
}

bool ResultsWriter::add(const Row& row) {
  const auto fields = to_fields(row);
  try {
    row_from_fields(fields);
  } catch (const UsageError& error) {
    throw std::runtime_error(row.cell().name() + ": its row could not be read back: " + error.what());
  }
  CsvWriter csv;
  csv.record(fields);
  const std::scoped_lock lock(mutex_);
  if (!file_) return false;
  append(csv.text());
  return true;
}

void ResultsWriter::finish() {
  const std::scoped_lock lock(mutex_);
  if (!file_) return;
  File file = std::move(*file_);
  file_.reset();
  file.close();
  rename_file(part_path(), path_);
}

}  // namespace overtake
