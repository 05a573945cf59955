// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/address.h"

namespace peer {

/// `p2ppeer serve`.
struct ServeCommand {
  std::optional<net::Endpoint> listen;
  std::string name;  ///< Empty: the host's.
  std::string peers_file;
  bool announce = true;
  std::string introducer;                    ///< HOST[:PORT], not looked up yet; empty: none.
  std::optional<std::uint64_t> limit;        ///< Bytes a second, up and down each.
  std::optional<std::uint64_t> accept_push;  ///< Bytes accepted in all.
  bool legacy = false;                       ///< Answer older programs.
};
/// How the short-lived commands find others.
struct NetworkOptions {
  std::vector<std::string> from;  ///< HOST[:PORT], not looked up yet.
  std::string peers_file;
  bool announce = true;
  std::optional<std::uint64_t> limit;  ///< Of `get`: bytes a second, up and down each.

  /// True when the user chose any of it: then a peer that runs already, with choices of its own, is not asked.
  bool chosen() const { return !from.empty() || !peers_file.empty() || !announce || limit.has_value(); }
};
struct GetCommand {
  std::vector<std::string> words;
  std::string legacy;  ///< HOST[:PORT] of an older program, not looked up yet; then only `output` is given, too.
  std::string output;
  NetworkOptions network;
};
struct ListCommand {
  std::string text;  ///< Of `search`; empty for `list`.
  bool watch = false;
  NetworkOptions network;
};
struct PushCommand {
  std::vector<std::string> paths;
  std::vector<std::string> to;  ///< HOST[:PORT], not looked up yet; or only "all".
  NetworkOptions network;       ///< Its `from` is not used.
};
struct PeersCommand {
  bool watch = false;
  bool refresh = false;
  NetworkOptions network;
};
/// `p2ppeer shell`.
struct ShellCommand {
  NetworkOptions network;
};
struct StatusCommand {};
struct StopCommand {};
struct HistoryCommand {};
struct IdCommand {
  std::vector<std::string> files;
};
struct VerifyCommand {
  std::string file;
  std::string id;
};
using Command = std::variant<ServeCommand, GetCommand, ListCommand, PushCommand, PeersCommand, StatusCommand,
                             StopCommand, HistoryCommand, ShellCommand, IdCommand, VerifyCommand>;

/// The command line of p2ppeer(1), checked.
struct Options {
  std::string home = ".";
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool in_shell = false;  ///< A line of the shell rather than a command line.
  Command command;
};

/// The options, or the status to exit with: --help and --version have been answered on standard output then, mistakes
/// explained on standard error. `in_shell`: what they say of how to go on is for a line of the shell.
std::variant<Options, int> parse_command_line(int argc, const char* const* argv, bool in_shell = false);

}  // namespace peer
