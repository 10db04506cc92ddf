// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace overtake::cli {
namespace {

constexpr double kTerminalInterval = 0.1, kPlainInterval = 10;  // seconds
constexpr int kBarWidth = 24;

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

// workload/variant of a cell's name: what a person wants to read.
std::string short_name(const std::string& cell) {
  const std::size_t first = cell.find('/');
  const std::size_t second = first == std::string::npos ? first : cell.find('/', first + 1);
  return cell.substr(0, second);
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(std::lround(std::max(seconds, 0.0)));
  return whole < 60 ? fmt::format("{} s", whole) : fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

Progress::Progress(std::int64_t total_samples) : total_(total_samples), terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (terminal_) std::fputs("\r\033[K", stderr);
}

void Progress::done(const std::string& cell) {
  ++done_;
  const auto now = Clock::now();
  const double since = std::chrono::duration<double>(now - last_).count();
  if (done_ > 1 && done_ < total_ && since < (terminal_ ? kTerminalInterval : kPlainInterval)) return;
  last_ = now;
  draw(cell);
}

void Progress::draw(const std::string& cell) {
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const std::int64_t left = std::max<std::int64_t>(total_ - done_, 0);
  const std::string eta =
      done_ < 5 ? "" : ", " + duration_text(elapsed / static_cast<double>(done_) * static_cast<double>(left)) + " left";
  const std::string text = fmt::format("{}/{} samples{}  {}", std::min(done_, total_), total_, eta, short_name(cell));
  if (!terminal_) {
    fmt::print(stderr, "{}\n", text);
    return;
  }
  const auto filled = static_cast<std::size_t>(kBarWidth * std::min(done_, total_) / std::max<std::int64_t>(total_, 1));
  std::string line = "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] " + text;
  fmt::print(stderr, "\r\033[K{}", line.substr(0, terminal_width() - 1));
  std::fflush(stderr);
}

}  // namespace overtake::cli
