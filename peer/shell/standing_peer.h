// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/log.h"
#include "net/select_loop.h"
#include "peer/cli.h"
#include "peer/control/command.h"
#include "peer/operations/operation.h"

namespace peer::shell {

/// Who carries out a shell's commands: the peer that serves from the home where one does, otherwise one of our own that
/// lives as long as the shell. Which one it is may change between commands.
class StandingPeer {
 public:
  /// Throws what Driver and running_peer() throw. `log` must outlive it.
  StandingPeer(const Options& options, const NetworkOptions& network, const net::Log& log);
  ~StandingPeer();

  /// Looks which peer there is now. What was begun before must be gone. A text for people where it has changed.
  std::string choose();
  /// REQUIRES: choose() was called. It must be gone before the next choose().
  std::unique_ptr<operations::Operation> begin(const control::Command& command);
  /// One pass of the loop, at most until the deadline.
  net::TimePoint pass(std::optional<net::TimePoint> deadline);
  net::SelectLoop& loop();
  /// What has changed since the last call (see operations::Watch).
  std::vector<std::string> take_changes();
  /// Our own peer leaves in an orderly way.
  void leave();

 private:
  struct Remote;
  struct Own;

  void become_remote();
  void become_own();
  void watch();

  const Options& options_;
  const NetworkOptions& network_;
  const net::Log& log_;
  std::unique_ptr<Remote> remote_;
  std::unique_ptr<Own> own_;
  std::unique_ptr<operations::Operation> watch_;
  std::vector<std::string> changes_;
};

}  // namespace peer::shell
