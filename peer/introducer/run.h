// SPDX-License-Identifier: MIT
#pragma once

#include "peer/introducer/cli.h"

namespace peer::introducer {

/// Runs the introducer until SIGINT, SIGTERM or SIGHUP; returns the exit status. Throws std::exception, saying what it
/// was about, where the system refuses what it needs to start.
int run(const Options& options);

}  // namespace peer::introducer
