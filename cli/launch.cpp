// SPDX-License-Identifier: Apache-2.0
#include "cli/launch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include "core/error.h"

extern char** environ;

namespace overtake::cli {
namespace {

volatile std::sig_atomic_t interrupt_seen = 0;
void on_interrupt(int) { interrupt_seen = 1; }

// The benchmark program is given a second to complete its files.
constexpr int kPatienceMilliseconds = 1000, kPollMilliseconds = 50;

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) throw_errno("pipe");
  }
  ~Pipe() {
    close_write();
    close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_write() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  int ends_[2] = {-1, -1};
};

pid_t spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments, int progress_end) {
  constexpr int kProgressFd = 3;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  // dup2 onto itself clears close-on-exec, so that this is right even where the pipe happens to be descriptor 3.
  posix_spawn_file_actions_adddup2(&actions, progress_end, kProgressFd);
  // A group of its own: the terminal's Ctrl-C reaches it once, through us.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> all = {program.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.push_back("--progress-fd=" + std::to_string(kProgressFd));
  std::vector<char*> pointers;
  for (std::string& argument : all) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, program.c_str(), &actions, &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("starting " + program.string() + ": " + std::strerror(failed));
  return pid;
}

int ended(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) throw_errno("waiting for a benchmark program");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

void remember_interrupt() {
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return interrupt_seen != 0; }

int launch(const std::filesystem::path& program, const std::vector<std::string>& arguments,
           const std::function<void(const std::string&)>& progress) {
  Pipe pipe;
  const pid_t pid = spawn(program, arguments, pipe.write_end());
  pipe.close_write();
  std::string line;
  int waited = -1;  // milliseconds since the interrupt was passed on
  while (true) {
    if (interrupted()) {
      if (waited < 0) kill(pid, SIGINT);
      waited += kPollMilliseconds;
      if (waited > kPatienceMilliseconds) kill(-pid, SIGKILL);
    }
    pollfd entry{pipe.read_end(), POLLIN, 0};
    if (poll(&entry, 1, kPollMilliseconds) <= 0) continue;
    char bytes[4096];
    const ssize_t count = read(pipe.read_end(), bytes, sizeof bytes);
    if (count <= 0) return ended(pid);
    for (const char c : std::string_view(bytes, static_cast<std::size_t>(count))) {
      if (c != '\n') {
        line += c;
      } else {
        progress(line);
        line.clear();
      }
    }
  }
}

std::filesystem::path program_path(const std::string& name) {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  const auto path = self.parent_path() / name;
  if (failed || !std::filesystem::exists(path))
    throw std::runtime_error("the program " + name + " is not beside this one in " + self.parent_path().string() +
                             ": build it");
  return path;
}

}  // namespace overtake::cli
