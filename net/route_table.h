// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace net {

/// The interface that the IPv4 default route of lowest metric goes through, by the text of /proc/net/route (proc(5));
/// nothing without one. Pure.
std::optional<std::string> default_route_in(std::string_view table);

}  // namespace net
