// SPDX-License-Identifier: Apache-2.0
#include "core/pool/spawn.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/pool/pool.h"

namespace overtake {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

[[noreturn]] void compute_for_ever() {
  for (std::atomic<int> count = 0;;) ++count;
}

// Repeats what it is sent, or does what the text says.
int run_echo(Channel& parent) {
  while (const auto message = parent.receive()) {
    const auto text = from_bytes<std::string>(message->bytes);
    if (text == "exit 5") return 5;
    if (text == "spin") compute_for_ever();
    if (text == "signals") {
      sigset_t mask;
      sigprocmask(SIG_BLOCK, nullptr, &mask);
      struct sigaction interrupt{}, terminate{};
      sigaction(SIGINT, nullptr, &interrupt);
      sigaction(SIGTERM, nullptr, &terminate);
      const bool fresh = sigismember(&mask, SIGTERM) == 0 && sigismember(&mask, SIGINT) == 0 &&
                         interrupt.sa_handler == SIG_IGN && terminate.sa_handler == SIG_DFL;
      parent.send(1, to_bytes(std::string(fresh ? "fresh" : "inherited")));
      continue;
    }
    parent.send(message->type, message->bytes);
  }
  return 0;
}
const bool kEcho = register_child_kind("test_echo", run_echo);

std::string beside_this_program(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

struct Outcome {
  int status;
  std::string output;
};
Outcome shell(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 256> part{};
  std::string output;
  while (fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
  return {WEXITSTATUS(pclose(pipe)), output};
}

FileDescriptor pidfd_of(pid_t pid) { return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))); }

bool ends_within(const FileDescriptor& pidfd, double seconds) {
  pollfd entry{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  return poll(&entry, 1, static_cast<int>(seconds * 1e3)) == 1;
}

TEST(Spawn, AChildAnswersAndEndsWithItsStatus) {
  Child child = Child::start("test_echo");
  child.channel().send(7, to_bytes(std::string("before it is ready")));
  child.await_ready();
  EXPECT_EQ(from_bytes<std::string>(child.channel().receive()->bytes), "before it is ready");
  EXPECT_FALSE(child.has_ended());
  child.channel().send(7, to_bytes(std::string("exit 5")));
  EXPECT_FALSE(child.channel().receive());
  EXPECT_EQ(child.end().describe(), "exited with status 5");
  EXPECT_TRUE(child.has_ended());
}

TEST(Spawn, AParentsSignalSettingsAreNotInherited) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto old = std::signal(SIGTERM, SIG_IGN);
  Child child = Child::start("test_echo");
  std::signal(SIGTERM, old);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  child.await_ready();
  child.channel().send(1, to_bytes(std::string("signals")));
  EXPECT_EQ(from_bytes<std::string>(child.channel().receive()->bytes), "fresh");
}

TEST(Spawn, CtrlCDoesNotEndAChildAtAnyTime) {
  Child child = Child::start("test_echo");
  for (int i = 0; i < 200; ++i) {
    kill(child.pid(), SIGINT);  // from before its main() on
    usleep(100);
  }
  child.await_ready();
  kill(child.pid(), SIGINT);
  child.channel().send(1, to_bytes(std::string("still here")));
  EXPECT_EQ(from_bytes<std::string>(child.channel().receive()->bytes), "still here");
}

TEST(Spawn, AChildThatComputesEndsAtOnceWhenItsParentLetsGo) {
  Child child = Child::start("test_echo");
  child.await_ready();
  child.channel().send(1, to_bytes(std::string("spin")));
  usleep(20'000);
  EXPECT_GT(child.cpu_seconds(), 0.0);
  EXPECT_GE(live_children_cpu_seconds(), child.cpu_seconds());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(child.end().describe(), "exited with status 0");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900));
}

TEST(Spawn, AStoppedChildIsKilled) {
  Child child = Child::start("test_echo");
  child.await_ready();
  kill(child.pid(), SIGSTOP);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child.pid()), &info, WSTOPPED), 0);
  EXPECT_EQ(child.end(0.1).describe(), "was killed by signal 9 (SIGKILL)");
}

