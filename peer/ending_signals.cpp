// SPDX-License-Identifier: MIT
#include "peer/ending_signals.h"

#include <csignal>

namespace peer {

void catch_ending_signals(net::SelectLoop& loop) {
  loop.catch_signal(SIGINT);
  loop.catch_signal(SIGTERM);
  struct sigaction hangup {};
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) loop.catch_signal(SIGHUP);
}

}  // namespace peer
