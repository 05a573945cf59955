// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/time.h"
#include "scanner/settings.h"

namespace scanner {

enum class Format { kTable, kPlain, kJson, kCsv };

/// The command line of p2pscan(8), checked.
struct Options {
  std::vector<std::string> targets;
  std::optional<std::string> interface;
  bool all_interfaces = false;
  bool ipv6 = false;
  std::string output = "peers.txt";  ///< "-" is standard output, "none" is nowhere.
  Format format = Format::kTable;
  bool quiet = false;
  bool verbose = false;
  bool vendors = true;
  std::optional<Profile> profile;  ///< Absent: by the kind of interface.
  SweepOverrides sweep;
  std::optional<std::uint16_t> probe_port;  ///< --probe
  bool resolve = false;
  std::optional<net::Duration> watch_interval;  ///< --watch
  bool passive = false;
  bool cached = false;
  std::optional<std::size_t> count;
  std::string read_pcap;   ///< Empty: the network.
  std::string write_pcap;  ///< Empty: nowhere.
};

/// The options, or the status to exit with: --help and --version have been answered on standard output then, mistakes
/// explained on standard error.
std::variant<Options, int> parse_command_line(int argc, const char* const* argv);

}  // namespace scanner
