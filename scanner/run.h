// SPDX-License-Identifier: MIT
#pragma once

#include "scanner/cli.h"

namespace scanner {

/// Does what the options say and returns the exit status, p2pscan(8). Throws what the system refuses.
int run(const Options& options);

}  // namespace scanner
