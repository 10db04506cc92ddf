// SPDX-License-Identifier: Apache-2.0
// The rules hold for the project, and the checker sees each kind of violation when it is planted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/file.h"
#include "tests/house/house_rules.h"
#include "tests/support/temporary_folder.h"

namespace overtake::house {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const Files& project() {
  static const Files files = read_files(OVERTAKE_SOURCE_ROOT);
  return files;
}

// An include directive: of `what` as it is where it begins with < or a quote, else in quotes.
std::string including(const std::string& what) {
  std::string text = "#include ";
  text += what.find_first_of("<\"") == 0 ? what : '"' + what + '"';
  return text += '\n';
}

std::string good_header(int lines) {
  std::string text = "// SPDX-License-Identifier: Apache-2.0\n#pragma once\n";
  for (int i = 2; i < lines; ++i) text += "//\n";
  return text;
}

TEST(HouseRules, HoldForWhoIncludesWhom) { EXPECT_THAT(check_rooms(project()), IsEmpty()); }

TEST(HouseRules, HoldForWhatCudaSourcesSee) { EXPECT_THAT(check_cuda_includes(project()), IsEmpty()); }

TEST(HouseRules, HoldForHowFilesBegin) { EXPECT_THAT(check_form(project()), IsEmpty()); }

TEST(HouseRules, AreReadFromEveryKindOfFile) {
  for (const char* path : {"CMakeLists.txt", "core/cell.h", "core/cell.cpp", "cpu/CMakeLists.txt", "cmake/Cuda.cmake",
                           "scripts/test", ".ci/run", "tests/main.cpp", "tests/house/house_rules.h"}) {
    EXPECT_TRUE(project().contains(path)) << path;
  }
}

TEST(HouseRules, AreNotForWhatOthersWroteAndIsFetched) {
  const TemporaryFolder root;
  for (const char* folder : {"bench/peers/venv/lib", "bench/peers"}) {
    std::filesystem::create_directories(root / folder);
    write_file(root / folder / "a.py", "");
  }
  write_file(root / "CMakeLists.txt", "");
  const Files files = read_files(root.path());
  EXPECT_TRUE(files.contains("bench/peers/a.py"));
  EXPECT_FALSE(files.contains("bench/peers/venv/lib/a.py"));
}

TEST(RoomRules, RefuseEveryPairThatIsNotAllowed) {
  const std::string rooms[] = {"core", "cpu", "gpu", "io", "bench", "compare", "lab", "cli", "tests"};
  // Rows include columns, in the order of `rooms`.
  const std::string allowed[] = {"100000000", "110000000", "101000000", "100100000", "111110000",
                                 "100001000", "100001100", "111111110", "111111111"};
  for (std::size_t i = 0; i < std::size(rooms); ++i) {
    for (std::size_t j = 0; j < std::size(rooms); ++j) {
      const Files files = {{rooms[i] + "/a/b.cpp", including("<vector>") + including(rooms[j] + "/x/y.h")}};
      if (allowed[i][j] == '1') {
        EXPECT_THAT(check_rooms(files), IsEmpty()) << rooms[i] << " includes " << rooms[j];
      } else {
        EXPECT_THAT(check_rooms(files),
                    ElementsAre(AllOf(StartsWith(rooms[i] + "/a/b.cpp:2: "), HasSubstr(rooms[j] + "/x/y.h"))))
            << rooms[i] << " includes " << rooms[j];
      }
    }
  }
}

TEST(RoomRules, SeeIncludesHoweverTheyAreSpaced) {
  for (const char* line : {"#include \"gpu/x.h\"", "  #  include   \"gpu/x.h\"  // why", "#include\"gpu/x.h\"\r",
                           "\t#include <gpu/x.h>"}) {
    EXPECT_THAT(check_rooms({{"cpu/a.cpp", line}}), ElementsAre(StartsWith("cpu/a.cpp:1: cpu may not include")))
        << line;
  }
}

TEST(RoomRules, IgnoreCommentsAndOtherDirectives) {
  const std::string text = "// #include \"gpu/x.h\"\n#define X \"gpu/x.h\"\nconst char* s = \"#include\";\n#include\n";
  EXPECT_THAT(check_rooms({{"cpu/a.cpp", text}}), IsEmpty());
}

TEST(RoomRules, RefuseIncludesThatAreNotWrittenFromTheRoot) {
  const Files files = {{"core/csv/a.cpp", including("\"b.h\"") + including("\"../cell.h\"") + including("\"made.h\"")},
                       {"core/csv/b.h", ""},
                       {"core/cell.h", ""}};
  EXPECT_THAT(check_rooms(files), ElementsAre(HasSubstr("\"core/csv/b.h\""), HasSubstr("\"core/cell.h\"")));
}

TEST(RoomRules, RefuseOurOwnHeadersInAngleBrackets) {
  const Files files = {{"core/a.cpp", including("<core/b.h>")}, {"core/b.h", ""}};
  EXPECT_THAT(check_rooms(files), ElementsAre(HasSubstr("with quotes")));
}

TEST(RoomRules, RefuseTheEngineOfAnotherWorkload) {
  const Files files = {{"cpu/sums/a.cpp", including("cpu/sums/engine/b.h") + including("cpu/table/c.h")},
                       {"cpu/sums/engine/d.cpp", including("cpu/products/engine/e.h")},
                       {"cli/f.cpp", including("cpu/products/engine/e.h")}};
  EXPECT_THAT(check_rooms(files),
              ElementsAre(AllOf(StartsWith("cpu/sums/engine/d.cpp:1: "), HasSubstr("of products"))));
}

TEST(CudaRules, RefuseHostLibrariesDirectlyAndThroughHeaders) {
  for (const char* library : {"<fmt/format.h>", "\"hwy/highway.h\"", "<CLI/CLI.hpp>", "<nlohmann/json_fwd.hpp>"}) {
    const Files files = {{"gpu/a.cu", including("\"gpu/b.cuh\"")},
                         {"gpu/b.cuh", including("\"core/c.h\"") + including("<cuda_runtime.h>")},
                         {"core/c.h", including("\"core/c.h\"") + including(library)},
                         {"gpu/direct.cu", including(library)}};
    const Violations violations = check_cuda_includes(files);
    EXPECT_EQ(violations.size(), 3U) << library;  // from a.cu, from b.cuh, and direct.cu's own
    EXPECT_THAT(violations,
                Contains(AllOf(StartsWith("core/c.h:2: "), HasSubstr("gpu/a.cu -> gpu/b.cuh -> core/c.h"))));
    EXPECT_THAT(violations, Contains(StartsWith("gpu/direct.cu:1: ")));
  }
}

TEST(CudaRules, LeaveHostSourcesAlone) {
  EXPECT_THAT(check_cuda_includes({{"core/a.cpp", including("<fmt/format.h>")}}), IsEmpty());
}

TEST(FormRules, WantTheLicenceFirstOrAfterAShebang) {
  EXPECT_THAT(check_form({{"scripts/a", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"},
                          {"cmake/a.cmake", "# SPDX-License-Identifier: Apache-2.0\n"}}),
              IsEmpty());
  EXPECT_THAT(check_form({{"a.cpp", ""}}), ElementsAre(HasSubstr("SPDX-License-Identifier")));
  EXPECT_THAT(check_form({{"a.cpp", "\n// SPDX-License-Identifier: Apache-2.0\n"}}),
              ElementsAre(HasSubstr("first line")));
  EXPECT_THAT(check_form({{"a.cpp", "// SPDX-License-Identifier: MIT\n"}}), ElementsAre(HasSubstr("Apache-2.0")));
}

TEST(FormRules, Refuse401Lines) {
  EXPECT_THAT(check_form({{"a.h", good_header(400)}}), IsEmpty());
  EXPECT_THAT(check_form({{"a.h", good_header(401)}}), ElementsAre(HasSubstr("401 lines")));
}

TEST(FormRules, WantPragmaOnceInHeadersOnly) {
  const std::string text = "// SPDX-License-Identifier: Apache-2.0\n// #pragma once\n";
  EXPECT_THAT(check_form({{"a.h", text}, {"b.cuh", text}, {"c.cpp", text}}),
              ElementsAre(StartsWith("a.h:"), StartsWith("b.cuh:")));
}

}  // namespace
}  // namespace overtake::house
