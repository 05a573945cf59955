// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "net/address.h"

namespace peer {

/// The command line says something that makes no sense: exit status 2.
class BadUsage : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// HOST[:PORT] as it was given with `option`: an address, or a name that is looked up (which may block). The addresses
/// of the host, in the order in which they are to be tried; never empty. Throws BadUsage for what is neither,
/// std::runtime_error for a host that is not found.
std::vector<net::Endpoint> look_up_host(const std::string& option, const std::string& text, std::uint16_t default_port);

}  // namespace peer
