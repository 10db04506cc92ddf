// SPDX-License-Identifier: Apache-2.0
// `overtake do check`: what it says of each URL, what it asked the server, and that it leaves nothing behind.
#include <gmock/gmock.h>

#include <string>

#include "core/file.h"
#include "tests/io/download_fixture.h"

namespace overtake {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DownloadCheck : public DownloadTest {
 protected:
  Downloaded check(const std::string& list, const std::string& flags = {}) {
    write_file(folder / "list", list);
    Downloaded out;
    out.outcome = shell(folder, "overtake do check list" + (kFlags + flags));
    out.rows = parse_rows(out.outcome.out);
    return out;
  }
  // The only row for one URL, and the status that goes with it.
  Json one(const std::string& url, const std::string& outcome, int status, const std::string& flags = {}) {
    const Downloaded done = check(url + "\n", flags);
    EXPECT_EQ(done.outcome.status, status) << url << done.outcome.err;
    if (done.rows.size() != 1) {
      ADD_FAILURE() << done.outcome.out << done.outcome.err;
      return Json::object();
    }
    EXPECT_EQ(done.rows[0].at("outcome"), outcome) << done.outcome.out << done.outcome.err;
    return done.rows[0];
  }
  // "HEAD 200", "GET 206": what the server was asked since the last call, and what it answered.
  std::vector<std::string> asked() {
    std::vector<std::string> out;
    const std::vector<Json> requests = origin.requests();
    for (; seen_ < requests.size(); ++seen_)
      out.push_back(requests[seen_].at("method").get<std::string>() + " " +
                    std::to_string(requests[seen_].at("status").get<int>()));
    return out;
  }

