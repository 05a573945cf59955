// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "net/address.h"

namespace net {

/// Looks up a host name or address (getaddrinfo(3); may block). Empty when nothing was found.
std::vector<IpAddress> resolve_host(const std::string& name);

}  // namespace net
