// SPDX-License-Identifier: Apache-2.0
// The parts of the downloader that decide without a network: lists, names, headers, addresses.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "core/error.h"
#include "io/download/engine/address.h"
#include "io/download/engine/headers.h"
#include "io/download/engine/list.h"
#include "io/download/engine/names.h"
#include "io/download/engine/options.h"
#include "io/download/engine/pack.h"
#include "io/download/engine/report.h"
#include "io/origin/behaviour.h"
#include "io/origin/content.h"
#include "tests/io/made_up_list.h"
#include "tests/support/temporary_folder.h"

namespace overtake::download {
namespace {

using ::testing::HasSubstr;

TEST(RetryAfter, TakesSecondsAndDatesAndNothingElse) {
  const std::time_t now = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(parse_retry_after("120", now), 120);
  EXPECT_EQ(parse_retry_after(" 0\r\n", now), 0);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now), 60);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), 0) << "in the past";
  for (const char* nonsense : {"", "-1", "+1", "1.5", "1e3", "soon", "Soon, very soon indeed", "99999999999999999999"})
    EXPECT_EQ(parse_retry_after(nonsense, now), std::nullopt) << nonsense;
}

TEST(ContentRangeHeader, TakesTheThreeFormsOnly) {
  const auto range = parse_content_range("bytes 5-9/10");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->first, 5);
  EXPECT_EQ(range->last, 9);
  EXPECT_EQ(range->size, 10);
  EXPECT_EQ(parse_content_range("bytes 5-9/*")->size, -1);
  EXPECT_EQ(parse_content_range("bytes */10")->first, -1);
  for (const char* nonsense : {"", "bytes", "bytes 5-9", "bytes 9-5/10", "bytes 5-10/10", "bytes -5/10", "bytes */*",
                               "bytes 5-/10", "items 5-9/10", "bytes 5-9/10x", "bytes 99999999999999999999-9/10"})
    EXPECT_FALSE(parse_content_range(nonsense)) << nonsense;
}

TEST(StrongEtag, IsQuotedAndNotWeak) {
  EXPECT_EQ(strong_etag("\"abc\"\r\n"), "\"abc\"");
  for (const char* other : {"W/\"abc\"", "abc", "\"a b\"", "\"a\"b\"", "\"", ""})
    EXPECT_EQ(strong_etag(other), "") << other;
}

TEST(SafeName, CannotLeaveTheFolderHideOrTouchATerminal) {
  EXPECT_EQ(safe_name("a.txt"), "a.txt");
  EXPECT_EQ(safe_name("../../etc/passwd"), "_._.._etc_passwd");
  EXPECT_EQ(safe_name(""), "index");
  EXPECT_EQ(safe_name("."), "_");
  EXPECT_EQ(safe_name(".."), "_.");
  EXPECT_EQ(safe_name(std::string_view("a\0b", 3)), "a_b");
  EXPECT_EQ(safe_name("a\x1b[31m\n"), "a_[31m_");
  EXPECT_EQ(safe_name("a\\b"), "a_b");
  EXPECT_EQ(safe_name("\xc2\x9b"), "_") << "a C1 control";
  EXPECT_EQ(safe_name("a\xe2\x80\xaegpj.exe"), "a_gpj.exe") << "right-to-left override";
  EXPECT_EQ(safe_name("\xff\xfe"), "%FF%FE");
  EXPECT_EQ(safe_name("\xc3\xa4"), "\xc3\xa4");
  EXPECT_EQ(safe_name("x.part"), "x.part_");
  const std::string longest = safe_name(std::string(300, 'n') + ".txt");
  EXPECT_LE(longest.size(), 200U);
  EXPECT_TRUE(longest.ends_with(".txt"));
  EXPECT_NE(longest, safe_name(std::string(301, 'n') + ".txt"));
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\xc3\xa4";
  EXPECT_TRUE(is_utf8(safe_name(umlauts))) << "a character was cut in two";
}

TEST(NameOfUrl, IsTheLastPartOfThePath) {
  EXPECT_EQ(name_of_url("http://h/a/b.txt?x=/c#d"), "b.txt");
  EXPECT_EQ(name_of_url("http://h"), "index");
  EXPECT_EQ(name_of_url("http://h/"), "index");
  EXPECT_EQ(name_of_url("http://h?a/b"), "index");
  EXPECT_EQ(name_of_url("http://h/a%20b%2Fc%00"), "a b_c_");
  EXPECT_EQ(name_of_url("http://h/%zz%4"), "%zz%4");
}

TEST(NameTable, TellsNamesAndUrlsApartAmongAHundredThousand) {
  NameTable table;
  using Seen = NameTable::Seen;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = std::to_string(i);
    ASSERT_EQ(table.enter(text, "http://h/" + text), Seen::fresh) << i;
  }
  for (int i = 0; i < 100'000; i += 997) {
    const std::string text = std::to_string(i);
    EXPECT_EQ(table.enter(text, "http://h/" + text), Seen::same_url);
    EXPECT_EQ(table.enter(text, "http://other/" + text), Seen::name_taken);
    EXPECT_EQ(table.enter(text, "http://other/" + text), Seen::same_url);
  }
}

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

