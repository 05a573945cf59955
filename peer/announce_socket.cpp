// SPDX-License-Identifier: MIT
#include "peer/announce_socket.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "peer/members/announce_message.h"

namespace peer {
namespace {

/// Of one socket in one pass of the loop, so that a flood starves nobody.
constexpr int kMaxDatagramsPerPass = 64;

bool listens_on(const std::vector<net::Endpoint>& listening, bool v4) {
  return std::any_of(listening.begin(), listening.end(),
                     [&](const net::Endpoint& endpoint) { return (endpoint.address.v4() != nullptr) == v4; });
}

}  // namespace

void AnnounceSockets::Socket::on_readable(net::TimePoint now) {
  // One byte more than is good, so that a longer one shows.
  std::array<std::byte, members::kMaxAnnouncementSize + 1> buffer;
  for (int i = 0; i < kMaxDatagramsPerPass; ++i) {
    auto datagram = net::receive_datagram(fd_.get(), buffer);
    if (!datagram) return;
    const std::size_t size = std::min(datagram->size, buffer.size());
    on_datagram_(now, datagram->from, datagram->to_all, net::ByteView(buffer).first(size));
  }
}

AnnounceSockets::AnnounceSockets(net::SelectLoop& loop, const std::vector<net::Endpoint>& listening,
                                 const net::Log& log, OnDatagram on_datagram)
    : loop_(loop), log_(log), on_datagram_(std::move(on_datagram)) {
  if (listens_on(listening, true)) v4_ = open(net::IpFamily::kV4);
  if (listens_on(listening, false)) v6_ = open(net::IpFamily::kV6);
}

AnnounceSockets::~AnnounceSockets() {
  for (const Pair* pair : {&v4_, &v6_}) {
    if (pair->common) loop_.remove(*pair->common);
    if (pair->own) loop_.remove(*pair->own);
  }
}

AnnounceSockets::Pair AnnounceSockets::open(net::IpFamily family) {
  Pair pair;
  try {
    pair.own = std::make_unique<Socket>(net::open_udp(family, 0), on_datagram_);
    loop_.add(*pair.own);
    pair.common = std::make_unique<Socket>(net::open_udp(family, net::kPeerPort), on_datagram_);
    loop_.add(*pair.common);
  } catch (const std::system_error& error) {
    log_.warning(std::string("not all announcements are heard: ") + error.what());
  }
  return pair;
}

void AnnounceSockets::use(std::set<members::AnnounceTarget> targets) {
  targets_ = std::move(targets);
  for (const members::AnnounceTarget& target : targets_) {
    const Pair& pair = pair_for(target.to);
    if (!target.to.address.is_multicast() || !pair.common) continue;
    // An interface that came back has lost its memberships, so all are joined again.
    auto joined = net::join_group(pair.common->fd(), target.to.address, target.interface);
    if (!joined) log_.info("join " + target.to.address.to_string() + ": " + joined.error().message());
  }
}

void AnnounceSockets::send_to_all(net::ByteView datagram) {
  for (const members::AnnounceTarget& target : targets_) {
    const Pair& pair = pair_for(target.to);
    if (!pair.own) continue;
    auto sent = net::send_datagram(pair.own->fd(), datagram, target.to, target.interface, target.source);
    if (!sent) log_.debug("announce to " + target.to.to_string() + ": " + sent.error().message());
  }
}

void AnnounceSockets::send(net::ByteView datagram, const net::Endpoint& to) {
  const Pair& pair = pair_for(to);
  if (!pair.own) return;
  auto sent = net::send_datagram(pair.own->fd(), datagram, to);
  if (!sent) log_.debug("answer " + to.to_string() + ": " + sent.error().message());
}

}  // namespace peer
