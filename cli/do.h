// SPDX-License-Identifier: Apache-2.0
// `overtake do`: the work itself, without measuring it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/error.h"
#include "io/download/engine/options.h"
#include "io/origin/server.h"

namespace overtake::cli {

struct DownloadArguments {
  std::string list, strategy = "async";
  std::string max_size;  // bytes, or with k, M, G
  download::Options options;
};

/// `do download`, `do check`. "-" as a list is stdin. Throw UsageError.
Status do_download(const DownloadArguments&);
Status do_check(const DownloadArguments&);

struct OriginArguments {
  origin::ServerOptions server;
  std::filesystem::path list;  // not empty: a list of `files` URLs with digests is written here
  std::int64_t files = 100;
  std::string size = "10k", query;
};

/// `do origin`: prints where it listens as a line of JSON and serves until SIGINT, SIGTERM, or its stdin's end where
/// that is a pipe.
Status do_origin(const OriginArguments&);

/// The grammar of the origin's URLs, for --help.
std::string origin_grammar();

}  // namespace overtake::cli
