// SPDX-License-Identifier: MIT
#include "net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "net/select_loop.h"
#include "net/socket_address.h"
#include "net/socket_option.h"

namespace net {
namespace {

Result<Fd, SystemError> open_stream_socket(int family) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failed(errno);
  if (!fits_select(fd.get())) return failed(EMFILE);
  return fd;
}

IoResult moved_or_error(ssize_t count) {
  if (count >= 0) return {IoResult::Status::kMoved, static_cast<std::size_t>(count), 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoResult::Status::kWouldBlock, 0, 0};
  return {IoResult::Status::kFailed, 0, errno};
}

/// Repeats a call for as long as signals interrupt it.
template <class Call>
ssize_t uninterrupted(Call call) {
  ssize_t count = call();
  while (count < 0 && errno == EINTR) count = call();
  return count;
}

}  // namespace

Fd listen_tcp(const Endpoint& endpoint) {
  auto fail = [&](const char* step, int code) {
    throw std::system_error(code, std::generic_category(), step + (' ' + endpoint.to_string()));
  };
  auto address = SocketAddress::of(endpoint);
  if (!address) fail("bind", ENODEV);
  auto fd = open_stream_socket(address->family());
  if (!fd) fail("open a socket for", fd.error().code);
  // Without it a restarted program cannot bind while old connections are in TIME_WAIT.
  if (!set_option(fd->get(), SOL_SOCKET, SO_REUSEADDR, 1)) fail("SO_REUSEADDR on", errno);
  if (address->family() == AF_INET6 && !set_option(fd->get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) {
    fail("IPV6_V6ONLY on", errno);
  }
  if (::bind(fd->get(), address->get(), address->length()) != 0) fail("bind", errno);
  if (::listen(fd->get(), SOMAXCONN) != 0) fail("listen on", errno);
  return *std::move(fd);
}

Result<Fd, SystemError> connect_tcp(const Endpoint& endpoint) {
  auto address = SocketAddress::of(endpoint);
  if (!address) return failed(ENODEV);
  auto fd = open_stream_socket(address->family());
  if (!fd) return fd;
  // An interrupted connect goes on in the background, like one that was only begun.
  if (::connect(fd->get(), address->get(), address->length()) != 0 && errno != EINPROGRESS && errno != EINTR) {
    return failed(errno);
  }
  return fd;
}

Result<void, SystemError> connect_result(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return failed(errno);
  if (error != 0) return failed(error);
  return {};
}

Result<Accepted, SystemError> accept_tcp(int listener) {
  SocketAddress address;
  Fd fd(static_cast<int>(uninterrupted(
      [&] { return ::accept4(listener, address.out(), address.out_length(), SOCK_CLOEXEC | SOCK_NONBLOCK); })));
  if (!fd) {
    switch (errno) {
      // The connection died before it was taken (accept(2), NOTES); the next may be fine.
      case ECONNABORTED:
      case EPROTO:
      case ENETDOWN:
      case ENOPROTOOPT:
      case EHOSTDOWN:
      case ENONET:
      case EHOSTUNREACH:
      case EOPNOTSUPP:
      case ENETUNREACH:
        return failed(EAGAIN);
      default:
        return failed(errno);
    }
  }
  if (!fits_select(fd.get())) return failed(EMFILE);
  auto remote = address.endpoint();
  if (!remote) return failed(EAFNOSUPPORT);
  return Accepted{std::move(fd), *std::move(remote)};
}

IoResult receive(int fd, std::span<std::byte> into) {
  if (into.empty()) return {IoResult::Status::kMoved, 0, 0};
  ssize_t count = uninterrupted([&] { return ::recv(fd, into.data(), into.size(), 0); });
  if (count == 0) return {IoResult::Status::kClosed, 0, 0};
  return moved_or_error(count);
}

IoResult send(int fd, ByteView bytes, bool more) {
  int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
  return moved_or_error(uninterrupted([&] { return ::send(fd, bytes.data(), bytes.size(), flags); }));
}

IoResult send_file(int fd, int file, std::uint64_t offset, std::size_t length) {
  if (length == 0) return {IoResult::Status::kMoved, 0, 0};
  if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) {
    return {IoResult::Status::kFailed, 0, EOVERFLOW};
  }
  auto position = static_cast<off_t>(offset);
  ssize_t count = uninterrupted([&] { return ::sendfile(fd, file, &position, length); });
  if (count == 0) return {IoResult::Status::kClosed, 0, 0};
  return moved_or_error(count);
}

std::optional<Endpoint> local_endpoint(int fd) {
  SocketAddress address;
  if (::getsockname(fd, address.out(), address.out_length()) != 0) return std::nullopt;
  return address.endpoint();
}

void tune_peer_socket(int fd) {
  // Each only makes the connection better, so a kernel that refuses one is no reason to give the connection up.
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  // Keep-alive says nothing while sent data is unacknowledged.
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 75'000);
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 64 << 10);
}

}  // namespace net
