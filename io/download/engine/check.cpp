// SPDX-License-Identifier: Apache-2.0
// `overtake do check`: what each URL answers, without its body. The session and the event loop of `do download`, with
// another transfer and without a folder.
#include <fmt/format.h>

#include "io/download/download.h"
#include "io/download/engine/strategy.h"

namespace overtake::download {

Status check_list(std::istream& list, const Options& options) {
  prepare_process();
  const std::unique_ptr<Downloader> downloader = make_downloader("async", options);
  Folder nowhere = Folder::none();
  ListReader reader(list, ListReader::For::urls);
  Report report({.about = Report::About::answers});
  catch_interrupts("");
  Session session(options, nowhere, reader, report);
  Context context(options, nowhere, &session.aborting(), make_look);
  const bool told = run_to_end(*downloader, session, context);
  report.progress(0, true);
  if (!report.flush()) throw std::runtime_error("stdout was closed: what was in flight then was ended");
  if (!told) throw std::runtime_error("no memory was left: try again with a smaller --in-flight");
  const Totals& totals = report.totals();
  fmt::print(stderr, "{}{} answered, {} did not\n", report.drawn() ? "\n" : "", totals.good, totals.failed);
  if (interrupts() > 0) return Status::interrupted;
  return totals.failed > 0 ? Status::failure : Status::good;
}

}  // namespace overtake::download
