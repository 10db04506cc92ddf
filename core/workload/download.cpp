// SPDX-License-Identifier: Apache-2.0
#include "core/workload/download.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <system_error>
#include <thread>

#include "core/csv/number.h"
#include "core/error.h"
#include "core/file_descriptor.h"
#include "core/registry/workload_info.h"
#include "core/system/resources.h"

namespace overtake {
namespace {

constexpr std::int64_t kMostFiles = 10'000'000, kMostBytes = std::int64_t{1} << 42, kMostInFlight = 20000;
constexpr std::int64_t kDefaultBytes = 10000;
constexpr std::size_t kMostPath = 4096;
// Up to so many bytes two runs before the first sample, and one before each, are worth what they cost.
constexpr double kRehearsedBytes = 5e8;
constexpr std::int64_t kProbeBytes = 1 << 28;  // of the disk; larger problems are extrapolated

DownloadGround*& ground() {
  static DownloadGround* ground = nullptr;
  return ground;
}

DownloadGround& required_ground() {
  if (ground() == nullptr) throw std::logic_error("this program holds no strategy of downloads");
  return *ground();
}

// "100", "10k", "100M", "1G": powers of ten, as the origin's URLs have them. Negative: it is none.
std::int64_t count_of(std::string_view text) {
  std::int64_t unit = 1;
  constexpr std::string_view kUnits = "kMG";
  if (!text.empty() && kUnits.find(text.back()) != std::string_view::npos) {
    unit = static_cast<std::int64_t>(std::pow(1000.0, 1.0 + static_cast<double>(kUnits.find(text.back()))));
    text.remove_suffix(1);
  }
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = !text.empty() && result.ec == std::errc{} && result.ptr == text.data() + text.size();
  return good && value <= kMostBytes / unit ? value * unit : -1;
}

std::vector<DownloadInput::File> files_of(std::string_view text) {
  std::vector<DownloadInput::File> files;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    DownloadInput::File file{text.substr(at, end - at), {}, {}};
    for (std::string_view left = file.line; !left.empty();) {
      const std::size_t space = std::min(left.find(' '), left.size());
      const std::string_view word = left.substr(0, space);
      if (word.starts_with("name=")) file.name = word.substr(5);
      if (word.starts_with("sha256=")) file.sha256 = word.substr(7);
      left.remove_prefix(std::min(space + 1, left.size()));
    }
    if (!file.line.empty()) files.push_back(file);
    at = end + 1;
  }
  return files;
}

// Writes `bytes` to a new file; returns 0 or errno.
int write_one(int folder, const std::string& name, std::int64_t bytes, const std::string& block) {
  const FileDescriptor file(openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file) return errno;
  while (bytes > 0) {
    const auto most = static_cast<std::size_t>(std::min<std::int64_t>(bytes, std::ssize(block)));
    const ssize_t count = write(file.get(), block.data(), most);
    if (count <= 0) return count < 0 ? errno : ENOSPC;
    bytes -= count;
  }
  return 0;
}

// Seconds in which so many threads write `files` files of `bytes` each into the folder; removes them again.
double write_seconds(const std::string& folder, std::int64_t files, std::int64_t bytes, int threads) {
  const std::string block(static_cast<std::size_t>(std::min<std::int64_t>(bytes, 1 << 18)), 'x');
  const FileDescriptor where(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!where) throw_errno("opening " + folder);
  std::atomic<std::int64_t> next = 0;
  std::atomic<int> error = 0;
  const auto write_some = [&] {
    for (std::int64_t i = next++; i < files && error == 0; i = next++)
      if (const int failed = write_one(where.get(), fmt::format("probe-{}", i), bytes, block); failed != 0)
        error = failed;
  };
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(write_some);
    write_some();
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  empty_folder(folder);
  if (error != 0)
    throw std::runtime_error(fmt::format("writing to {}: {}", folder, std::generic_category().message(error)));
  return seconds;
}

// The shortest of a few passes with one thread and with one for each core, which is slower where there is little to do.
double disk_seconds(const std::string& folder, std::int64_t files, std::int64_t bytes) {
  constexpr int kPasses = 6;
  constexpr double kEnoughSeconds = 0.1;
  double least = std::numeric_limits<double>::infinity(), spent = 0;
  for (int pass = 0; pass < kPasses && (spent < kEnoughSeconds || pass < 2); ++pass) {
    const double seconds = write_seconds(folder, files, bytes, pass % 2 == 0 ? 1 : physical_cores_allowed());
    least = std::min(least, seconds);
    spent += seconds;
  }
  return least;
}

}  // namespace

bool provide_download_ground(DownloadGround& given) {
  ground() = &given;
  return true;
}

