// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "scanner/hosts.h"

namespace scanner {

/// The kernel's neighbour table, IPv4 and IPv6: entries with a MAC that were confirmed at some time (what "arp -a"
/// shows), not those that failed or are still being asked. Link-local addresses have their interface as zone. Needs no
/// privilege. Throws std::system_error when the kernel refuses.
std::vector<Sighting> read_neighbours();

}  // namespace scanner
