// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "net/address.h"

namespace peer::introducer {

/// The command line of p2pdns(8), checked.
struct Options {
  std::string folder = ".";
  std::optional<net::Endpoint> listen;
  std::chrono::seconds ttl = std::chrono::minutes(10);
  std::size_t max_peers = 100'000;
  bool quiet = false;
  bool verbose = false;
};

/// "90", "90s", "10m", "2h": 1 second to 24 hours.
std::optional<std::chrono::seconds> parse_ttl(std::string_view text);

/// The options, or the status to exit with: --help and --version have been answered on standard output then, mistakes
/// explained on standard error.
std::variant<Options, int> parse_command_line(int argc, const char* const* argv);

}  // namespace peer::introducer
