// SPDX-License-Identifier: MIT
#include "net/iface_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace net {
namespace {

Fd open_route_socket() {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (!fd || !fits_select(fd.get())) return {};
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return fd;
}

}  // namespace

InterfaceWatch::InterfaceWatch(std::function<void(TimePoint)> changed)
    : fd_(open_route_socket()), changed_(std::move(changed)) {}

void InterfaceWatch::on_readable(TimePoint now) {
  std::array<char, 8192> notice;
  bool any = false;
  // What the notices say is not looked at, so one that is cut off or lost (ENOBUFS) is as good as any.
  while (::recv(fd_.get(), notice.data(), notice.size(), 0) >= 0 || errno == ENOBUFS || errno == EINTR) any = true;
  if (any) changed_(now);
}

}  // namespace net
