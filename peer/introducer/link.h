// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "net/fd.h"
#include "net/log.h"
#include "net/select_loop.h"
#include "net/time.h"
#include "peer/introducer/registration.h"

namespace peer::introducer {

/// A Registration's conversations on real sockets, in the loop of a peer.
class Link final : public net::Pollable {
 public:
  /// Called for each peer that the introducer, at `via`, tells of.
  using OnPeer = std::function<void(net::TimePoint, const net::Endpoint& peer, const net::IpAddress& via)>;

  /// `loop` and `log` must outlive it.
  Link(net::SelectLoop& loop, Registration registration, const net::Log& log, OnPeer on_peer);
  ~Link() override;

  std::optional<net::TimePoint> deadline() const { return registration_.deadline(); }
  void expire(net::TimePoint now);
  /// Asks for others now, without waiting for the next time.
  void ask_again(net::TimePoint now);
  /// True until that conversation has ended.
  bool asking() const { return asking_; }
  /// Tells the introducer that we leave; see left().
  void leave(net::TimePoint now);
  /// True when nothing is to be said any more. Only after leave().
  bool left() const { return registration_.left(); }

  int fd() const override { return fd_.get(); }
  bool wants_read() const override { return !connecting_; }
  bool wants_write() const override { return connecting_ || !unsent_.empty(); }
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint now) override;

 private:
  void connect(net::TimePoint now, const net::Endpoint& introducer);
  void failed(net::TimePoint now, const std::string& reason);
  void ended(net::TimePoint now, const Registration::Outcome& outcome);

  net::SelectLoop& loop_;
  Registration registration_;
  const net::Log& log_;
  OnPeer on_peer_;
  net::Fd fd_;  ///< While there is a conversation; it is in the loop then.
  net::Endpoint introducer_;
  bool connecting_ = false;
  bool asking_ = false;
  std::string unsent_;
  std::string problem_;  ///< The last one that was told of; empty when the last conversation went well.
};

}  // namespace peer::introducer
