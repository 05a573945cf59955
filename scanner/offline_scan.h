// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "net/log.h"
#include "scanner/address_set.h"
#include "scanner/cli.h"

namespace scanner {

/// Reads answers from the capture that --read-pcap names. Only `targets` count, where there are any. Returns the exit
/// status.
int run_offline(const Options& options, const net::Log& log, const std::vector<AddressRange>& targets);

/// Shows the kernel's neighbour table, of the interface that -i names or of all. Returns the exit status.
int run_cached(const Options& options, const std::vector<AddressRange>& targets);

}  // namespace scanner
