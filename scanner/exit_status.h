// SPDX-License-Identifier: MIT
#pragma once

namespace scanner {

/// p2pscan(8), EXIT STATUS.
enum ExitStatus : int {
  kExitFound = 0,
  kExitNone = 1,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitNotPermitted = 3,
  kExitNoInterface = 4,
  kExitInterrupted = 130,
};

}  // namespace scanner
