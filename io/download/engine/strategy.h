// SPDX-License-Identifier: Apache-2.0
// What a strategy is: made (threads and workers started) before the clock of a benchmark, then run on a session. The
// files above this folder hold one each.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/download/engine/session.h"
#include "io/download/engine/transfer.h"

namespace overtake::download {

class Downloader {
 public:
  virtual ~Downloader() = default;
  /// Returns when the session has nothing left. `context` is the one that it was made with.
  virtual void run(Session& session, Context& context) = 0;
  /// Closes every connection, so that the next run begins as the first one did. The folder may have been emptied.
  virtual void reset() {}
  /// Highest resident sizes of the worker processes together, each since the last reset; 0: there are none.
  virtual std::int64_t workers_peak_bytes() { return 0; }
};

using MakeDownloader = std::unique_ptr<Downloader> (*)(const Options&);

/// OVERTAKE_DOWNLOAD (io/download/engine/timed.h) calls it.
bool register_strategy(std::string_view name, MakeDownloader make);
/// Throws UsageError that lists those that there are.
std::unique_ptr<Downloader> make_downloader(std::string_view strategy, const Options& options);
std::vector<std::string> strategy_names();

/// Of the process that downloads: as many descriptors as it may have, and memory that is not given back between files.
void prepare_process();

/// One job after another on one handle, until the session has none left: a thread's whole work.
void run_transfers(Session& session, Transfer& transfer);

/// Begins, performs and ends one attempt; `job` is then as it left it.
Attempt attempt_once(Transfer& transfer, Job& job) noexcept;

/// The run of a command. False: memory was not even enough to say what became of every URL.
bool run_to_end(Downloader& downloader, Session& session, Context& context);

/// What becomes of a job when the program itself failed at it (no memory): every job that a session gave out must come
/// back to it. To be called in a catch block; throws nothing.
Attempt attempt_of_exception() noexcept;

}  // namespace overtake::download
