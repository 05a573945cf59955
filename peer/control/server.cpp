// SPDX-License-Identifier: MIT
#include "peer/control/server.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "net/bytes.h"
#include "net/socket.h"

namespace peer::control {

/// One accepted connection: moves bytes between its socket and its session.
class Server::Client final : public net::Pollable {
 public:
  Client(net::Fd fd, net::SelectLoop& loop, Handler& handler) : fd_(std::move(fd)), loop_(loop), session_(handler) {
    loop_.add(*this);
  }
  ~Client() override { loop_.remove(*this); }

  int fd() const override { return fd_.get(); }
  bool wants_read() const override { return !gone_ && session_.wants_input(); }
  bool wants_write() const override { return !gone_ && !session_.output().empty(); }
  void on_readable(net::TimePoint now) override;
  void on_writable(net::TimePoint now) override;

  Session& session() { return session_; }
  /// True when the connection is no use any more.
  bool ended() {
    if (!wants_read() && !gone_ && hung_up()) gone_ = true;
    return gone_ || session_.over();
  }

 private:
  /// Both directions are closed. select() cannot tell that from a client that merely has nothing more to send, and
  /// reading is what it would have us do for ever.
  bool hung_up() const {
    pollfd entry{fd_.get(), 0, 0};
    return ::poll(&entry, 1, 0) > 0 && (entry.revents & (POLLHUP | POLLERR)) != 0;
  }

  net::Fd fd_;
  net::SelectLoop& loop_;
  Session session_;
  bool gone_ = false;
};

void Server::Client::on_readable(net::TimePoint now) {
  std::array<std::byte, kMaxRequestLine> buffer;
  auto result = net::receive(fd_.get(), buffer);
  switch (result.status) {
    case net::IoResult::Status::kMoved:
      session_.receive(now, net::as_text(net::ByteView(buffer).first(result.count)));
      break;
    case net::IoResult::Status::kClosed:
      session_.end_of_input();
      break;
    case net::IoResult::Status::kFailed:
      gone_ = true;
      break;
    case net::IoResult::Status::kWouldBlock:
      break;
  }
}

void Server::Client::on_writable(net::TimePoint now) {
  auto result = net::send(fd_.get(), net::as_bytes(session_.output()));
  if (result.status == net::IoResult::Status::kMoved) session_.sent(now, result.count);
  if (result.status == net::IoResult::Status::kClosed || result.status == net::IoResult::Status::kFailed) gone_ = true;
}

Server::Server(const net::Folder& state, net::SelectLoop& loop, Handler& handler)
    : socket_(state), loop_(loop), handler_(handler) {
  loop_.add(*this);
}

Server::~Server() { loop_.remove(*this); }

void Server::on_readable(net::TimePoint now) {
  net::Fd fd(::accept4(socket_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd)
    admit(std::move(fd));
  else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
    accept_again_ = now + kAcceptPause;
}

void Server::admit(net::Fd fd) {
  if (!net::fits_select(fd.get())) return;
  auto user = client_user(fd.get());
  if (!user || !may_control(*user, ::geteuid())) return;
  if (clients_.size() >= kMaxClients) {
    // A fresh socket's buffer takes the line whole; where it does not, the client sees the end all the same.
    (void)net::send(fd.get(), net::as_bytes(format_response(kTooManyClients, {})));
    return;
  }
  clients_.push_back(std::make_unique<Client>(std::move(fd), loop_, handler_));
}

void Server::step(net::TimePoint now) {
  if (accept_again_ && now >= *accept_again_) accept_again_.reset();
  for (auto& client : clients_) {
    client->session().step(now);
    // Most answers are short: sent here, they need no further pass of the loop.
    if (client->wants_write()) client->on_writable(now);
    if (!client->ended()) continue;
    if (auto operation = client->session().release(now)) detach(now, std::move(operation));
    client.reset();
  }
  std::erase(clients_, nullptr);
  for (auto& operation : detached_) {
    if (!operation->done()) operation->step(now);
    (void)operation->take_lines();
  }
  std::erase_if(detached_, [](const auto& operation) { return operation->done(); });
}

std::optional<net::TimePoint> Server::deadline() const {
  auto at = accept_again_;
  for (const auto& client : clients_) at = net::earlier(at, client->session().deadline());
  for (const auto& operation : detached_) at = net::earlier(at, operation->deadline());
  return at;
}

void Server::shut_down(net::TimePoint now) {
  shutting_down_ = true;
  for (auto& client : clients_) client->session().shut_down(now);
  for (auto& operation : detached_)
    if (!operation->done()) operation->cancel(now);
}

void Server::detach(net::TimePoint now, std::unique_ptr<operations::Operation> operation) {
  if (detached_.size() < kMaxDetached && !shutting_down_)
    detached_.push_back(std::move(operation));
  else
    operation->cancel(now);
}

}  // namespace peer::control
