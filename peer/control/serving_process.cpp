// SPDX-License-Identifier: MIT
#include "peer/control/serving_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace peer::control {

ServingProcess::ServingProcess(int connection) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  // Of the one that called listen().
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 || credentials.pid <= 0) return;
  // The wrapper of glibc 2.36 is not declared for C++.
  process_ = net::Fd(static_cast<int>(::syscall(SYS_pidfd_open, credentials.pid, 0)));
}

bool ServingProcess::ended_within(std::chrono::milliseconds patience) const {
  if (!process_) return true;
  pollfd entry{process_.get(), POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace peer::control
