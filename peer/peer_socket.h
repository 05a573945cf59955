// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "net/fd.h"
#include "net/select_loop.h"
#include "net/send_queue.h"
#include "net/time.h"
#include "peer/ids.h"
#include "peer/node.h"

namespace peer {

/// The socket of one of the node's connections: moves bytes between the two. It knows nothing of the protocol. After
/// say_goodbye() the node has forgotten the connection and only what was queued is still sent.
class PeerSocket final : public net::Pollable {
 public:
  enum class State {
    kConnecting,
    kOpen,
    kLeaving,  ///< Last words are sent, then the other end is given a moment to close.
    kClosed,   ///< To be destroyed.
  };

  /// `connecting`: the connect is under way, otherwise the connection is established. The node must outlive it.
  PeerSocket(Node& node, ConnectionId connection, net::Fd fd, bool connecting);

  State state() const { return state_; }
  ConnectionId connection() const { return connection_; }
  void say_goodbye(net::SendQueue last_words, net::TimePoint now);
  /// Closes a leaving socket at once.
  void cut_goodbye_short() { state_ = State::kClosed; }
  /// When a leaving socket is closed whatever the other end does.
  std::optional<net::TimePoint> deadline() const { return deadline_; }
  void expire(net::TimePoint now);

  int fd() const override { return fd_.get(); }
  bool wants_read() const override;
  bool wants_write() const override;
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint now) override;

 private:
  void finish_connect(net::TimePoint now);
  void read_last_words();
  void send_last_words();
  void lost(net::TimePoint now, const std::string& reason);

  Node& node_;
  ConnectionId connection_;
  net::Fd fd_;
  State state_;
  net::SendQueue last_words_{0};
  std::optional<net::TimePoint> deadline_;
};

}  // namespace peer
