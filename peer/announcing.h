// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "net/iface_watch.h"
#include "net/log.h"
#include "net/select_loop.h"
#include "net/time.h"
#include "peer/announce_socket.h"
#include "peer/members/announcer.h"
#include "peer/node.h"

namespace peer {

/// Announcements in the driver's loop: what the Announcer decides goes through the sockets and to the node, and the
/// host's interfaces are followed.
class Announcing {
 public:
  /// `changed` is called when the host's addresses may have changed. Everything given must outlive it.
  Announcing(net::SelectLoop& loop, Node& node, const Library& library, members::Announcer::Config config,
             const std::vector<net::Endpoint>& listening, const net::Log& log, net::TimePoint now,
             std::function<void(net::TimePoint)> changed);
  ~Announcing();

  std::optional<net::TimePoint> deadline() const;
  void expire(net::TimePoint now);
  /// Asks the network as at the start.
  void ask_again(net::TimePoint now) { announcer_.ask_again(now); }
  /// True while answers to what was asked may still come.
  bool listening_for_answers() const { return announcer_.listening_for_answers(); }
  /// Says once that we leave.
  void say_farewell();

 private:
  void look_at_interfaces(net::TimePoint now);
  void carry_out_all(net::TimePoint now);
  void carry_out(net::TimePoint now, const members::Announcer::Send& action);
  void carry_out(net::TimePoint now, const members::Announcer::Hint& action);
  void carry_out(net::TimePoint now, const members::Announcer::Probe& action);

  net::SelectLoop& loop_;
  Node& node_;
  const net::Log& log_;
  std::vector<net::Endpoint> listening_;
  std::function<void(net::TimePoint)> changed_;
  members::Announcer announcer_;
  AnnounceSockets sockets_;
  net::InterfaceWatch watch_;
  std::optional<net::TimePoint> look_at_;
};

}  // namespace peer
