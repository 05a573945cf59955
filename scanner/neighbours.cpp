// SPDX-License-Identifier: MIT
#include "scanner/neighbours.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include "net/fd.h"

namespace scanner {
namespace {

constexpr unsigned kConfirmed = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;

[[noreturn]] void cannot_read(int code) {
  throw std::system_error(code, std::generic_category(), "read the neighbour table");
}

std::string interface_name(int index) {
  std::array<char, IF_NAMESIZE> name{};
  return if_indextoname(static_cast<unsigned>(index), name.data()) == nullptr ? std::string() : name.data();
}

std::optional<net::IpAddress> read_address(int family, const rtattr& attribute, const std::string& interface) {
  const void* bytes = RTA_DATA(&attribute);
  const std::size_t length = RTA_PAYLOAD(&attribute);
  if (family == AF_INET && length == 4) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return net::Ipv4Address{ntohl(value)};
  }
  if (family == AF_INET6 && length == 16) {
    net::Ipv6Address address;
    std::memcpy(address.octets.data(), bytes, address.octets.size());
    if (address.is_link_local()) address.zone = interface;
    return address;
  }
  return std::nullopt;
}

std::optional<Sighting> read_entry(const nlmsghdr& header) {
  const auto* entry = static_cast<const ndmsg*>(NLMSG_DATA(&header));
  if ((entry->ndm_state & kConfirmed) == 0) return std::nullopt;
  Sighting sighting;
  sighting.source = Source::kCache;
  sighting.interface = interface_name(entry->ndm_ifindex);
  std::optional<net::IpAddress> address;
  auto left = static_cast<unsigned>(header.nlmsg_len - NLMSG_LENGTH(sizeof *entry));
  const auto* attribute =
      reinterpret_cast<const rtattr*>(reinterpret_cast<const char*>(entry) + NLMSG_ALIGN(sizeof *entry));
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type == NDA_DST) address = read_address(entry->ndm_family, *attribute, sighting.interface);
    if (attribute->rta_type == NDA_LLADDR && RTA_PAYLOAD(attribute) == 6) {
      net::MacAddress mac;
      std::memcpy(mac.octets.data(), RTA_DATA(attribute), mac.octets.size());
      sighting.mac = mac;
    }
  }
  if (!address || !sighting.mac || sighting.mac->is_zero() || sighting.mac->is_multicast()) return std::nullopt;
  sighting.address = *address;
  if (sighting.address.is_multicast() || sighting.address.is_loopback()) return std::nullopt;
  return sighting;
}

// True at the end of the table.
bool read_part(int fd, std::vector<Sighting>& table) {
  alignas(nlmsghdr) std::array<char, 32768> buffer;
  const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
  if (got < 0) {
    if (errno == EINTR) return false;
    cannot_read(errno);
  }
  auto left = static_cast<unsigned>(got);
  for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(header, left);
       header = NLMSG_NEXT(header, left)) {
    if (header->nlmsg_type == NLMSG_DONE) return true;
    if (header->nlmsg_type == NLMSG_ERROR) cannot_read(EIO);
    if (header->nlmsg_type != RTM_NEWNEIGH) continue;
    if (auto sighting = read_entry(*header)) table.push_back(std::move(*sighting));
  }
  return false;
}

}  // namespace

std::vector<Sighting> read_neighbours() {
  const net::Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd) cannot_read(errno);
  struct {
    nlmsghdr header;
    ndmsg body;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETNEIGH;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  if (send(fd.get(), &request, sizeof request, 0) < 0) cannot_read(errno);
  std::vector<Sighting> table;
  while (!read_part(fd.get(), table)) {
  }
  return table;
}

}  // namespace scanner
