// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "net/fd.h"
#include "net/log.h"
#include "net/select_loop.h"
#include "net/time.h"
#include "net/udp.h"
#include "peer/members/announce_targets.h"

namespace peer {

/// The sockets that announcements go through: for each family one at the common port, which takes what is sent to
/// everybody, and one at a port of our own, which sends and takes the answers. They decide nothing.
class AnnounceSockets {
 public:
  using OnDatagram = std::function<void(net::TimePoint, const net::Endpoint& from, bool to_all, net::ByteView)>;

  /// Opens them for the families that the peer listens on. What cannot be opened is named in the log and done without.
  AnnounceSockets(net::SelectLoop& loop, const std::vector<net::Endpoint>& listening, const net::Log& log,
                  OnDatagram on_datagram);
  ~AnnounceSockets();
  AnnounceSockets(const AnnounceSockets&) = delete;
  AnnounceSockets& operator=(const AnnounceSockets&) = delete;

  /// Sends to these from now on, and listens to the groups among them.
  void use(std::set<members::AnnounceTarget> targets);
  const std::set<members::AnnounceTarget>& targets() const { return targets_; }
  void send_to_all(net::ByteView datagram);
  void send(net::ByteView datagram, const net::Endpoint& to);

 private:
  class Socket final : public net::Pollable {
   public:
    Socket(net::Fd fd, const OnDatagram& on_datagram) : fd_(std::move(fd)), on_datagram_(on_datagram) {}
    int fd() const override { return fd_.get(); }
    bool wants_read() const override { return true; }
    bool wants_write() const override { return false; }
    void on_readable(net::TimePoint now) override;
    void on_writable(net::TimePoint) override {}

   private:
    net::Fd fd_;
    const OnDatagram& on_datagram_;
  };
  struct Pair {
    std::unique_ptr<Socket> common, own;
  };

  Pair open(net::IpFamily family);
  const Pair& pair_for(const net::Endpoint& endpoint) const { return endpoint.address.v4() != nullptr ? v4_ : v6_; }

  net::SelectLoop& loop_;
  const net::Log& log_;
  OnDatagram on_datagram_;
  Pair v4_, v6_;
  std::set<members::AnnounceTarget> targets_;
};

}  // namespace peer
