// SPDX-License-Identifier: Apache-2.0
#include "tests/io/download_fixture.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/error.h"
#include "core/file.h"
#include "io/origin/behaviour.h"
#include "io/origin/content.h"

extern char** environ;

namespace overtake {

OriginProcess::OriginProcess(bool tls) {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) throw_errno("pipe2");
  const FileDescriptor child_in(in[0]), child_out(out[1]), answer(out[0]);
  stdin_ = FileDescriptor(in[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::string program = OVERTAKE_BIN "/overtake";
  std::vector<std::string> words = {program, "do", "origin", "--log", (folder_ / "log").string()};
  if (tls) words.insert(words.end(), {"--tls", (folder_ / "tls").string()});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int failed = posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start the origin");
  std::string line;
  for (char c = 0; read(answer.get(), &c, 1) == 1 && c != '\n';) line += c;
  addresses_ = Json::parse(line);
}

OriginProcess::~OriginProcess() {
  stdin_.reset();
  int status = 0;
  waitpid(pid_, &status, 0);
  EXPECT_EQ(status, 0) << "the origin did not end well";
}

std::string OriginProcess::url(const std::string& what, const std::string& kind) const {
  return addresses_.at(kind).get<std::string>() + "/f/" + what;
}

std::string OriginProcess::until_requests(int count) const {
  return "until [ $(wc -l < '" + (folder_ / "log").string() + "') -ge " + std::to_string(count) +
         " ]; do sleep 0.01; done; ";
}

std::vector<Json> OriginProcess::requests() const { return parse_rows(read_file(folder_ / "log")); }

std::string fault(const std::string& what, int error, const std::string& more) {
  // ASan wants to be loaded first.
  return "ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=" DOWNLOAD_FAULTS " FAULT=" + what +
         " FAULT_ERRNO=" + std::to_string(error) + " " + more;
}

std::vector<Json> parse_rows(const std::string& text) {
  std::vector<Json> rows;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) rows.push_back(Json::parse(line));
  std::ranges::stable_sort(rows, {}, [](const Json& row) { return row.value("line", std::int64_t{0}); });
  return rows;
}

std::string content_of(const std::string& what, std::int64_t version) {
  const std::string target = "/f/" + what;
  const origin::Behaviour behaviour = origin::parse_target(target);
  const std::string path = target.substr(0, target.find('?'));
  const origin::Content content(origin::content_key(path, behaviour.seed, version), behaviour.size);
  std::string out;
  while (static_cast<std::int64_t>(out.size()) < content.size())
    out += content.bytes(static_cast<std::int64_t>(out.size()), content.size());
  return out;
}

std::string sha256_of(const std::string& what, std::int64_t version) {
  const std::string target = "/f/" + what;
  const origin::Behaviour behaviour = origin::parse_target(target);
  const std::string path = target.substr(0, target.find('?'));
  return origin::hex(origin::Content(origin::content_key(path, behaviour.seed, version), behaviour.size).digest());
}

Downloaded DownloadTest::download(const std::string& list, const std::string& flags, const std::string& before) {
  write_file(folder / "list", list);
  Downloaded out;
  out.outcome = shell(folder, before + " overtake do download list out" + kFlags + flags);
  out.rows = parse_rows(out.outcome.out);
  return out;
}

std::string DownloadTest::file(const std::string& name) const { return read_file(folder / ("out/" + name)); }
bool DownloadTest::there(const std::string& name) const { return std::filesystem::exists(folder / ("out/" + name)); }

std::vector<std::string> DownloadTest::names() const {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "out"))
    if (entry.path().filename() != ".overtake-downloads") out.push_back(entry.path().filename().string());
  std::ranges::sort(out);
  return out;
}

}  // namespace overtake
