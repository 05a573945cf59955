// SPDX-License-Identifier: MIT
#include "peer/introducer/server.h"

#include <sys/socket.h>

#include <array>
#include <utility>

#include "net/bytes.h"
#include "peer/introducer/session.h"

namespace peer::introducer {

/// One accepted connection: moves bytes between its socket and its session.
class Server::Connection final : public net::Pollable {
 public:
  Connection(net::TimePoint now, net::Accepted accepted, net::SelectLoop& loop, Service& service)
      : fd_(std::move(accepted.fd)),
        loop_(loop),
        origin_(Origin::of(accepted.remote.address)),
        session_(now, accepted.remote, service) {
    loop_.add(*this);
  }
  ~Connection() override { loop_.remove(*this); }

  int fd() const override { return fd_.get(); }
  bool wants_read() const override { return !gone_ && session_.wants_input(); }
  bool wants_write() const override { return !gone_ && !session_.output().empty(); }
  void on_readable(net::TimePoint now) override;
  /// It only wakes the loop: see Server::send_answers().
  void on_writable(net::TimePoint) override {}

  void send(net::TimePoint now);
  Session& session() { return session_; }
  const Session& session() const { return session_; }
  const Origin& origin() const { return origin_; }
  bool ended() const { return gone_ || session_.over(); }

 private:
  net::Fd fd_;
  net::SelectLoop& loop_;
  Origin origin_;
  Session session_;
  bool gone_ = false;
  bool shut_ = false;
};

void Server::Connection::on_readable(net::TimePoint now) {
  std::array<std::byte, 4096> buffer;
  auto result = net::receive(fd_.get(), buffer);
  switch (result.status) {
    case net::IoResult::Status::kMoved:
      return session_.receive(now, net::as_text(net::ByteView(buffer).first(result.count)));
    case net::IoResult::Status::kClosed:
      return session_.end_of_input();
    case net::IoResult::Status::kFailed:
      gone_ = true;
      return;
    case net::IoResult::Status::kWouldBlock:
      return;
  }
}

void Server::Connection::send(net::TimePoint now) {
  if (wants_write()) {
    auto result = net::send(fd_.get(), net::as_bytes(session_.output()));
    if (result.status == net::IoResult::Status::kMoved) session_.sent(now, result.count);
    if (result.status == net::IoResult::Status::kFailed) gone_ = true;
  }
  if (!session_.sending_ended() || shut_ || gone_) return;
  ::shutdown(fd_.get(), SHUT_WR);
  shut_ = true;
}

Server::Server(net::SelectLoop& loop, Service& service, const net::Log& log)
    : loop_(loop), service_(service), log_(log) {}

Server::~Server() {
  for (auto& acceptor : acceptors_) loop_.remove(*acceptor);
}

net::Endpoint Server::listen(const net::Endpoint& endpoint) {
  net::Fd fd = listen_at(endpoint);
  auto bound = net::local_endpoint(fd.get());
  acceptors_.push_back(std::make_unique<Acceptor>(
      std::move(fd), log_, [this](net::TimePoint now, net::Accepted accepted) { accept(now, std::move(accepted)); }));
  loop_.add(*acceptors_.back());
  return bound.value_or(endpoint);
}

void Server::accept(net::TimePoint now, net::Accepted accepted) {
  const Origin origin = Origin::of(accepted.remote.address);
  auto own = of_origin_.find(origin);
  if (connections_.size() >= kMaxConnections ||
      (own != of_origin_.end() && own->second >= kMaxPerOrigin * origin.weight())) {
    return log_.debug("connection from " + accepted.remote.to_string() + " refused: too many");
  }
  connections_.push_back(std::make_unique<Connection>(now, std::move(accepted), loop_, service_));
  ++of_origin_[origin];
}

void Server::step(net::TimePoint now) {
  for (auto& acceptor : acceptors_) acceptor->expire(now);
  for (auto& connection : connections_) connection->session().step(now);
}

void Server::send_answers(net::TimePoint now) {
  for (auto& connection : connections_) {
    connection->send(now);
    if (!connection->ended()) continue;
    auto own = of_origin_.find(connection->origin());
    if (--own->second == 0) of_origin_.erase(own);
    connection.reset();
  }
  std::erase(connections_, nullptr);
}

std::optional<net::TimePoint> Server::deadline() const {
  std::optional<net::TimePoint> at;
  for (const auto& acceptor : acceptors_) at = net::earlier(at, acceptor->deadline());
  for (const auto& connection : connections_) at = net::earlier(at, connection->session().deadline());
  return at;
}

}  // namespace peer::introducer
