// SPDX-License-Identifier: Apache-2.0
#include "cli/do.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <iostream>

#include "core/file.h"
#include "core/file_descriptor.h"
#include "io/download/download.h"
#include "io/origin/behaviour.h"
#include "io/origin/list.h"

namespace overtake::cli {
namespace {

std::int64_t parse_bytes(const std::string& flag, const std::string& text) {
  try {
    return origin::parse_target("/f/" + text + "/x").size;
  } catch (const UsageError&) {
    throw UsageError(fmt::format("{} {}: bytes are wanted, such as 10000, 10k, 100M or 1G", flag, text));
  }
}

template <class Work>
Status with_list(const std::string& list, Work work) {
  if (list == "-") return work(std::cin);
  std::ifstream file(list, std::ios::binary);
  std::error_code error;
  if (!file || std::filesystem::is_directory(list, error))
    throw UsageError(fmt::format("{}: cannot be read; a list has a URL a line ('-' is stdin)", list));
  return work(file);
}

void require(bool good, const char* flag, const char* what) {
  if (!good) throw UsageError(fmt::format("{}: {}", flag, what));
}

download::Options options_of(const DownloadArguments& arguments) {
  download::Options options = arguments.options;
  if (!arguments.max_size.empty()) options.max_size = parse_bytes("--max-size", arguments.max_size);
  require(options.in_flight >= 1 && options.in_flight <= 100000, "--in-flight", "from 1 to 100000");
  require(options.per_host >= 0, "--per-host", "at least 0 (no limit)");
  require(options.retries >= 0 && options.retries <= 100, "--retries", "from 0 to 100");
  for (const double seconds : {options.backoff, options.retry_after_most, options.connect_timeout,
                               options.first_byte_timeout, options.total_timeout, options.low_speed_time})
    require(seconds >= 0 && seconds <= 1e6, "a time", "from 0 to 1000000 seconds");
  for (const std::string& header : options.headers)
    require(header.find(':') != std::string::npos && header.find_first_of("\r\n") == std::string::npos, "--header",
            "is written 'Name: value'");
  return options;
}

bool is_pipe(int fd) {
  struct stat info{};
  return fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

}  // namespace

Status do_download(const DownloadArguments& arguments) {
  const download::Options options = options_of(arguments);
  return with_list(arguments.list,
                   [&](std::istream& list) { return download::download_list(list, arguments.strategy, options); });
}

Status do_check(const DownloadArguments& arguments) {
  const download::Options options = options_of(arguments);
  return with_list(arguments.list, [&](std::istream& list) { return download::check_list(list, options); });
}

Status do_origin(const OriginArguments& arguments) {
  signal(SIGPIPE, SIG_IGN);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  const FileDescriptor stop(signalfd(-1, &ends, SFD_CLOEXEC));
  if (!stop) throw_errno("signalfd");
  origin::Server server(arguments.server);
  if (!arguments.list.empty())
    write_file(arguments.list, origin::list_text(fmt::format("http://{}:{}", arguments.server.address, server.port()),
                                                 arguments.files, arguments.size, arguments.query));
  fmt::print("{}\n", server.addresses());
  std::fflush(stdout);
  // Whoever started it with a pipe as stdin takes it along when it ends, however it ends.
  server.run(stop.get(), is_pipe(STDIN_FILENO) ? STDIN_FILENO : -1);
  return Status::good;
}

std::string origin_grammar() { return origin::url_grammar(); }

}  // namespace overtake::cli
