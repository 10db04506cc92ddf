// SPDX-License-Identifier: Apache-2.0
// The fast reader of CSV against the plain one: the same table or the same error, wherever blocks begin, on every
// vector instruction set of this CPU.
#include "cpu/read_csv/engine/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/csv/number.h"
#include "core/csv/writer.h"
#include "core/error.h"
#include "core/file.h"
#include "core/random.h"
#include "cpu/read_csv/engine/dictionary.h"
#include "tests/fuzz/table_properties.h"
#include "tests/highway_targets.h"
#include "tests/support/files.h"
#include "tests/table_text.h"

namespace overtake {
namespace {

template <class T>
std::string plain(std::string_view text) {
  return table_text<T>([&] { return read_table_as<T>(text, "t.csv"); });
}

template <class T>
std::string fast(std::string_view text, int workers, const CsvOptions& options) {
  return table_text<T>([&] { return read_csv<T>(text, "t.csv", workers, team_of_threads(workers), options); });
}

// Texts in which every rule of the format, and every way to break one, lies near a border of blocks.
const std::vector<std::string>& nasty() {
  static const std::vector<std::string> kTexts = {
      "",
      "a",
      "a\n",
      "a,b\n1,2",
      "a\n\n\n1\n\n2\n\n",
      "a,b\r\n\r\n1,2\r\n\r\n\r\n3,4\r",
      "a\n\"\"\n\"\"\n",
      "a,b\n\"x,\ny\",1\n\"\"\"\",2\n\"a\"\"\"\"b\"\"\",\"3\"\n",
      "a,b\n\"\n\n\n\",1\n\"\"\"\n\",2\n",
      "\xEF\xBB\xBFname,\"two\nlines\"\r\n\"x\r\ny\",1\r\n,\r\nz,2\r\n",
      "a,b\n5\" pipe,1\nx\"\"y,2\n \"x\",3\n",
      "a,b\n1,x\n2,y\nthree,z\n4,1\n",
      "a,b,c\n1,2,3\n4,5\n",
      "a,b\n1,2\n\n3,4,5\n",
      "a,b\n1,\"2\n3,4\n",
      "a,b\n1,\"2\"x\n3,4\n",
      "a,b\n1,2\r3,4\n",
      std::string("a,b\n1,2\n3,\0\n", 12),
      std::string("a,b\n1,2\n3,\"\0\"\n", 14),
      "\xFF\xFE\x61,b\n1,2\n",
      "a,b,c\nNA, nan ,none\nn/a,NULL,\"null\"\n 1 ,+2,-.5e3\n\"4\",5., inf\n",
      "a,b\n1e400,1\n-0,0.1\n123456789012345678901234567890,9007199254740993\n",
      "a,b\n16777217.0000001,3.4028236e38\n0.1,1e-50\n",
      "a,b\n,\n,\nnana,\n",
      "k\n5\" pipe\n\"5\"\" pipe\"\na\"\"b\n\"a\"\"b\"\n\"NA\"\n\" \"\nx\n\"x\"\n",
      "x\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\nword\n13\n14\nword\n",
      "k\nb\na\nc\nb\na\nnull\nNA\n",
  };
  return kTexts;
}

TEST(ReadCsv, ReadsWhatThePlainReaderReadsWhereverBlocksBegin) {
  for (const std::string& text : nasty())
    for (std::size_t block = 1; block <= text.size() + 1; ++block)
      for (const int workers : {1, 2}) {
        const CsvOptions options{.block_bytes = block};
        ASSERT_EQ(fast<float>(text, workers, options), plain<float>(text)) << "block " << block << " of\n" << text;
        ASSERT_EQ(fast<double>(text, workers, options), plain<double>(text)) << "block " << block << " of\n" << text;
      }
}

TEST(ReadCsv, ReadsNastyTextsInTheMiddleOfLongOnesOnEveryInstructionSet) {
  std::string rows;
  for (int i = 0; i < 40; ++i) rows += std::to_string(i) + ".25,\"word, " + std::to_string(i % 7) + "\"\n";
  const std::vector<std::string> middles = {
      "", "\n", "7,\"\"\"\n\n\"\n", "NA,5\" pipe\n", "x,y\n", "1,\"z\"\"\r\n\"\r\n", "1\n", "1,\"2\"3\n"};
  for_each_highway_target([&] {
    for (const std::string& middle : middles) {
      const std::string text = "a,b\n" + rows + middle + rows;
      const std::string expected = plain<double>(text);
      for (std::size_t block : {1U, 63U, 64U, 65U, 100U, 517U, 100000U})
        ASSERT_EQ(fast<double>(text, 3, {.block_bytes = block}), expected) << "block " << block << " around " << middle;
    }
  });
}

TEST(ReadCsv, ParsesNumbersAsFastFloatDoesBitByBit) {
  // Numbers of every length, with the point anywhere, some halfway between two floats; exponents now and then.
  const RandomStream random({.value = 11}, 0);
  for_each_highway_target([&] {
    std::string text = "x\n";
    std::vector<std::string> numbers;
    for (std::uint64_t i = 0; i < 20000; ++i) {
      const std::uint64_t bits = random.bits(2 * i);
      std::string digits = std::to_string(random.bits(2 * i + 1) >> bits % 60);
      if (bits >> 8 & 1) digits.insert((bits >> 16) % (digits.size() + 1), ".");
      if (i % 50 == 0) digits += "e" + std::to_string(static_cast<int>(bits >> 24 & 31) - 20);
      if (i % 17 == 0) {
        const float at = static_cast<float>(static_cast<double>(bits >> 40) * 0.001);
        const double half = (static_cast<double>(at) + static_cast<double>(std::nextafter(at, 2 * at + 1))) / 2;
        digits = format_double(half);
      }
      if (bits >> 9 & 1) digits.insert(0, "-");
      text += digits + '\n';
      numbers.push_back(digits);
    }
    const auto f32 = read_csv<float>(text, "t.csv", 1, team_of_one());
    const auto f64 = read_csv<double>(text, "t.csv", 1, team_of_one());
    ASSERT_EQ(f64.rows, 20000);
    ASSERT_FALSE(f64.columns[0].categorical) << f64.notes.front();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(f64.columns[0].values[i]),
                std::bit_cast<std::uint64_t>(*parse_double(numbers[i])))
          << numbers[i];
      ASSERT_EQ(std::bit_cast<std::uint32_t>(f32.columns[0].values[i]),
                std::bit_cast<std::uint32_t>(*parse_float(numbers[i])))
          << numbers[i];
    }
  });
}

