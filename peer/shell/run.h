// SPDX-License-Identifier: MIT
#pragma once

#include "peer/cli.h"

namespace peer::shell {

/// `p2ppeer shell`: reads commands from standard input and carries them out, one after another, until its end. Returns
/// the exit status: 0 on a terminal, otherwise that of the first command that failed. Throws std::system_error or
/// std::runtime_error when it cannot be begun.
int run(const Options& options, const ShellCommand& command);

}  // namespace peer::shell
