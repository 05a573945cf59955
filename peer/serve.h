// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "net/log.h"
#include "peer/cli.h"

namespace peer {

/// `p2ppeer serve`: a peer that runs until SIGINT, SIGTERM or `p2ppeer stop`. Returns the exit status; throws what
/// Driver and control::Server throw.
int serve(const std::string& home, const ServeCommand& command, const net::Log& log, bool quiet);

}  // namespace peer
