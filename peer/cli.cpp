// SPDX-License-Identifier: MIT
#include "peer/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <limits>
#include <string>

#include "net/escape.h"
#include "peer/byte_size.h"
#include "peer/operations/exit_status.h"
#include "peer/rate_limit.h"
#include "peer/wire/messages.h"

namespace peer {
namespace {

/// An empty word comes from an unset variable of a script, and is never what was meant.
const CLI::Validator kNotEmpty([](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); }, "");

void add_limit(CLI::App& command, std::optional<std::uint64_t>& limit) {
  command
      .add_option_function<std::string>(
          "--limit",
          [&limit](const std::string& text) {
            limit = parse_rate(text);
            if (limit) return;
            throw CLI::ValidationError(
                "--limit", "'" + text + "' is not a rate such as 5M or 100Mbit, of at least 1000 bytes a second");
          },
          "Send and receive at most this much a second, each (5M: MiB, 100Mbit)")
      ->type_name("RATE");
}

void add_peers_and_announce(CLI::App& command, std::string& peers_file, bool& announce) {
  command.add_option("--peers", peers_file, "Peer list to use instead of peers.txt of the home")
      ->type_name("FILE")
      ->check(kNotEmpty);
  command.add_flag_callback(
      "--no-announce", [&announce] { announce = false; }, "Neither announce nor ask on the local network");
}

void add_watch(CLI::App& command, bool& watch) { command.add_flag("--watch", watch, "Stay, and show what changes"); }

void add_network_options(CLI::App& command, NetworkOptions& network) {
  command.add_option("--from", network.from, "Ask only this peer (may be given several times)")
      ->type_name("HOST[:PORT]")
      ->check(kNotEmpty)
      ->allow_extra_args(false);
  add_peers_and_announce(command, network.peers_file, network.announce);
}

/// All commands and where their arguments go; lives only while the command line is parsed.
struct Parser {
  CLI::App app{"Share files with the peers on this network: no server, no account, no configuration."};
  Options options;
  ServeCommand serve;
  std::string listen;
  std::string quota;  ///< Of --accept-push, as it was given.
  GetCommand get;
  ListCommand list;
  PushCommand push;
  PeersCommand peers;
  ShellCommand shell;
  IdCommand id;
  VerifyCommand verify;

