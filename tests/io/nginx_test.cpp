// SPDX-License-Identifier: Apache-2.0
// Downloads from nginx, where it is installed: an origin that nobody here wrote, so that an error that the downloader
// and our own origin share shows.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "core/file.h"
#include "tests/io/download_fixture.h"

namespace overtake {
namespace {

bool is_installed() { return std::system("command -v nginx > /dev/null 2>&1") == 0; }

// Serves folder/www on a port of its own; ended with this object.
class Nginx {
 public:
  explicit Nginx(const TemporaryFolder& folder, int port) : folder_(folder), port_(port) {
    make_folders(folder / "www");
    write_file(folder / "nginx.conf",
               "worker_processes 1; pid nginx.pid; error_log error.log; events {}\n"
               "http { access_log off; client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t;\n"
               "uwsgi_temp_path t; scgi_temp_path t; server { listen 127.0.0.1:" +
                   std::to_string(port) + "; root www; location /slow/ { limit_rate 1m; alias " +
                   (folder / "www/").string() + "; } } }\n");
    // As root nginx would give its worker to another user, who may not read this folder.
    const std::string user = geteuid() == 0 ? "-g 'user root;' " : "";
    command_ = "nginx -p '" + folder.path().string() + "' -c nginx.conf " + user;
    started_ = shell(folder, command_).status == 0;
  }
  ~Nginx() {
    if (started_) shell(folder_, command_ + "-s stop");
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;
  bool started() const { return started_; }
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + "/" + path; }

 private:
  const TemporaryFolder& folder_;
  int port_;
  std::string command_;
  bool started_ = false;
};

TEST(DownloadFromNginx, EveryStrategyGetsEveryFileAndAKilledRunIsGoneOnWith) {
  if (!is_installed()) GTEST_SKIP() << "nginx is not installed: apt-get install nginx-light";
  const TemporaryFolder folder;
  std::optional<Nginx> nginx;
  // Ports below those that the system gives to others; another may be taken by a test beside this one.
  for (int port = 21000 + getpid() % 5000, tries = 0; tries < 5 && (!nginx || !nginx->started()); ++tries, ++port)
    nginx.emplace(folder, port);
  ASSERT_TRUE(nginx->started()) << read_file(folder / "error.log");
  std::string list;
  for (int i = 0; i < 40; ++i) {
    const std::string name = std::to_string(i), what = std::to_string(i * i * 100) + "/" + name;
    write_file(folder / ("www/" + name), content_of(what));
    list += nginx->url(name) + " sha256=" + sha256_of(what) + "\n";
  }
  write_file(folder / "list", list);
  const std::string flags = " --allow-private 127.0.0.1 --in-flight 5 ";
  for (const char* strategy : {"sequential", "threads", "processes", "async"}) {
    const Outcome done =
        shell(folder, "overtake do download list out --refresh --strategy " + std::string(strategy) + flags);
    EXPECT_EQ(done.status, 0) << strategy << done.err;
    for (int i = 0; i < 40; ++i)
      ASSERT_EQ(read_file(folder / ("out/" + std::to_string(i))), read_file(folder / ("www/" + std::to_string(i))));
  }
  write_file(folder / "www/large", content_of("2M/large"));
  write_file(folder / "list", nginx->url("slow/large") + "\n");
  const std::string line = "overtake do download list out2" + flags;
  shell(folder, line + "& sleep 0.7; kill -9 $!; wait $!");
  ASSERT_TRUE(std::filesystem::exists(folder / "out2/large.part"));
  const Outcome again = shell(folder, line);
  EXPECT_EQ(parse_rows(again.out).at(0).value("resumed", false), true) << again.out;
  EXPECT_EQ(read_file(folder / "out2/large"), content_of("2M/large"));
}

}  // namespace
}  // namespace overtake
