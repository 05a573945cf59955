// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "net/files.h"
#include "net/select_loop.h"
#include "net/time.h"
#include "peer/control/session.h"
#include "peer/control/socket.h"

namespace peer::control {

/// The running peer's end of the control socket: accepts clients of the same user (or root) and carries their commands
/// out. Everything happens in the loop's dispatch and in step(); no call blocks.
class Server final : private net::Pollable {
 public:
  static constexpr std::size_t kMaxClients = 8;
  /// Operations that go on after their client has gone; beyond it they are cancelled.
  static constexpr std::size_t kMaxDetached = 64;
  /// How long nothing is accepted after descriptors have run out (threats T15).
  static constexpr std::chrono::seconds kAcceptPause{1};

  /// Opens the socket in `state` (see ListeningSocket for what it throws) and joins `loop`. Loop and handler must
  /// outlive the server.
  Server(const net::Folder& state, net::SelectLoop& loop, Handler& handler);
  ~Server() override;

  /// To be called after every pass of the loop, and at the deadline.
  void step(net::TimePoint now);
  std::optional<net::TimePoint> deadline() const;

  /// Accepts nobody from now on, cancels what runs. Step on until drained().
  void shut_down(net::TimePoint now);
  /// After shut_down: every client has its last answer, nothing runs any more.
  bool drained() const { return clients_.empty() && detached_.empty(); }

 private:
  class Client;

  int fd() const override { return socket_.fd(); }
  bool wants_read() const override { return !shutting_down_ && !accept_again_; }
  bool wants_write() const override { return false; }
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint) override {}
  void admit(net::Fd fd);
  void detach(net::TimePoint now, std::unique_ptr<operations::Operation> operation);

  ListeningSocket socket_;
  net::SelectLoop& loop_;
  Handler& handler_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<operations::Operation>> detached_;
  std::optional<net::TimePoint> accept_again_;
  bool shutting_down_ = false;
};

}  // namespace peer::control
