// SPDX-License-Identifier: MIT
#include "net/udp.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "net/select_loop.h"
#include "net/socket_address.h"
#include "net/socket_option.h"

namespace net {
namespace {

/// Everybody on the network may answer at once; the kernel gives as much of this as it is allowed to.
constexpr int kReceiveBuffer = 1 << 20;

/// Room for the one control message that each call uses.
struct Control {
  alignas(cmsghdr) std::array<unsigned char, CMSG_SPACE(sizeof(in6_pktinfo))> bytes{};
};

bool configure(int fd, bool v6) {
  if (v6) {
    return set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) && set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0) && set_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 1) &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1);
  }
  return set_option(fd, IPPROTO_IP, IP_PKTINFO, 1) && set_option(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) &&
         set_option(fd, IPPROTO_IP, IP_TTL, 1) && set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1) &&
         set_option(fd, SOL_SOCKET, SO_BROADCAST, 1);
}

/// True when the control message tells that the datagram was not sent to this host alone.
bool sent_to_all(msghdr& message) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr; item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      // ip(7): ipi_spec_dst is the local address, ipi_addr what stands in the header.
      return info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr;
    }
    if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      return info.ipi6_addr.s6_addr[0] == 0xff;
    }
  }
  return false;
}

template <class Info>
void attach(msghdr& message, Control& control, int level, int type, const Info& info) {
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* item = CMSG_FIRSTHDR(&message);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(item), &info, sizeof info);
}

}  // namespace

Fd open_udp(IpFamily family, std::uint16_t port) {
  const bool v6 = family == IpFamily::kV6;
  const Endpoint endpoint{v6 ? IpAddress(Ipv6Address{}) : IpAddress(Ipv4Address{}), port};
  auto fail = [&](int code) {
    throw std::system_error(code, std::generic_category(), "open UDP " + endpoint.to_string());
  };
  const auto address = SocketAddress::of(endpoint);
  Fd fd(::socket(address->family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) fail(errno);
  if (!fits_select(fd.get())) fail(EMFILE);
  if (!configure(fd.get(), v6)) fail(errno);
  if (port != 0 && !set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1)) fail(errno);
  set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  if (::bind(fd.get(), address->get(), address->length()) != 0) fail(errno);
  return fd;
}

Result<Datagram, SystemError> receive_datagram(int fd, std::span<std::byte> into) {
  SocketAddress from;
  Control control;
  iovec part{into.data(), into.size()};
  msghdr message{};
  message.msg_name = from.out();
  message.msg_namelen = *from.out_length();
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  ssize_t count = 0;
  do {
    count = ::recvmsg(fd, &message, MSG_TRUNC);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return failed(errno);
  auto endpoint = from.endpoint();
  if (!endpoint) return failed(EAFNOSUPPORT);
  return Datagram{*std::move(endpoint), sent_to_all(message), static_cast<std::size_t>(count)};
}

Result<void, SystemError> send_datagram(int fd, ByteView datagram, const Endpoint& to, unsigned interface,
                                        const std::optional<IpAddress>& source) {
  auto address = SocketAddress::of(to);
  if (!address) return failed(ENODEV);
  Control control;
  iovec part{const_cast<std::byte*>(datagram.data()), datagram.size()};
  msghdr message{};
  message.msg_name = const_cast<sockaddr*>(address->get());
  message.msg_namelen = address->length();
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (to.address.v4() != nullptr) {
    in_pktinfo info{};
    info.ipi_ifindex = static_cast<int>(interface);
    if (source && source->v4() != nullptr) info.ipi_spec_dst.s_addr = htonl(source->v4()->value);
    attach(message, control, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    info.ipi6_ifindex = interface;
    if (source && source->v6() != nullptr) {
      std::copy(source->v6()->octets.begin(), source->v6()->octets.end(), info.ipi6_addr.s6_addr);
    }
    attach(message, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
  ssize_t count = 0;
  do {
    count = ::sendmsg(fd, &message, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return failed(errno);
  return {};
}

Result<void, SystemError> join_group(int fd, const IpAddress& group, unsigned interface) {
  auto address = SocketAddress::of({group, 0});
  if (!address) return failed(ENODEV);
  group_req request{};
  request.gr_interface = interface;
  std::memcpy(&request.gr_group, address->get(), address->length());
  const int level = group.v4() != nullptr ? IPPROTO_IP : IPPROTO_IPV6;
  if (::setsockopt(fd, level, MCAST_JOIN_GROUP, &request, sizeof request) == 0 || errno == EADDRINUSE) return {};
  return failed(errno);
}

}  // namespace net