Download::Problem Download::Problem::from(const KeyValues& shape, const KeyValues& params) {
  Problem p;
  p.urls = params.find("urls").value_or("");
  p.allow_private = params.find("allow_private").value_or("");
  p.files = shape.integer("files");
  p.bytes = shape.integer("bytes", 0);
  p.in_flight = params.integer("in_flight", p.in_flight);
  const std::string latency = params.find("latency_ms").value_or("0"), digest = params.find("digest").value_or("1");
  p.latency_ms = parse_double(latency).value_or(-1);
  p.digest = digest != "0";
  if (p.files < 1 || p.files > kMostFiles || p.bytes < 0 || p.bytes > kMostBytes || (p.bytes == 0) != !p.urls.empty())
    throw UsageError("download " + shape.to_string() + ": files from 1 to 10 million, of 1 byte to 4 TB each");
  if (p.in_flight < 1 || p.in_flight > kMostInFlight)
    throw UsageError(fmt::format("in_flight={}: from 1 to {} downloads at the same time", p.in_flight, kMostInFlight));
  // Longer waits would meet the time limits that `do download` has.
  if (!(p.latency_ms >= 0 && p.latency_ms <= 20000))
    throw UsageError("latency_ms=" + latency + ": milliseconds from 0 to 20000");
  if (digest != "0" && digest != "1")
    throw UsageError("digest=" + digest + ": 1 gives the strategies SHA-256, 0 does not");
  if (!p.urls.empty() && p.latency_ms > 0)
    throw UsageError("latency_ms is the origin's: what your own URLs take is what is measured");
  if (p.urls.empty() && !p.allow_private.empty())
    throw UsageError("allow_private goes with --urls: the origin's address is allowed anyway");
  return p;
}

KeyValues Download::Problem::shape() const {
  KeyValues out;
  out.set("files", files);
  if (bytes > 0) out.set("bytes", bytes);
  return out;
}

Download::Problem Download::Problem::shrunk(std::int64_t divisor) const {
  Problem p = *this;
  p.files = std::max<std::int64_t>(files / divisor, 1);
  if (bytes > 0) p.bytes = std::max<std::int64_t>(bytes * files / divisor / p.files, 1);
  return p;
}

double Download::Problem::waiting() const {
  const std::int64_t rounds = (files + in_flight - 1) / in_flight;
  return static_cast<double>(rounds) * latency_ms * 1e-3;
}

Cost Download::cost(const Problem& p, Dtype) {
  const double bytes = static_cast<double>(p.files) * static_cast<double>(p.bytes);
  return {.bytes_read = bytes, .bytes_written = bytes, .items = static_cast<double>(p.files), .through_memory = false};
}

KeyValues Download::parse_size(std::string_view size) {
  const std::size_t times = size.find('x');
  const std::int64_t files = count_of(size.substr(0, times));
  const std::int64_t bytes = times == std::string_view::npos ? kDefaultBytes : count_of(size.substr(times + 1));
  if (files < 1 || files > kMostFiles || bytes < 1)
    throw UsageError("--size " + std::string(size) +
                     ": download takes FILES or FILESxBYTES, as in 100 or 100x10k (k, M, G: powers of ten)");
  KeyValues shape;
  shape.set("files", files);
  shape.set("bytes", bytes);
  return shape;
}

bool Download::rehearsed(const Problem& p) {
  return p.urls.empty() && p.latency_ms == 0 && cost(p, Dtype::none).bytes_read <= kRehearsedBytes;
}

std::vector<LeastTime> Download::least_times(const Problem& p, const DownloadInput& input, DownloadFolder& folder) {
  if (!p.urls.empty()) return {};
  std::vector<LeastTime> out;
  if (p.latency_ms > 0) out.push_back({"latency", p.waiting()});
  out.push_back({"origin", required_ground().origin_seconds(input)});
  folder.empty();
  const std::int64_t files = std::clamp<std::int64_t>(kProbeBytes / p.bytes, 1, p.files);
  const std::int64_t bytes = std::min(p.bytes, kProbeBytes);
  const double whole = static_cast<double>(p.files) / static_cast<double>(files) * static_cast<double>(p.bytes) /
                       static_cast<double>(bytes);
  out.push_back({"disk", whole * disk_seconds(folder.path, files, bytes)});
  return out;
}

// The text's length comes first, so that a process that attaches knows how much to ask for.
DownloadInput::DownloadInput(const Download::Problem& p, Arena& arena, const InputSource& source)
    : problem(p), attached(source.attached) {
  if (!attached && source.path.empty() != p.urls.empty())
    throw UsageError("download: the parameter urls=NAME names the list that --urls FILE gives; neither goes alone");
  std::string made;
  if (!attached)
    made =
        source.path.empty() ? required_ground().generated(p, source.seed) : required_ground().users_list(source.path);
  const auto length = arena.allocate<std::int64_t>(1);
  if (!attached) length[0] = std::ssize(made);
  const auto bytes = arena.allocate<char>(static_cast<std::size_t>(length[0]));
  if (!attached) std::ranges::copy(made, bytes.begin());
  text = {bytes.data(), bytes.size()};
  files = files_of(text);
  if (std::ssize(files) != p.files)
    throw UsageError(fmt::format("{}: was changed since the run was planned; try again", source.path));
}

DownloadFolder::DownloadFolder(const Download::Problem& p, const DownloadInput& input, Arena& arena) {
  const auto bytes = arena.allocate<char>(kMostPath);
  if (!input.attached) {
    own.emplace(p.files * p.bytes);
    if (own->path().size() >= kMostPath) throw UsageError("TMPDIR is too long a path: choose another");
    std::ranges::copy(own->path(), bytes.begin());
  }
  path = bytes.data();
}

OVERTAKE_WORKLOAD(Download);

}  // namespace overtake
