// SPDX-License-Identifier: Apache-2.0
#include "core/digest.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "core/file.h"
#include "core/file_descriptor.h"
#include "tests/support/temporary_folder.h"

namespace overtake {
namespace {

// FIPS 180-2, appendix B.1.
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Digest, IsSha256OfWhatItWasFedAndBeginsAnew) {
  Digest digest;
  for (int i = 0; i < 2; ++i) {
    digest.add("a", 1);
    digest.add("bc", 2);
    EXPECT_EQ(digest.finish(), kAbc);
  }
  EXPECT_EQ(digest.finish(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, OfAFileIsThatOfItsBytes) {
  const TemporaryFolder folder;
  const std::string content(200001, 'x');
  write_file(folder / "file", content);
  const FileDescriptor file(open((folder / "file").c_str(), O_RDONLY));
  Digest of_file, of_bytes;
  EXPECT_EQ(add_file(file.get(), of_file), 0);
  of_bytes.add(content.data(), content.size());
  EXPECT_EQ(of_file.finish(), of_bytes.finish());
  EXPECT_EQ(add_file(-1, of_file), EBADF);
}

}  // namespace
}  // namespace overtake
