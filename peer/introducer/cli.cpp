// SPDX-License-Identifier: MIT
#include "peer/introducer/cli.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>

#include "net/escape.h"
#include "peer/introducer/protocol.h"
#include "peer/operations/exit_status.h"

namespace peer::introducer {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kLongestTtl = hours(24);

std::optional<seconds> unit_of(std::string_view suffix) {
  if (suffix.empty() || suffix == "s") return seconds(1);
  if (suffix == "m") return minutes(1);
  if (suffix == "h") return hours(1);
  return std::nullopt;
}

}  // namespace

std::optional<seconds> parse_ttl(std::string_view text) {
  std::uint32_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  auto unit = unit_of(text.substr(static_cast<std::size_t>(end - text.data())));
  if (error != std::errc() || !unit || count == 0 || count > kLongestTtl / *unit) return std::nullopt;
  return count * *unit;
}

std::variant<Options, int> parse_command_line(int argc, const char* const* argv) {
  Options options;
  std::string listen, ttl;
  CLI::App app{"Give newcomers their first peers: who joins is told of others that did."};
  app.name("p2pdns");
  app.set_version_flag("--version", std::string("p2pdns ") + P2P_VERSION);
  app.add_option("-C", options.folder, "Where introducer.db is (default: the current folder)")->type_name("DIR");
  app.add_option("--listen", listen, "Where to listen (default: every address, port 7494)")->type_name("ADDR[:PORT]");
  app.add_option("--ttl", ttl, "How long a peer is remembered: 90s, 10m, 2h (default: 10m)")->type_name("TIME");
  app.add_option("--max-peers", options.max_peers, "How many are remembered (default: 100000)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  app.add_flag("-q,--quiet", options.quiet, "Print complaints only");
  app.add_flag("-v,--verbose", options.verbose, "Print a line for every request");
  app.footer("The manual is p2pdns(8).");
  app.callback([&] {
    if (app.count("--listen") != 0) {
      options.listen = net::Endpoint::parse(listen, kPort);
      if (!options.listen) throw CLI::ValidationError("--listen", "'" + listen + "' is not ADDR[:PORT]");
    }
    if (app.count("--ttl") != 0) {
      auto time = parse_ttl(ttl);
      if (!time) throw CLI::ValidationError("--ttl", "'" + ttl + "' is not a time from 1s to 24h");
      options.ttl = *time;
    }
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& answer) {
    return app.exit(answer, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    std::cerr << "p2pdns: " << net::escape(error.what()) << "\nTry: p2pdns --help\n";
    return operations::kExitUsage;
  }
  return options;
}

}  // namespace peer::introducer
