// SPDX-License-Identifier: MIT
#pragma once

#include "peer/cli.h"

namespace peer {

/// Carries a command of p2ppeer(1) out and returns the exit status. Throws std::system_error or std::runtime_error when
/// it cannot be begun.
int run(const Options& options);

}  // namespace peer