  explicit Parser(bool in_shell) {
    app.name("p2ppeer");
    options.in_shell = in_shell;
    app.set_version_flag("--version", std::string("p2ppeer ") + P2P_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("-C", options.home, "The peer's home folder (default: the current one)")
        ->type_name("DIR")
        ->check(kNotEmpty);
    app.add_flag("--json", options.json, "Print JSON Lines");
    app.add_flag("-q,--quiet", options.quiet, "Print no progress and no notes");
    app.add_flag("-v,--verbose", options.verbose, "Say more about what happens");
    app.footer("Each command has a --help of its own. The manual is p2ppeer(1).");
    add_serve();
    add_get();
    add_push();
    add_queries();
    add_local();
    for (CLI::App* command : app.get_subcommands(nullptr)) {
      command->footer(
          in_shell ? "--json, -q and -v may stand here as well. help lists the commands; the manual is p2ppeer(1)."
                   : "-C, --json, -q and -v may stand here as well: p2ppeer --help. The manual is p2ppeer(1).");
    }
  }

  void add_serve() {
    CLI::App* command = app.add_subcommand("serve", "Offer shared/ and downloads/, and keep the peer list up to date");
    command->add_option("--listen", listen, "Where to listen (default: every address, port 12345)")
        ->type_name("ADDR[:PORT]")
        ->check(kNotEmpty);
    command->add_option("--name", serve.name, "What to be called (default: the host's name)")
        ->type_name("NAME")
        ->check(kNotEmpty)
        ->check(CLI::Validator(
            [](const std::string& name) {
              return name.size() <= wire::kMaxNameSize ? std::string() : std::string("a name has at most 64 bytes");
            },
            ""));
    add_peers_and_announce(*command, serve.peers_file, serve.announce);
    command->add_option("--introducer", serve.introducer, "Meet peers of other networks through this p2pdns")
        ->type_name("HOST[:PORT]")
        ->check(kNotEmpty);
    add_limit(*command, serve.limit);
    CLI::Option* accept =
        command
            ->add_option("--accept-push", quota,
                         "Accept what others push, at most so much of it (10G); otherwise it is refused")
            ->type_name("[SIZE]")
            ->expected(0, 1);
    command->add_flag("--legacy", serve.legacy, "Send older programs that ask for it what is in shared/, up to 16 MiB");
    command->callback([this, accept] {
      if (accept->count() > 0) {
        serve.accept_push = quota.empty() ? std::numeric_limits<std::uint64_t>::max() : parse_byte_size(quota);
        if (!serve.accept_push)
          throw CLI::ValidationError("--accept-push", "'" + quota + "' is not a size such as 10G");
      }
      if (!listen.empty()) {
        serve.listen = net::Endpoint::parse(listen);
        if (!serve.listen) throw CLI::ValidationError("--listen", "'" + listen + "' is not ADDR[:PORT]");
      }
      options.command = serve;
    });
  }

  void add_get() {
    CLI::App* command = app.add_subcommand("get", "Fetch files, verified, from whoever has them");
    command
        ->add_option("WHAT", get.words,
                     "A file's name, path or id (p2p:..., or its first 12 digits or more), or a folder")
        ->check(kNotEmpty);
    command->add_option("-o,--output", get.output, "Where to put the file, or the folder for several")
        ->type_name("PATH")
        ->check(kNotEmpty);
    add_network_options(*command, get.network);
    add_limit(*command, get.network.limit);
    command->add_option("--legacy", get.legacy, "Fetch all that this older program shares, instead of WHAT")
        ->type_name("HOST[:PORT]")
        ->check(kNotEmpty);
    command->callback([this] {
      if (get.legacy.empty() && get.words.empty()) throw CLI::RequiredError("WHAT");
      if (!get.legacy.empty() && (!get.words.empty() || get.network.chosen())) {
        throw CLI::ValidationError("--legacy", "only -o may stand beside it");
      }
      options.command = get;
    });
  }

  void add_push() {
    CLI::App* command = app.add_subcommand("push", "Bring files to other peers, which pass them on to each other");
    command->add_option("PATH", push.paths, "A file, or a folder with all that is in it")->required()->check(kNotEmpty);
    command->add_option("--to", push.to, "all, or hosts with commas between them")
        ->type_name("all|HOST[:PORT],...")
        ->required()
        ->delimiter(',')
        ->check(kNotEmpty)
        ->allow_extra_args(false);
    add_peers_and_announce(*command, push.network.peers_file, push.network.announce);
    add_limit(*command, push.network.limit);
    command->callback([this] {
      const bool all = std::find(push.to.begin(), push.to.end(), "all") != push.to.end();
      if (all && push.to.size() > 1) throw CLI::ValidationError("--to", "either all or hosts, not both");
      options.command = push;
    });
  }

  void add_queries() {
    CLI::App* list_command = app.add_subcommand("list", "What the network offers");
    add_watch(*list_command, list.watch);
    add_network_options(*list_command, list.network);
    list_command->callback([this] { options.command = list; });
    CLI::App* search_command = app.add_subcommand("search", "What the network offers with a text in its path");
    search_command->add_option("TEXT", list.text, "The text; a to z stand for A to Z as well")
        ->required()
        ->check(kNotEmpty);
    add_watch(*search_command, list.watch);
    add_network_options(*search_command, list.network);
    search_command->callback([this] { options.command = list; });
    CLI::App* peers_command = app.add_subcommand("peers", "Who is on the network");
    add_watch(*peers_command, peers.watch);
    peers_command->add_flag("--refresh", peers.refresh, "Have the peer that serves from here look for peers anew")
        ->excludes("--watch");
    add_network_options(*peers_command, peers.network);
    peers_command->callback([this] { options.command = peers; });
    app.add_subcommand("status", "How the peer that serves from this home is doing")->callback([this] {
      options.command = StatusCommand{};
    });
    app.add_subcommand("history", "What was fetched into this home, and what others took from it")->callback([this] {
      options.command = HistoryCommand{};
    });
    CLI::App* shell_command = app.add_subcommand("shell", "Type commands, with completion; or read them from a pipe");
    add_network_options(*shell_command, shell.network);
    add_limit(*shell_command, shell.network.limit);
    shell_command->callback([this] { options.command = shell; });
    app.add_subcommand("stop", "Stop the peer that serves from this home")->callback([this] {
      options.command = StopCommand{};
    });
  }

  void add_local() {
    CLI::App* id_command = app.add_subcommand("id", "Print the ids of local files");
    id_command->add_option("FILE", id.files, "A local file")->required();
    id_command->callback([this] { options.command = id; });
    CLI::App* verify_command = app.add_subcommand("verify", "Check that a local file is what an id names");
    verify_command->add_option("FILE", verify.file, "A local file")->required();
    verify_command->add_option("ID", verify.id, "p2p:<64 hex digits>:<length>")->required();
    verify_command->callback([this] { options.command = verify; });
  }

  /// What was wrong with the command line, for people.
  std::string explain(const CLI::ParseError& error) const {
    for (const std::string& word : app.remaining(true)) {
      if (word.size() < 2 || word.front() != '-') continue;
      return "there is no option '" + word + "' here; names that begin with '-' stand behind --";
    }
    if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError) || !app.get_subcommands().empty()) {
      return error.what();
    }
    const std::vector<std::string> words = app.remaining();
    return words.empty() ? "a command is missing" : "there is no command '" + words.front() + "'";
  }

  /// The command line that tells more.
  std::string help() const {
    if (options.in_shell) return "help";
    const std::vector<CLI::App*> commands = app.get_subcommands();
    return "p2ppeer " + (commands.empty() ? "" : commands.front()->get_name() + " ") + "--help";
  }
};

}  // namespace

std::variant<Options, int> parse_command_line(int argc, const char* const* argv, bool in_shell) {
  Parser parser(in_shell);
  try {
    parser.app.parse(argc, argv);
  } catch (const CLI::Success& answer) {
    return parser.app.exit(answer, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    std::cerr << "p2ppeer: " << net::escape(parser.explain(error)) << "\nTry: " << parser.help() << "\n";
    return operations::kExitUsage;
  }
  return parser.options;
}

}  // namespace peer