 private:
  std::size_t seen_ = 0;
};

TEST_F(DownloadCheck, AnAnswerIsAResultWhicheverItIs) {
  const Downloaded done = check(origin.url("10/a") + "\n" + origin.url("10/b?status=404") + "\n" +
                                origin.url("10/c?status=500") + "\n" + origin.url("10/d?status=410") + " name=x\n");
  EXPECT_EQ(done.outcome.status, 0) << done.outcome.err;
  std::vector<std::string> outcomes;
  for (const Json& row : done.rows)
    outcomes.push_back(row.at("outcome").get<std::string>() + " " + std::to_string(row.at("status").get<int>()));
  EXPECT_THAT(outcomes, ElementsAre("ok 200", "http_404 404", "http_500 500", "http_410 410"));
  EXPECT_EQ(done.rows[0].at("method"), "HEAD");
  EXPECT_GT(done.rows[0].at("seconds").at("total"), 0.0);
  EXPECT_EQ(done.outcome.err, "4 answered, 0 did not\n");
}

TEST_F(DownloadCheck, LeavesNoFile) {
  ASSERT_EQ(check(origin.url("10/a") + "\n" + origin.url("1M/b?status=405&times=1") + " name=b\n").outcome.status, 0);
  EXPECT_THAT(files_in(folder), ElementsAre("list"));
}

TEST_F(DownloadCheck, EachRedirectIsToldAndTheLastPlace) {
  const Json row = one(origin.url("10/a?hops=2"), "ok", 0);
  ASSERT_EQ(row.at("redirects").size(), 2U);
  EXPECT_EQ(row.at("redirects")[0], (Json{{"status", 302}, {"location", "/f/10/a?hops=1"}}));
  EXPECT_EQ(row.at("redirects")[1].at("location"), "/f/10/a?hops=0");
  EXPECT_EQ(row.at("final"), origin.url("10/a?hops=0"));
  const Json moved = one(origin.url("10/b?redirect=/f/10/c%3Fstatus=404&redirect_status=301"), "http_404", 0);
  EXPECT_EQ(moved.at("redirects")[0].at("status"), 301);
  EXPECT_EQ(moved.at("status"), 404);
  EXPECT_FALSE(one(origin.url("10/d"), "ok", 0).contains("final"));
}

TEST_F(DownloadCheck, NoErrorOfHeadIsBelievedBeforeOneByteWasAskedForByGet) {
  for (const char* status : {"400", "403", "404", "405", "500", "501"}) {
    const Json row = one(origin.url(std::string("1M/") + status + "?times=1&status=" + status), "ok", 0, "--retries 0");
    EXPECT_EQ(row.at("method"), "GET") << status;
    EXPECT_THAT(asked(), ElementsAre(std::string("HEAD ") + status, "GET 206"));
    EXPECT_EQ(origin.requests().back().at("range"), "bytes=0-0");
  }
  one(origin.url("1M/g?fault=hang_up&times=1"), "ok", 0, "--retries 0");
  EXPECT_THAT(asked(), ElementsAre("HEAD 0", "GET 206"));
  one(origin.url("1M/h?status=404"), "http_404", 0);
  EXPECT_THAT(asked(), ElementsAre("HEAD 404", "GET 404"));
  // Both of these are what the server says of an empty file, and of Range.
  one(origin.url("0/i?status=405&times=1"), "ok", 0);
  EXPECT_THAT(asked(), ElementsAre("HEAD 405", "GET 416"));
  const Json whole = one(origin.url("100M/j?status=405&times=1&range=ignored"), "ok", 0);
  EXPECT_EQ(whole.at("status"), 200);
}

TEST_F(DownloadCheck, LaterMeansLaterAndIsAtLastTheAnswer) {
  EXPECT_EQ(one(origin.url("10/a?status=503&times=2"), "ok", 0).at("attempts"), 3);
  EXPECT_THAT(asked(), ElementsAre("HEAD 503", "HEAD 503", "HEAD 200"));
  EXPECT_EQ(one(origin.url("10/b?status=429"), "http_429", 0, "--retries 2").at("attempts"), 3);
  asked();
  // A refused HEAD is no attempt that the GET then lacks.
  one(origin.url("10/c?status=500"), "http_500", 0, "--retries 2");
  EXPECT_THAT(asked(), ElementsAre("HEAD 500", "GET 500", "GET 500", "GET 500"));
  const Downloaded done =
      check(origin.url("10/d?status=503&retry_after=1&times=1") + "\n" + origin.url("10/e") + "\n", "--in-flight 1");
  EXPECT_EQ(done.outcome.status, 0);
  const std::vector<Json> requests = origin.requests();
  ASSERT_EQ(asked().size(), 3U);
  EXPECT_GE(requests.back().at("seconds").get<double>() - requests[requests.size() - 3].at("seconds").get<double>(), 1);
}

TEST_F(DownloadCheck, WhereNoAnswerCameTheReasonIsSaidAndTheStatusIsOne) {
  EXPECT_EQ(one("http://127.0.0.1:1/x", "refused", 1, "--retries 1").at("attempts"), 2);
  one("http://nowhere.invalid/x", "dns", 1, "--retries 0");
  one(origin.url("10/a?fault=mute"), "first_byte_timeout", 1, "--retries 0 --first-byte-timeout 0.5");
  one(origin.url("10/b?hops=6"), "too_many_redirects", 1);
  one(origin.url("10/c?redirect=file:///etc/passwd"), "forbidden_scheme", 1);
  one("http://127.0.0.2/x", "forbidden_address", 1);
  one(origin.url("10/d?redirect=http://169.254.169.254/latest"), "forbidden_address", 1);
  const Downloaded done = check("http://127.0.0.1:1/x\n" + origin.url("10/e") + "\n", "--retries 0");
  EXPECT_EQ(done.outcome.status, 1);
  EXPECT_EQ(done.rows.at(1).at("outcome"), "ok");
  EXPECT_THAT(done.outcome.err,
              AllOf(HasSubstr("line 1: http://127.0.0.1:1/x: refused"), HasSubstr("1 answered, 1 did not")));
}

TEST_F(DownloadCheck, ListsAreReadAsDownloadsReadThem) {
  write_file(folder / "list", "\xef\xbb\xbf" + origin.url("10/a") + "\r\n# a comment\n\n" + origin.url("10/a") +
                                  " name=other\nftp://x/y\n" + origin.url("11/a"));
  const Outcome done = shell(folder, std::string("overtake do check - < list") + kFlags);
  EXPECT_EQ(done.status, 1);
  std::vector<std::string> outcomes;
  for (const Json& row : parse_rows(done.out))
    outcomes.push_back(std::to_string(row.at("line").get<int>()) + " " + row.at("outcome").get<std::string>());
  EXPECT_THAT(outcomes, ElementsAre("1 ok", "4 duplicate", "5 bad_line", "6 ok"));
  EXPECT_EQ(asked().size(), 2U);
  EXPECT_EQ(shell(folder, "overtake do check absent").status, 2);
  EXPECT_EQ(shell(folder, "overtake do check list --in-flight 0").status, 2);
  EXPECT_EQ(shell(folder, "overtake do check list out").status, 2) << "there is no folder";
  EXPECT_EQ(check("").outcome.status, 0);
}

TEST_F(DownloadCheck, KeepsToItsNumbersInFlight) {
  std::string list;
  for (int i = 0; i < 6; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=50") + "\n";
  ASSERT_EQ(check(list, "--in-flight 6 --per-host 2 --header 'Cookie: a=b'").outcome.status, 0);
  const std::vector<Json> requests = origin.requests();
  ASSERT_EQ(requests.size(), 6U);
  for (std::size_t i = 2; i < 6; ++i)
    EXPECT_GE(requests[i].at("seconds").get<double>() - requests[i - 2].at("seconds").get<double>(), 0.05);
  EXPECT_EQ(requests[0].at("cookie"), "a=b");
}

TEST_F(DownloadCheck, CtrlCDrainsAndTheSecondEndsAtOnce) {
  std::string list;
  for (int i = 0; i < 20; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=500") + "\n";
  write_file(folder / "list", list);
  const std::string line = std::string("overtake do check list --in-flight 2") + kFlags + "& ";
  Outcome done = shell(folder, line + origin.until_requests(2) + "kill -INT $!; wait $!");
  EXPECT_EQ(done.status, 130) << done.err;
  EXPECT_EQ(parse_rows(done.out).size(), 2U) << "what was in flight ends";
  done = shell(folder, line + origin.until_requests(4) + "kill -INT $!; sleep 0.02; kill -INT $!; wait $!");
  EXPECT_EQ(done.status, 130) << done.err;
  EXPECT_THAT(done.err, AllOf(HasSubstr("interrupted"), Not(HasSubstr(".part"))));
}

TEST_F(DownloadCheck, AClosedStdoutEndsWithStatusOne) {
  std::string list;
  for (int i = 0; i < 50; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=60") + "\n";
  write_file(folder / "list", list);
  const Outcome done = shell(folder, std::string("{ overtake do check list --in-flight 2") + kFlags +
                                         "; echo $? > status; } | true; cat status");
  EXPECT_EQ(done.out, "1\n") << done.err;
}

TEST_F(DownloadCheck, WhatServersSayDoesNotReachTheTerminal) {
  const Downloaded done = check(origin.url("10/a?redirect=/f/10/b%1b%5b2J") + "\n");
  EXPECT_EQ(done.rows.at(0).at("outcome"), "bad_url");
  EXPECT_EQ(done.rows[0].at("redirects").at(0).at("location"), "/f/10/b\x1b[2J") << "for those who read JSON";
  EXPECT_THAT(done.outcome.out + done.outcome.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(shell(folder, "overtake do check --help").out,
              AllOf(HasSubstr("--per-host"), HasSubstr("Status: 0 every URL gave an answer")));
}

TEST(DownloadCheckTls, BadCertificatesAreNoAnswer) {
  const TemporaryFolder folder;
  const OriginProcess origin(true);
  const std::string flags = " --allow-private 127.0.0.1 --ca-file " + origin.addresses().at("ca").get<std::string>();
  for (const auto& [kind, outcome, status] : {std::tuple{"https", "ok", 0}, {"https_expired", "tls", 1}}) {
    write_file(folder / "list", origin.url("10k/a", kind) + "\n");
    const Outcome done = shell(folder, "overtake do check list" + flags);
    EXPECT_EQ(done.status, status) << kind;
    EXPECT_EQ(parse_rows(done.out).at(0).at("outcome"), outcome);
  }
}

}  // namespace
}  // namespace overtake
