// SPDX-License-Identifier: MIT
#include "peer/introducer/link.h"

#include <array>
#include <utility>

#include "net/bytes.h"
#include "net/socket.h"

namespace peer::introducer {
namespace {

constexpr std::size_t kReadSize = 4096;

}  // namespace

Link::Link(net::SelectLoop& loop, Registration registration, const net::Log& log, OnPeer on_peer)
    : loop_(loop), registration_(std::move(registration)), log_(log), on_peer_(std::move(on_peer)) {}

Link::~Link() {
  if (fd_) loop_.remove(*this);
}

void Link::expire(net::TimePoint now) {
  if (auto outcome = registration_.expire(now)) ended(now, *outcome);
  if (auto introducer = registration_.begin(now)) connect(now, *introducer);
}

void Link::ask_again(net::TimePoint now) {
  registration_.ask_again(now);
  asking_ = true;
}

void Link::leave(net::TimePoint now) {
  registration_.leave(now);
  expire(now);
}

void Link::connect(net::TimePoint now, const net::Endpoint& introducer) {
  introducer_ = introducer;
  auto socket = net::connect_tcp(introducer);
  if (!socket) return failed(now, "connect: " + socket.error().message());
  fd_ = std::move(*socket);
  connecting_ = true;
  unsent_ = registration_.request();
  loop_.add(*this);
}

void Link::on_writable(net::TimePoint now) {
  if (connecting_) {
    auto connected = net::connect_result(fd_.get());
    if (!connected) return failed(now, "connect: " + connected.error().message());
    connecting_ = false;
  }
  auto result = net::send(fd_.get(), net::as_bytes(unsent_));
  if (result.status == net::IoResult::Status::kMoved) unsent_.erase(0, result.count);
  if (result.status == net::IoResult::Status::kClosed || result.status == net::IoResult::Status::kFailed) {
    failed(now, "send: " + net::SystemError{result.error}.message());
  }
}

void Link::on_readable(net::TimePoint now) {
  std::array<std::byte, kReadSize> buffer;
  auto result = net::receive(fd_.get(), buffer);
  switch (result.status) {
    case net::IoResult::Status::kMoved:
      if (auto outcome = registration_.received(now, net::as_text(net::ByteView(buffer).first(result.count)))) {
        ended(now, *outcome);
      }
      break;
    case net::IoResult::Status::kClosed:
      failed(now, "it closed the connection before it had answered");
      break;
    case net::IoResult::Status::kFailed:
      failed(now, "receive: " + net::SystemError{result.error}.message());
      break;
    case net::IoResult::Status::kWouldBlock:
      break;
  }
}

void Link::failed(net::TimePoint now, const std::string& reason) { ended(now, registration_.failed(now, reason)); }

void Link::ended(net::TimePoint now, const Registration::Outcome& outcome) {
  if (fd_) loop_.remove(*this);
  fd_.reset();
  connecting_ = false;
  asking_ = false;
  const std::string who = "introducer " + introducer_.to_string();
  // Each problem is told once, not every minute.
  if (outcome.problem != problem_) {
    if (outcome.problem.empty()) {
      log_.warning(who + " answers again");
    } else {
      log_.warning(who + ": " + outcome.problem + "; it is tried again");
    }
    problem_ = outcome.problem;
  }
  log_.debug(who + " tells of " + std::to_string(outcome.peers.size()) + " peers");
  for (const net::Endpoint& peer : outcome.peers) on_peer_(now, peer, introducer_.address);
  if (auto next = registration_.begin(now)) connect(now, *next);
}

}  // namespace peer::introducer
