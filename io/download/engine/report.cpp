// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "io/download/engine/names.h"

namespace overtake::download {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kBuffered = 65536;

double seconds_since(Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); }

std::string row_head(std::int64_t line, std::string_view url, std::string_view outcome) {
  return fmt::format(R"({{"line":{},"url":{},"outcome":"{}")", line, json_string(url), outcome);
}

std::string of_times(const Times& times) {
  return fmt::format(R"(,"seconds":{{"name":{:.6f},"connect":{:.6f},"tls":{:.6f},"first_byte":{:.6f},"total":{:.6f}}})",
                     times.name, times.connect, times.tls, times.first_byte, times.total);
}

std::string of_file(const Job& job, const Attempt& last) {
  std::string row = fmt::format(R"(,"name":{},"status":{},"bytes":{},"attempts":{})", json_string(job.name),
                                last.status, last.good() ? last.size : last.received, job.attempts);
  row += of_times(last.times);
  if (!last.digest.empty()) row += fmt::format(R"(,"sha256":"{}")", last.digest);
  if (last.resumed) row += R"(,"resumed":true)";
  if (last.length_unverified && last.good()) row += R"(,"length_unverified":true)";
  return row;
}

std::string of_answer(const Job& job, const Attempt& last) {
  std::string row = fmt::format(R"(,"status":{},"method":"{}","attempts":{},"redirects":[)", last.status,
                                last.by_get ? "GET" : "HEAD", job.attempts);
  for (const Hop& hop : last.redirects)
    row += fmt::format(R"({}{{"status":{},"location":{}}})", &hop == last.redirects.data() ? "" : ",", hop.status,
                       json_string(hop.location));
  row += "]";
  if (!last.final_url.empty()) row += fmt::format(R"(,"final":{})", json_string(last.final_url));
  return row + of_times(last.times);
}

}  // namespace

std::string json_string(std::string_view text) {
  const bool good = is_utf8(text);
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 32 || byte == 127 || (byte > 127 && !good)) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // 0xc2 0x80..0x9f are the C1 controls: without UTF-8 decoding, all of 0xc2's followers below 0xa0.
    const bool c1 = byte >= 0x80 && byte < 0xa0 && !out.empty() && static_cast<unsigned char>(out.back()) == 0xc2;
    if (c1) out.pop_back();
    out += byte < 32 || byte == 127 || c1 ? '?' : c;
  }
  return out;
}

Report::Report(Options options) : options_(options), terminal_(options.sentences && isatty(STDERR_FILENO) == 1) {}

void Report::finished(const Job& job, const Attempt& last) {
  ++(good(last) ? totals_.good : totals_.failed);
  if (!good(last) && first_failure_.empty())
    first_failure_ = fmt::format("{}: {}{}{}", job.url, last.outcome, last.detail.empty() ? "" : ": ", last.detail);
  if (options_.rows) {
    std::string row = row_head(job.line, job.url, last.outcome);
    row += options_.about == About::files ? of_file(job, last) : of_answer(job, last);
    if (!last.detail.empty()) row += fmt::format(R"(,"detail":{})", json_string(last.detail));
    put(row + "}\n");
  }
  if (!good(last)) say(fmt::format("line {}: {}: {}: {}", job.line, job.url, last.outcome, last.detail));
}

void Report::unusable(const Entry& entry) {
  ++(entry.duplicate ? totals_.duplicates : totals_.failed);
  const std::string_view outcome = entry.duplicate ? "duplicate" : "bad_line";
  const std::string detail = entry.duplicate ? "the same URL stands on an earlier line" : entry.error;
  if (options_.rows)
    put(row_head(entry.line, entry.url, outcome) + fmt::format(",\"detail\":{}}}\n", json_string(detail)));
  say(fmt::format("line {}: {}", entry.line, detail));
}

void Report::present(const Job& job, std::int64_t size) {
  ++totals_.present;
  if (options_.rows)
    put(row_head(job.line, job.url, "present") +
        fmt::format(",\"name\":{},\"bytes\":{},\"attempts\":0}}\n", json_string(job.name), size));
}

void Report::attempt_made(const Attempt& attempt, bool again) {
  totals_.connections += attempt.connections;
  totals_.bytes += attempt.received;
  if (again) ++totals_.retries;
}

void Report::put(const std::string& row) {
  buffer_ += row;
  // A reader that follows gets rows within a second; a fast run costs few calls.
  if (buffer_.size() >= kBuffered || seconds_since(flushed_) > 0.5) flush();
}

bool Report::flush() {
  flushed_ = Clock::now();
  std::string_view left = buffer_;
  while (!left.empty() && !lost_) {
    const ssize_t count = ::write(STDOUT_FILENO, left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) lost_ = true;
    left.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
  }
  buffer_.clear();
  return !lost_;
}

void Report::say(const std::string& sentence) {
  if (!options_.sentences) return;
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
  fmt::print(stderr, "{}\n", printable(sentence));
}

void Report::progress(int in_flight, bool force) {
  if (seconds_since(flushed_) > 0.5 && !buffer_.empty()) flush();
  if (!terminal_ || (!force && seconds_since(drawn_at_) < 0.2)) return;
  drawn_at_ = Clock::now();
  const double seconds = seconds_since(start_);
  const std::int64_t through = totals_.good + totals_.present;
  if (options_.about == About::files)
    fmt::print(stderr, "\r\033[K{} done, {} failed, {} in flight, {:.1f} files/s, {:.1f} MB/s", through, totals_.failed,
               in_flight, static_cast<double>(through) / seconds, static_cast<double>(totals_.bytes) / 1e6 / seconds);
  else
    fmt::print(stderr, "\r\033[K{} answered, {} did not, {} in flight, {:.1f} URLs/s", through, totals_.failed,
               in_flight, static_cast<double>(through + totals_.failed) / seconds);
  if (total_ > 0 && through + totals_.failed > 0) {
    const std::int64_t left = total_ - through - totals_.failed - totals_.duplicates;
    fmt::print(stderr, ", {} left, about {:.0f} s", left,
               seconds * static_cast<double>(left) / static_cast<double>(through + totals_.failed));
  }
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace overtake::download
