// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include "net/fd.h"

namespace peer::control {

/// The process that serves at the other end of a connection of connect_control(): its home, port and lock are free when
/// it has ended, which is some time after it has said that it will.
class ServingProcess {
 public:
  /// `connection`: open, and only looked at here.
  explicit ServingProcess(int connection);

  /// Waits for its end; false when it still runs after `patience`, or a signal came that this process handles. True
  /// where it cannot be known, as for a process outside of this one's container.
  bool ended_within(std::chrono::milliseconds patience) const;

 private:
  net::Fd process_;  ///< A pidfd: readable when the process has ended. Empty where it cannot be known.
};

}  // namespace peer::control
