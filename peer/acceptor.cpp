// SPDX-License-Identifier: MIT
#include "peer/acceptor.h"

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace peer {
namespace {

/// Until descriptors may be free again; those who wait are kept by the kernel.
constexpr net::Duration kPause = std::chrono::seconds(1);
/// A flood of connections does not keep those that are open waiting.
constexpr int kMaxAcceptsPerPass = 16;

}  // namespace

net::Fd listen_at(const net::Endpoint& endpoint) {
  try {
    return net::listen_tcp(endpoint);
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::address_in_use) throw;
    throw std::runtime_error(std::string(error.what()) +
                             "; stop what listens there, or choose another port with --listen ADDR:PORT");
  }
}

void Acceptor::on_readable(net::TimePoint now) {
  for (int i = 0; i < kMaxAcceptsPerPass; ++i) {
    auto accepted = net::accept_tcp(fd_.get());
    if (accepted) {
      on_accept_(now, std::move(*accepted));
      continue;
    }
    int code = accepted.error().code;
    if (code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM) {
      log_.warning("no more connections are accepted for a second: " + accepted.error().message());
      paused_until_ = now + kPause;
    }
    return;  // EAGAIN, or a connection that was gone before it was taken: select will tell of others.
  }
}

void Acceptor::expire(net::TimePoint now) {
  if (paused_until_ && *paused_until_ <= now) paused_until_.reset();
}

}  // namespace peer
