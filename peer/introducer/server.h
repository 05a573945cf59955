// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "net/address.h"
#include "net/log.h"
#include "net/select_loop.h"
#include "net/socket.h"
#include "net/time.h"
#include "peer/acceptor.h"
#include "peer/introducer/origin.h"
#include "peer/introducer/service.h"

namespace peer::introducer {

/// The introducer's sockets. No call blocks. Answers are sent by send_answers() only, so that what they rest on can be
/// written to disk between a pass of the loop and that.
class Server {
 public:
  static constexpr std::size_t kMaxConnections = 500;
  static constexpr std::size_t kMaxPerOrigin = 8;  ///< Times the origin's weight (T17).

  /// Loop, service and log must outlive the server.
  Server(net::SelectLoop& loop, Service& service, const net::Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Throws as listen_at(). Gives the endpoint with the port that was bound.
  net::Endpoint listen(const net::Endpoint& endpoint);

  /// To be called after every pass of the loop: time goes on, and what could not be answered before is.
  void step(net::TimePoint now);
  /// Sends what is there to send and closes what is over. To be called after step().
  void send_answers(net::TimePoint now);
  std::optional<net::TimePoint> deadline() const;
  std::size_t connections() const { return connections_.size(); }

 private:
  class Connection;
  void accept(net::TimePoint now, net::Accepted accepted);

  net::SelectLoop& loop_;
  Service& service_;
  const net::Log& log_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::map<Origin, std::size_t> of_origin_;
};

}  // namespace peer::introducer
