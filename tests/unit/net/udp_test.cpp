// SPDX-License-Identifier: MIT
#include "net/udp.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <cerrno>

#include "net/socket.h"

namespace net {
namespace {

bool readable(const Fd& fd) {
  pollfd item{fd.get(), POLLIN, 0};
  return ::poll(&item, 1, 5000) == 1;
}

Endpoint loopback(const Fd& fd) { return {Ipv4Address{0x7f000001}, local_endpoint(fd.get())->port}; }

TEST(Udp, SendsAndReceives) {
  const Fd one = open_udp(IpFamily::kV4, 0);
  const Fd two = open_udp(IpFamily::kV4, 0);
  ASSERT_TRUE(send_datagram(one.get(), as_bytes("hello"), loopback(two)));
  ASSERT_TRUE(readable(two));
  std::array<std::byte, 100> buffer{};
  auto got = receive_datagram(two.get(), buffer);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->from, loopback(one));
  EXPECT_FALSE(got->to_all);
  EXPECT_EQ(as_text(ByteView(buffer).first(got->size)), "hello");
  got = receive_datagram(two.get(), buffer);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, EAGAIN);
}

TEST(Udp, TellsTheWholeLengthOfWhatDoesNotFit) {
  const Fd one = open_udp(IpFamily::kV4, 0);
  const Fd two = open_udp(IpFamily::kV4, 0);
  const Bytes large(3000);
  ASSERT_TRUE(send_datagram(one.get(), large, loopback(two)));
  ASSERT_TRUE(send_datagram(one.get(), {}, loopback(two)));
  std::array<std::byte, 100> buffer{};
  ASSERT_TRUE(readable(two));
  EXPECT_EQ(receive_datagram(two.get(), buffer)->size, 3000u);
  ASSERT_TRUE(readable(two));
  EXPECT_EQ(receive_datagram(two.get(), buffer)->size, 0u);
}

TEST(Udp, BroadcastsReachAllWhoShareThePort) {
  const Fd first = open_udp(IpFamily::kV4, 0);
  const std::uint16_t port = local_endpoint(first.get())->port;
  // A socket of its own choice of port does not share it.
  EXPECT_THROW(open_udp(IpFamily::kV4, port), std::system_error);
  const Fd sender = open_udp(IpFamily::kV4, 0);
  const Endpoint all{Ipv4Address{0x7fffffff}, port};
  ASSERT_TRUE(send_datagram(sender.get(), as_bytes("all"), all, 0, Ipv4Address{0x7f000001}));
  ASSERT_TRUE(readable(first));
  std::array<std::byte, 100> buffer{};
  auto got = receive_datagram(first.get(), buffer);
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->to_all);
}

TEST(Udp, SharesANamedPort) {
  std::uint16_t port = 0;
  { port = local_endpoint(open_udp(IpFamily::kV4, 0).get())->port; }
  const Fd one = open_udp(IpFamily::kV4, port);
  const Fd two = open_udp(IpFamily::kV4, port);
  const Fd sender = open_udp(IpFamily::kV4, 0);
  ASSERT_TRUE(send_datagram(sender.get(), as_bytes("all"), {Ipv4Address{0x7fffffff}, port}));
  EXPECT_TRUE(readable(one));
  EXPECT_TRUE(readable(two));
}

TEST(Udp, FailuresAreValues) {
  const Fd fd = open_udp(IpFamily::kV4, 0);
  EXPECT_FALSE(join_group(fd.get(), *IpAddress::parse("10.0.0.1"), 1));
  EXPECT_FALSE(join_group(fd.get(), *IpAddress::parse("239.192.123.45"), 999'999));
  EXPECT_FALSE(send_datagram(fd.get(), as_bytes("x"), {Ipv4Address{0x7f000001}, 9}, 999'999));
}

}  // namespace
}  // namespace net