TEST(Spawn, UnknownKindsAndEarlyDeathsAreErrors) {
  Child unknown = Child::start("no_such_kind");
  EXPECT_THROW(unknown.await_ready(), ChildFailed);
  setenv("POOL_TEST_DIE_AT_START", "/dev/null", 1);  // pool_test.cpp: dies by SIGKILL before main()
  Child killed = Child::start("test_echo");
  unsetenv("POOL_TEST_DIE_AT_START");
  try {
    killed.await_ready();
    FAIL() << "a dead child was ready";
  } catch (const ChildFailed& failed) {
    EXPECT_EQ(failed.ending.signal, SIGKILL);
    EXPECT_THAT(failed.what(), HasSubstr("was killed by signal 9 (SIGKILL) before it was ready"));
  }
}

TEST(Spawn, ADescriptorOfTheParentIsOpenInNoChild) {
  const FileDescriptor null(open("/dev/null", O_RDONLY));
  const FileDescriptor leaky(fcntl(null.get(), F_DUPFD, 50));  // not closed on exec, as of foreign libraries
  Child child = Child::start("test_echo");
  child.await_ready();
  int count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(child.pid()) + "/fd"))
    ++count;
  EXPECT_EQ(count, 4);  // the standard three and the socket
}

// A fresh process is its parent, because it is killed: it makes a pool, tells the workers' pids and sets them to work.
struct Pids {
  std::array<pid_t, 2> pid;
};
pid_t tell_pid(WorkerContext&, const int&) { return getpid(); }
void spin(WorkerContext&, const int&) { compute_for_ever(); }
const auto kTellPid = register_task<tell_pid>("test_tell_pid");
const auto kSpin = register_task<spin>("test_spin");
int run_pool_parent(Channel& parent) {
  const bool busy = from_bytes<bool>(parent.receive()->bytes);
  Pool pool(2);
  const auto pids = pool.run(kTellPid, std::vector<int>(2));
  parent.send(1, to_bytes(Pids{{pids[0], pids[1]}}));
  if (busy) pool.run(kSpin, std::vector<int>(2));
  parent.receive();
  return 0;
}
const bool kPoolParent = register_child_kind("test_pool_parent", run_pool_parent);

TEST(Spawn, NoWorkerIsLeftASecondAfterItsParentWasKilled) {
  for (const bool busy : {false, true}) {
    Child parent = Child::start("test_pool_parent");
    parent.await_ready();
    parent.channel().send(1, to_bytes(busy));
    const auto pids = from_bytes<Pids>(parent.channel().receive()->bytes);
    usleep(50'000);
    kill(parent.pid(), SIGKILL);
    const FileDescriptor one = pidfd_of(pids.pid[0]), two = pidfd_of(pids.pid[1]);
    EXPECT_TRUE(!one || ends_within(one, 1)) << (busy ? "busy" : "idle");
    EXPECT_TRUE(!two || ends_within(two, 1)) << (busy ? "busy" : "idle");
  }
}

TEST(Spawn, AProgramWithoutTheHookGetsAnErrorAndNoFurtherProcesses) {
  for (const std::string child : {"pool", "sleep"}) {
    const std::string file = testing::TempDir() + "no_hook_" + std::to_string(getpid());
    const Outcome outcome =
        shell("NO_HOOK_CHILD=" + child + " NO_HOOK_FILE=" + file + " " + beside_this_program("test_no_hook"));
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.output,
                AllOf(HasSubstr("worker 0 could not be started"), HasSubstr("must call overtake::worker_entry()")));
    EXPECT_EQ(std::filesystem::file_size(file), 3 * std::string("main\n").size()) << outcome.output;
    std::filesystem::remove(file);
  }
}

TEST(Spawn, AStrayVariableIsNamedInsteadOfActingAsAChild) {
  const Outcome outcome = shell("OVERTAKE_CHILD=worker:1 " + beside_this_program("test_pool") + " --gtest_list_tests");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.output, HasSubstr("OVERTAKE_CHILD is set"));
}

// It would cost every worker some milliseconds.
TEST(Spawn, HighwaysBenchmarkOfTheTimerIsNotRunAtStart) {
  ASSERT_NE(hwy::SupportedTargets(), 0) << "which links this program to Highway";
  const auto* const function = dlsym(RTLD_DEFAULT, "_ZN3hwy8platform15TimerResolutionEv");
  ASSERT_NE(function, nullptr);
  Dl_info found{}, ours{};
  ASSERT_NE(dladdr(function, &found), 0);
  ASSERT_NE(dladdr(reinterpret_cast<const void*>(&worker_entry), &ours), 0);
  EXPECT_STREQ(found.dli_fname, ours.dli_fname);
}

}  // namespace
}  // namespace overtake
