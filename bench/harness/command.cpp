// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/command.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <regex>

#include "core/cell.h"
#include "core/error.h"
#include "core/registry/registry.h"

extern char** environ;

namespace overtake::bench {
namespace {

// A nameless file in memory that a program writes to, read back when it has ended.
class Capture {
 public:
  Capture() : fd_(memfd_create("output", 0)) {
    if (fd_ < 0) throw_errno("memfd_create");
  }
  ~Capture() { close(fd_); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  int fd() const { return fd_; }
  void clear() const {
    if (ftruncate(fd_, 0) != 0 || lseek(fd_, 0, SEEK_SET) != 0) throw_errno("emptying captured output");
  }
  std::string text() const {
    struct stat info{};
    if (fstat(fd_, &info) != 0) throw_errno("captured output");
    std::string out(static_cast<std::size_t>(info.st_size), '\0');
    if (pread(fd_, out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) throw_errno("captured output");
    return out;
  }
  std::string path() const { return fmt::format("/proc/{}/fd/{}", getpid(), fd_); }

 private:
  int fd_;
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// Runs the line by the shell and waits; returns the wait status.
int run_shell(const std::string& line, int out, int err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::string shell = "sh", flag = "-c", text = line;
  char* const arguments[] = {shell.data(), flag.data(), text.data(), nullptr};
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error(std::string("starting /bin/sh: ") + std::strerror(failed));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) throw_errno("waiting for the command");
  return status;
}

std::string ending(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("ended with status {}", WEXITSTATUS(status));
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t newline = text.rfind('\n');
  return newline == std::string::npos ? text : text.substr(newline + 1);
}

std::string sha256(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
  return out;
}

// What the commands printed for one size: equal outputs verify each other.
class CommandData final : public Data {
 public:
  CommandData(const KeyValues& shape, const CommandOptions& options) : shape_(shape), options_(options) {}
  Cost cost() const override { return {}; }
  KeyValues shape() const override { return shape_; }
  std::vector<int> descriptors() const override { return {}; }
  std::vector<std::string_view> faults() const override { return {}; }
  void plant(std::size_t, int) override {}
  void poison() override { output_.reset(); }

  std::string line(std::string text) const { return replaced(std::move(text), "{n}", shape_.find("n").value_or("")); }
  void finished(const std::string& variant, std::shared_ptr<const Capture> output) {
    output_ = std::move(output);
    const std::string digest = sha256(output_->text());
    const auto [at, is_first] = digests_.try_emplace(variant, digest);
    if (!is_first && at->second != digest) deterministic_ = false;
  }

  Check check(int) override {
    Check check{.method = "unchecked", .ok = output_ != nullptr};
    if (!check.ok) return check;
    if (!options_.check.empty()) {
      check.method = "command";
      const Capture messages;
      const int status =
          run_shell(replaced(line(options_.check), "{output}", output_->path()), messages.fd(), messages.fd());
      check.ok = status == 0;
      if (!check.ok) check.detail = "--check " + ending(status) + ": " + last_line(messages.text());
    } else if (outputs_agree()) {
      check.method = "equal_output";
    }
    return check;
  }

 private:
  bool outputs_agree() const {
    if (!deterministic_ || digests_.size() < 2 || digests_.size() != options_.commands.size()) return false;
    for (const auto& [variant, digest] : digests_)
      if (digest != digests_.begin()->second) return false;
    return true;
  }

  KeyValues shape_;
  const CommandOptions& options_;
  std::shared_ptr<const Capture> output_;
  std::map<std::string, std::string> digests_;
  bool deterministic_ = true;
};

class CommandInstance final : public Instance {
 public:
  CommandInstance(CommandData& data, const Command& command, const CommandOptions& options)
      : data_(data), command_(command), seconds_(options.seconds_from), reports_(!options.seconds_from.empty()) {}

  void load(int) override {}
  void reset() override {}
  bool has_reset() const override { return false; }
  void run() override {
    output_ = std::make_shared<Capture>();
    messages_.clear();
    const int status = run_shell(data_.line(command_.line), output_->fd(), messages_.fd());
    if (status != 0)
      throw std::runtime_error(
          fmt::format("command {} {}: {}", command_.name, ending(status), last_line(messages_.text())));
  }
  void store() override { data_.finished(command_.name, output_); }
  void poison() override { data_.poison(); }
  Check check(int which) override { return data_.check(which); }
  KeyValues metrics() const override { return {}; }
  int workers() const override { return 1; }
  double device_seconds() override {
    std::smatch found;
    const std::string text = output_->text();
    if (!reports_ || !std::regex_search(text, found, seconds_) || found.size() < 2)
      throw std::runtime_error("command " + command_.name +
                               ": its output has no match for --seconds-from with a group around the seconds");
    try {
      return std::stod(found[1].str());
    } catch (const std::exception&) {
      throw std::runtime_error("command " + command_.name + ": '" + found[1].str() + "' is no number of seconds");
    }
  }

 private:
  CommandData& data_;
  const Command& command_;
  std::regex seconds_;
  bool reports_;
  std::shared_ptr<Capture> output_;
  Capture messages_;
};

KeyValues parse_size(std::string_view size) {
  if (size.empty()) return {};
  if (size.find_first_not_of("0123456789") != std::string_view::npos || size.size() > 18)
    throw UsageError("--size " + std::string(size) + ": commands take one number, which {n} stands for");
  KeyValues shape;
  shape.set("n", size);
  return shape;
}

}  // namespace

Command Command::parse(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size())
    throw UsageError("--command '" + std::string(text) + "': expected NAME=COMMAND LINE, as in cpu='./app {n}'");
  Command command{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
  if (command.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") !=
      std::string::npos)
    throw UsageError("--command " + command.name + ": a name is made of letters, digits, '_', '.' and '-'");
  return command;
}

void register_commands(const CommandOptions& given) {
  static CommandOptions options;  // the registry's functions refer to it as long as the program runs
  options = given;
  try {
    static_cast<void>(std::regex(options.seconds_from));
  } catch (const std::regex_error& error) {
    throw UsageError("--seconds-from '" + options.seconds_from + "': not a regular expression: " + error.what());
  }
  WorkloadInfo workload;
  workload.name = "command";
  workload.baseline = options.commands.front().name;
  workload.size_help = "N";
  workload.parse_size = parse_size;
  workload.cost = [](const Cell&) { return Cost{}; };
  workload.shrunk = [](const KeyValues& shape, std::int64_t) { return shape; };
  workload.make_data = [](const Cell& cell, const InputSource&, const std::vector<int>&) {
    return std::make_unique<CommandData>(cell.shape, options);
  };
  Registry::global().add(std::move(workload));
  for (const Command& command : options.commands) {
    if (Registry::global().find("command", command.name) != nullptr)
      throw UsageError("--command " + command.name + " is given twice: each needs a name of its own");
    VariantInfo variant;
    variant.workload = "command";
    variant.name = command.name;
    variant.dtypes = {Dtype::none};
    variant.scopes = {options.seconds_from.empty() ? Scope::cold_start : Scope::reported};
    variant.own_process = true;
    variant.unavailable = [] { return std::nullopt; };
    variant.make = [&command](Dtype, Data& data, const Resources&) {
      return std::make_unique<CommandInstance>(static_cast<CommandData&>(data), command, options);
    };
    Registry::global().add(std::move(variant));
  }
}

}  // namespace overtake::bench