TEST(List, ReadsAMillionLinesWithoutKeepingThem) {
  // Nothing but the table of names is left to grow.
  MadeUpList lines(1'000'000);
  std::istream in(&lines);
  ListReader reader(in);
  std::int64_t count = 0;
  const std::int64_t before = resident_bytes();
  while (const auto entry = reader.next()) {
    ASSERT_EQ(entry->error, "");
    count = entry->line;
  }
  EXPECT_EQ(count, 1'000'000);
#ifndef OVERTAKE_SANITIZED  // which keep what is freed
  EXPECT_LE(resident_bytes() - before, 20'000'000) << "16 bytes a URL, and a table that grew";
#endif
}

bool is_private_text(const std::string& text) {
  sockaddr_storage place{};
  auto* const four = reinterpret_cast<sockaddr_in*>(&place);
  auto* const six = reinterpret_cast<sockaddr_in6*>(&place);
  if (inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1)
    four->sin_family = AF_INET;
  else if (inet_pton(AF_INET6, text.c_str(), &six->sin6_addr) == 1)
    six->sin6_family = AF_INET6;
  else
    ADD_FAILURE() << text;
  return is_private(reinterpret_cast<const sockaddr&>(place));
}

TEST(Address, KnowsWhatIsNotPublic) {
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.0.1",
                           "192.0.2.1",
                           "198.19.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:10.0.0.1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::",
                           "2001:db8::1",
                           "::7f00:1"})
    EXPECT_TRUE(is_private_text(text)) << text;
  for (const char* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
                           "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
                           "223.255.255.255", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"})
    EXPECT_FALSE(is_private_text(text)) << text;
}

TEST(AllowList, NamesAddressesAndPorts) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(80);
  inet_pton(AF_INET, "10.0.0.1", &place.sin_addr);
  const auto permits = [&](const std::string& text) {
    return AllowList({text}).permits(reinterpret_cast<const sockaddr&>(place));
  };
  EXPECT_TRUE(permits("10.0.0.1"));
  EXPECT_TRUE(permits("10.0.0.1:80"));
  EXPECT_FALSE(permits("10.0.0.1:81"));
  EXPECT_FALSE(permits("10.0.0.2"));
  EXPECT_FALSE(permits("[::1]:80"));
  for (const char* wrong :
       {"", "localhost", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:x", "10.0.0.1:70000", "[::1", "[::1]:"})
    EXPECT_THAT(message_of<UsageError>([&] { AllowList({wrong}); }), HasSubstr("--allow-private")) << wrong;
}

TEST(Options, TravelWhole) {
  Options options;
  options.folder = "a folder";
  options.in_flight = 7;
  options.headers = {"A: b", ""};
  options.worker_seconds = 1.25;
  const Options back = Options::from_text(options.to_text());
  EXPECT_EQ(back.folder, "a folder");
  EXPECT_EQ(back.in_flight, 7);
  EXPECT_EQ(back.headers, options.headers);
  EXPECT_EQ(back.worker_seconds, 1.25);
  const std::string text = options.to_text();
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_THROW(Options::from_text(text.substr(0, size)), std::runtime_error) << size;
}

TEST(JsonString, EscapesWhatJsonAndTerminalsMind) {
  EXPECT_EQ(json_string("a\"\\\x1b\n\x7f"), "\"a\\\"\\\\\\u001b\\u000a\\u007f\"");
  EXPECT_EQ(json_string("\xc3\xa4"), "\"\xc3\xa4\"");
  EXPECT_EQ(json_string("\xff"), "\"\\u00ff\"");
  EXPECT_EQ(printable("a\x1b[2J\xc2\x9b\xc3\xa4"), "a?[2J?\xc3\xa4");
}

}  // namespace
}  // namespace overtake::download

namespace overtake::origin {
namespace {

TEST(OriginContent, IsTheSameHoweverItIsRead) {
  const Content content(content_key("/f/1M/a", 0, 1), 1'000'000);
  std::string whole;
  while (whole.size() < 1'000'000) whole += content.bytes(static_cast<std::int64_t>(whole.size()), 1'000'000);
  for (const std::int64_t at : {0, 1, 15, 16, 17, 262138, 262139, 262140, 999'999}) {
    const std::string part(content.bytes(at, 100));
    EXPECT_EQ(part, whole.substr(static_cast<std::size_t>(at), part.size())) << at;
    EXPECT_FALSE(part.empty());
  }
  EXPECT_TRUE(content.bytes(1'000'000, 100).empty());
  std::set<std::string> digests;
  for (int i = 0; i < 1000; ++i)
    digests.insert(hex(Content(content_key("/f/10/" + std::to_string(i), 0, 1), 10).digest()));
  EXPECT_EQ(digests.size(), 1000U) << "two files are the same";
}

TEST(OriginUrl, NamesWhatItCannotRead) {
  EXPECT_EQ(parse_target("/f/100M/x?delay=598&jitter=2.5").size, 100'000'000);
  for (const char* wrong : {"/", "/f/", "/f/x/a", "/f/-1/a", "/f/10/a?nothing=1", "/f/10/a?delay", "/f/10/a?delay=x",
                            "/f/10/a?fault=bad", "/f/10/a?delay=nan"})
    EXPECT_THROW(parse_target(wrong), UsageError) << wrong;
  EXPECT_THAT(url_grammar(), ::testing::HasSubstr("retry_after=TEXT"));
}

}  // namespace
}  // namespace overtake::origin
