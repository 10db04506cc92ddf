// SPDX-License-Identifier: Apache-2.0
// Downloads of a list, and looks at what its URLs answer: the work behind `overtake do download` and `do check`.
#pragma once

#include <istream>
#include <string>

#include "core/error.h"
#include "io/download/engine/options.h"

namespace overtake::download {

/// JSON lines go to stdout, sentences and progress to stderr. good: every file is in its place; failure: some are not;
/// interrupted: Ctrl-C. Throws UsageError for options, strategy and folder before anything is requested.
Status download_list(std::istream& list, const std::string& strategy, const Options& options);

/// A JSON line a URL with status, redirects and times, by HEAD, or by a GET of one byte where the server refuses HEAD.
/// good: every URL gave an answer, whichever; failure: some gave none; interrupted: Ctrl-C. No file is written.
Status check_list(std::istream& list, const Options& options);

}  // namespace overtake::download
