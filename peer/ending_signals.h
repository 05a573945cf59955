// SPDX-License-Identifier: MIT
#pragma once

#include "net/select_loop.h"

namespace peer {

/// Has the loop catch SIGINT, SIGTERM and SIGHUP, at which a program leaves in an orderly way. A SIGHUP that is
/// ignored, as nohup(1) arranges it, stays so.
void catch_ending_signals(net::SelectLoop& loop);

}  // namespace peer
