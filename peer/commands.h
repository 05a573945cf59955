// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/fd.h"
#include "peer/cli.h"
#include "peer/control/command.h"

namespace peer {

struct DriverOptions;

/// Carries a command of p2ppeer(1) out and returns the exit status. Throws std::system_error or std::runtime_error when
/// it cannot be begun.
int run(const Options& options);

// For `p2ppeer shell`:

/// What the peer of a home is asked to do for a command, with absolute paths; nothing for a command that no peer is
/// asked for. Throws BadUsage.
std::optional<control::Command> request_of(const Command& command);
/// Whether the command says whom to ask or how, so that it is not for the running peer.
bool chooses_network(const Command& command);
/// The control socket of the peer that serves from the home; nothing when none runs.
std::optional<net::Fd> running_peer(const std::string& home);
/// The peer that a command begins where it asks no running one.
DriverOptions short_lived_peer(const NetworkOptions& network, std::vector<net::Endpoint> from);
/// The hosts that were given with an option, looked up.
std::vector<net::Endpoint> look_up(const std::vector<std::string>& hosts, const std::string& option = "--from");

}  // namespace peer
