// SPDX-License-Identifier: Apache-2.0
// What servers do to a download, case by case: what the user gets, and what the server was asked.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "core/file.h"
#include "tests/io/download_fixture.h"

namespace overtake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DownloadServer : public DownloadTest {
 protected:
  // Downloads one URL and expects this outcome, with the status that goes with it.
  Json one(const std::string& url, const std::string& outcome, const std::string& flags = {}) {
    const Downloaded done = download(url + "\n", flags);
    EXPECT_EQ(done.outcome.status, outcome == "ok" ? 0 : 1) << done.outcome.err;
    if (done.rows.size() != 1) {
      ADD_FAILURE() << "rows: " << done.outcome.out << done.outcome.err;
      return Json::object();
    }
    EXPECT_EQ(done.rows[0].at("outcome"), outcome) << done.outcome.out << done.outcome.err;
    return done.rows[0];
  }
};

TEST_F(DownloadServer, EveryStrategyGetsEveryFileRightAndTellsAboutIt) {
  std::string list;
  const char* const sizes[] = {"0", "1", "15", "17", "16384", "100k", "1M"};
  for (int i = 0; i < 14; ++i) {
    const std::string what = std::string(sizes[i % 7]) + "/" + std::to_string(i) + ".bin";
    list += origin.url(what) + " sha256=" + sha256_of(what) + "\n";
  }
  for (const char* strategy : {"sequential", "threads", "processes", "async"}) {
    const std::string flags = std::string(" --refresh --in-flight 3 --strategy ") + strategy;
    const Downloaded done = download(list, flags);
    ASSERT_EQ(done.outcome.status, 0) << strategy << done.outcome.err;
    ASSERT_EQ(done.rows.size(), 14U) << strategy;
    for (int i = 0; i < 14; ++i) {
      const std::string name = std::to_string(i) + ".bin", what = std::string(sizes[i % 7]) + "/" + name;
      EXPECT_EQ(file(name), content_of(what)) << strategy;
      const Json& row = done.rows[static_cast<std::size_t>(i)];
      EXPECT_EQ(row.at("outcome"), "ok");
      EXPECT_EQ(row.at("line"), i + 1);
      EXPECT_EQ(row.at("bytes"), content_of(what).size());
      EXPECT_EQ(row.at("attempts"), 1);
      EXPECT_EQ(row.at("sha256"), sha256_of(what));
      EXPECT_GT(row.at("seconds").at("total"), 0.0);
    }
    EXPECT_EQ(names().size(), 14U) << strategy << ": something is left behind";
  }
}

TEST_F(DownloadServer, ReusesItsConnectionsAndKeepsToItsNumberInFlight) {
  std::string list;
  for (int i = 0; i < 30; ++i) list += origin.url("1k/" + std::to_string(i) + "?delay=5") + "\n";
  ASSERT_EQ(download(list, "--in-flight 4").outcome.status, 0);
  std::int64_t last = 0;
  for (const Json& request : origin.requests()) last = std::max(last, request.at("connection").get<std::int64_t>());
  const std::int64_t first = origin.requests().front().at("connection");
  EXPECT_LE(last - first + 1, 4);
}

TEST_F(DownloadServer, NamesThatAreNotFoundFailAloneAfterRetries) {
  const Downloaded done = download("http://nowhere.invalid/x\n" + origin.url("10/a") + "\n", "--retries 1");
  EXPECT_EQ(done.outcome.status, 1);
  EXPECT_EQ(done.rows.at(0).at("outcome"), "dns");
  EXPECT_EQ(done.rows.at(0).at("attempts"), 2);
  EXPECT_EQ(done.rows.at(1).at("outcome"), "ok");
}

TEST_F(DownloadServer, RefusedConnectionsAreTriedAgain) {
  const Json row = one("http://127.0.0.1:1/x", "refused", "--retries 2");
  EXPECT_EQ(row.at("attempts"), 3);
}

TEST_F(DownloadServer, ABlackHoleEndsAtTheConnectTimeout) {
  // A listener whose queue is full: further SYNs are dropped.
  const FileDescriptor listener(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof place;
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&place), size), 0);
  ASSERT_EQ(listen(listener.get(), 0), 0);
  ASSERT_EQ(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&place), &size), 0);
  std::vector<FileDescriptor> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    connect(fillers.back().get(), reinterpret_cast<sockaddr*>(&place), size);
  }
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(place.sin_port)) + "/x";
  const Json row = one(url, "connect_timeout", "--retries 0 --connect-timeout 0.3");
  EXPECT_LT(row.at("seconds").at("total"), 5.0);
  EXPECT_THAT(shell(folder, "overtake do download --help").out, HasSubstr("--connect-timeout FLOAT=10"));
}

