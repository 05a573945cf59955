// SPDX-License-Identifier: MIT
#include "peer/acceptor.h"

#include <cerrno>
#include <utility>

namespace peer {
namespace {

/// Until descriptors may be free again; those who wait are kept by the kernel.
constexpr net::Duration kPause = std::chrono::seconds(1);
/// A flood of connections does not keep those that are open waiting.
constexpr int kMaxAcceptsPerPass = 16;

}  // namespace

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
