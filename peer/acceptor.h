// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>

#include "net/fd.h"
#include "net/log.h"
#include "net/select_loop.h"
#include "net/socket.h"
#include "net/time.h"

namespace peer {

/// net::listen_tcp() for a program with --listen: where somebody has the port already, what is thrown says what to do
/// about it. Throws std::runtime_error (std::system_error is one).
net::Fd listen_at(const net::Endpoint& endpoint);

/// A listening socket in the loop. When descriptors run out it pauses, so that the connections that wait in the kernel
/// do not make the loop spin (threat T15).
class Acceptor final : public net::Pollable {
 public:
  using OnAccept = std::function<void(net::TimePoint, net::Accepted)>;

  Acceptor(net::Fd fd, const net::Log& log, OnAccept on_accept)
      : fd_(std::move(fd)), log_(log), on_accept_(std::move(on_accept)) {}

  /// When a pause ends.
  std::optional<net::TimePoint> deadline() const { return paused_until_; }
  void expire(net::TimePoint now);

  int fd() const override { return fd_.get(); }
  bool wants_read() const override { return !paused_until_; }
  bool wants_write() const override { return false; }
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint) override {}

 private:
  net::Fd fd_;
  const net::Log& log_;
  OnAccept on_accept_;
  std::optional<net::TimePoint> paused_until_;
};

}  // namespace peer