TEST_F(DownloadServer, SilenceAfterTheConnectionFreesItsSlot) {
  const Downloaded done = download(origin.url("10/a?fault=mute") + "\n" + origin.url("10/b") + "\n",
                                   "--in-flight 1 --retries 0 --first-byte-timeout 0.5");
  EXPECT_EQ(done.rows.at(0).at("outcome"), "first_byte_timeout");
  EXPECT_EQ(done.rows.at(1).at("outcome"), "ok");
}

TEST_F(DownloadServer, HeadersThatDripEndAtTheTotalTimeout) {
  one(origin.url("10/a?drip_head=100"), "timeout", "--retries 0 --timeout 0.7");
}

TEST_F(DownloadServer, ASlowBodyIsGoneOnWithAndAtLastTooSlow) {
  const Json row = one(origin.url("1M/a?rate=5000"), "too_slow", "--retries 1 --low-speed 1000000 --low-speed-time 1");
  EXPECT_EQ(row.at("attempts"), 2);
  ASSERT_EQ(origin.requests().size(), 2U);
  EXPECT_THAT(origin.requests()[1].at("range").get<std::string>(), HasSubstr("bytes="));
}

TEST_F(DownloadServer, AResetInTheBodyIsGoneOnWith) {
  for (const char* strategy : {"sequential", "threads", "processes", "async"}) {
    const std::string name = strategy;
    const Json row =
        one(origin.url("500k/" + name + "?fault=reset&at=200k&times=1"), "ok", "--digest --strategy " + name);
    EXPECT_EQ(row.value("resumed", false), true) << strategy;
    EXPECT_EQ(row.at("attempts"), 2) << strategy;
    EXPECT_EQ(file(name), content_of("500k/" + name)) << strategy;
    const std::vector<Json> requests = origin.requests();
    EXPECT_EQ(requests.back().at("status"), 206) << strategy;
    EXPECT_THAT(requests.back().at("if_range").get<std::string>(), HasSubstr("\"")) << strategy;
  }
}

TEST_F(DownloadServer, ABodyThatEndsTooEarlyIsNeverRenamed) {
  const Json row = one(origin.url("100k/a?fault=close&at=50k&range=ignored"), "truncated", "--retries 1");
  EXPECT_EQ(row.at("attempts"), 2);
  EXPECT_FALSE(there("a"));
}

TEST_F(DownloadServer, AMissingFinalChunkIsTruncation) {
  one(origin.url("100k/a?encoding=chunked&final_chunk=0"), "truncated", "--retries 0");
  EXPECT_FALSE(there("a"));
  one(origin.url("100k/b?encoding=chunked"), "ok");
  EXPECT_EQ(file("b"), content_of("100k/b"));
}

TEST_F(DownloadServer, NoLengthIsAcceptedAndSaid) {
  EXPECT_EQ(one(origin.url("100k/a?encoding=close"), "ok").value("length_unverified", false), true);
  EXPECT_EQ(one(origin.url("100k/b"), "ok").value("length_unverified", false), false);
  EXPECT_EQ(one(origin.url("100k/c?encoding=chunked"), "ok").value("length_unverified", false), false);
  // What was cut off looks complete: only the digest can tell.
  one(origin.url("100k/d?encoding=close&fault=close&at=50k") + " sha256=" + sha256_of("100k/d"), "checksum");
  EXPECT_FALSE(there("d"));
}

TEST_F(DownloadServer, AConnectionClosedUnderUsCostsNoAttempt) {
  std::string list;
  for (int i = 0; i < 4; ++i) list += origin.url("10/" + std::to_string(i) + "?stale=1") + "\n";
  const Downloaded done = download(list, "--in-flight 1 --retries 0");
  EXPECT_EQ(done.outcome.status, 0) << done.outcome.err;
  for (const Json& row : done.rows) EXPECT_EQ(row.at("attempts"), 1);
}

