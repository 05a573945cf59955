// SPDX-License-Identifier: MIT
#include "net/socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "net/resolve.h"
#include "net/socket_address.h"
#include "tests/unit/net/scratch.h"

namespace net {
namespace {

Endpoint loopback(std::uint16_t port = 0) { return {Ipv4Address{0x7f000001}, port}; }
Endpoint loopback6(std::uint16_t port = 0) { return {*Ipv6Address::parse("::1"), port}; }

bool has_ipv6() {
  try {
    listen_tcp(loopback6());
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

/// Waits until `fd` is ready for `events`, which loopback is at once; a minute is for a machine under load.
bool ready(int fd, short events) {
  pollfd wanted{fd, events, 0};
  return ::poll(&wanted, 1, 60'000) == 1;
}

struct Connection {
  Fd listener, client;
  Accepted server;
};

Connection connected(const Endpoint& any) {
  Fd listener = listen_tcp(any);
  auto client = connect_tcp(*local_endpoint(listener.get()));
  EXPECT_TRUE(client.ok());
  EXPECT_TRUE(ready(client->get(), POLLOUT));
  EXPECT_TRUE(connect_result(client->get()).ok());
  EXPECT_TRUE(ready(listener.get(), POLLIN));
  auto server = accept_tcp(listener.get());
  EXPECT_TRUE(server.ok());
  return {std::move(listener), *std::move(client), *std::move(server)};
}

bool has_flags(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 && (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

void moves_bytes_both_ways(const Connection& link) {
  EXPECT_EQ(local_endpoint(link.client.get()), link.server.remote);
  for (auto [from, to] :
       {std::pair{link.client.get(), link.server.fd.get()}, std::pair{link.server.fd.get(), link.client.get()}}) {
    EXPECT_TRUE(has_flags(from));
    Bytes in(10);
    EXPECT_EQ(receive(to, in).status, IoResult::Status::kWouldBlock);
    IoResult sent = send(from, as_bytes("hello"));
    EXPECT_EQ(sent.status, IoResult::Status::kMoved);
    EXPECT_EQ(sent.count, 5u);
    ASSERT_TRUE(ready(to, POLLIN));
    IoResult got = receive(to, in);
    EXPECT_EQ(got.status, IoResult::Status::kMoved);
    EXPECT_EQ(as_text(ByteView(in).first(got.count)), "hello");
    EXPECT_EQ(receive(to, {}).status, IoResult::Status::kMoved);
  }
}

TEST(Socket, MovesBytesOverIpv4) { moves_bytes_both_ways(connected(loopback())); }

TEST(Socket, MovesBytesOverIpv6) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  moves_bytes_both_ways(connected(loopback6()));
}

TEST(Socket, BothFamiliesHoldOnePort) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  Fd v6 = listen_tcp({*Ipv6Address::parse("::"), 0});
  std::uint16_t port = local_endpoint(v6.get())->port;
  Fd v4 = listen_tcp({Ipv4Address{}, port});
  EXPECT_EQ(local_endpoint(v4.get())->port, port);
}

TEST(Socket, APortInUseIsNamed) {
  Fd first = listen_tcp(loopback());
  Endpoint taken = *local_endpoint(first.get());
  try {
    listen_tcp(taken);
    FAIL() << "bound twice";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), EADDRINUSE);
    EXPECT_NE(std::string(error.what()).find(taken.to_string()), std::string::npos);
  }
}

TEST(Socket, ARefusedConnectIsTold) {
  Endpoint gone;
  {
    Fd listener = listen_tcp(loopback());
    gone = *local_endpoint(listener.get());
  }
  auto client = connect_tcp(gone);
  if (client.ok()) {
    ASSERT_TRUE(ready(client->get(), POLLOUT));
    EXPECT_EQ(connect_result(client->get()).error().code, ECONNREFUSED);
  } else {
    EXPECT_EQ(client.error().code, ECONNREFUSED);
  }
}

TEST(Socket, AnUnknownZoneIsNoDevice) {
  EXPECT_EQ(connect_tcp({*Ipv6Address::parse("fe80::1%nosuch0"), 1}).error(), (SystemError{ENODEV}));
  EXPECT_THROW(listen_tcp({*Ipv6Address::parse("fe80::1%nosuch0"), 1}), std::system_error);
  EXPECT_FALSE(SystemError{ENODEV}.message().empty());
}

TEST(Socket, AcceptSaysWhenNobodyWaits) {
  Fd listener = listen_tcp(loopback());
  EXPECT_EQ(accept_tcp(listener.get()).error().code, EAGAIN);
}

TEST(Socket, TheEndAndAResetDiffer) {
  Connection link = connected(loopback());
  Bytes in(10);
  ASSERT_EQ(::shutdown(link.client.get(), SHUT_WR), 0);
  ASSERT_TRUE(ready(link.server.fd.get(), POLLIN));
  EXPECT_EQ(receive(link.server.fd.get(), in).status, IoResult::Status::kClosed);

  Connection other = connected(loopback());
  linger abort{1, 0};
  ::setsockopt(other.client.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  other.client.reset();
  ASSERT_TRUE(ready(other.server.fd.get(), POLLIN));
  IoResult result = receive(other.server.fd.get(), in);
  EXPECT_EQ(result.status, IoResult::Status::kFailed);
  EXPECT_EQ(result.error, ECONNRESET);
}

TEST(Socket, SendingToOneThatHasGoneRaisesNoSignal) {  // T49
  struct sigaction fatal {};
  fatal.sa_handler = SIG_DFL;
  struct sigaction before {};
  ::sigaction(SIGPIPE, &fatal, &before);
  Connection link = connected(loopback());
  ::shutdown(link.server.fd.get(), SHUT_RDWR);
  link.server.fd.reset();
  // The first bytes may still go out; their answer is a reset.
  IoResult result = send(link.client.get(), as_bytes("x"));
  for (int i = 0; i < 100 && result.status != IoResult::Status::kFailed; ++i) {
    ready(link.client.get(), POLLIN | POLLHUP);
    result = send(link.client.get(), as_bytes("x"));
  }
  EXPECT_EQ(result.status, IoResult::Status::kFailed);
  EXPECT_TRUE(result.error == EPIPE || result.error == ECONNRESET) << result.error;
  ::sigaction(SIGPIPE, &before, nullptr);
}

TEST(Socket, AFullSocketWouldBlock) {  // T18
  Connection link = connected(loopback());
  Bytes block(1 << 20);
  IoResult result;
  std::size_t sent = 0;
  do {
    result = send(link.client.get(), block);
    sent += result.count;
  } while (result.status == IoResult::Status::kMoved && sent < (std::size_t{1} << 30));
  EXPECT_EQ(result.status, IoResult::Status::kWouldBlock);
  EXPECT_GT(sent, 0u);
}

TEST(Socket, SendsARangeOfAFile) {
  ScratchFolder scratch;
  scratch.write("file", "0123456789");
  Fd file(::open(scratch.path("file").c_str(), O_RDONLY | O_CLOEXEC));
  Connection link = connected(loopback());
  int to = link.client.get();
  IoResult sent = send_file(to, file.get(), 2, 5);
  EXPECT_EQ(sent.status, IoResult::Status::kMoved);
  EXPECT_EQ(sent.count, 5u);
  Bytes in(20);
  ASSERT_TRUE(ready(link.server.fd.get(), POLLIN));
  EXPECT_EQ(as_text(ByteView(in).first(receive(link.server.fd.get(), in).count)), "23456");

  EXPECT_EQ(send_file(to, file.get(), 8, 100).count, 2u);
  EXPECT_EQ(send_file(to, file.get(), 10, 1).status, IoResult::Status::kClosed);  // T30: it has shrunk.
  EXPECT_EQ(send_file(to, file.get(), 11, 1).status, IoResult::Status::kClosed);
  EXPECT_EQ(send_file(to, file.get(), 0, 0).status, IoResult::Status::kMoved);
  EXPECT_EQ(send_file(to, file.get(), ~std::uint64_t{0}, 1).error, EOVERFLOW);
  EXPECT_EQ(send_file(to, -1, 0, 1).error, EBADF);
}

TEST(Socket, DescriptorsThatDoNotFitSelectAreRefused) {  // T14
  DescriptorLimit limit(FD_SETSIZE + 64);
  ASSERT_TRUE(limit.granted());
  Fd listener = listen_tcp(loopback());
  auto waiting = connect_tcp(*local_endpoint(listener.get()));
  ASSERT_TRUE(waiting.ok());
  ASSERT_TRUE(ready(listener.get(), POLLIN));
  {
    DescriptorsTaken taken(FD_SETSIZE);
    EXPECT_EQ(connect_tcp(*local_endpoint(listener.get())).error().code, EMFILE);
    EXPECT_EQ(accept_tcp(listener.get()).error().code, EMFILE);
    EXPECT_THROW(listen_tcp(loopback()), std::system_error);
  }
  // The refused connection was taken and closed.
  ASSERT_TRUE(ready(waiting->get(), POLLIN));
  Bytes in(1);
  EXPECT_NE(receive(waiting->get(), in).status, IoResult::Status::kMoved);
  EXPECT_EQ(accept_tcp(listener.get()).error().code, EAGAIN);
}

TEST(Socket, AcceptSaysWhenDescriptorsHaveRunOut) {  // T15
  Fd listener = listen_tcp(loopback());
  auto waiting = connect_tcp(*local_endpoint(listener.get()));
  ASSERT_TRUE(waiting.ok() && ready(listener.get(), POLLIN));
  {
    DescriptorLimit limit(static_cast<rlim_t>(waiting->get()) + 1);
    ASSERT_TRUE(limit.granted());
    DescriptorsTaken taken(FD_SETSIZE);
    EXPECT_EQ(accept_tcp(listener.get()).error().code, EMFILE);
    EXPECT_EQ(connect_tcp(loopback(1)).error().code, EMFILE);
  }
  EXPECT_TRUE(accept_tcp(listener.get()).ok());
}

TEST(Socket, APeerSocketIsTuned) {
  Connection link = connected(loopback());
  tune_peer_socket(link.client.get());
  auto option = [&](int level, int name) {
    int value = 0;
    socklen_t length = sizeof value;
    EXPECT_EQ(::getsockopt(link.client.get(), level, name, &value, &length), 0);
    return value;
  };
  EXPECT_NE(option(IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_NE(option(SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_NOTSENT_LOWAT), 64 << 10);
  EXPECT_LE(option(IPPROTO_TCP, TCP_KEEPIDLE) + option(IPPROTO_TCP, TCP_KEEPINTVL) * option(IPPROTO_TCP, TCP_KEEPCNT),
            90);
}

TEST(Socket, NothingIsKnownOfWhatIsNoSocket) {
  EXPECT_FALSE(local_endpoint(-1));
  EXPECT_EQ(connect_result(-1).error().code, EBADF);
  EXPECT_EQ(receive(-1, std::span(std::array<std::byte, 1>{}.data(), 1)).error, EBADF);
}

TEST(SocketAddress, GoesBothWays) {
  for (std::string_view text : {"10.0.0.7:80", "[2001:db8::1]:80", "[fe80::1%lo]:80", "[ff02::1%lo]:1"}) {
    Endpoint endpoint = *Endpoint::parse(text);
    auto address = SocketAddress::of(endpoint);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->endpoint(), endpoint) << text;
  }
}

TEST(SocketAddress, AZoneMayBeANumber) {
  auto address = SocketAddress::of(*Endpoint::parse("[fe80::1%1]:80"));
  ASSERT_TRUE(address);
  EXPECT_EQ(address->endpoint()->address.v6()->zone, "lo");
  address = SocketAddress::of(*Endpoint::parse("[fe80::1%999999]:80"));
  ASSERT_TRUE(address);
  EXPECT_EQ(address->endpoint()->address.v6()->zone, "999999");
  EXPECT_FALSE(SocketAddress::of(*Endpoint::parse("[fe80::1%0]:80")));
}

TEST(SocketAddress, OtherFamiliesAreNoEndpoint) {
  EXPECT_FALSE(SocketAddress().endpoint());
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_FALSE(endpoint_of(&other));
}

TEST(ResolveHost, KnowsAddressesAsTheyStand) {
  EXPECT_EQ(resolve_host("127.0.0.1"), (std::vector<IpAddress>{Ipv4Address{0x7f000001}}));
  EXPECT_EQ(resolve_host("::1"), (std::vector<IpAddress>{*IpAddress::parse("::1")}));
  EXPECT_TRUE(resolve_host("").empty());
}

}  // namespace
}  // namespace net
