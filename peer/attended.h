// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "net/select_loop.h"
#include "peer/console.h"
#include "peer/operations/operation.h"

namespace peer {

/// Shows a download or a push that the peer which serves from `home` carries out for us, until it is done or the user
/// parts from it (peer/control/parting.h); `work` is what it is called, such as "download". The signals of
/// catch_ending_signals are caught on `loop`. Returns the exit status: 130 when the peer goes on without us.
int attend(operations::Operation& operation, net::SelectLoop& loop, Console& console, const std::string& home,
           const std::string& work);

}  // namespace peer