TEST_F(DownloadServer, PermanentAnswersAreAskedForOnce) {
  one(origin.url("10/a?status=404"), "http_404");
  one(origin.url("10/b?status=410"), "http_410");
  EXPECT_EQ(origin.requests().size(), 2U);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(DownloadServer, PassingErrorsAreTriedAgainSoOftenAsWasSaid) {
  for (const char* status : {"408", "429", "500", "502", "503", "504"}) {
    const std::string name = status;
    EXPECT_EQ(one(origin.url("10/" + name + "?times=2&status=" + name), "ok").at("attempts"), 3) << name;
  }
  EXPECT_EQ(one(origin.url("10/x?status=500"), "http_500", "--retries 2").at("attempts"), 3);
}

TEST_F(DownloadServer, RetryAfterIsWaitedForAndTheSlotIsLent) {
  const Downloaded done =
      download(origin.url("10/a?status=503&retry_after=2&times=1") + "\n" + origin.url("10/b") + "\n", "--in-flight 1");
  EXPECT_EQ(done.outcome.status, 0);
  const std::vector<Json> requests = origin.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_THAT(requests[1].at("target").get<std::string>(), HasSubstr("/b"));
  EXPECT_GE(requests[2].at("seconds").get<double>() - requests[0].at("seconds").get<double>(), 2.0);
}

TEST_F(DownloadServer, RetryAfterBeyondTheBudgetFailsAndNonsenseIsIgnored) {
  EXPECT_EQ(one(origin.url("10/a?status=503&retry_after=4000"), "http_503").at("attempts"), 1);
  for (const char* nonsense : {"-5", "soon", "1e3", ""}) {
    const std::string url =
        origin.url("10/b" + std::to_string(nonsense[0]) + "?times=1&status=503&retry_after=" + nonsense);
    EXPECT_EQ(one(url, "ok").at("attempts"), 2) << nonsense;
  }
}

TEST_F(DownloadServer, RedirectsAreFollowedFiveTimes) {
  one(origin.url("10/a?hops=5"), "ok");
  EXPECT_EQ(file("a"), content_of("10/a"));
  one(origin.url("10/b?hops=6"), "too_many_redirects");
}

TEST_F(DownloadServer, RedirectsToOtherSchemesReadNothing) {
  one(origin.url("10/a?redirect=file:///etc/passwd"), "forbidden_scheme");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(DownloadServer, PrivateAddressesAreNeverConnectedTo) {
  const std::string port = origin.addresses().at("http").get<std::string>().substr(17);
  for (const char* where : {"http://127.0.0.2:PORT/f/10/x", "http://169.254.169.254/latest", "http://[::1]:PORT/x",
                            "http://10.0.0.1/x", "http://[::ffff:127.0.0.2]:PORT/x", "http://0.0.0.0:PORT/x"}) {
    std::string url = where;
    if (const auto at = url.find("PORT"); at != std::string::npos) url.replace(at, 4, port);
    const Json row = one(url, "forbidden_address");
    EXPECT_EQ(row.at("attempts"), 1);
    EXPECT_EQ(row.at("seconds").at("connect"), 0.0) << url;
    one(origin.url("10/r?redirect=" + url), "forbidden_address");
  }
  // A name that leads to such an address (DNS rebinding), and a permission for another port.
  const Outcome rebound = shell(
      folder, "echo http://localhost:" + port + "/f/10/x | overtake do download - out2 --allow-private 127.0.0.1:1");
  EXPECT_EQ(parse_rows(rebound.out).at(0).at("outcome"), "forbidden_address");
  for (const Json& request : origin.requests()) {
    EXPECT_THAT(request.at("target").get<std::string>(), HasSubstr("redirect="));
  }
}

TEST_F(DownloadServer, AnIgnoredRangeBeginsAnew) {
  one(origin.url("500k/a?fault=reset&at=200k&times=1&range=ignored"), "ok");
  EXPECT_EQ(file("a"), content_of("500k/a"));
}

TEST_F(DownloadServer, ChangedContentIsNeverSpliced) {
  const Json row = one(origin.url("500k/a?fault=reset&at=200k&times=1&change_after=1"), "ok");
  EXPECT_EQ(row.value("resumed", false), false);
  EXPECT_EQ(file("a"), content_of("500k/a", 2));
}

TEST_F(DownloadServer, WeakTagsAreNotGoneOnWith) {
  one(origin.url("500k/a?fault=reset&at=200k&times=1&etag=weak"), "ok");
  EXPECT_EQ(origin.requests().at(1).at("range"), "");
  EXPECT_EQ(file("a"), content_of("500k/a"));
}

TEST_F(DownloadServer, ARangeThatWasNotAskedForIsDiscarded) {
  one(origin.url("500k/a?fault=reset&at=200k&times=1&range=wrong"), "ok");
  EXPECT_EQ(file("a"), content_of("500k/a"));
}

TEST_F(DownloadServer, An416IsCompleteOrBeginsAnew) {
  // All bytes came, and then the end of the last chunk did not: the whole file is there.
  one(origin.url("500k/a?fault=close&at=500k&times=1&encoding=chunked"), "ok");
  EXPECT_EQ(file("a"), content_of("500k/a"));
  EXPECT_EQ(origin.requests().back().at("status"), 416);
  one(origin.url("500k/b?fault=reset&at=200k&times=1&range=416"), "ok");
  EXPECT_EQ(file("b"), content_of("500k/b"));
}

TEST_F(DownloadServer, TooLargeAFileIsCutOff) {
  one(origin.url("10M/a"), "too_large", "--max-size 1M");
  const Json row = one(origin.url("10M/b?encoding=close"), "too_large", "--max-size 1M");
  EXPECT_LE(row.at("bytes"), 1'000'000 + 262'144);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(DownloadServer, AGzipBombIsCutOffByWhatItUnpacksTo) {
  one(origin.url("100M/a?encoding=gzip&zeros=1"), "too_large", "--compressed --max-size 5M");
  EXPECT_THAT(names(), IsEmpty());
  one(origin.url("100k/b?encoding=gzip"), "ok", "--compressed");
  EXPECT_EQ(file("b"), content_of("100k/b"));
}

TEST_F(DownloadServer, AWrongDigestIsTriedOnceMoreAndPutAside) {
  const Json row = one(origin.url("10k/a") + " sha256=" + std::string(64, '0'), "checksum");
  EXPECT_EQ(row.at("attempts"), 2);
  EXPECT_THAT(names(), ElementsAre("a.bad"));
}

TEST_F(DownloadServer, CredentialsDoNotFollowToAnotherHost) {
  std::string url = origin.url("10/a");
  const std::string port = origin.addresses().at("http").get<std::string>().substr(17);
  url.insert(7, "user:secret@");
  one(url + "?redirect=http://localhost:" + port + "/f/10/b", "ok", "--header 'Cookie: a=b'");
  const std::vector<Json> requests = origin.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_THAT(requests[0].at("authorization").get<std::string>(), HasSubstr("Basic"));
  EXPECT_EQ(requests[0].at("cookie"), "a=b");
  EXPECT_EQ(requests[1].at("authorization"), "");
  EXPECT_EQ(requests[1].at("cookie"), "");
}

TEST_F(DownloadServer, AtMostSoManyAreInFlightToAHost) {
  std::string list;
  for (int i = 0; i < 6; ++i) list += origin.url("10/" + std::to_string(i) + "?delay=50") + "\n";
  ASSERT_EQ(download(list, "--in-flight 6 --per-host 2").outcome.status, 0);
  const std::vector<Json> requests = origin.requests();
  ASSERT_EQ(requests.size(), 6U);
  for (std::size_t i = 2; i < 6; ++i)
    EXPECT_GE(requests[i].at("seconds").get<double>() - requests[i - 2].at("seconds").get<double>(), 0.05);
}

TEST(DownloadTls, BadCertificatesAreRefusedWithoutRetry) {
  const TemporaryFolder folder;
  const OriginProcess origin(true);
  const std::string ca = " --allow-private 127.0.0.1 --ca-file " + origin.addresses().at("ca").get<std::string>();
  const auto outcome = [&](const std::string& kind, const std::string& flags) {
    write_file(folder / "list", origin.url("10k/a", kind) + "\n");
    return parse_rows(shell(folder, "overtake do download list out --refresh" + flags).out).at(0);
  };
  EXPECT_EQ(outcome("https", ca).at("outcome"), "ok");
  EXPECT_EQ(read_file(folder / "out/a"), content_of("10k/a"));
  for (const char* kind : {"https_expired", "https_wrong_host"}) {
    EXPECT_EQ(outcome(kind, ca).at("outcome"), "tls") << kind;
    EXPECT_EQ(outcome(kind, ca).at("attempts"), 1) << kind;
  }
  EXPECT_EQ(outcome("https", " --allow-private 127.0.0.1").at("outcome"), "tls") << "an unknown CA";
}

}  // namespace
}  // namespace overtake