RC_GTEST_PROP(ReadCsv, ReadsBackWhatWasWritten, ()) {
  const auto columns = *rc::gen::inRange<std::size_t>(1, 5);
  const auto rows = *rc::gen::inRange<std::size_t>(1, 30);
  CsvWriter writer;
  std::vector<std::vector<std::string>> cells;
  for (std::size_t i = 0; i <= rows; ++i) {
    cells.emplace_back();
    for (std::size_t j = 0; j < columns; ++j)
      cells.back().push_back(*rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,\"\n\r 19.-"))));
    writer.record(cells.back());
  }
  const auto block = *rc::gen::inRange<std::size_t>(1, 200);
  const auto table = read_csv<double>(writer.text(), "t.csv", 2, team_of_threads(2), {.block_bytes = block});
  RC_ASSERT(table.rows == static_cast<std::int64_t>(rows));
  for (std::size_t j = 0; j < columns; ++j) {
    const auto& column = table.columns[j];
    RC_ASSERT(column.name == cells[0][j]);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string& cell = cells[i + 1][j];
      if (column.categorical) {
        const std::int32_t code = column.codes[i];
        RC_ASSERT(is_missing(cell) == (code == -1));
        if (code >= 0) RC_ASSERT(column.categories.at(static_cast<std::size_t>(code)) == cell);
      } else {
        double value = 0;
        RC_ASSERT(value_of_cell(cell, value));
        RC_ASSERT(std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(column.values[i]));
      }
    }
  }
}

TEST(ReadCsv, ReadsWhatFuzzersFoundAsThePlainReaderDoes) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test_file(OVERTAKE_FUZZ_CORPUS "/csv"))) {
    EXPECT_NO_THROW(check_table(read_file(entry.path()))) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 5U);
}

TEST(ReadCsv, RefusesATableThatFitsNoMemoryBeforeItReadsIt) {
  std::string text = "a,b\n";
  for (int i = 0; i < 5000; ++i) text += "1.5,x\n";
  text += "no,csv,at all";  // not reached
  EXPECT_THAT([&] { read_csv<double>(text, "big.csv", 1, team_of_one(), {.memory_bytes = 50000}); },
              testing::ThrowsMessage<UsageError>(testing::AllOf(testing::HasSubstr("big.csv"),
                                                                testing::HasSubstr("about 5002 rows of 2 columns"),
                                                                testing::HasSubstr("GB of memory"))));
}

TEST(ReadCsv, PassesOnWhatAWorkerThrows) {
  const Team team = team_of_threads(3);
  EXPECT_THROW(team([](int worker) {
                 if (worker == 2) throw std::bad_alloc();
               }),
               std::bad_alloc);
}

TEST(Dictionary, TellsTextsOfEveryLengthApart) {
  Dictionary dictionary;
  std::vector<std::string> keys;
  for (std::size_t length = 0; length < 40; ++length)
    for (std::size_t at = 0; at <= length; ++at) {
      keys.emplace_back(length, 'a');
      if (at < length) keys.back()[at] = '\x80';
    }
  for (int twice = 0; twice < 2; ++twice)
    for (std::size_t k = 0; k < keys.size(); ++k)
      ASSERT_EQ(dictionary.code(keys[k]), static_cast<std::int32_t>(k)) << keys[k].size();
  EXPECT_EQ(dictionary.keys().size(), keys.size());
}

std::int64_t anonymous_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::stoll(line.substr(8));
  return -1;
}

TEST(ReadCsv, NeedsLittleMemoryBesideTheTable) {
  std::string row = "1.2345678,-1.234567,word\n", text = "a,b,c\n";
  text.reserve(6 + row.size() * 1000000);
  for (int i = 0; i < 1000000; ++i) text += row;
  const std::int64_t before = anonymous_kilobytes();
  const auto table = read_csv<float>(text, "t.csv", 2, team_of_threads(2));
  const std::int64_t grown = anonymous_kilobytes() - before;
  EXPECT_EQ(table.rows, 1000000);
  // Twelve bytes a row, huge pages that the last rows of three columns begin, and a few blocks.
  EXPECT_LE(grown, 1000000 * 12 / 1024 + 3 * 2048 + 16 * 1024);
}

}  // namespace
}  // namespace overtake
