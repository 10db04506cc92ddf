// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/timed.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace overtake::download {
namespace {

Options options_of(const Download::Problem& p) {
  Options options;
  options.in_flight = static_cast<int>(p.in_flight);
  if (p.urls.empty())
    options.allow_private = {"127.0.0.1"};
  else if (!p.allow_private.empty())
    options.allow_private = {p.allow_private};
  return options;
}

// What the strategy is given: without digests where they are not to be verified.
std::string list_of(const DownloadInput& input, bool digest) {
  if (digest) return std::string(input.text);
  std::string out;
  for (const DownloadInput::File& file : input.files)
    out += fmt::format("{} name={}\n", file.line.substr(0, file.line.find(' ')), file.name);
  return out;
}

}  // namespace

// Everything that one run needs and that is no part of its time.
struct TimedDownload::Ready {
  Ready(const Options& options, const std::string& text)
      : folder(Folder::lock(options.folder)),
        list(text),
        reader(list),
        report({.rows = false, .sentences = false}),
        session(options, folder, reader, report),
        context(options, folder, &session.aborting()) {}
  Folder folder;
  std::istringstream list;
  ListReader reader;
  Report report;
  Session session;
  Context context;
};

TimedDownload::TimedDownload(std::string_view strategy, Strategy kind, const Download::Problem& problem)
    : strategy_(strategy),
      workers_(kind == Strategy::threads || kind == Strategy::processes ? static_cast<int>(problem.in_flight) : 1),
      options_(options_of(problem)),
      digest_(problem.digest) {}

TimedDownload::~TimedDownload() = default;

void TimedDownload::load(const DownloadInput& input, DownloadFolder& output) {
  if (input_ != &input) ready_.reset();
  input_ = &input;
  output_ = &output;
  list_ = list_of(input, digest_);
  if (downloader_ != nullptr) return;
  options_.folder = output.path;
  prepare_process();
  downloader_ = make_downloader(strategy_, options_);
}

void TimedDownload::reset() {
  ready_.reset();
  output_->empty();
  ready_ = std::make_unique<Ready>(options_, list_);
  downloader_->reset();
}

void TimedDownload::run() {
  if (ready_ == nullptr) reset();
  const std::unique_ptr<Ready> ready = std::move(ready_);
  downloader_->run(ready->session, ready->context);
  totals_ = ready->report.totals();
  if (totals_.failed > 0)
    throw std::runtime_error(fmt::format("{} of {} files could not be had: {}", totals_.failed,
                                         totals_.failed + totals_.good, ready->report.first_failure()));
}

KeyValues TimedDownload::metrics() const {
  KeyValues out;
  const std::int64_t attempts = totals_.good + totals_.failed + totals_.retries;
  out.set("connections_opened", totals_.connections);
  out.set("connections_reused", std::max<std::int64_t>(attempts - totals_.connections, 0));
  out.set("retries", totals_.retries);
  if (const std::int64_t bytes = downloader_ == nullptr ? 0 : downloader_->workers_peak_bytes(); bytes > 0)
    out.set("workers_peak_memory_bytes", bytes);
  if (output_ != nullptr) out.set("target", is_in_memory(output_->path) ? "memory" : "disk");
  return out;
}

}  // namespace overtake::download
