// SPDX-License-Identifier: Apache-2.0
// A strategy as a variant of the workload download: the same session, transfers and folder as `do download`, in a form
// that can be timed. A strategy's file ends with OVERTAKE_DOWNLOAD.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/registry/variant.h"
#include "core/workload/download.h"
#include "io/download/engine/ground.h"
#include "io/download/engine/report.h"
#include "io/download/engine/strategy.h"

namespace overtake::download {

class TimedDownload {
 public:
  TimedDownload(std::string_view strategy, Strategy kind, const Download::Problem& problem);
  ~TimedDownload();

  /// Starts workers, at the first call. What reset() made ready for the same input stays.
  void load(const DownloadInput& input, DownloadFolder& output);
  /// Empties the folder and closes every connection.
  void reset();
  /// Throws std::runtime_error that says why where some file could not be had.
  void run();
  void store() {}
  KeyValues metrics() const;
  int workers() const { return workers_; }

 private:
  struct Ready;
  std::string strategy_;
  int workers_;
  Options options_;
  bool digest_;
  std::string list_;
  const DownloadInput* input_ = nullptr;
  DownloadFolder* output_ = nullptr;
  std::unique_ptr<Downloader> downloader_;
  std::unique_ptr<Ready> ready_;  // for the next run
  Totals totals_;                 // of the last run
};

/// The last line of a strategy's file: OVERTAKE_DOWNLOAD(async, Strategy::async, make_async); it makes `do download`
/// and the registry of variants know it. `make` is a MakeDownloader.
#define OVERTAKE_DOWNLOAD(name, kind, make)                                                       \
  template <class>                                                                                \
  struct Timed_##name : TimedDownload {                                                           \
    Timed_##name(const Download::Problem& p, const Resources&) : TimedDownload(#name, kind, p) {} \
  };                                                                                              \
  [[maybe_unused]] const bool kKnown_##name = provide_ground() && register_strategy(#name, make); \
  OVERTAKE_VARIANT(Download, name, kind, Timed_##name, NoElement)

}  // namespace overtake::download
