// SPDX-License-Identifier: Apache-2.0
#include "io/download/download.h"

#include <fmt/format.h>

#include "io/download/engine/strategy.h"

namespace overtake::download {

Status download_list(std::istream& list, const std::string& strategy, const Options& options) {
  prepare_process();
  const std::unique_ptr<Downloader> downloader = make_downloader(strategy, options);
  Folder folder = Folder::lock(options.folder);
  ListReader reader(list);
  Report report({});
  catch_interrupts("; what was begun is kept in .part files");
  Session session(options, folder, reader, report);
  Context context(options, folder, &session.aborting());
  const bool told = run_to_end(*downloader, session, context);
  report.progress(0, true);
  const bool written = report.flush();
  const Totals& totals = report.totals();
  if (!written)
    throw std::runtime_error("stdout was closed: what was in flight then was ended, and is kept in .part files");
  if (!told)
    throw std::runtime_error(
        "no memory was left: what was in flight then was ended, and is kept in .part files; run it again with a "
        "smaller "
        "--in-flight");
  fmt::print(stderr, "{}{} downloaded, {} there already, {} failed\n", report.drawn() ? "\n" : "", totals.good,
             totals.present, totals.failed);
  if (interrupts() > 0) return Status::interrupted;
  return totals.failed > 0 ? Status::failure : Status::good;
}

}  // namespace overtake::download
