// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/strategy.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <map>
#include <new>

#include "core/error.h"

namespace overtake::download {
namespace {

std::map<std::string, MakeDownloader, std::less<>>& strategies() {
  static std::map<std::string, MakeDownloader, std::less<>> all;
  return all;
}

}  // namespace

bool register_strategy(std::string_view name, MakeDownloader make) { return strategies().emplace(name, make).second; }

std::vector<std::string> strategy_names() {
  std::vector<std::string> out;
  for (const auto& [name, make] : strategies()) out.push_back(name);
  return out;
}

std::unique_ptr<Downloader> make_downloader(std::string_view strategy, const Options& options) {
  const auto found = strategies().find(strategy);
  if (found == strategies().end())
    throw UsageError(fmt::format("--strategy {}: there are {}", strategy, fmt::join(strategy_names(), ", ")));
  start_curl();
  return found->second(options);
}

void prepare_process() {
  // Transfers need descriptors; what the hard limit allows is asked for.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  keep_freed_memory();
}

void run_transfers(Session& session, Transfer& transfer) {
  for (;;) {
    Session::Next next = session.next_or_wait();
    if (next.finished) return;
    if (!next.job) continue;
    Job job = std::move(*next.job);
    const Attempt attempt = attempt_once(transfer, job);
    session.finish(std::move(job), attempt);
  }
}

bool run_to_end(Downloader& downloader, Session& session, Context& context) {
  try {
    downloader.run(session, context);
  } catch (const std::bad_alloc&) {
    return false;
  }
  return !session.out_of_memory();
}

Attempt attempt_once(Transfer& transfer, Job& job) noexcept {
  try {
    transfer.begin(job);
    Attempt attempt = transfer.end(curl_easy_perform(transfer.easy()));
    job = std::move(transfer.job());
    return attempt;
  } catch (...) {
    ++job.attempts;
    return attempt_of_exception();
  }
}

// The words are short enough for std::string to hold them without asking for memory.
Attempt attempt_of_exception() noexcept {
  Attempt attempt;
  try {
    throw;
  } catch (const std::bad_alloc&) {
    attempt.outcome = "out_of_memory";
    attempt.again = Again::after_backoff;
  } catch (const std::exception& error) {
    attempt.outcome = "failed";
    try {
      attempt.detail = error.what();
    } catch (const std::bad_alloc&) {
      attempt.detail.clear();  // the word will have to do
    }
  } catch (...) {
    attempt.outcome = "failed";
  }
  return attempt;
}

}  // namespace overtake::download
