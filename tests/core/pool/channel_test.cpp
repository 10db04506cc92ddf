// SPDX-License-Identifier: Apache-2.0
#include "core/pool/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

namespace overtake {
namespace {

struct Ends {
  explicit Ends(double stall_seconds = 0) {
    SocketPair pair = make_socket_pair();
    one = Channel(std::move(pair.parent), stall_seconds);
    other = Channel(std::move(pair.child));
  }
  Channel one, other;
};

TEST(Channel, CarriesMessagesOfEverySizeInOrder) {
  Ends ends;
  const std::size_t sizes[] = {0, 1, 15, 16, 17, 100'000, 5'000'000};
  std::thread sender([&] {
    for (const std::size_t size : sizes)
      ends.one.send(static_cast<std::uint32_t>(size), to_bytes(std::string(size, 'x')));
  });
  for (const std::size_t size : sizes) {
    const auto message = ends.other.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->type, size);
    EXPECT_EQ(from_bytes<std::string>(message->bytes), std::string(size, 'x'));
    EXPECT_TRUE(message->descriptors.empty());
  }
  sender.join();
}

TEST(Channel, CarriesFileDescriptorsWithTheMessageTheyWereSentWith) {
  Ends ends;
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  FileDescriptor reading(pipe_ends[0]), writing(pipe_ends[1]);
  const int sent[] = {reading.get(), writing.get()};
  ends.one.send(1, {});
  ends.one.send(2, to_bytes(std::string("two")), sent);
  ends.one.send(3, {});
  EXPECT_TRUE(ends.other.receive()->descriptors.empty());
  const auto message = ends.other.receive();
  ASSERT_EQ(message->descriptors.size(), 2U);
  EXPECT_NE(message->descriptors[1].get(), writing.get());
  ASSERT_EQ(write(message->descriptors[1].get(), "z", 1), 1);
  char byte = 0;
  ASSERT_EQ(read(reading.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'z');
  EXPECT_TRUE(ends.other.receive()->descriptors.empty());
}

TEST(Channel, SaysThatThePeerClosedAndNeverRaisesSigpipe) {
  Ends ends;
  EXPECT_FALSE(ends.one.readable(0));
  ends.other.close();
  EXPECT_TRUE(ends.one.readable(0));
  EXPECT_FALSE(ends.one.receive());
  EXPECT_THROW(ends.one.send(1, to_bytes(7)), PeerGone);
}

TEST(Channel, ThrowsWhereThePeerBreaksOffOrStallsInTheMiddleOfAMessage) {
  Ends broken;
  const std::uint64_t promised[2] = {100, 1};
  ASSERT_EQ(::send(broken.other.fd(), promised, sizeof promised, 0), 16);
  broken.other.close();
  EXPECT_THROW(broken.one.receive(), PeerGone);

  Ends stalled(0.05);
  ASSERT_EQ(::send(stalled.other.fd(), promised, sizeof promised, 0), 16);
  EXPECT_THROW(stalled.one.receive(), PeerGone);
  EXPECT_THROW(stalled.one.send(1, to_bytes(std::string(5'000'000, 'x'))), PeerGone);
}

TEST(Channel, WaitsForAMessageLongerThanForTheRestOfOne) {
  Ends ends(0.02);
  std::thread sender([&] {
    usleep(100'000);
    ends.other.send(9, {});
  });
  EXPECT_EQ(ends.one.receive()->type, 9U);
  sender.join();
}

}  // namespace
}  // namespace overtake
