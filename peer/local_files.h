// SPDX-License-Identifier: MIT
#pragma once

#include "peer/cli.h"
#include "peer/console.h"

namespace peer {

/// `p2ppeer id`: exit status 0, 3 when some of the files could not be read, 1 when none could.
int print_ids(const IdCommand& command, Console& console);
/// `p2ppeer verify`: exit status 0 when the file is what the id names, otherwise 1; 2 when the id is none.
int verify_file(const VerifyCommand& command, Console& console);

}  // namespace peer
